"""Files handed out with a label: a fuller XMP packet in the place of the bare one that a stored file carries.

Nothing is decoded or loaded whole: a labelled file is a few new bytes between ranges of the stored one, so it streams,
seeks and has an ETag like any other. A file that a provider signed or marked itself is handed out as it is.
"""

from __future__ import annotations

import builtins
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from chatelier.storage import jpeg, png, webp
from chatelier.storage.chunks import JPEG, PNG, WEBP
from chatelier.storage.database import StoredFile
from chatelier.storage.stored import digest
from chatelier.storage.xmp import SOFTWARE, Label, full_packet, source_type_of, writable

EDGE = 64 * 1024  # bytes looked at, at either end
Part = bytes | range  # new bytes, or where they stand in the stored file


@dataclass(frozen=True, kw_only=True)
class LabelledFile:
    """A stored file with another head. ``sha256`` is of its parts, and serves as the ETag."""

    file: StoredFile
    parts: Sequence[Part]

    @property
    def media_type(self) -> str:
        return self.file.media_type

    @property
    def bytes(self) -> int:
        return sum(map(len, self.parts))

    @property
    def sha256(self) -> str:
        written = b"".join(part if isinstance(part, builtins.bytes) else repr(part).encode() for part in self.parts)
        return digest(self.file.sha256.encode() + written)

    async def chunks(self, start: int = 0, end: int | None = None) -> AsyncIterator[builtins.bytes]:
        stop = self.bytes if end is None else end
        at = 0
        for part in self.parts:
            wanted = part[max(0, start - at) : max(0, stop - at)]
            at += len(part)
            if isinstance(wanted, range):
                if wanted:
                    async for piece in self.file.chunks(wanted.start, wanted.stop):
                        yield piece
            elif wanted:
                yield wanted


async def label_file(file: StoredFile, label: Label) -> StoredFile | LabelledFile:
    """The file with ``label`` in it; the file itself where it carries marks that are not ours, or none."""
    mark = await find_mark(file)
    if mark is None:
        return file
    packet = full_packet(label, mark.source_type)
    return LabelledFile(file=file, parts=_SPLICERS[file.media_type](mark, file.bytes, packet, label))


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where a stored file says, in our own words, what made it: ``start`` to ``end``, behind ``head``."""

    source_type: str
    head: builtins.bytes
    start: int
    end: int


async def find_mark(file: StoredFile) -> Mark | None:
    """None for a person's file, which has no mark, and for one that its maker signed or marked itself."""
    head = await _read(file, 0, EDGE)
    if b"caBX" in head or (b"jumb" in head and b"c2pa" in head):
        return None
    if file.media_type == WEBP:
        rest = max(0, file.bytes - EDGE)
        return _in_webp(head, await _read(file, rest, file.bytes), rest)
    return {PNG: _in_png, JPEG: _in_jpeg}[file.media_type](head)


async def _read(file: StoredFile, start: int, end: int) -> builtins.bytes:
    return b"".join([piece async for piece in file.chunks(start, min(end, file.bytes))])


def _in_png(head: bytes) -> Mark | None:
    start = len(png.MAGIC) + 25  # behind IHDR
    end = start + 12 + int.from_bytes(head[start : start + 4], "big")
    return _mark(png.xmp_of(head[start:end]), head, start, end)


def _in_jpeg(head: bytes) -> Mark | None:
    start = 2
    if head[start : start + 2] == b"\xff\xe0":
        start += 2 + int.from_bytes(head[start + 2 : start + 4], "big")
    end = start + 2 + int.from_bytes(head[start + 2 : start + 4], "big")
    return _mark(jpeg.xmp_of(head[start:end]), head, start, end)


def _in_webp(head: bytes, tail: bytes, rest: int) -> Mark | None:
    """It is the last chunk."""
    at = tail.rfind(b"XMP ")
    if at < 0:
        return None
    length = int.from_bytes(tail[at + 4 : at + 8], "little")
    end = at + 8 + length + (length & 1)
    return _mark(tail[at + 8 : at + 8 + length], head, rest + at, rest + end) if end == len(tail) else None


def _mark(packet: bytes, head: bytes, start: int, end: int) -> Mark | None:
    source_type = source_type_of(packet)
    return Mark(source_type=source_type, head=head, start=start, end=end) if source_type else None


def _into_png(mark: Mark, size: int, packet: bytes, label: Label) -> list[Part]:
    texts = [("Software", SOFTWARE), ("Title", label.title)]
    texts += [("parameters", label.parameters)] if label.parameters else []
    written = [png.xmp_chunk(packet), *(png.text_chunk(name, writable(text)) for name, text in texts)]
    return [mark.head[: mark.start] + b"".join(written), range(mark.end, size)]


def _into_jpeg(mark: Mark, size: int, packet: bytes, label: Label) -> list[Part]:
    return [mark.head[: mark.start] + jpeg.xmp_segment(packet), range(mark.end, size)]


def _into_webp(mark: Mark, size: int, packet: bytes, label: Label) -> list[Part]:
    written = webp.xmp_chunk(packet)
    riff = b"RIFF" + struct.pack("<I", mark.start - 8 + len(written))
    return [riff, range(8, mark.start), written]


_SPLICERS: dict[str, Callable[[Mark, int, bytes, Label], list[Part]]] = {
    PNG: _into_png,
    JPEG: _into_jpeg,
    WEBP: _into_webp,
}
