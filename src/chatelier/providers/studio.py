"""What painting servers that the operator runs have in common: settings, the way to them, and small bricks."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import BaseModel, ConfigDict, Field

from chatelier.providers import wire
from chatelier.providers.base import FailureKind, ProviderError, Size
from chatelier.storage.chunks import sniff

if TYPE_CHECKING:
    from chatelier.providers.studio_http import StudioHttp

log = structlog.get_logger()
AUTO = "auto"
_SLICE = 1_048_576  # characters of Base64 decoded at once; between two, other threads get their turn


class StudioSettings(BaseModel):
    """How to reach a server, and how long to wait for it. ``api_key`` goes out as a bearer token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(pattern=r"^https?://[^\s@?#]+$", description="Address, as in http://127.0.0.1:7860.")
    username: str = Field("", description="For HTTP Basic sign-in.")
    password: str = Field("", repr=False, description="For HTTP Basic sign-in.")
    api_key: str = Field("", repr=False, description="Bearer token, where a proxy in front wants one.")
    model: str = Field("", description="Model to use unless another is named; empty: the server's own.")
    size: str = Field("1024x1024", pattern=r"^[0-9]{2,4}x[0-9]{2,4}$", description="Size where none is asked for.")
    max_side: int = Field(2048, ge=64, le=8192, description="Longest side, in pixels.")
    max_images: int = Field(4, ge=1, le=16, description="Images of one request.")
    price_micros: int | None = Field(None, ge=0, description="Millionths of a US dollar an image; empty: it is free.")
    deadline: float = Field(600.0, gt=0, description="Seconds one request may take at the server.")
    max_bytes: int = Field(120_000_000, ge=1_000_000, description="Largest answer read, in bytes.")
    negative_prompt: str = Field("", description="What should not be seen in any image.")

    def default_size(self) -> Size:
        width, height = map(int, self.size.split("x"))
        return Size(width=width, height=height)

    def costs(self) -> dict[str, Any]:
        """The operator's own server costs nothing unless they say so."""
        return {"free": not self.price_micros, "price_micros": self.price_micros or None}

    def headers(self) -> dict[str, str]:
        if self.api_key:
            return {"Authorization": f"Bearer {self.api_key}"}
        if not self.username:
            return {}
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}


class Way:
    """The HTTP client to one server, opened at first use."""

    def __init__(self, settings: StudioSettings) -> None:
        self._settings = settings
        self._opening = asyncio.Lock()
        self._http: StudioHttp | None = None

    async def http(self) -> StudioHttp:
        """Raises ProviderError, unsent, for a server outside while the way out is closed."""
        wire.check(self._settings.base_url)
        async with self._opening:
            if self._http is None:
                self._http = await asyncio.to_thread(self._open)
            return self._http

    async def close(self) -> None:
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    def _open(self) -> StudioHttp:
        from chatelier.providers.studio_http import StudioHttp

        settings = self._settings
        return StudioHttp(settings.base_url, headers=settings.headers(), max_bytes=settings.max_bytes)


class Endings:
    """Calls that were given up and still have to be ended at the server, in the background."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    async def end(self, ending: Coroutine[Any, Any, None], *, wait: float = 1.0) -> None:
        """Start it and wait a little; it goes on alone, whatever becomes of whoever waits."""
        task = asyncio.create_task(ending)
        self._running.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait({task}, timeout=wait)

    async def close(self) -> None:
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, ProviderError):
            log.warning("studio.ending_failed", error=repr(error)[:300])


def with_style(prompt: str, style: str | None) -> str:
    """The engines know styles only as words of the prompt."""
    return f"{prompt}, {style}" if style and style.lower() not in prompt.lower() else prompt


def joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def chosen(what: str, wanted: str, known: Sequence[str]) -> str:
    """``wanted`` as the server spells it; as it is while nothing is known. Raises ProviderError."""
    spelled = {name.lower(): name for name in reversed(known)}
    if not known or wanted in known:
        return wanted
    if wanted.lower() in spelled:
        return spelled[wanted.lower()]
    shown = ", ".join(known[:20])
    raise ProviderError(FailureKind.BAD_REQUEST, f"the server has no {what} {wanted[:60]}; it has {shown}", sent=False)


def unpack(text: object) -> bytes:
    """Base64, maybe as a data: URL, of a PNG, JPEG or WebP image. Raises ProviderError. Run it in a thread."""
    if not isinstance(text, str):
        raise ProviderError(FailureKind.UNAVAILABLE, "the answer holds something that is no image")
    text = text.partition(",")[2] if text.startswith("data:") else text
    try:
        pieces = [binascii.a2b_base64(text[at : at + _SLICE], strict_mode=True) for at in range(0, len(text), _SLICE)]
    except ValueError:
        raise ProviderError(FailureKind.UNAVAILABLE, "an image of the answer is not Base64") from None
    return admitted(b"".join(pieces))


def admitted(content: bytes) -> bytes:
    """Bytes that begin as an image does; the store looks closer. Raises ProviderError."""
    if sniff(content) is None:
        shown = content[:40].decode(errors="replace")
        raise ProviderError(FailureKind.UNAVAILABLE, f"the server sent no PNG, JPEG or WebP image: {shown!r}")
    return content


def number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
