"""Decoding in small processes: off the event loop, with a deadline and a memory limit, and without Pillow here."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from chatelier.errors import Overloaded, TooLarge, UnsupportedImage
from chatelier.storage import chunks
from chatelier.storage.children import Child
from chatelier.storage.frames import read_frame, write_frame
from chatelier.storage.stored import StoredImage

_T = TypeVar("_T")
_START = 20.0  # seconds a new process may take to import Pillow
_MEMORY = 400_000_000  # bytes of address space beside the pixels
_BYTES_PER_PIXEL = 16  # RGBA, turned, premultiplied, and room to encode
_TOO_SLOW = (
    "Reading this image took too long, so it was given up. Save it as a smaller PNG, JPEG or WebP and try again."
)
_ERRORS = {"TooLarge": TooLarge, "UnsupportedImage": UnsupportedImage}


class Decoder:
    """At most ``children`` processes, one image each, started when needed, ended after ``idle`` seconds without work.
    ``deadline`` is for one image in seconds of processor time, so that an honest one passes on a busy machine;
    ``patience`` is the same by the clock. ``max_pixels`` is the largest image that will be asked for."""

    def __init__(
        self,
        *,
        children: int = 2,
        deadline: float = 5.0,
        patience: float = 20.0,
        idle: float = 60.0,
        max_pixels: int = 40_000_000,
    ) -> None:
        self._deadline = deadline
        self._patience = patience
        self._idle = idle
        self._max_pixels = max_pixels
        self._slots = asyncio.Semaphore(children)
        self._threads = ThreadPoolExecutor(children, thread_name_prefix="decoder")
        self._free: list[_Reader] = []
        self._reaper: asyncio.TimerHandle | None = None

    async def keep_produced(
        self, content: bytes, *, max_bytes: int, max_pixels: int, source_type: str, smaller: bool = False
    ) -> StoredImage:
        """See ``imaging.keep_produced``."""
        chunks.admit(content, max_bytes=max_bytes, max_pixels=max_pixels)
        options = {"max_bytes": max_bytes, "max_pixels": max_pixels, "source_type": source_type, "smaller": smaller}
        return _unpacked(*await self._ask("keep_produced", content, options))

    async def keep_upload(
        self, content: bytes, *, max_bytes: int, max_pixels: int, smaller: bool = False
    ) -> StoredImage:
        """See ``imaging.keep_upload``."""
        chunks.admit(content, max_bytes=max_bytes, max_pixels=max_pixels)
        options = {"max_bytes": max_bytes, "max_pixels": max_pixels, "smaller": smaller}
        return _unpacked(*await self._ask("keep_upload", content, options))

    async def keep_mask(self, content: bytes, *, max_bytes: int, max_pixels: int, width: int, height: int) -> bytes:
        """See ``imaging.keep_mask``."""
        chunks.admit(content, max_bytes=max_bytes, max_pixels=max_pixels)
        options = {"max_bytes": max_bytes, "max_pixels": max_pixels, "width": width, "height": height}
        _, (mask,) = await self._ask("keep_mask", content, options)
        return mask

    async def shrink_partial(self, content: bytes, *, max_side: int = 512, max_bytes: int = 20_000_000) -> bytes:
        """A live preview as JPEG. See ``imaging.shrink_partial``."""
        chunks.admit(content, max_bytes=max_bytes, max_pixels=self._max_pixels)
        options = {"max_bytes": max_bytes, "max_pixels": self._max_pixels, "max_side": max_side}
        _, (small,) = await self._ask("shrink_partial", content, options)
        return small

    async def close(self) -> None:
        """End all processes; work in progress fails."""
        if self._reaper:
            self._reaper.cancel()
        free, self._free = self._free, []
        for child in free:
            child.end()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, call: str, content: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        async with self._slots:
            child = await self._child()
            head = {"call": call, "options": options, "seconds": self._deadline}
            try:
                answer = await self._within(self._patience, lambda: child.exchange(head, content))
            except TimeoutError:
                child.end()
                raise UnsupportedImage(_TOO_SLOW) from None
            except (EOFError, OSError, ValueError) as error:  # it died of this image, or of its limits
                child.end()
                raise UnsupportedImage() from error
            except BaseException:
                child.end()
                raise
            self._free.append(child)
            self._reap_later()
        refusal = _ERRORS.get(answer[0].get("error", ""))
        if refusal:
            raise refusal(answer[0]["sentence"])
        return answer

    async def _child(self) -> _Reader:
        while self._free:
            child = self._free.pop()
            if child.is_alive:
                return child
            child.end()
        child = _Reader(_MEMORY + _BYTES_PER_PIXEL * self._max_pixels)
        try:
            await self._within(_START, child.start)
        except (EOFError, OSError, ValueError, TimeoutError) as error:
            child.end()
            raise Overloaded("The image reader could not be started. Try again in a moment.") from error
        except BaseException:
            child.end()
            raise
        return child

    async def _within(self, seconds: float, work: Callable[[], _T]) -> _T:
        """Run blocking ``work`` in a thread; whoever gives up must end the child, which ends the thread's wait."""
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        return await asyncio.wait_for(future, seconds)

    def _reap_later(self) -> None:
        if self._reaper:
            self._reaper.cancel()
        self._reaper = asyncio.get_running_loop().call_later(self._idle, self._reap)

    def _reap(self) -> None:
        free, self._free = self._free, []
        for child in free:
            child.end()


class _Reader(Child):
    """One decoder process."""

    def __init__(self, memory: int) -> None:
        super().__init__("chatelier.storage.decoder_child", str(memory))

    def start(self) -> None:
        super().start()
        read_frame(self.answers)  # ready

    def exchange(self, head: dict[str, Any], content: bytes) -> tuple[dict[str, Any], list[bytes]]:
        try:
            write_frame(self.requests, head, [content])
            return read_frame(self.answers)
        except (EOFError, BrokenPipeError):
            if self.exit_code() == -signal.SIGPROF:  # its own alarm
                raise TimeoutError from None
            raise


def _unpacked(head: dict[str, Any], blobs: list[bytes]) -> StoredImage:
    return StoredImage(**head["values"], **dict(zip(head["names"], blobs, strict=True)))
