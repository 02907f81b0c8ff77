"""What the stubs of painting servers share: a real HTTP server in a thread of its own, and deterministic pictures."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import uvicorn
from PIL import Image, ImageChops

Picture = Image.Image


@dataclass(frozen=True, kw_only=True)
class Served:
    """``leave`` ends the server at once, from another thread than its own; whoever is connected is cut off."""

    url: str
    leave: Callable[[], None]


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[Served]:
    """``app``, served until the end of the block."""
    listening = socket.create_server(("127.0.0.1", port))
    port = listening.getsockname()[1]
    config = uvicorn.Config(app, log_level="critical", ws="websockets-sansio", lifespan="off")
    server = uvicorn.Server(config)
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(server, listening, ready)), daemon=True)
    thread.start()
    assert ready.wait(30)

    def leave() -> None:
        server.should_exit = server.force_exit = True
        thread.join(30)
        assert not thread.is_alive()

    try:
        yield Served(url=f"http://127.0.0.1:{port}", leave=leave)
    finally:
        leave()


async def _serve(server: uvicorn.Server, listening: socket.socket, ready: threading.Event) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.005)
    ready.set()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def painted(size: tuple[int, int], *what: object) -> Picture:
    """A picture that is the same for the same words, seed and options, and another for others."""
    digest = hashlib.sha256(json.dumps(what, default=str).encode()).digest()
    noise = random.Random(digest).randbytes(16 * 16 * 3)
    return Image.frombytes("RGB", (16, 16), noise).resize(size, Image.Resampling.NEAREST)


def edited(source: bytes, fresh: Picture, strength: float, white_mask: Picture | None) -> Picture:
    """``fresh`` over the source as strongly as asked, and only where the mask is white."""
    before = opened(source).convert("RGB").resize(fresh.size)
    after = Image.blend(before, fresh, min(1.0, strength))
    return Image.composite(after, before, white_mask.convert("L").resize(fresh.size)) if white_mask else after


def inverted_alpha(mask: bytes) -> Picture:
    """As ComfyUI reads a mask from an alpha channel: transparent is white."""
    return ImageChops.invert(opened(mask).convert("RGBA").getchannel("A"))


def opened(content: bytes) -> Picture:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def encoded(image: Picture, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **({"compress_level": 1} if kind == "PNG" else {}) | options)
    return out.getvalue()


def bomb() -> bytes:
    """A small file of very many pixels."""
    return encoded(Image.new("1", (8_000, 6_000)), "PNG", compress_level=9)
