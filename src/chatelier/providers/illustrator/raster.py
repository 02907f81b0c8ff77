"""From SVG text to pixels and to encoded bytes. The only user of resvg; holds the GIL while it draws."""

from __future__ import annotations

import io

import resvg_py
from PIL import Image

LARGE = 1024 * 1024  # pixels from which compression is chosen for speed


def rasterise(document: str, background: str | None = None) -> Image.Image:
    """The drawing at the pixel size its root element states."""
    encoded = resvg_py.svg_to_bytes(svg_string=document, background=background, skip_system_fonts=True)
    image = Image.open(io.BytesIO(encoded), formats=("PNG",))
    image.load()
    return image


def flat(document: str) -> Image.Image:
    """The drawing without transparency."""
    return rasterise(document, "#ffffff").convert("RGB")


def to_png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=3 if image.width * image.height <= LARGE else 2)
    return out.getvalue()


def to_jpeg(image: Image.Image, longest: int = 384) -> bytes:
    """A small draft for people who wait."""
    draft = image.copy()
    draft.thumbnail((longest, longest))
    out = io.BytesIO()
    draft.save(out, "JPEG", quality=78)
    return out.getvalue()
