"""Pictures of elsewhere: light, colour, style and frame change; drawing in them is refused with a sentence."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageOps, ImageStat

from chatelier.providers.illustrator.refusal import Refused
from tests.providers.illustrator.asking import Made, asked, uploaded
from tests.providers.illustrator.measures import HUES, detail, hue, light, mean, vividness, warmth

WIDE, TALL = 301, 187  # odd, as photos are


@pytest.fixture(scope="module")
def photo() -> Made:
    """Coloured discs before a gradient: no drawing of the illustrator's."""
    chance = random.Random(5)
    image = ImageOps.colorize(Image.linear_gradient("L").resize((WIDE, TALL)), "#335577", "#ddaa88", mid="#88aa66")
    canvas = ImageDraw.Draw(image)
    for _ in range(30):
        x, y, size = chance.randrange(WIDE), chance.randrange(TALL), chance.randrange(8, 40)
        canvas.ellipse((x, y, x + size, y + size), fill=tuple(chance.randrange(256) for _ in "rgb"))
    return uploaded(image, "JPEG")


Check = Callable[[Made, Made], bool]
RETOUCHED: list[tuple[str, Check]] = [
    ("make it brighter", lambda before, after: light(after) > light(before) + 0.03),
    ("darker please", lambda before, after: light(after) < light(before) - 0.05),
    ("a bit warmer", lambda before, after: warmth(after) > warmth(before) + 0.03),
    ("cooler", lambda before, after: warmth(after) < warmth(before) - 0.03),
    ("more vibrant", lambda before, after: vividness(after) > vividness(before) * 1.15),
    ("muted colours", lambda before, after: vividness(after) < vividness(before) * 0.75),
    ("black and white", lambda before, after: vividness(after) < 0.02),
    ("make it sepia", lambda _, after: abs(hue(mean(after.image)) - 35) < 12 and vividness(after) < 0.3),
    ("make it blue", lambda _, after: abs(hue(mean(after.image)) - HUES["blue"]) < 25),
    ("make it night", lambda before, after: light(after) < light(before) * 0.6),
    ("in watercolor", lambda _, after: min(after.image.convert("RGB").getpixel((1, 1))) > 200),  # type: ignore[arg-type]  # a pixel of three
    ("as a pencil sketch", lambda _, after: vividness(after) < 0.1),
    ("poster style", lambda before, after: vividness(after) > vividness(before) * 1.1),
    ("blur it", lambda before, after: detail(after) < detail(before) * 0.9),
    ("sharpen it", lambda before, after: detail(after) > detail(before) * 1.05),
    ("more contrast", lambda before, after: spread(after) > spread(before) * 1.1),
    ("hazlo más brillante", lambda before, after: light(after) > light(before) + 0.03),
    ("plus sombre", lambda before, after: light(after) < light(before) - 0.05),
    ("もっと明るくして", lambda before, after: light(after) > light(before) + 0.03),
]


def spread(made: Made) -> float:
    return ImageStat.Stat(made.image.convert("L")).stddev[0]


@pytest.mark.parametrize(("text", "check"), RETOUCHED, ids=[text for text, _ in RETOUCHED])
def test_light_colour_and_style_change_and_size_and_kind_stay(photo: Made, text: str, check: Check) -> None:
    after = asked(photo, text)
    assert check(photo, after)
    assert after.image.size == (WIDE, TALL)
    assert after.image.format == "JPEG"
    assert after.details["drawn"]
    assert not after.details["not_understood"]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("rotate it left", (TALL, WIDE)),
        ("flip it horizontally", (WIDE, TALL)),
        ("zoom in", (WIDE, TALL)),
        ("crop off the left side", (226, TALL)),
        ("crop it to a square", (TALL, TALL)),
        ("make it 9:16", (105, TALL)),
    ],
)
def test_the_frame_changes_only_when_asked(photo: Made, text: str, size: tuple[int, int]) -> None:
    after = asked(photo, text)
    assert after.image.size == pytest.approx(size, abs=2)


def test_a_picture_turned_back_is_the_picture(photo: Made) -> None:
    png = uploaded(photo.image.convert("RGB"))
    turned = asked(asked(png, "rotate it left"), "rotate it to the right")
    assert turned.image.tobytes() == png.image.tobytes()


def test_transparency_stays() -> None:
    cutout = Image.new("RGBA", (200, 120), (200, 40, 40, 255))
    cutout.paste((0, 0, 0, 0), (0, 0, 100, 120))
    after = asked(uploaded(cutout), "make it brighter").image
    assert after.mode == "RGBA"
    assert after.getchannel("A").tobytes() == cutout.getchannel("A").tobytes()


@pytest.mark.parametrize(
    "text",
    [
        "add a dog",
        "remove the person",
        "make the sky purple",
        "put it on a beach",
        "make it rain",
        "make the dress red",
    ],
)
def test_drawing_in_it_is_refused_with_a_sentence(photo: Made, text: str) -> None:
    with pytest.raises(Refused) as refused:
        asked(photo, text)
    assert f"“{text}”" in refused.value.sentence
    assert "light, colours, style and frame" in refused.value.sentence


def test_another_version_of_it_is_refused_with_a_sentence(photo: Made) -> None:
    with pytest.raises(Refused, match="another version only of pictures that I drew myself"):
        asked(photo, "another version")


def test_what_is_left_out_of_several_is_named(photo: Made) -> None:
    after = asked(photo, "make it brighter and add a dog")
    assert light(after) > light(photo) + 0.03
    assert after.details["not_understood"] == ["add a dog"]
    assert "add a dog" in after.details["note"]


def test_retouching_goes_on_from_the_retouched_picture(photo: Made) -> None:
    once = asked(photo, "make it brighter")
    twice = asked(once, "make it brighter")
    assert light(twice) > light(once) > light(photo)
    assert twice.meta["recipe"]["edits"] == ["make it brighter", "make it brighter"]


def test_a_large_photo_is_painted_smaller_and_keeps_its_size() -> None:
    large = uploaded(Image.linear_gradient("L").convert("RGB").resize((2600, 1700)), "JPEG")
    assert asked(large, "as a pencil sketch").image.size == (2600, 1700)


@pytest.mark.parametrize("recipe", [{}, {"engine": "other"}, {"engine": "illustrator", "version": 1, "seed": "x"}])
def test_a_recipe_that_cannot_be_read_makes_it_a_picture_of_elsewhere(photo: Made, recipe: dict[str, object]) -> None:
    strange = Made(content=photo.content, meta={"seed": 3, "recipe": recipe}, words="")
    assert light(asked(strange, "darker")) < light(photo)
