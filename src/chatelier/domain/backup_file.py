"""The form of a backup: a tar archive that is written and read as a stream.

``backup.json`` comes first and says what it is; then each table's rows in pieces (``rows/TABLE/000001.copy``, text as
PostgreSQL's COPY writes it), a table that others point to before these; then the images
(``files/IMAGE.original.png``); then ``end.json`` with counts and a SHA-256 over everything before. Without that end a
file is not whole.
"""

from __future__ import annotations

import asyncio
import builtins
import hashlib
import json
import tarfile
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from lzma import LZMAError
from typing import IO, Any

from chatelier.errors import Invalid

FORMAT = "chatelier-backup"
VERSION = 1
HEAD, END = "backup.json", "end.json"
ROWS, FILES = "rows/", "files/"
BATCH_BYTES, BATCH_MEMBERS = 8_000_000, 500  # read ahead at most
MOST_BYTES = 500_000_000  # of one member
HASH_INLINE = 64 * 1024
DAMAGED = "This is not a whole backup that `chatelier backup` wrote, or it was changed since. Nothing was restored."
UNREADABLE = (tarfile.TarError, EOFError, OSError, zlib.error, LZMAError, ValueError, RecursionError)


@dataclass(frozen=True)
class Member:
    name: str
    content: bytes


@dataclass(kw_only=True)
class Checksum:
    """Over names, sizes and contents; the same for the writer and the reader."""

    members: int = 0
    bytes: int = 0
    _sha256: Any = field(default_factory=hashlib.sha256)

    def begin(self, name: str, size: int) -> None:
        self.members += 1
        self.bytes += size
        self._sha256.update(f"{name}\0{size}\0".encode())

    def add(self, content: builtins.bytes) -> None:
        self._sha256.update(content)

    def told(self) -> dict[str, int | str]:
        return {"members": self.members, "bytes": self.bytes, "sha256": self._sha256.hexdigest()}


class Writer:
    """Yields the archive's bytes; ``end`` says what came before and closes it."""

    def __init__(self) -> None:
        self.checksum = Checksum()

    async def add(self, name: str, content: bytes) -> AsyncIterator[bytes]:
        async for piece in self.stream(name, len(content), _once(content)):
            yield piece

    async def stream(self, name: str, size: int, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Raises ValueError when there are more or fewer bytes than was said."""
        self.checksum.begin(name, size)
        yield _tar_head(name, size)
        left = size
        async for piece in content:
            left -= len(piece)
            if len(piece) > HASH_INLINE:
                await asyncio.to_thread(self.checksum.add, piece)
            else:
                self.checksum.add(piece)
            yield piece
        if left:
            raise ValueError(f"{name} should have {size} bytes and has {size - left}")
        yield bytes(-size % tarfile.BLOCKSIZE)

    async def end(self, **counts: Any) -> AsyncIterator[bytes]:
        content = json.dumps({**self.checksum.told(), **counts}, indent=1).encode()
        yield _tar_head(END, len(content))
        yield content + bytes(-len(content) % tarfile.BLOCKSIZE) + bytes(2 * tarfile.BLOCKSIZE)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _tar_head(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.PAX_FORMAT)


class Reader:
    """``head`` is checked at once; ``batches`` gives the members after it, and ends well only when the end is there and
    fits. Raises Invalid for anything else. Compression is recognised."""

    def __init__(self, file: IO[bytes]) -> None:
        self._checksum = Checksum()
        try:
            self._tar = tarfile.open(fileobj=file, mode="r|*")  # noqa: SIM115 (closed by ``close``)
            first = self._next()
            self.head: dict[str, Any] = _object(first.content if first and first.name == HEAD else b"")
        except UNREADABLE as error:
            raise Invalid(DAMAGED) from error
        if self.head.get("format") != FORMAT:
            raise Invalid(DAMAGED)
        if self.head.get("version") != VERSION:
            raise Invalid("A newer version of Chatelier wrote this backup. Restore it with that version.")
        self.end: dict[str, Any] | None = None

    async def batches(self) -> AsyncIterator[list[Member]]:
        while self.end is None:
            yield await asyncio.to_thread(self._batch)

    def close(self) -> None:
        self._tar.close()

    def _batch(self) -> list[Member]:
        try:
            return list(self._members())
        except UNREADABLE as error:
            raise Invalid(DAMAGED) from error

    def _members(self) -> Iterator[Member]:
        count = size = 0
        while count < BATCH_MEMBERS and size < BATCH_BYTES:
            told = self._checksum.told()
            member = self._next()
            if member is None:
                raise EOFError
            if member.name == END:
                self.end = _object(member.content)
                if {key: self.end.get(key) for key in told} != told or self._next() is not None:
                    raise ValueError("the checksum does not fit")
                return
            count, size = count + 1, size + len(member.content)
            yield member

    def _next(self) -> Member | None:
        info = self._tar.next()
        self._tar.members = []  # type: ignore[attr-defined]  # or they would all stay in memory
        if info is None:
            return None
        if not info.isfile() or info.size > MOST_BYTES:
            raise ValueError(info.name)
        stream = self._tar.extractfile(info)
        content = stream.read() if stream else b""
        if len(content) != info.size:
            raise EOFError
        self._checksum.begin(info.name, info.size)
        self._checksum.add(content)
        return Member(info.name, content)


def _object(content: bytes) -> dict[str, Any]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found
