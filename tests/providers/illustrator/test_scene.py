"""Recipes go out and come back: only what can be drawn is accepted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatelier.providers.illustrator.details import alt_text, drawn
from chatelier.providers.illustrator.scene import BadRecipe, from_recipe, to_recipe
from tests.providers.illustrator.scenes import scene_of


def recipe(prompt: str = "a blue cat on a chair and two dogs at night") -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json.dumps(to_recipe(scene_of(prompt), "1.0")))
    return loaded


def test_a_scene_survives_json_and_back() -> None:
    once = from_recipe(recipe())
    assert json.loads(json.dumps(to_recipe(once, "1.0"))) == recipe()


def test_a_recipe_is_small() -> None:
    assert len(json.dumps(recipe("24 butterflies and a dozen birds"))) < 12_000


@pytest.mark.parametrize(
    "change",
    [
        {"engine": "other"},
        {"version": 99},
        {"seed": "seven"},
        {"setting": "moon"},
        {"time": "noon"},
        {"things": "many"},
        {"things": [{"icon": "cat"}]},
        {"paints": {'sky"/><script>': "red"}},
        {"horizon": float("nan")},
        {"ratio": None},
        {"weather": None},
        {"features": ['rain"><x']},
    ],
)
def test_a_recipe_that_was_changed_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadRecipe):
        from_recipe({**recipe(), **change})


def test_an_icon_name_cannot_carry_markup() -> None:
    poisoned = recipe()
    poisoned["things"][0]["icon"] = 'cat"/><image href="file:///etc/passwd"/>'
    with pytest.raises(BadRecipe):
        from_recipe(poisoned)


def test_numbers_are_held_within_the_picture() -> None:
    wild = recipe()
    wild["things"][0] |= {"x": 1e9, "size": -4, "haze": 17}
    thing = from_recipe(wild).things[0]
    assert (thing.x, thing.size, thing.haze) == (2, 0.005, 1)


def test_people_are_told_what_is_in_the_picture() -> None:
    assert drawn(scene_of("three red cars and a rainbow in the rain")) == ["3 red cars", "a rainbow", "rain"]
    assert drawn(scene_of("an elephant and five wolves")) == ["elephant", "5 wolves"]


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("a cat", "Flat illustration of a cat in a meadow by day."),
        ("two owls in the forest at night", "Flat illustration of two owls in a forest at night."),
        ("a red apple on a table", "Flat illustration of a red apple on a table."),
        ("watercolor of a sailboat at sunset", "Watercolor illustration of a sailboat at sea at sunset."),
        ("pencil sketch of a cat", "Pencil sketch of a cat in a meadow by day."),
        ("pixel art of a cat", "Pixel art of a cat in a meadow by day."),
        ("justice and longing", "Flat illustration of soft abstract shapes."),
        ("sunset over mountains", "Flat illustration of mountains at sunset."),
    ],
)
def test_blind_people_get_a_sentence(prompt: str, sentence: str) -> None:
    assert alt_text(scene_of(prompt)) == sentence
