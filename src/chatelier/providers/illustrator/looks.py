"""What an icon looks like, measured on a small drawing of it: its outline, where it stands, its main colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chatelier.providers.illustrator import colours
from chatelier.providers.illustrator.catalogue import catalogue
from chatelier.providers.illustrator.figures import figure
from chatelier.providers.illustrator.kinds import kind

BOX = 128.0  # the side of an icon's own drawing
SAMPLE = 64  # pixels per side of the small drawing
INK = 40  # alpha from which a pixel counts


@dataclass(frozen=True, kw_only=True)
class Outline:
    """In the icon's own units. ``foot`` is the span that touches the ground; ``hue`` is in degrees."""

    left: float
    top: float
    right: float
    bottom: float
    foot_left: float
    foot_right: float
    hue: float
    lightness: float
    saturation: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def extent(self) -> float:
        return max(self.width, self.height)

    @property
    def coloured(self) -> bool:
        return self.saturation > 0.2


@lru_cache(256)
def drawing(icon: str) -> str:
    """The SVG elements of an icon, with a body where it has none."""
    body = catalogue().body(icon)
    where = kind(icon).where
    cloth = _lower_colour(_sample(body)) if where == "bust" else ""
    return figure(icon, body, where, cloth)


@lru_cache(1024)
def outline(icon: str) -> Outline:
    image = _sample(drawing(icon))
    unit = BOX / SAMPLE
    ink = image.getchannel("A").point(lambda alpha: 255 if alpha > INK else 0)
    left, top, right, bottom = ink.getbbox() or (0, 0, SAMPLE, SAMPLE)
    band = max(1, round((bottom - top) * 0.07))
    foot = ink.crop((0, bottom - band, SAMPLE, bottom)).getbbox() or (left, 0, right, 0)
    hue, lightness, saturation = _main_colour(image)
    return Outline(
        left=left * unit,
        top=top * unit,
        right=right * unit,
        bottom=bottom * unit,
        foot_left=foot[0] * unit,
        foot_right=foot[2] * unit,
        hue=hue,
        lightness=lightness,
        saturation=saturation,
    )


def _sample(body: str) -> Any:
    """The drawing as a small Pillow image (imported here: the parent process never needs it)."""
    from chatelier.providers.illustrator.raster import rasterise

    document = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{SAMPLE}" height="{SAMPLE}" viewBox="0 0 128 128">{body}</svg>'
    )
    return rasterise(document).convert("RGBA")


def _lower_colour(image: Any) -> str:
    """The commonest colour along the lowest rows."""
    counted: dict[tuple[int, int, int], int] = {}
    for y in range(SAMPLE - 9, SAMPLE):
        for x in range(SAMPLE // 5, SAMPLE - SAMPLE // 5):
            red, green, blue, alpha = image.getpixel((x, y))
            if alpha > 200:
                key = (red // 24, green // 24, blue // 24)
                counted[key] = counted.get(key, 0) + 1
    if not counted:
        return ""
    red, green, blue = max(counted, key=lambda key: (counted[key], key))
    return colours.hexed(((red * 24 + 12) / 255, (green * 24 + 12) / 255, (blue * 24 + 12) / 255))


def _main_colour(image: Any) -> tuple[float, float, float]:
    """Hue, lightness and saturation of what covers most; saturation 0 when it is mostly grey."""
    weights: dict[int, float] = {}
    sums: dict[int, list[float]] = {}
    grey = [0.0, 0.0]
    pixels = image.resize((32, 32)).tobytes()
    for red, green, blue, alpha in zip(pixels[0::4], pixels[1::4], pixels[2::4], pixels[3::4], strict=True):
        if alpha < 128:
            continue
        hue, lightness, saturation = colours.to_hls((red / 255, green / 255, blue / 255))
        chroma = saturation * (1 - abs(2 * lightness - 1))
        if chroma < 0.12:
            if lightness > 0.12:
                grey[0] += 1
                grey[1] += lightness
            continue
        bucket = int(hue // 20)
        weights[bucket] = weights.get(bucket, 0.0) + 0.4 + chroma
        entry = sums.setdefault(bucket, [0.0, 0.0, 0.0, 0.0])
        for at, value in enumerate((1.0, hue, lightness, saturation)):
            entry[at] += value
    best = max(
        weights,
        key=lambda bucket: (
            weights.get(bucket - 1, 0) * 0.5 + weights[bucket] + weights.get(bucket + 1, 0) * 0.5,
            bucket,
        ),
        default=None,
    )
    if best is None or (grey[0] > 2.2 * sums[best][0]):
        return 0.0, grey[1] / grey[0] if grey[0] else 0.5, 0.0
    count, hue, lightness, saturation = sums[best]
    return hue / count, lightness / count, saturation / count
