"""PNG at the byte level (W3C PNG, third edition)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence

from chatelier.storage.pieces import MAX_TEXT, SOURCE_TYPE, Malformed, Piece, is_c2pa

MAGIC = b"\x89PNG\r\n\x1a\n"
_COLOUR = {b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"bKGD", b"pHYs"}
_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"} | _COLOUR)
_FRAMES = frozenset((b"acTL", b"fcTL", b"fdAT"))
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# First column and row, then the steps, of the seven passes of an interlaced image.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_XMP = b"XML:com.adobe.xmp\0"
_STEP = 1 << 20


def size(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR":
        raise Malformed("no IHDR")
    width, height = struct.unpack_from(">II", content, 16)
    return int(width), int(height)


def walk(content: bytes) -> Iterator[Piece]:
    at = len(MAGIC)
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        (crc,) = struct.unpack_from(">I", content, end - 4)
        if zlib.crc32(memoryview(content)[at + 4 : end - 4]) != crc:
            raise Malformed("a checksum is wrong")
        yield Piece(name, at, at + 8, end - 4, end)
        at = end
        if name == b"IEND":
            return


def check(content: bytes, pieces: Sequence[Piece]) -> None:
    names = [piece.name for piece in pieces]
    if (
        names[0] != b"IHDR"
        or names.count(b"IHDR") != 1
        or names[-1] != b"IEND"
        or pieces[-1].body_end != pieces[-1].body
    ):
        raise Malformed("not a whole PNG")
    data = [piece for piece in pieces if piece.name == b"IDAT"]
    first = names.index(b"IDAT") if data else 0
    if not data or names[first : first + len(data)] != [b"IDAT"] * len(data) or not _FRAMES.isdisjoint(names):
        raise Malformed("not one still image")
    _check_pixels(content, data)


def is_marked(content: bytes, piece: Piece) -> bool:
    if piece.name == b"caBX":
        return is_c2pa(piece.payload(content))
    return (
        piece.name == b"iTXt" and content.startswith(_XMP, piece.body) and SOURCE_TYPE in _text(piece.payload(content))
    )


def write(content: bytes, pieces: Sequence[Piece], xmp: bytes, keep_icc: bool) -> bytes:
    out = [MAGIC]
    for piece in pieces:
        if piece.name in _KEPT and (keep_icc or piece.name != b"iCCP"):
            out.append(piece.whole(content))
        if piece.name == b"IHDR" and xmp:
            out.append(xmp_chunk(xmp))
    return b"".join(out)


def xmp_chunk(xmp: bytes) -> bytes:
    return _chunk(b"iTXt", _XMP + b"\0\0\0\0" + xmp)


def xmp_of(chunk: bytes) -> bytes:
    """The packet in a chunk that ``xmp_chunk`` wrote, b'' of any other."""
    start = b"iTXt" + _XMP + b"\0\0\0\0"
    return chunk[4 + len(start) : -4] if chunk.startswith(start, 4) else b""


def text_chunk(keyword: str, text: str) -> bytes:
    """UTF-8 text that is not packed. ``keyword`` is ASCII, up to 79 characters."""
    return _chunk(b"iTXt", keyword.encode("ascii") + b"\0\0\0\0\0" + text.replace("\0", " ").encode())


def _check_pixels(content: bytes, data: Sequence[Piece]) -> None:
    """Inflate once, in steps that need little memory: Pillow does not notice bytes hidden behind the last row."""
    left = _raw_bytes(content)
    inflate = zlib.decompressobj()
    try:
        for piece in data:
            coded: bytes | memoryview = memoryview(content)[piece.body : piece.body_end]
            while coded and not inflate.eof and left >= 0:
                left -= len(inflate.decompress(coded, _STEP))
                coded = inflate.unconsumed_tail
            if coded or inflate.unused_data:
                raise Malformed("bytes after the end of the pixels")
        left -= len(inflate.flush())
    except zlib.error as error:
        raise Malformed("the pixels are damaged") from error
    if left or not inflate.eof:
        raise Malformed("the pixels are cut or too many")


def _raw_bytes(content: bytes) -> int:
    """Bytes of all filtered rows."""
    width, height, depth, kind, _, _, interlaced = struct.unpack_from(">IIBBBBB", content, 16)
    bits = depth * _CHANNELS.get(kind, 0)
    total = 0
    for left, top, step_x, step_y in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // step_x), -(-(height - top) // step_y)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _text(payload: bytes) -> bytes:
    packed = payload[len(_XMP) : len(_XMP) + 1] == b"\1"
    text = payload[len(_XMP) + 2 :].split(b"\0", 2)[-1]
    try:
        return zlib.decompressobj().decompress(text, MAX_TEXT) if packed else text
    except zlib.error:
        return b""


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))
