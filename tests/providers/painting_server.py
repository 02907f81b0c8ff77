"""A server that speaks OpenAI's images API on loopback, faithful where it matters and faulty on request.

It paints with the scripted fake, in a thread of its own. Marks in the prompt script it (``[[slow 2]]``, ``[[429 7]]``,
``[[refuse]]``, ``[[dies]]`` and others, below); the fields of ``Manners`` are how it always is.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image

from chatelier.providers.base import ImageRequest, Kind, Size, SourceImage
from chatelier.providers.fake_pictures import produce, rough
from chatelier.providers.fake_script import Faults, without_marks
from tests.providers.stub import Connection, stub

USAGE = {
    "input_tokens": 30,
    "output_tokens": 1767,
    "total_tokens": 1797,
    "input_tokens_details": {"text_tokens": 30, "image_tokens": 0},
}
DALL_E = ("dall-e-3", "dall-e-2")


@dataclass(frozen=True, kw_only=True)
class Manners:
    """``streams``: it knows how; else it answers a whole document to whoever asks for a stream. ``rejects`` are
    arguments that it calls unknown. ``urls``: it gives addresses of its own, or data URLs, instead of bytes."""

    streams: bool = True
    rejects: tuple[str, ...] = ()
    urls: str = ""  # own, data
    tells_usage: bool = True


@dataclass
class PaintingServer:
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)  # the arguments of each call, files as bytes
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)  # of each call, on time.monotonic


@contextmanager
def painting_server(manners: Manners = Manners()) -> Iterator[PaintingServer]:
    served, started, ended = PaintingServer(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        async with stub(_Painter(served, manners).handle) as server:
            served.url = server.url
            started.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    assert started.wait(20)
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(20)
        loop.close()


class _Painter:
    def __init__(self, served: PaintingServer, manners: Manners) -> None:
        self._served = served
        self._manners = manners
        self._files: dict[str, bytes] = {}

    async def handle(self, to: Connection) -> None:
        path = to.asked.path.split("?")[0]
        self._served.headers.append(to.asked.headers)
        self._served.paths.append(path)
        if path.startswith("/v1/files/"):
            await to.head(200, "application/octet-stream")
            await to.send(self._files[path])
        elif path.endswith("/models"):
            listed = [{"id": name, "object": "model"} for name in ("gpt-image-2.6-flare", "gpt-6-luna")]
            await to.document(200, {"object": "list", "data": listed})
        else:
            given = to.asked.body or _form(to.asked.headers["content-type"], to.asked.raw)
            self._served.asked.append(given)
            self._served.times.append(time.monotonic())
            await self._paint(to, given, Faults(str(given.get("prompt", ""))), is_edit=path.endswith("/edits"))

    async def _paint(self, to: Connection, given: dict[str, Any], faults: Faults, *, is_edit: bool) -> None:
        if await self._refuses(to, given, faults):
            return
        if "hang" in faults:
            await to.closed_by_peer()
            return
        request = _request(given, is_edit)
        streams = str(given.get("stream", "")).lower() == "true" and self._manners.streams
        if streams:
            await self._stream(to, request, faults, "image_edit" if is_edit else "image_generation", given)
            return
        await asyncio.sleep(faults.number("slow", 0))
        await self._answer(to, request, faults, given)

    async def _refuses(self, to: Connection, given: dict[str, Any], faults: Faults) -> bool:
        """What a real server says before it begins."""
        unknown = [name for name in self._manners.rejects if name in given]
        wrong = _wrong(given)
        if unknown or wrong:
            message = f"Unknown parameter: '{unknown[0]}'." if unknown else wrong
            await to.document(400, _error(message, "unknown_parameter" if unknown else "invalid_value"))
        elif "refuse" in faults:
            await to.document(400, _error("Your request was rejected.", "moderation_blocked"), x_request_id="req-no")
        elif "busy" in faults and len(self._served.asked) <= faults.number("busy", 1):
            await to.document(429, _error("Slow down.", "rate_limit_exceeded"), Retry_After="1")
        elif "bad-key" in faults:
            await to.document(401, _error("Incorrect API key provided.", "invalid_api_key"))
        elif "429" in faults:
            await to.document(429, _error("Slow down.", "rate_limit_exceeded"), Retry_After=faults.word("429", "7"))
        elif "no-credit" in faults:
            await to.document(429, _error("You are out of credit.", "insufficient_quota"))
        elif "500" in faults:
            await to.document(500, _error("The server had an error.", "server_error"))
        elif "dies" in faults:
            to.reset()
        else:
            return False
        return True

    async def _stream(
        self, to: Connection, request: ImageRequest, faults: Faults, kind: str, given: dict[str, Any]
    ) -> None:
        await to.head(200, x_request_id="req-7")
        count = int(given.get("partial_images", 0))
        for number in range(count):
            await asyncio.sleep(faults.number("slow", 0) / count)
            frame = await asyncio.to_thread(rough, request, request.seed, number + 1)
            told = {"type": f"{kind}.partial_image", "b64_json": _b64(frame), "partial_image_index": number}
            await self._event(to, told)
        if "stream-error" in faults:
            await self._event(to, {"type": "error", "error": {"code": "server_error", "message": "It broke."}})
        elif "stream-refuses" in faults:
            await self._event(to, {"type": "error", "error": {"code": "moderation_blocked", "message": "No."}})
        elif "breaks-off" in faults:
            to.reset()
        elif "says-nothing" not in faults:
            content = await asyncio.to_thread(produce, request, request.seed, faults)
            told = {"type": f"{kind}.completed", "b64_json": _b64(content), "usage": USAGE}
            await self._event(to, told)

    async def _event(self, to: Connection, told: dict[str, Any]) -> None:
        await to.send(f"event: {told['type']}\ndata: {json.dumps(told)}\n\n".encode())

    async def _answer(self, to: Connection, request: ImageRequest, faults: Faults, given: dict[str, Any]) -> None:
        if "bad-json" in faults:
            await to.document(200, '{"created": 1, "data": [')
            return
        if "text" in faults:
            await to.document(200, {"choices": [{"message": {"content": "I would rather not."}}]})
            return
        count = {"empty": 0, "too-few": request.n - 1, "too-many": request.n + 2}
        wanted = next((number for name, number in count.items() if name in faults), request.n)
        seeds = [(request.seed + index) % 2**32 for index in range(wanted)]
        contents = [await asyncio.to_thread(produce, request, seed, faults) for seed in seeds]
        data = [self._item(content, faults, given) for content in contents]
        usage = {"usage": USAGE} if self._manners.tells_usage else {}
        await to.document(200, {"created": 1, "data": data, **usage}, x_request_id="req-7")

    def _item(self, content: bytes, faults: Faults, given: dict[str, Any]) -> dict[str, Any]:
        own = {"revised_prompt": f"Revised: {without_marks(given['prompt'])}"} if given.get("model") in DALL_E else {}
        if "elsewhere" in faults:
            return {"url": faults.word("elsewhere"), **own}
        if self._manners.urls == "own" or given.get("response_format") == "url":
            path = f"/v1/files/{len(self._files)}.png"
            self._files[path] = content
            return {"url": self._served.url.removesuffix("/v1") + path, **own}
        if self._manners.urls == "data":
            return {"url": f"data:image/png;base64,{_b64(content)}", **own}
        return {"b64_json": "%%%" if "broken-base64" in faults else _b64(content), **own}


def _wrong(given: dict[str, Any]) -> str:
    """What the real one refuses, by model."""
    if not given.get("prompt"):
        return "Missing required parameter: 'prompt'."
    model = str(given.get("model", ""))
    if model in DALL_E:
        checks = {
            "n": given.get("n", 1) == 1 or model != "dall-e-3",
            "stream": "stream" not in given,
            "quality": given.get("quality", "standard") in ("standard", "hd"),
            "style": given.get("style", "vivid") in ("vivid", "natural"),
            "output_format": "output_format" not in given,
        }
    elif model.startswith("gpt-image"):
        checks = {
            "response_format": "response_format" not in given,
            "style": "style" not in given,
            "seed": "seed" not in given,
            "quality": given.get("quality", "auto") not in ("standard", "hd"),
            "partial_images": "partial_images" not in given or "stream" in given,
        }
    else:
        checks = {}
    return next((f"Invalid value: '{name}'." for name, fine in checks.items() if not fine), "")


def _request(given: dict[str, Any], is_edit: bool) -> ImageRequest:
    width, _, height = str(given.get("size", "1024x1024")).partition("x")
    files = [content for name, content in given.items() if name.startswith("image") for content in _listed(content)]
    sources = [SourceImage(content=one, media_type="image/png", size=_size_of(one)) for one in files]
    prompt = str(given["prompt"])
    return ImageRequest(
        kind=Kind.EDIT if is_edit else Kind.GENERATE,
        prompt=prompt,
        instruction=prompt if is_edit else "",
        size=Size(width=int(width), height=int(height)),
        n=int(given.get("n", 1)),
        seed=int(given.get("seed", 5)),
        sources=sources,
        mask=given.get("mask"),
    )


def _listed(content: Any) -> list[bytes]:
    return content if isinstance(content, list) else [content]


def _size_of(content: bytes) -> Size:
    with Image.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as picture:
        return Size(width=picture.width, height=picture.height)


def _form(kind: str, raw: bytes) -> dict[str, Any]:
    """The fields of a multipart body; a field that comes twice is a list, files are bytes."""
    boundary = b"--" + kind.partition("boundary=")[2].strip('"').encode()
    found: dict[str, Any] = {}
    for part in raw.split(boundary)[1:-1]:
        head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n") if part.count(b"\r\n\r\n") else (part, b"", b"")
        content = part[part.index(b"\r\n\r\n") + 4 : -2]
        name = head.decode().partition('name="')[2].partition('"')[0]
        value: Any = content if b"filename=" in head else content.decode()
        if name.endswith("[]"):
            found.setdefault(name.removesuffix("[]"), []).append(value)
        else:
            found[name] = value
    return found


def _error(message: str, code: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": code, "param": None}}


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()
