"""Decode untrusted images and decide which bytes are kept: the only Pillow user of the store.

Run these in a decoder process (``storage.decoder``): they take as much CPU and memory as the image asks for,
within its caps, and a damaged file may take the process down. Every failure is a ChatelierError.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from chatelier.errors import ChatelierError, UnsupportedImage
from chatelier.storage import chunks, lossless, webp
from chatelier.storage.chunks import JPEG, PNG, WEBP
from chatelier.storage.pieces import Malformed
from chatelier.storage.stored import PREVIEW_SIDE, THUMBNAIL_SIDE, StoredImage, digest
from chatelier.storage.thumbhash import thumbhash

__all__ = ["StoredImage", "keep_mask", "keep_produced", "keep_upload", "shrink_partial"]

Picture = Image.Image

_ORIENTATION = 0x0112
_HASH_SIDE = 24
_HEAVY_BYTES = 300_000
_THUMBNAIL_BYTES = 14_000
_SMALL_PROFILE = 4_096
_FAST_PIXELS = 4_000_000  # above, speed matters more than a tenth of the size
_ICC_MODES = {b"RGB ": ("RGB", "RGBA", "P"), b"GRAY": ("L", "LA", "1", "I;16"), b"CMYK": ("CMYK",)}
_SAME_SHAPE = 0.03
_OTHER_SHAPE = "The mask does not have the shape of the picture. Draw it on the picture that is to change."
_NOTHING_FREE = "Nothing is marked. Mark the part that may change first."
_STATIC = "This image is animated. Send a still PNG, JPEG or WebP image."


def keep_produced(
    content: bytes, *, max_bytes: int, max_pixels: int, source_type: str, smaller: bool = False
) -> StoredImage:
    """A provider's result. Its bytes are kept where they are exactly one valid image: untouched if they say what
    made them, else with metadata replaced by ``source_type`` (an IPTC term); otherwise it is encoded again.
    ``smaller``: unless it is marked, a PNG may become a WebP of the same pixels.
    Raises TooLarge, UnsupportedImage."""
    media_type = chunks.admit(content, max_bytes=max_bytes, max_pixels=max_pixels)
    image = _opened(content, max_pixels)
    kept = _kept_bytes(content, media_type, image, source_type)
    size = _upright_size(image)
    heavy = _is_heavy(size, len(content))
    if kept is not None:
        _skip_detail(image, PREVIEW_SIDE if heavy else 2 * THUMBNAIL_SIDE)
    plain = _upright(image)
    if kept is None:
        kept, media_type = _encoded(plain, content, 95)
        kept = chunks.mark(kept, media_type, source_type)
    stored = _stored(kept, media_type, size, plain, heavy, source_type)
    return lossless.smaller(stored, plain, source_type) if smaller and kept is not content else stored


def keep_upload(content: bytes, *, max_bytes: int, max_pixels: int, smaller: bool = False) -> StoredImage:
    """A person's file: always encoded again, upright, without metadata (a matching colour profile stays).
    ``smaller``: a PNG may become a WebP of the same pixels, unless it is transparent: it may be meant as a mask, which
    engines want as PNG."""
    chunks.admit(content, max_bytes=max_bytes, max_pixels=max_pixels)
    plain = _upright(_opened(content, max_pixels))
    kept, media_type = _encoded(plain, content, 92)
    stored = _stored(kept, media_type, plain.size, plain, _is_heavy(plain.size, len(kept)), "")
    return lossless.smaller(stored, plain, "") if smaller and plain.mode != "RGBA" else stored


def keep_mask(content: bytes, *, max_bytes: int, max_pixels: int, width: int, height: int) -> bytes:
    """Where a picture of this size may change, as a PNG of that size: transparent there, opaque elsewhere. What is
    less than half opaque may change; without any transparency white may. Raises TooLarge, UnsupportedImage."""
    chunks.admit(content, max_bytes=max_bytes, max_pixels=max_pixels)
    image = _upright(_opened(content, max_pixels))
    if abs(image.width / image.height / (width / height) - 1) > _SAME_SHAPE:
        raise UnsupportedImage(_OTHER_SHAPE)
    free = ImageOps.invert(image.getchannel("A")) if image.mode == "RGBA" else image.convert("L")
    free = free.resize((width, height), Image.Resampling.BILINEAR).point(lambda value: 255 if value > 127 else 0)
    if free.getbbox() is None:
        raise UnsupportedImage(_NOTHING_FREE)
    mask = Image.merge("LA", (Image.new("L", free.size), ImageOps.invert(free)))
    return _saved(mask, "PNG", compress_level=6)


def shrink_partial(content: bytes, *, max_bytes: int, max_pixels: int, max_side: int = 512) -> bytes:
    """A live preview as JPEG, no side longer than ``max_side``, transparency shown as white."""
    chunks.admit(content, max_bytes=max_bytes, max_pixels=max_pixels)
    image = _opened(content, max_pixels)
    _skip_detail(image, max_side)
    small = _shrunk(_upright(image), max_side)
    return _saved(_opaque(small), "JPEG", quality=75, icc_profile=small.info.get("icc_profile"))


@contextmanager
def _reading() -> Iterator[None]:
    """Pillow's readers raise nearly every built-in exception on damaged files; people get one sentence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except ChatelierError:
            raise
        except Exception as error:
            raise UnsupportedImage() from error


def _opened(content: bytes, max_pixels: int) -> Picture:
    """The image with its header checked and its pixels not yet decoded."""
    with _reading():
        image = Image.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP"))
        chunks.check_size(*image.size, max_pixels)
        if getattr(image, "n_frames", 1) != 1:
            raise UnsupportedImage(_STATIC)
        return image


def _kept_bytes(content: bytes, media_type: str, image: Picture, source_type: str) -> bytes | None:
    """The bytes to keep without encoding again, or None. Does not decode."""
    try:
        pieces = chunks.pieces_of(content, media_type)
    except Malformed:
        return None
    if chunks.is_marked(content, media_type, pieces):
        return content
    if _orientation(image) != 1:
        return None
    icc = _usable_profile(image.info.get("icc_profile"), image.mode)
    return chunks.rewrite(content, media_type, pieces, source_type=source_type, keep_icc=icc is not None)


def _stored(
    content: bytes, media_type: str, size: tuple[int, int], plain: Picture, heavy: bool, source_type: str
) -> StoredImage:
    thumbnail = _shrunk(plain, THUMBNAIL_SIDE)
    preview, preview_type = _preview(plain, source_type, len(content)) if heavy else (None, JPEG)
    return StoredImage(
        content=content,
        media_type=media_type,
        width=size[0],
        height=size[1],
        sha256=digest(content),
        thumbnail=_thumbnail(thumbnail, source_type),
        thumbhash=_thumbhash(thumbnail),
        preview=preview,
        preview_type=preview_type,
    )


def _is_heavy(size: tuple[int, int], length: int) -> bool:
    return max(size) > PREVIEW_SIDE or length > _HEAVY_BYTES


def _orientation(image: Picture) -> int:
    with _reading():
        value = image.getexif().get(_ORIENTATION, 1)
    return value if value in range(1, 9) else 1


def _upright_size(image: Picture) -> tuple[int, int]:
    return (image.height, image.width) if _orientation(image) >= 5 else image.size


def _skip_detail(image: Picture, side: int) -> None:
    """Let a JPEG be decoded at a fraction of its size, where only smaller images are made from it."""
    if isinstance(image, JpegImageFile):
        with _reading():
            image.draft("RGB", (side, side))


def _upright(image: Picture) -> Picture:
    """Decoded, turned as it should be seen, as L, RGB or RGBA, carrying nothing but its colour profile."""
    profile = _usable_profile(image.info.get("icc_profile"), image.mode)
    with _reading():
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        turned = _plain_mode(image)
    kept: dict[str | tuple[int, int], Any] = {}
    if profile is not None and _usable_profile(profile, turned.mode):
        kept["icc_profile"] = profile
    turned.info = kept
    return turned


def _plain_mode(image: Picture) -> Picture:
    if "transparency" in image.info or image.mode in ("LA", "PA", "RGBA", "La", "RGBa"):
        return image.convert("RGBA")
    if image.mode in ("1", "L"):
        return image.convert("L")
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image if image.mode == "RGB" else image.convert("RGB")


def _usable_profile(profile: object, mode: str) -> bytes | None:
    """The profile if it is whole and for these colours (ICC.1: length, signature and colour space in the header)."""
    if not isinstance(profile, bytes) or len(profile) < 132 or profile[36:40] != b"acsp":
        return None
    right = int.from_bytes(profile[:4], "big") == len(profile) and mode in _ICC_MODES.get(profile[16:20], ())
    return profile if right else None


def _encoded(plain: Picture, content: bytes, quality: int) -> tuple[bytes, str]:
    """Encoded again in the kind of ``content``; lossless WebP, which is slow to write, becomes PNG."""
    icc = plain.info.get("icc_profile", b"")
    kind = chunks.sniff(content)
    fast = plain.width * plain.height > _FAST_PIXELS
    if kind == JPEG:
        return _saved(_opaque(plain), "JPEG", quality=quality, icc_profile=icc), JPEG
    if kind == WEBP and webp.is_lossy(content):
        return _saved(plain, "WEBP", quality=quality, method=0 if fast else 2, icc_profile=icc), WEBP
    return _saved(plain, "PNG", compress_level=1 if fast else 4, icc_profile=icc or None), PNG


def _saved(image: Picture, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _shrunk(image: Picture, side: int) -> Picture:
    longest = max(image.size)
    if longest <= side:
        return image
    size = (max(1, round(image.width * side / longest)), max(1, round(image.height * side / longest)))
    small = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    small.info = dict(image.info)
    return small


def _opaque(image: Picture) -> Picture:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _thumbnail(small: Picture, source_type: str) -> bytes:
    """About 10 kB of WebP; a large colour profile is not worth its bytes here."""
    profile = small.info.get("icc_profile", b"")
    for quality in (75, 50):
        icc = profile if len(profile) <= _SMALL_PROFILE else b""
        coded = _saved(small, "WEBP", quality=quality, method=3, icc_profile=icc)
        if len(coded) <= _THUMBNAIL_BYTES:
            break
    return chunks.mark(coded, WEBP, source_type)


def _preview(plain: Picture, source_type: str, length: int) -> tuple[bytes | None, str]:
    """With its media type: JPEG, or WebP, which costs ten times the CPU, where something can be seen through it. None
    where the original, ``length`` bytes, is the smaller one all the same."""
    small = _shrunk(plain, PREVIEW_SIDE)
    icc = small.info.get("icc_profile", b"")
    if small.mode == "RGBA" and small.getchannel("A").getextrema() != (255, 255):
        kind, coded = WEBP, _saved(small, "WEBP", quality=80, alpha_quality=70, method=0, icc_profile=icc)
    else:
        kind, coded = JPEG, _saved(_opaque(small), "JPEG", quality=85, icc_profile=icc)
    marked = chunks.mark(coded, kind, source_type)
    return (marked if len(marked) < length else None), kind


def _thumbhash(thumbnail: Picture) -> bytes:
    tiny = _shrunk(thumbnail, _HASH_SIDE).convert("RGBA")
    return thumbhash(tiny.width, tiny.height, tiny.tobytes())
