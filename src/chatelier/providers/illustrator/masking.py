"""Masks: which pixels an edit may change. All others come out as they went in, to the bit."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageFilter, ImageOps

from chatelier.providers.illustrator.layout import Box
from chatelier.providers.illustrator.refusal import Refused

MOST_PIXELS = 60_000_000
FEATHER = 0.004  # of the shorter side, inside the part that may change
SAME = 3  # steps of 255 that two drawings of one shape may differ by


def opened(content: bytes) -> Image.Image:
    """Bytes from the store, upright and checked there; a damaged file only ends this process's job."""
    image = Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP"))
    if image.width * image.height > MOST_PIXELS:
        raise Refused("This picture is too large for the built-in illustrator to change. Make it smaller first.")
    image.load()
    return image


def changeable(mask: bytes, size: tuple[int, int]) -> Image.Image:
    """255 where the edit may paint, soft at the edge. Transparent may change; a mask without transparency is read as
    black and white, where white may change."""
    image = opened(mask)
    if image.mode == "P" and "transparency" not in image.info:
        image = image.convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "P", "La", "RGBa"):
        free = ImageOps.invert(image.convert("RGBA").getchannel("A"))
    else:
        free = image.convert("L")
    if abs(image.width / image.height / (size[0] / size[1]) - 1) > 0.03:
        raise Refused("The mask does not have the shape of the picture. Draw it on the picture that is to change.")
    free = free.resize(size, Image.Resampling.BILINEAR)
    if free.getextrema()[1] < 128:  # type: ignore[operator]  # one channel: a pair of numbers
        raise Refused("The mask leaves nothing to change. Mark the part that may change and try again.")
    # The edge is softened inwards only: outside of the mask nothing may change.
    soft = free.filter(ImageFilter.GaussianBlur(max(0.6, min(size) * FEATHER)))
    return ImageChops.darker(ImageChops.multiply(soft, free), free)


def area_of(free: Image.Image) -> Box:
    """What may change, as shares of the picture."""
    left, top, right, bottom = free.point(lambda value: 255 if value > 127 else 0).getbbox() or (0, 0, *free.size)
    wide, tall = free.size
    return Box(left=left / wide, top=top / tall, right=right / wide, bottom=bottom / tall)


def merged(before: Image.Image, after: Image.Image, free: Image.Image) -> Image.Image:
    """``after`` where the mask is free, ``before`` elsewhere; same sizes and modes."""
    return Image.composite(after, before, free)


def differs(one: Image.Image, other: Image.Image, where: Image.Image | None = None) -> bool:
    """Whether they look different (``where`` white)."""
    gap = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).convert("L")
    if where is not None:
        gap = ImageChops.multiply(gap, where)
    return bool(gap.point(lambda value: 255 if value > SAME else 0).getbbox())
