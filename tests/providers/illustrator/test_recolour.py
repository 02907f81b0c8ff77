"""An icon takes another colour and stays itself."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from chatelier.providers.illustrator import colours
from chatelier.providers.illustrator.catalogue import catalogue
from chatelier.providers.illustrator.looks import drawing, outline
from chatelier.providers.illustrator.raster import rasterise
from chatelier.providers.illustrator.recolour import own_ids, repaint, to_colour

ICONS = ("cat", "automobile", "house", "fish", "rose", "balloon", "elephant", "bird", "sailboat", "dog", "fox")


def small(body: str) -> Image.Image:
    """The drawing at 32 x 32 pixels."""
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return rasterise(f'<svg {namespaces} width="32" height="32" viewBox="0 0 128 128">{body}</svg>').convert("RGBA")


def mean_hue(icon: str, colour: str) -> tuple[float, float]:
    """Hue and lightness of what now covers most of the icon."""
    paint = to_colour(colour, outline(icon))
    assert paint is not None
    pixels = small(repaint(drawing(icon), paint)).tobytes()
    counted: dict[int, int] = {}
    lights = []
    for at in range(0, len(pixels), 4):
        if pixels[at + 3] > 200:
            red, green, blue = (part / 255 for part in pixels[at : at + 3])
            hue, lightness, saturation = colours.to_hls((red, green, blue))
            lights.append(lightness)
            if saturation > 0.25:
                counted[int(hue // 15)] = counted.get(int(hue // 15), 0) + 1
    return max(counted, key=lambda bucket: counted[bucket], default=0) * 15 + 7.5, sum(lights) / len(lights)


@pytest.mark.parametrize("icon", ICONS)
@pytest.mark.parametrize(("colour", "hue"), [("red", 0), ("blue", 217), ("green", 124), ("purple", 275)])
def test_the_main_colour_becomes_the_named_one(icon: str, colour: str, hue: float) -> None:
    assert abs(colours.hue_distance(mean_hue(icon, colour)[0], hue)) < 32


@pytest.mark.parametrize("icon", ICONS)
def test_black_is_darker_than_white(icon: str) -> None:
    assert mean_hue(icon, "black")[1] + 0.2 < mean_hue(icon, "white")[1]


def test_words_that_are_no_colour_change_nothing() -> None:
    assert to_colour("large", outline("cat")) is None
    assert colours.named("dark") is None
    assert colours.named("") is None


def test_shades_are_lighter_and_darker() -> None:
    light, plain, dark = (colours.named(words) for words in ("light blue", "blue", "dark blue"))
    assert light is not None
    assert plain is not None
    assert dark is not None
    assert colours.luma(light) > colours.luma(plain) > colours.luma(dark)


def test_every_icon_survives_recolouring_and_keeps_its_ids_apart() -> None:
    """All of the set that can be drawn: the result is still an SVG that resvg takes."""
    icons = catalogue()
    for name in sorted(icons.categories)[::9]:
        body = own_ids(repaint(drawing(name), lambda colour: colour), "t7")
        assert not re.search(r'url\(#(?!t7)|href="#(?!t7)|\bid="(?!t7)', body), name
        assert sum(small(body).getchannel("A").tobytes()) > 60, name
