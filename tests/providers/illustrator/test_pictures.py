"""Pictures as bytes: the same everywhere, of every size and style, never blank."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image, ImageStat

from chatelier.providers.base import ProviderError, Size
from chatelier.providers.illustrator import paint_once
from chatelier.providers.illustrator.draw import draw
from chatelier.providers.illustrator.edits import edit
from chatelier.providers.illustrator.job import Event, Job, run
from chatelier.providers.illustrator.raster import flat
from chatelier.providers.illustrator.scene import from_recipe
from tests.providers.illustrator.scenes import scene_of

PLACES = (
    "a meadow, mountains, a garden, a forest, a jungle, a desert, a savanna, a snowfield, a lake, the sea, a beach, "
    "under water, a city street, a skyline, a still life, a living room, a portrait, a logo, outer space, abstract"
).split(", ")


def picture(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def events(**values: object) -> list[Event]:
    return list(run(Job(**{"kind": "generate", "prompt": "a cat", "width": 256, "height": 256, **values})))  # type: ignore[arg-type]  # the fields by name


def final(**values: object) -> Event:
    return events(**values)[-1]


@pytest.mark.parametrize("time", ["", "at sunset", "at night"])
@pytest.mark.parametrize("place", PLACES)
def test_every_place_at_every_hour_is_a_whole_picture(place: str, time: str) -> None:
    image = flat(draw(scene_of(f"{place} {time}", seed=4), 192, 192))
    assert image.size == (192, 192)
    deviation = ImageStat.Stat(image.convert("L")).stddev[0]
    assert deviation > 4, "it is nearly one colour"
    # Nothing was left unpainted: the canvas itself is white.
    for corner in ((0, 0), (191, 0), (0, 191), (191, 191)):
        assert place == "a logo" or image.getpixel(corner) != (255, 255, 255)


@pytest.mark.parametrize(
    ("prompt", "style"), [("three red cats and a house at night in the rain", ""), ("a boat on the sea", "watercolor")]
)
def test_two_processes_draw_the_same_bytes(prompt: str, style: str) -> None:
    code = (
        "import hashlib; from chatelier.providers.illustrator import paint_once; "
        "from chatelier.providers.base import Size; "
        f"print(hashlib.sha256(paint_once({prompt!r}, Size(width=320, height=256), 9, style={style!r})[0]).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert digests == {hashlib.sha256(paint_once(prompt, Size(width=320, height=256), 9, style=style)[0]).hexdigest()}


@pytest.mark.parametrize("size", [(256, 256), (2048, 2048), (2048, 688), (688, 2048), (1000, 1024), (256, 768)])
def test_any_size_is_honoured_to_the_pixel(size: tuple[int, int]) -> None:
    content, _ = paint_once("a cat by a lake", Size(width=size[0], height=size[1]), 2)
    assert picture(content).size == size


def test_a_size_outside_the_limits_is_refused() -> None:
    with pytest.raises(ProviderError):
        paint_once("a cat", Size(width=4096, height=4096))


def test_watercolor_looks_different_and_comes_with_a_draft() -> None:
    made = events(style="watercolor", width=512, height=512)
    assert [event.kind for event in made].count("partial") == 1
    draft = picture(next(event.content for event in made if event.kind == "partial"))
    assert max(draft.size) <= 512
    assert len(draft.tobytes()) > 0
    paper = picture(made[-1].content).getpixel((2, 2))
    assert isinstance(paper, tuple)
    assert min(paper) > 225, "the margin is unpainted paper"
    assert made[-1].meta["details"]["style"] == "watercolor"


def test_progress_names_real_stages_and_only_rises() -> None:
    progress = [event.meta for event in events(n=2, style="watercolor") if event.kind == "progress"]
    fractions = [one["fraction"] for one in progress]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] < 1
    notes = list(dict.fromkeys(one["note"] for one in progress))
    assert len(notes) == 5


def test_several_images_use_the_seeds_that_follow() -> None:
    images = [event for event in events(n=3, seed=2**32 - 1) if event.kind == "image"]
    assert [event.meta["seed"] for event in images] == [2**32 - 1, 0, 1]
    assert images[1].content == final(seed=0).content


def test_a_recipe_draws_the_same_picture_again() -> None:
    made = final(prompt="a red car and two dogs at night", seed=8)
    again = flat(draw(from_recipe(made.meta["recipe"]), 256, 256))
    assert again.tobytes() == picture(made.content).tobytes()


def test_an_edit_keeps_the_other_pixels() -> None:
    made = final(prompt="a dog and a house", seed=8)
    scene = from_recipe(made.meta["recipe"])
    recoloured = final(kind="edit", prompt="…", instruction="make the dog purple", recipe=made.meta["recipe"])
    before, after = picture(made.content), picture(recoloured.content)
    (dog,) = (thing for thing in scene.things if thing.icon == "dog")
    assert before.tobytes() != after.tobytes()
    far = (192, 0, 256, 90) if dog.x < 0.5 else (0, 0, 64, 90)
    assert before.crop(far).tobytes() == after.crop(far).tobytes()


def test_a_variation_shows_the_same_things_elsewhere() -> None:
    made = final(prompt="a blue cat and a house in watercolor", seed=8)
    other = final(kind="variation", prompt="…", recipe=made.meta["recipe"], seed=9)
    assert made.meta["details"]["things"] == other.meta["details"]["things"]
    assert other.meta["details"]["style"] == "watercolor"
    assert made.meta["recipe"]["things"] != other.meta["recipe"]["things"]


def test_the_sky_turns_purple() -> None:
    scene = scene_of("a house in a meadow", seed=3)
    purple = flat(draw(edit(scene, "change the sky to purple").scene, 128, 128))
    for x in (5, 64, 120):
        red, green, blue = purple.getpixel((x, 2))[:3]  # type: ignore[index]  # RGB has three
        assert green < red
        assert green < blue


def test_vibrance_and_night_can_be_measured() -> None:
    scene = scene_of("a house in a meadow", seed=3)

    def saturation(instruction: str) -> float:
        image = flat(draw(edit(scene, instruction).scene, 96, 96)).convert("HSV")
        return ImageStat.Stat(image).mean[1]

    assert saturation("more vibrant") > saturation("as it is") > saturation("muted") > saturation("black and white")

    def brightness(instruction: str) -> float:
        return ImageStat.Stat(flat(draw(edit(scene, instruction).scene, 96, 96)).convert("L")).mean[0]

    assert brightness("brighter") > brightness("as it is") > brightness("darker")
    assert brightness("as it is") > brightness("at night") + 40


def test_the_command_line_gets_a_picture_and_its_details() -> None:
    content, told = paint_once("a cat and an ostrich, zorbling", Size(width=256, height=256), 5)
    assert picture(content).format == "PNG"
    assert told["drawn"] == ["cat", "ostrich"]
    assert told["approximated"] == [{"asked": "ostrich", "drawn": "dodo"}]
    assert told["not_understood"] == ["zorbling"]
    assert (told["composed_by"], told["seed"], told["size"]) == ("rules", 5, "256x256")
    assert told["alt_text"] == "Flat illustration of a cat and an ostrich in a meadow by day."
