"""WebP at the byte level (the WebP container specification)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from chatelier.storage.pieces import SOURCE_TYPE, Malformed, Piece, is_c2pa

_PIXELS = (b"ALPH", b"VP8 ", b"VP8L")
_HAS_ICC, _HAS_ALPHA, _HAS_XMP = 0x20, 0x10, 0x04


def size(content: bytes) -> tuple[int, int]:
    name = content[12:16]
    if name == b"VP8X" and len(content) >= 30:
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if name == b"VP8L" and content[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", content, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise Malformed("no frame header")


def walk(content: bytes) -> Iterator[Piece]:
    (length,) = struct.unpack_from("<I", content, 4)
    if length + 8 != len(content):
        raise Malformed("the container lies about its length")
    yield from _chunks(content)


def is_lossy(content: bytes) -> bool:
    """Whether the pixels are coded as VP8; also for a file that is not whole."""
    try:
        return any(piece.name == b"VP8 " for piece in _chunks(content))
    except struct.error:
        return False


def check(content: bytes, pieces: Sequence[Piece]) -> None:
    names = [piece.name for piece in pieces]
    if sum(names.count(name) for name in (b"VP8 ", b"VP8L")) != 1 or b"ANIM" in names or b"ANMF" in names:
        raise Malformed("not one still image")
    if b"VP8X" in names[1:] or (names[0] != b"VP8X" and len(names) > 1):
        raise Malformed("chunks out of order")


def is_marked(content: bytes, piece: Piece) -> bool:
    if piece.name == b"C2PA":
        return is_c2pa(piece.payload(content))
    return piece.name == b"XMP " and SOURCE_TYPE in piece.payload(content)


def write(content: bytes, pieces: Sequence[Piece], xmp: bytes, keep_icc: bool) -> bytes:
    body = [piece for piece in pieces if piece.name in _PIXELS or (keep_icc and piece.name == b"ICCP")]
    flags = _HAS_XMP * bool(xmp)
    flags |= _HAS_ICC * any(piece.name == b"ICCP" for piece in body)
    flags |= _HAS_ALPHA * any(_has_alpha(content, piece) for piece in body)
    width, height = size(content)
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    out = [b"WEBP", _pack(b"VP8X", bytes((flags, 0, 0, 0)) + canvas)]
    out += [_pack(piece.name, piece.payload(content)) for piece in body]
    out += [xmp_chunk(xmp)] if xmp else []
    joined = b"".join(out)
    return b"RIFF" + struct.pack("<I", len(joined)) + joined


def xmp_chunk(xmp: bytes) -> bytes:
    return _pack(b"XMP ", xmp)


def _chunks(content: bytes) -> Iterator[Piece]:
    at = 12
    while at < len(content):
        name, length = struct.unpack_from("<4sI", content, at)
        end = at + 8 + length + (length & 1)
        yield Piece(name, at, at + 8, at + 8 + length, end)
        at = end


def _has_alpha(content: bytes, piece: Piece) -> bool:
    return piece.name == b"ALPH" or (piece.name == b"VP8L" and bool(content[piece.body + 4] & 0x10))


def _pack(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)
