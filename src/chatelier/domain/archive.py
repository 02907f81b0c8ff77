"""A zip archive written as a stream: what was put in can be taken out at once, so that it never stands in memory whole.
Packing and checksums are work of a thread."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator
from io import RawIOBase
from typing import Any

TAKE = 512 * 1024  # bytes that are worth handing on


class _Sink(RawIOBase):
    """Takes bytes and cannot be sought in, which makes zipfile write sizes behind each file."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        return len(data)


class Archive:
    """``add`` yields what is ready to go on its way; ``finish`` the rest."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", allowZip64=True)

    async def add(self, name: str, content: AsyncIterator[bytes], *, packed: bool) -> AsyncIterator[bytes]:
        """One file. ``packed``: text is made smaller, images are already."""
        info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        entry = self._zip.open(info, "w", force_zip64=True)
        async for piece in content:
            await asyncio.to_thread(entry.write, piece)
            if len(self._sink.waiting) >= TAKE:
                yield self._take()
        await asyncio.to_thread(entry.close)
        if len(self._sink.waiting) >= TAKE:
            yield self._take()

    async def finish(self) -> AsyncIterator[bytes]:
        await asyncio.to_thread(self._zip.close)
        yield self._take()

    def _take(self) -> bytes:
        ready = bytes(self._sink.waiting)
        self._sink.waiting.clear()
        return ready
