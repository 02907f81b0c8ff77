"""JPEG at the byte level (ITU-T T.81)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence

from chatelier.storage.pieces import SOURCE_TYPE, Malformed, Piece, is_c2pa

_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive
_KEPT = (*_FRAMES, 0xC4, 0xDA, 0xDB, 0xDD, 0xD9)
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_MAX_HEAD = 500  # segments looked at before the frame header


def size(content: bytes) -> tuple[int, int]:
    for seen, piece in enumerate(_segments(content)):
        if _is_frame(piece):
            height, width = struct.unpack_from(">HH", content, piece.body + 1)
            return int(width), int(height)
        if seen > _MAX_HEAD or piece.name in (b"\xda", b"\xd9"):
            break
    raise Malformed("no frame header")


def walk(content: bytes) -> Iterator[Piece]:
    yield Piece(b"\xd8", 0, 2, 2, 2)
    yield from _segments(content)


def check(content: bytes, pieces: Sequence[Piece]) -> None:
    frames = [piece.name[0] for piece in pieces if _is_frame(piece)]
    if len(frames) != 1 or frames[0] not in _FRAMES or all(piece.name != b"\xda" for piece in pieces):
        raise Malformed("not one baseline or progressive image")


def is_marked(content: bytes, piece: Piece) -> bool:
    if piece.name == b"\xeb":
        return is_c2pa(piece.payload(content))
    return piece.name == b"\xe1" and content.startswith(_XMP, piece.body) and SOURCE_TYPE in piece.payload(content)


def write(content: bytes, pieces: Sequence[Piece], xmp: bytes, keep_icc: bool) -> bytes:
    # JFIF wants its segment first; then ours; then what the pixels need.
    jfif = [p.whole(content) for p in pieces if p.name == b"\xe0" and content.startswith(b"JFIF\0", p.body)][:1]
    mark = xmp_segment(xmp) if xmp else b""
    body = [piece.whole(content) for piece in pieces[1:] if _keeps(content, piece, keep_icc)]
    return b"".join((b"\xff\xd8", *jfif, mark, *body))


def xmp_segment(xmp: bytes) -> bytes:
    """At most 65,502 bytes of packet fit into one."""
    return b"\xff\xe1" + struct.pack(">H", len(_XMP) + len(xmp) + 2) + _XMP + xmp


def xmp_of(segment: bytes) -> bytes:
    """The packet in a segment that ``xmp_segment`` wrote, b'' of any other."""
    return segment[4 + len(_XMP) :] if segment.startswith(b"\xff\xe1") and segment.startswith(_XMP, 4) else b""


def _segments(content: bytes) -> Iterator[Piece]:
    """All after SOI; a start of scan reaches to the marker behind its coded data."""
    at = 2
    while True:
        start = at
        while content[at] == 0xFF:
            at += 1
        code = content[at]
        if at == start:
            raise Malformed("no marker")
        if code == 0xD9:
            yield Piece(b"\xd9", start, at + 1, at + 1, at + 1)
            return
        (length,) = struct.unpack_from(">H", content, at + 1)
        end = body_end = at + 1 + length
        if end > len(content) or length < 2:
            raise Malformed("a segment is cut")
        if code == 0xDA:
            found = _SCAN_END.search(content, end)
            if found is None:
                raise Malformed("no end of image")
            end = found.start()
        yield Piece(bytes((code,)), start, at + 3, body_end, end)
        at = end


def _is_frame(piece: Piece) -> bool:
    return 0xC0 <= piece.name[0] <= 0xCF and piece.name[0] not in (0xC4, 0xC8, 0xCC)


def _keeps(content: bytes, piece: Piece, keep_icc: bool) -> bool:
    if piece.name == b"\xe2":
        return keep_icc and content.startswith(b"ICC_PROFILE\0", piece.body)
    if piece.name == b"\xee":
        return content.startswith(b"Adobe", piece.body)
    return piece.name[0] in _KEPT
