"""Originals encoded again without loss, where that makes them smaller. Runs in a decoder process, as imaging does."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from PIL import Image

from chatelier.storage import chunks
from chatelier.storage.chunks import PNG, WEBP
from chatelier.storage.stored import StoredImage, digest

# A fifth to a third smaller than PNG, at 0.12 s a megapixel; harder settings win 5 % more and take five times as long.
_EFFORT = {"method": 1, "quality": 20}
_MAX_PIXELS = 8_400_000  # a second: well within the deadline of a decoder
_MAX_SIDE = 16_383  # WebP
_TRUECOLOUR = (2, 6)
# Colour that WebP cannot carry: a file with these and without a profile would look different.
_COLOUR = {b"gAMA", b"cHRM", b"cICP", b"mDCV", b"cLLI"}


def smaller(stored: StoredImage, plain: Image.Image, source_type: str) -> StoredImage:
    """The same with its original as lossless WebP, where that is smaller and not one pixel differs; else as it was.
    ``plain`` is the original decoded."""
    if stored.media_type != PNG or not _is_simple(stored.content):
        return stored
    if plain.width * plain.height > _MAX_PIXELS or max(plain.size) > _MAX_SIDE:
        return stored
    out = BytesIO()
    plain.save(out, "WEBP", lossless=True, exact=True, icc_profile=plain.info.get("icc_profile", b""), **_EFFORT)
    coded = out.getvalue()
    content = chunks.mark(coded, WEBP, source_type)
    if len(content) >= len(stored.content) or not _is_same(coded, plain):
        return stored
    saved = len(stored.content) - len(content)
    return replace(stored, content=content, media_type=WEBP, sha256=digest(content), saved_bytes=saved)


def _is_simple(content: bytes) -> bool:
    """Eight bits of red, green and blue, with nothing said of their colours but a profile or sRGB."""
    depth, kind = content[24:26]
    names = {piece.name for piece in chunks.pieces_of(content, PNG)}
    own_colours = not names.isdisjoint(_COLOUR) and names.isdisjoint({b"iCCP", b"sRGB"})
    return depth == 8 and kind in _TRUECOLOUR and b"tRNS" not in names and not own_colours


def _is_same(coded: bytes, plain: Image.Image) -> bool:
    with Image.open(BytesIO(coded), formats=("WEBP",)) as image:
        image.load()
        return image.convert(plain.mode).tobytes() == plain.tobytes()
