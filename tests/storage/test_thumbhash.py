"""Placeholders are read back as the format says: mean colour, shape and transparency."""

from __future__ import annotations

import random

import pytest
from PIL import Image

from chatelier.storage.thumbhash import thumbhash
from tests.storage.pictures import picture


def read(code: bytes) -> tuple[float, float, float, bool, bool]:
    """Mean red, green and blue (0..1), whether it is transparent, whether it is wide."""
    first, second = int.from_bytes(code[:3], "little"), int.from_bytes(code[3:5], "little")
    luminance = (first & 63) / 63
    yellow_blue, red_green = (first >> 6 & 63) / 31.5 - 1, (first >> 12 & 63) / 31.5 - 1
    blue = luminance - 2 / 3 * yellow_blue
    red = (3 * luminance - blue + red_green) / 2
    return red, red - red_green, blue, bool(first >> 23), bool(second >> 15)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (12, 200, 90), (20, 30, 240)])
def test_the_mean_colour_is_right(colour: tuple[int, int, int]) -> None:
    *mean, clear, wide = read(thumbhash(24, 12, Image.new("RGBA", (24, 12), (*colour, 255)).tobytes()))
    assert mean == pytest.approx([value / 255 for value in colour], abs=0.04)
    assert (clear, wide) == (False, True)


@pytest.mark.parametrize("size", [(24, 24), (24, 1), (1, 24), (1, 1), (7, 24), (100, 100)])
def test_every_shape_has_a_short_hash(size: tuple[int, int]) -> None:
    assert 5 < len(thumbhash(*size, picture(*size, "RGBA").tobytes())) <= 26


def test_the_hash_of_a_known_picture_does_not_change() -> None:
    """The same bytes as the public reference gives for this opaque picture."""
    spots = Image.frombytes("RGB", (4, 4), random.Random(3).randbytes(48))
    image = spots.resize((24, 16), Image.Resampling.BICUBIC).convert("RGBA")
    assert thumbhash(24, 16, image.tobytes()).hex() == "6147062d8caf7a7626a867b97a878b772f467e4fea"


def test_transparency_is_told_and_clear_pixels_do_not_tint() -> None:
    image = Image.new("RGBA", (24, 24), (255, 0, 0, 255))
    image.paste((0, 255, 0, 0), (0, 0, 24, 12))
    red, green, _, clear, _ = read(thumbhash(24, 24, image.tobytes()))
    assert clear
    assert red > 0.95
    assert green < 0.05


def test_a_wholly_transparent_picture_has_a_hash() -> None:
    assert read(thumbhash(8, 8, bytes(256)))[3]
