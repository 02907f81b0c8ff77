"""The websocket of a ComfyUI server: progress and previews of one prompt, as they come.

Only a help: whoever watches must be able to go on without it. Importing this module imports the library.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from chatelier.providers.base import PartialImage, Progress
from chatelier.providers.studio import mapping, number
from chatelier.storage.chunks import sniff

Seen = Progress | PartialImage
_MAX_BYTES = 20_000_000
_PREVIEW, _PREVIEW_WITH_METADATA = 1, 4
_FEATURES = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
_ENDS = ("execution_success", "execution_error", "execution_interrupted")


class _Connect(connect):
    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc  # it would lead away from the operator's server


async def open_socket(base_url: str, client_id: str, headers: Mapping[str, str]) -> ClientConnection | None:
    """None where there is none, for example behind a proxy that does not pass websockets."""
    parts = urlsplit(base_url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    address = urlunsplit((scheme, parts.netloc, f"{parts.path.rstrip('/')}/ws", f"clientId={client_id}", ""))
    options: dict[str, Any] = {"open_timeout": 5, "close_timeout": 1, "proxy": None, "compression": None}
    try:
        socket = await _Connect(address, additional_headers=dict(headers), max_size=_MAX_BYTES, **options)
        await socket.send(_FEATURES)
    except (OSError, WebSocketException, TimeoutError):
        return None
    return socket


class Listener:
    """What the socket says of one prompt. ``samplers`` are the nodes whose steps count as progress; ``is_over`` once
    the server said that this prompt ended, well or not; ``is_open`` until the connection breaks."""

    def __init__(self, socket: ClientConnection | None, prompt_id: str, samplers: set[str]) -> None:
        self._socket = socket
        self._prompt_id = prompt_id
        self._shares = dict.fromkeys(samplers, 0.0)
        self._fraction = 0.0
        self._node = ""
        self.is_over = False

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    async def next(self, seconds: float) -> list[Seen]:
        """What the next message shows, nothing when none comes in time."""
        if self._socket is None:
            await asyncio.sleep(seconds)
            return []
        try:
            async with asyncio.timeout(seconds):
                message = await self._socket.recv()
        except TimeoutError:
            return []
        except (ConnectionClosed, OSError):
            self._socket = None
            return []
        return self._preview(message) if isinstance(message, bytes) else self._told(message)

    def _told(self, text: str) -> list[Seen]:
        try:
            message = mapping(json.loads(text))
        except (ValueError, RecursionError):
            return []
        kind, data = message.get("type"), mapping(message.get("data"))
        if data.get("prompt_id", self._prompt_id) != self._prompt_id:
            return []
        if kind in _ENDS or (kind == "executing" and data.get("node", "") is None and "prompt_id" in data):
            self.is_over = True
        elif kind == "executing":
            self._node = str(data.get("node"))
        elif kind == "progress":
            return self._step(str(data.get("node") or self._node), data)
        elif kind == "progress_state":
            nodes = mapping(data.get("nodes"))
            return [seen for name, state in nodes.items() for seen in self._step(str(name), mapping(state))]
        return []

    def _step(self, node: str, told: Mapping[str, Any]) -> list[Seen]:
        """A rise; nodes other than samplers count only where there are no samplers."""
        value, highest = number(told.get("value")), number(told.get("max"))
        if value is None or not highest or (self._shares and node not in self._shares and "" not in self._shares):
            return []
        self._shares[node if node in self._shares else ""] = min(max(value / highest, 0.0), 1.0)
        fraction = sum(self._shares.values()) / len(self._shares)
        if not fraction > self._fraction:
            return []
        self._fraction = fraction
        return [Progress(fraction=fraction, note=f"step {value:.0f} of {highest:.0f}")]

    def _preview(self, message: bytes) -> list[Seen]:
        try:
            (event,) = struct.unpack_from(">I", message)
            if event == _PREVIEW:
                content = message[8:]
            elif event == _PREVIEW_WITH_METADATA:
                (length,) = struct.unpack_from(">I", message, 4)
                about = mapping(json.loads(message[8 : 8 + length]))
                content = message[8 + length :]
                if about.get("prompt_id", self._prompt_id) != self._prompt_id:
                    return []
            else:
                return []
        except (struct.error, ValueError, RecursionError):
            return []
        return [PartialImage(index=0, content=content)] if sniff(content) else []
