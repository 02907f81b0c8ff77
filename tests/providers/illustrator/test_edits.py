"""An edit changes what it names and keeps the scene."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatelier.providers.illustrator.again import wish_of
from chatelier.providers.illustrator.edited import Edited
from chatelier.providers.illustrator.edits import edit
from chatelier.providers.illustrator.scene import Placed, Scene
from tests.providers.illustrator.scenes import named, scene_of

PROMPT = "two cats and a dog in front of a house"


@pytest.fixture(scope="module")
def scene() -> Scene:
    return scene_of(PROMPT)


def changed(scene: Scene, instruction: str) -> Scene:
    result = edit(scene, instruction)
    assert result.changed, result.not_understood
    return result.scene


def places(things: tuple[Placed, ...]) -> list[tuple[int, float, float, float]]:
    return [(thing.id, thing.x, thing.y, thing.size) for thing in things]


@pytest.mark.parametrize(
    "instruction",
    [
        "make it more vibrant",
        "change the sky to purple",
        "same image but in watercolor style",
        "make it night",
        "sunset please",
        "make the cats blue",
        "muted colours",
        "darker",
        "brighter and warmer",
        "add a rainbow",
        "make it rain",
        "add snow",
        "in autumn",
        "make the grass yellow",
        "black and white",
        "make the house red and the sky pink",
    ],
)
def test_everything_stays_where_it_is(scene: Scene, instruction: str) -> None:
    after = changed(scene, instruction)
    assert places(after.things) == places(scene.things)
    assert after.seed == scene.seed
    assert after.horizon == scene.horizon
    assert after != scene
    assert after.edits == (instruction,)


@pytest.mark.parametrize("instruction", ["remove the dog", "get rid of the dog", "no dog please", "take away the dog"])
def test_a_thing_is_removed_and_the_others_stay(scene: Scene, instruction: str) -> None:
    after = changed(scene, instruction)
    assert after.things == tuple(thing for thing in scene.things if thing.icon != "dog")


def test_one_of_several_is_removed(scene: Scene) -> None:
    assert len(named(changed(scene, "remove one cat"), "cat")) == 1


@pytest.mark.parametrize(
    ("instruction", "icon", "count"),
    [
        ("add two birds", "own-flying-bird", 2),
        ("add a bird", "bird", 1),
        ("put a red balloon in the sky", "balloon", 1),
        ("add three sheep", "ewe", 3),
        ("please also draw a horse", "horse", 1),
        ("give it a rocket too", "rocket", 1),
    ],
)
def test_things_are_added_beside_what_is_there(scene: Scene, instruction: str, icon: str, count: int) -> None:
    after = changed(scene, instruction)
    assert after.things[: len(scene.things)] == scene.things
    assert [thing.icon for thing in after.things[len(scene.things) :]] == [icon] * count


def test_an_added_thing_has_the_size_that_suits_the_scene(scene: Scene) -> None:
    (rabbit,) = named(changed(scene, "add a rabbit"), "rabbit")
    (dog,) = named(scene, "dog")
    assert 0.3 * dog.size < rabbit.size < 1.3 * dog.size


def test_a_bird_is_put_on_the_house(scene: Scene) -> None:
    (bird,), (house,) = named(changed(scene, "add a bird on the house"), "bird"), named(scene, "house")
    assert bird.carrier == house.id
    assert bird.y < house.y


@pytest.mark.parametrize(
    "instruction",
    [
        "replace the dog with a rabbit",
        "turn the dog into a rabbit",
        "a rabbit instead of the dog",
        "change the dog to a rabbit",
    ],
)
def test_a_thing_becomes_another_in_its_place(scene: Scene, instruction: str) -> None:
    after = changed(scene, instruction)
    (rabbit,), (dog,) = named(after, "rabbit"), named(scene, "dog")
    assert (rabbit.x, rabbit.y) == (dog.x, dog.y)
    assert not named(after, "dog")


def test_size_and_place_change_when_asked(scene: Scene) -> None:
    (dog,) = named(scene, "dog")
    assert named(changed(scene, "make the dog bigger"), "dog")[0].size > dog.size
    assert named(changed(scene, "make the dog tiny"), "dog")[0].size < dog.size
    assert named(changed(scene, "move the house to the left"), "house")[0].x < 0.3


def test_colours_go_to_what_they_were_said_of(scene: Scene) -> None:
    after = changed(scene, "make the cats purple and the dog orange")
    assert {thing.colour for thing in named(after, "cat")} == {"purple"}
    assert {thing.colour for thing in named(after, "dog")} == {"orange"}
    assert len(after.things) == len(scene.things)
    assert changed(scene, "can you make the sky a bit more orange?").paints == {"sky": "orange"}
    assert named(changed(scene, "haz el gato azul"), "cat")[0].colour == "blue"


def test_light_and_vibrance_go_both_ways(scene: Scene) -> None:
    assert changed(scene, "more vibrant").vibrance > 0 > changed(scene, "less vibrant").vibrance
    assert changed(scene, "brighter").lightness > 0 > changed(scene, "darker").lightness
    assert changed(scene, "warmer").warmth > 0 > changed(scene, "cooler").warmth
    assert changed(changed(scene, "more vibrant"), "more vibrant").vibrance > changed(scene, "more vibrant").vibrance


def test_weather_and_features_go_away_again(scene: Scene) -> None:
    rainy = changed(scene, "add a rainbow and make it rain")
    assert (rainy.weather, rainy.features) == (("rain",), ("rainbow",))
    assert changed(rainy, "remove the rain").weather == ()
    assert changed(rainy, "remove the rainbow").features == ()


def test_a_rider_comes_down_when_its_carrier_goes() -> None:
    scene = scene_of("a cat riding a horse")
    after = changed(scene, "remove the horse")
    (cat,) = after.things
    assert cat.carrier is None
    assert cat.y == named(scene, "horse")[0].y


def test_the_backdrop_is_exchanged_and_the_things_stay_the_same(scene: Scene) -> None:
    after = changed(scene, "put them on a beach")
    assert (after.setting, after.place) == ("sea", "beach")
    assert sorted(thing.icon for thing in after.things) == sorted(thing.icon for thing in scene.things)


@pytest.mark.parametrize("instruction", ["asdf qwer", "", "make it feel like home", "remove the elephant"])
def test_what_is_not_understood_is_told_and_breaks_nothing(scene: Scene, instruction: str) -> None:
    result = edit(scene, instruction)
    assert result.changed == 0
    assert places(result.scene.things) == places(scene.things)
    assert bool(result.not_understood or result.notes) == bool(instruction)


def test_a_nearest_style_is_told(scene: Scene) -> None:
    result: Edited = edit(scene, "as an oil painting")
    assert result.scene.style == "watercolor"
    assert result.approximated == [{"asked": "oil painting", "drawn": "watercolor style"}]


def test_edits_add_up_and_are_remembered(scene: Scene) -> None:
    after = scene
    for instruction in ("make the dog green", "at night", "add a rabbit", "in watercolor"):
        after = changed(after, instruction)
    assert after.edits == ("make the dog green", "at night", "add a rabbit", "in watercolor")
    assert (after.time, after.style, named(after, "dog")[0].colour) == ("night", "watercolor", "green")
    assert len(after.things) == len(scene.things) + 1


def test_a_scene_can_be_wished_again(scene: Scene) -> None:
    wish = wish_of(replace(scene, time="night"))
    assert [(thing.icon, thing.count) for thing in wish.things] == [("cat", 2), ("dog", 1), ("house", 1)]
    assert wish.time == "night"
