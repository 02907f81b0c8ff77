"""A mask: what it frees changes, every other pixel stays as it was to the bit."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from chatelier.providers.illustrator.framing import boxes
from chatelier.providers.illustrator.refusal import Refused
from tests.providers.illustrator.asking import SIDE, Made, asked, painted, uploaded
from tests.providers.illustrator.measures import changed, counts, mean
from tests.providers.illustrator.scenes import named

Pixels = tuple[int, int, int, int]
LEFT: Pixels = (0, 0, SIDE // 2, SIDE)


@pytest.fixture(scope="module")
def before() -> Made:
    return painted("two cats and a dog in front of a house")


def freeing(box: Pixels, size: tuple[int, int] = (SIDE, SIDE)) -> bytes:
    """A mask that is transparent in a box."""
    mask = Image.new("RGBA", size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), box)
    return encoded(mask)


def encoded(mask: Image.Image) -> bytes:
    out = BytesIO()
    mask.save(out, "PNG")
    return out.getvalue()


def around_the(made: Made, icon: str) -> Pixels:
    (box,) = boxes(made.scene, [named(made.scene, icon)[0]])
    left, top, right, bottom = box.left - 0.02, box.top - 0.02, box.right + 0.02, box.bottom + 0.02
    return round(left * SIDE), round(top * SIDE), round(right * SIDE), round(bottom * SIDE)


def kept_outside(before: Made, after: Made, box: Pixels) -> bool:
    one, other = (np.asarray(made.image.convert("RGB")).copy() for made in (before, after))
    for pixels in (one, other):
        pixels[box[1] : box[3], box[0] : box[2]] = 0
    return bool((one == other).all()) and bool(changed(before, after).any())


@pytest.mark.parametrize("text", ["make the sky purple", "make it night", "in watercolor", "add the text 'HELLO'"])
def test_a_change_of_everything_stays_inside(before: Made, text: str) -> None:
    after = asked(before, text, mask=freeing(LEFT))
    assert kept_outside(before, after, LEFT)
    assert after.meta["recipe"]["retouched"], "the scene no longer tells what the picture looks like"


def test_a_retouched_drawing_can_be_changed_in_light_and_keeps_its_pixels(before: Made) -> None:
    purple = asked(before, "make the sky purple", mask=freeing(LEFT))
    darker = asked(purple, "make it darker")
    halves = [darker.image.crop((x, 60, x + 60, 100)) for x in (0, SIDE - 60)]
    greens = [mean(half)[1] for half in halves]
    assert greens[0] < greens[1] - 0.1, "one half of the sky is purple still"
    with pytest.raises(Refused) as refused:
        asked(purple, "add a bird")
    assert "retouched" in refused.value.sentence


def test_what_is_added_stands_in_the_marked_part(before: Made) -> None:
    sky = (160, 5, 250, 70)
    after = asked(before, "add a bird", mask=freeing(sky))
    assert kept_outside(before, after, sky)
    assert counts(after)["bird"] == 1
    assert after.scene.things[: len(before.scene.things)] == before.scene.things


@pytest.mark.parametrize(
    ("text", "dogs"),
    [("remove it", 0), ("make it blue", 1), ("replace it with a rabbit", 0), ("turn it into a cat", 0)],
)
def test_it_means_what_stands_in_the_marked_part(before: Made, text: str, dogs: int) -> None:
    dog = around_the(before, "dog")
    after = asked(before, text, mask=freeing(dog))
    assert kept_outside(before, after, dog)
    assert counts(after)["dog"] == dogs
    assert {thing.colour for thing in named(after.scene, "cat") if thing.id < 2} == {""}


def test_white_may_change_where_a_mask_has_no_transparency(before: Made) -> None:
    drawn = Image.new("L", (SIDE, SIDE), 0)
    ImageDraw.Draw(drawn).rectangle((0, 0, SIDE // 2 - 1, SIDE), fill=255)
    assert kept_outside(before, asked(before, "make the sky purple", mask=encoded(drawn)), LEFT)


def test_a_mask_of_another_size_is_stretched_over_the_picture(before: Made) -> None:
    small = freeing((0, 0, 32, 64), (64, 64))
    after = asked(before, "make the sky purple", mask=small)
    assert kept_outside(before, after, (0, 0, SIDE // 2 + 4, SIDE))


@pytest.mark.parametrize(
    ("text", "mask", "why"),
    [
        ("make it night", freeing((0, 0, 0, 0)), "leaves nothing"),
        ("make it night", freeing((0, 0, 60, 60), (SIDE * 2, SIDE)), "shape"),
        ("zoom in", freeing(LEFT), "frame"),
        ("make the dog blue", freeing((0, 0, 60, 60)), "not inside the marked part"),
        ("make it blue", freeing((0, 0, 20, 20)), "change nothing"),
    ],
)
def test_a_mask_that_cannot_work_is_refused_with_a_sentence(before: Made, text: str, mask: bytes, why: str) -> None:
    with pytest.raises(Refused) as refused:
        asked(before, text, mask=mask)
    assert why in refused.value.sentence


def test_an_upload_is_retouched_inside_the_marked_part() -> None:
    photo = uploaded(Image.linear_gradient("L").convert("RGB"))
    box = (30, 40, 120, 200)
    for text in ("make it brighter", "make it blue", "blur it and make it red"):
        assert kept_outside(photo, asked(photo, text, mask=freeing(box)), box)
