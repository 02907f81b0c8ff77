"""The byte level of image files: what they declare, whether they are exactly one image, and rewriting their
metadata without touching a coded pixel. Pure Python over bytes, for the web process too; decoding is elsewhere."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from types import ModuleType

from chatelier.errors import TooLarge, UnsupportedImage
from chatelier.storage import jpeg, png, webp
from chatelier.storage.pieces import Malformed, Piece
from chatelier.storage.xmp import bare_packet

PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
MAX_SIDE = 16_384  # pixels
_MAX_PIECES = 20_000
_FORMATS: dict[str, ModuleType] = {PNG: png, JPEG: jpeg, WEBP: webp}


def sniff(content: bytes) -> str | None:
    """The media type by the first bytes, or None."""
    if content.startswith(png.MAGIC):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    return WEBP if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def admit(content: bytes, *, max_bytes: int, max_pixels: int) -> str:
    """The media type of a file worth decoding, judged by its first bytes alone. Raises TooLarge, UnsupportedImage."""
    if len(content) > max_bytes:
        raise TooLarge(
            f"This image has {len(content):,} bytes, the limit is {max_bytes:,}. Make it smaller and try again."
        )
    media_type = sniff(content)
    if media_type is None:
        raise UnsupportedImage()
    check_size(*size_of(content, media_type), max_pixels)
    return media_type


def size_of(content: bytes, media_type: str) -> tuple[int, int]:
    """Width and height as the header declares them. Raises UnsupportedImage."""
    try:
        width, height = _FORMATS[media_type].size(content)
    except (Malformed, struct.error, IndexError) as error:
        raise UnsupportedImage() from error
    return width, height


def check_size(width: int, height: int, max_pixels: int) -> None:
    if width < 1 or height < 1:
        raise UnsupportedImage()
    if max(width, height) > MAX_SIDE or width * height > max_pixels:
        limit = f"{max_pixels:,} pixels, {MAX_SIDE:,} a side"
        raise TooLarge(f"This image is {width} x {height} pixels; the limit is {limit}. Make it smaller and try again.")


def pieces_of(content: bytes, media_type: str) -> list[Piece]:
    """Everything the file is made of. Raises Malformed unless it is one still image with nothing after its end."""
    pieces: list[Piece] = []
    try:
        for piece in _FORMATS[media_type].walk(content):
            pieces.append(piece)
            if len(pieces) > _MAX_PIECES:
                raise Malformed("too many pieces")
        if not pieces or pieces[-1].end != len(content):
            raise Malformed("cut, or bytes after the end")
        _FORMATS[media_type].check(content, pieces)
    except (struct.error, IndexError) as error:
        raise Malformed("cut in the middle") from error
    return pieces


def is_marked(content: bytes, media_type: str, pieces: Sequence[Piece]) -> bool:
    """Whether the file says itself what made it: a C2PA manifest or an IPTC digital source type."""
    return any(_FORMATS[media_type].is_marked(content, piece) for piece in pieces)


def rewrite(
    content: bytes, media_type: str, pieces: Sequence[Piece], *, source_type: str, keep_icc: bool = True
) -> bytes:
    """The same coded pixels without text, EXIF, comments and unknown pieces, and with ``source_type`` (an IPTC
    digital source type; '' adds none) as XMP. ``pieces`` come from ``pieces_of``."""
    written: bytes = _FORMATS[media_type].write(content, pieces, bare_packet(source_type), keep_icc)
    return written


def mark(content: bytes, media_type: str, source_type: str) -> bytes:
    """A file of our own encoding, so not checked again, with its digital source type written in."""
    if not source_type:
        return content
    return rewrite(content, media_type, list(_FORMATS[media_type].walk(content)), source_type=source_type)
