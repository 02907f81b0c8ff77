"""Originals encoded again: smaller, and not one pixel different."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from chatelier.storage.imaging import keep_produced, keep_upload
from tests.storage.pictures import CAPS, encoded, opened, photo, picture, png_chunk, profile, with_png_chunk

MADE: dict[str, Any] = {**CAPS, "source_type": "trainedAlgorithmicMedia"}


def see_through() -> Image.Image:
    image = picture(200, 120, "RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


@pytest.mark.parametrize(
    "content",
    [photo(256), encoded(see_through()), encoded(picture(300, 200), icc_profile=profile())],
    ids=["photo", "transparent", "with a profile"],
)
def test_a_png_becomes_a_smaller_webp_of_the_same_pixels_and_colours(content: bytes) -> None:
    plain, small = keep_produced(content, **MADE), keep_produced(content, **MADE, smaller=True)
    assert (plain.media_type, small.media_type) == ("image/png", "image/webp")
    assert len(small.content) + small.saved_bytes == len(plain.content)
    before, after = opened(plain.content), opened(small.content)
    assert after.convert(before.mode).tobytes() == before.tobytes()
    assert after.info.get("icc_profile") == before.info.get("icc_profile")
    assert b"trainedAlgorithmicMedia" in small.content
    assert (small.thumbnail, small.thumbhash) == (plain.thumbnail, plain.thumbhash)


@pytest.mark.parametrize(
    "content",
    [
        encoded(picture(), "JPEG"),
        encoded(picture(mode="L")),
        encoded(picture().quantize(16)),
        with_png_chunk(encoded(picture(200, 200)), png_chunk(b"gAMA", (45_455).to_bytes(4, "big"))),
        encoded(Image.effect_noise((64, 64), 200).convert("I").point(lambda value: value * 257).convert("I;16")),
        with_png_chunk(encoded(picture(200, 200)), png_chunk(b"caBX", b"\0\0\0\x20jumb....c2pa")),
    ],
    ids=["jpeg", "grey", "palette", "own gamma", "16 bits", "signed"],
)
def test_what_webp_cannot_say_or_somebody_signed_stays_as_it_is(content: bytes) -> None:
    kept = keep_produced(content, **MADE, smaller=True)
    assert kept == keep_produced(content, **MADE)
    assert kept.saved_bytes == 0


def test_an_upload_gets_smaller_too_unless_it_may_be_a_mask() -> None:
    small = keep_upload(photo(256), **CAPS, smaller=True)
    assert small.media_type == "image/webp"
    assert opened(small.content).tobytes() == opened(photo(256)).tobytes()
    assert keep_upload(encoded(see_through()), **CAPS, smaller=True).media_type == "image/png"
