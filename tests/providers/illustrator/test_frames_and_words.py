"""The frame of a drawn scene, words on it, its variations, and what it declines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from chatelier.providers.base import Size
from chatelier.providers.illustrator.lettering import cannot_write, lettered
from chatelier.providers.illustrator.refusal import Refused
from chatelier.providers.illustrator.scene import WHOLE, Lettering
from tests.providers.illustrator.asking import Made, asked, painted
from tests.providers.illustrator.measures import counts

PLACES = (
    "a cat in a meadow, a boat on the sea at sunset, a bus in a city street, a cup on a table, a logo of a fox, "
    "a rocket in space, a cat and a bed in a room"
).split(", ")


@pytest.fixture(scope="module")
def before() -> Made:
    return painted("two cats and a dog in front of a house")


@pytest.mark.parametrize("prompt", PLACES)
def test_an_extended_picture_holds_the_old_one_and_has_no_blank_edge(prompt: str) -> None:
    before = painted(prompt)
    after = asked(before, "extend it to the left")
    assert after.image.size == (384, 256)
    old, new = (np.asarray(made.image.convert("RGB")).astype(int) for made in (before, after))
    gap = np.abs(old[4:-4, 4:-4] - new[4:-4, 132:-4]).max(axis=2)
    assert float((gap > 12).mean()) < 0.004
    seam = np.abs(new[:, 126:128].mean(axis=1) - new[:, 128:130].mean(axis=1)).max(axis=1)
    assert float((seam > 60).mean()) < 0.1, "no line where the old picture ends"


def test_zooming_out_and_in_again_shows_the_same_picture(before: Made) -> None:
    near = asked(before, "closer")
    back = asked(near, "zoom out")
    assert back.scene.view == WHOLE
    assert back.image.tobytes() == before.image.tobytes()


def test_there_is_an_end_to_extending(before: Made) -> None:
    wide = asked(asked(before, "extend it to the left"), "extend it to the right")
    assert wide.image.size == (576, 256)
    with pytest.raises(Refused, match="cannot be extended any further"):
        asked(wide, "extend it to the right")


def test_an_extended_picture_stays_within_the_largest_size() -> None:
    before = painted("a cat", size=Size(width=2048, height=1024))
    assert max(asked(before, "extend it to the top").image.size) <= 2048
    assert max(asked(before, "extend it to the left").image.size) <= 2048


def test_things_added_to_a_close_up_are_seen(before: Made) -> None:
    near = asked(before, "zoom in on the dog")
    after = asked(near, "add a rabbit")
    (rabbit,) = [thing for thing in after.scene.things if thing.icon == "rabbit"]
    left, top, right, bottom = after.scene.view
    assert left < rabbit.x < right
    assert top < rabbit.y <= bottom + 0.05


def test_a_turned_picture_turns_its_size_and_goes_on_from_there() -> None:
    before = painted("a cat by a lake", size=Size(width=384, height=256))
    turned = asked(before, "rotate it to the left")
    assert turned.image.size == (256, 384)
    red = asked(turned, "make the cat red")
    assert red.image.size == (256, 384)
    assert asked(red, "rotate it to the right").image.size == (384, 256)


def test_words_are_changed_moved_recoloured_and_removed(before: Made) -> None:
    hello = asked(before, 'add the text "HELLO"')
    assert [text.words for text in asked(hello, 'change the text to "BYE"').scene.texts] == ["BYE"]
    assert [text.place for text in asked(hello, "move the text to the bottom").scene.texts] == ["bottom"]
    assert [text.colour for text in asked(hello, "make the text red").scene.texts] == ["red"]
    gone = asked(hello, "remove the text")
    assert gone.image.tobytes() == before.image.tobytes()


def test_letters_that_cannot_be_written_are_named_and_none_is_drawn_wrongly(before: Made) -> None:
    with pytest.raises(Refused, match="not in the typeface"):
        asked(before, "add the text 「お誕生日」")
    assert cannot_write("¡Feliz cumpleaños, señor Ångström! ça va? Köln") == ""
    assert cannot_write("I ♥ you") == "♥"


@pytest.mark.parametrize("words", ["é", "¿Qué?", "A" * 150, "many words " * 15, "."])
def test_words_stay_inside_the_picture(words: str) -> None:
    blank = Image.new("RGB", (300, 200), "#808080")
    for place in ("top", "centre", "bottom"):
        written = np.asarray(lettered(blank, Lettering(words=words, place=place))) != 128
        assert written.any()
        assert not written[:, :3].any()
        assert not written[:, -3:].any()


def test_the_same_seed_and_words_give_the_same_bytes(before: Made) -> None:
    for text in ("add the text 'Happy Birthday'", "extend it to the left", "as a pencil sketch", "add film grain"):
        assert asked(before, text).content == asked(before, text).content


def test_another_version_keeps_the_subject_and_changes_the_composition(before: Made) -> None:
    purple = asked(asked(before, "make the sky purple"), "give the dog a hat")
    other = asked(replace(purple, meta={**purple.meta, "seed": 77}), "another version")
    assert counts(other) == counts(purple)
    assert other.scene.paints == {"sky": "purple"}
    assert [(thing.x, thing.y) for thing in other.scene.things] != [(thing.x, thing.y) for thing in purple.scene.things]
    (hat,) = [thing for thing in other.scene.things if thing.icon == "top-hat"]
    assert hat.carrier in {thing.id for thing in other.scene.things if thing.icon == "dog"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("remove the elephant", "There is no elephant"),
        ("make it feel like home", "make it feel like home"),
        ("make the dog smile", "make the dog smile"),
        ("add a flurbl", "add a flurbl"),
        ("like a photo", "photo"),
        ("make it daytime again", "day already"),
    ],
)
def test_what_it_cannot_do_is_refused_in_a_sentence(before: Made, text: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        asked(before, text)
    assert why in refused.value.sentence
    assert "Nothing was changed" in refused.value.sentence


def test_what_was_left_out_of_several_is_named(before: Made) -> None:
    after = asked(before, "make it night and remove the elephant")
    assert after.scene.time == "night"
    assert "no elephant" in after.details["note"]
