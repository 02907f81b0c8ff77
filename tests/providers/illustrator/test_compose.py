"""Where things stand, and how large they are beside each other."""

from __future__ import annotations

from itertools import combinations

import pytest

from chatelier.providers.illustrator.compose import Composer
from chatelier.providers.illustrator.layout import shared
from chatelier.providers.illustrator.scene import Scene
from tests.providers.illustrator.scenes import named, scene_of

SEEDS = range(1, 7)


def hidden(scene: Scene) -> float:
    """The largest share of a thing that a thing of another kind hides; riders belong to their carrier."""
    composer = Composer(scene)
    worst = 0.0
    for one, other in combinations(scene.things, 2):
        if one.icon == other.icon or other.id == one.carrier or one.id == other.carrier:
            continue
        first, second = composer.box_of(one), composer.box_of(other)
        worst = max(worst, shared(first, second) / min(first.area, second.area))
    return worst


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cat_is_smaller_than_a_house_and_stands_before_it(seed: int) -> None:
    scene = scene_of("a cat in front of a house", seed=seed)
    (cat,), (house,) = named(scene, "cat"), named(scene, "house")
    assert cat.size < 0.62 * house.size
    assert cat.y > house.y
    assert cat.size > 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mouse_beside_an_elephant_stays_small_and_visible(seed: int) -> None:
    scene = scene_of("a mouse and an elephant", seed=seed)
    (mouse,), (elephant,) = named(scene, "mouse"), named(scene, "elephant")
    assert 0.06 < mouse.size < 0.5 * elephant.size


@pytest.mark.parametrize(
    "prompt",
    [
        "a lion, a horse and a tree",
        "a cat, a dog and a rabbit in a garden",
        "two cars and a bus in the city",
        "three children and a dog",
        "a castle, a dragon and a princess",
        "a sailboat, a whale and a lighthouse",
        "an astronaut, an alien and a rocket in space",
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_kinds_do_not_hide_each_other(prompt: str, seed: int) -> None:
    assert hidden(scene_of(prompt, seed=seed)) < 0.34


@pytest.mark.parametrize("seed", SEEDS)
def test_one_thing_is_large_and_near_the_middle_or_a_third(seed: int) -> None:
    (cat,) = scene_of("a cat", seed=seed).things
    assert 0.35 < cat.size < 0.66
    assert 0.3 < cat.x < 0.7


@pytest.mark.parametrize("seed", SEEDS)
def test_what_flies_is_in_the_sky_and_what_walks_is_on_the_ground(seed: int) -> None:
    scene = scene_of("a horse, a hot air balloon, a dozen birds and an airplane in a meadow", seed=seed)
    for thing in scene.things:
        above = thing.y < scene.horizon
        assert above == (thing.icon != "horse"), thing


@pytest.mark.parametrize("seed", SEEDS)
def test_boats_float_and_people_stand_on_the_beach(seed: int) -> None:
    scene = scene_of("a boat and a dog on the beach", seed=seed)
    (boat,), (dog,) = named(scene, "sailboat"), named(scene, "dog")
    assert (boat.zone, dog.zone) == ("surface", "ground")
    assert scene.horizon < boat.y < dog.y


def test_what_floats_finds_water_unless_the_words_are_plain_about_dry_land() -> None:
    assert scene_of("a lighthouse on a cliff with two sailing boats").place == "lake"
    assert scene_of("a canoe in the mountains").place == "lake"
    assert scene_of("a ship in the desert").place == "desert"


@pytest.mark.parametrize(("width", "height"), [(512, 1536), (1536, 512), (1024, 1024), (2048, 1152), (768, 1024)])
@pytest.mark.parametrize("prompt", ["a cat and a house", "24 butterflies", "a cup of tea", "a ship at sea", "ten cars"])
def test_things_stay_inside_any_ratio(prompt: str, width: int, height: int) -> None:
    scene = scene_of(prompt, width=width, height=height)
    composer = Composer(scene)
    for thing in scene.things:
        box = composer.box_of(thing)
        assert box.left > -0.06 * composer.width
        assert box.right < 1.06 * composer.width
        assert box.top > -0.06 * composer.height
        assert box.bottom < 1.02 * composer.height


def test_positions_that_people_name_are_kept() -> None:
    scene = scene_of("a cat on the left and a dog on the right")
    (cat,), (dog,) = named(scene, "cat"), named(scene, "dog")
    assert cat.x < 0.4 < 0.6 < dog.x


def test_a_rider_sits_on_its_carrier() -> None:
    scene = scene_of("a cat riding a horse")
    (cat,), (horse,) = named(scene, "cat"), named(scene, "horse")
    assert cat.carrier == horse.id
    assert abs(cat.x - horse.x) < 0.12
    assert cat.y < horse.y


def test_people_in_a_crowd_are_not_all_the_same() -> None:
    assert len({thing.icon for thing in scene_of("a crowd of people").things}) > 3


def test_the_same_seed_composes_the_same_and_another_differs() -> None:
    assert scene_of("three cats and a dog", seed=5) == scene_of("three cats and a dog", seed=5)
    assert scene_of("three cats and a dog", seed=5).things != scene_of("three cats and a dog", seed=6).things
