"""What can be measured of a picture and of its scene: hues, light, numbers, and which pixels changed."""

from __future__ import annotations

import colorsys
from collections import Counter

import numpy as np
from PIL import Image

from chatelier.providers.illustrator.framing import around, boxes
from chatelier.providers.illustrator.layout import Box
from chatelier.providers.illustrator.scene import Placed
from tests.providers.illustrator.asking import Made
from tests.providers.illustrator.scenes import named

# Shares of the height that belong to the sky and to the near ground of a landscape.
SKY, GROUND = (0.0, 0.3), (0.75, 1.0)
HUES = {"red": 0, "orange": 30, "yellow": 50, "green": 110, "blue": 215, "purple": 285, "pink": 335}


def mean(image: Image.Image, share: tuple[float, float] = (0.0, 1.0)) -> tuple[float, float, float]:
    """The mean colour of a band of the picture, 0..1 each."""
    pixels = np.asarray(image.convert("RGB"), dtype=float) / 255
    top, bottom = (round(part * image.height) for part in share)
    red, green, blue = pixels[top:bottom].mean(axis=(0, 1))
    return float(red), float(green), float(blue)


def hue(colour: tuple[float, float, float]) -> float:
    return colorsys.rgb_to_hls(*colour)[0] * 360


def is_hue(made: Made, name: str, share: tuple[float, float] = (0.0, 1.0), within: float = 32) -> bool:
    away = abs((hue(mean(made.image, share)) - HUES[name] + 180) % 360 - 180)
    return away < within


def light(made: Made, share: tuple[float, float] = (0.0, 1.0)) -> float:
    red, green, blue = mean(made.image, share)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def warmth(made: Made) -> float:
    red, _, blue = mean(made.image)
    return red - blue


def vividness(made: Made) -> float:
    """How far colours are from grey, on average."""
    pixels = np.asarray(made.image.convert("RGB"), dtype=float) / 255
    return float((pixels.max(axis=2) - pixels.min(axis=2)).mean())


def detail(made: Made) -> float:
    """How much neighbours differ: blur takes it away."""
    grey = np.asarray(made.image.convert("L"), dtype=float)
    return float(np.abs(np.diff(grey, axis=1)).mean())


def tones(made: Made) -> int:
    """How many different colours there are."""
    return len(np.unique(np.asarray(made.image.convert("RGB")).reshape(-1, 3), axis=0))


def counts(made: Made) -> Counter[str]:
    """How many of each icon."""
    return Counter(thing.icon for thing in made.scene.things)


def one(made: Made, icon: str) -> Placed:
    (thing,) = named(made.scene, icon)
    return thing


def box(made: Made, *icons: str) -> Box:
    """What the things cover, in shares of the picture as it is seen."""
    things = [thing for thing in made.scene.things if thing.icon in icons]
    left, top, right, bottom = made.scene.view
    whole = around(boxes(made.scene, things))
    return Box(
        left=(whole.left - left) / (right - left),
        right=(whole.right - left) / (right - left),
        top=(whole.top - top) / (bottom - top),
        bottom=(whole.bottom - top) / (bottom - top),
    )


def changed(before: Made, after: Made) -> np.ndarray:
    """Which pixels look different."""
    one, other = (np.asarray(made.image.convert("RGB")).astype(int) for made in (before, after))
    return np.asarray(np.abs(one - other).max(axis=2) > 6)


def changed_only_in(before: Made, after: Made, *places: Box, margin: float = 0.07) -> bool:
    """Whether something changed, and nothing outside of these boxes (with their shadows)."""
    different = changed(before, after)
    height, width = different.shape
    outside = different.copy()
    for place in places:
        left, right = (max(0, round(x * width)) for x in (place.left - margin, place.right + margin))
        top, bottom = (max(0, round(y * height)) for y in (place.top - margin, place.bottom + margin))
        outside[top:bottom, left:right] = False
    return bool(different.any()) and float(outside.mean()) < 0.002


def colour_in(made: Made, place: Box) -> tuple[float, float, float]:
    """The mean colour of the middle of a place."""
    wide, tall = made.image.size
    x, y = (place.right - place.left) / 4, (place.bottom - place.top) / 4
    return mean(
        made.image.crop(
            (
                round((place.left + x) * wide),
                round((place.top + y) * tall),
                round((place.right - x) * wide),
                round((place.bottom - y) * tall),
            )
        )
    )
