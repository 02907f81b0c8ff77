"""What the illustrator understands of a prompt."""

from __future__ import annotations

import pytest

from chatelier.providers.illustrator.catalogue import catalogue
from chatelier.providers.illustrator.wish import Wanted, Wish
from chatelier.providers.illustrator.words import understand


def only(prompt: str) -> Wanted:
    things = understand(prompt).things
    assert len(things) == 1, things
    return things[0]


def icons(wish: Wish) -> list[str]:
    return [thing.icon for thing in wish.things]


@pytest.mark.parametrize(
    ("prompt", "icon", "count"),
    [
        ("three cats", "cat", 3),
        ("a dozen birds", "bird", 12),
        ("2 dogs", "dog", 2),
        ("half a dozen eggs", "egg", 6),
        ("a couple of rabbits", "rabbit", 2),
        ("a flock of sheep", "ewe", 8),
        ("a school of fish", "fish", 8),
        ("two dozen roses", "rose", 24),
        ("cats", "cat", 3),
        ("one cat", "cat", 1),
        ("a pair of wolves", "wolf", 2),
        ("five mice", "mouse", 5),
        ("seven geese", "goose", 7),
        ("a crowd", "person-standing", 9),
    ],
)
def test_things_are_counted(prompt: str, icon: str, count: int) -> None:
    wanted = only(prompt)
    assert (wanted.icon, wanted.count) == (icon, count)


@pytest.mark.parametrize(
    ("prompt", "icon", "colour"),
    [
        ("a red car", "automobile", "red"),
        ("a blue cat", "cat", "blue"),
        ("a dark blue whale", "whale", ""),
        ("a pastel pink house", "house", "pastel pink"),
        ("a golden dragon", "dragon", "golden"),
        ("the cat is green", "cat", "green"),
        ("a big, shiny, red balloon", "balloon", "red"),
        ("an orange cat", "cat", "orange"),
        ("a red and white sailboat", "sailboat", "red"),
    ],
)
def test_colours_belong_to_their_thing(prompt: str, icon: str, colour: str) -> None:
    wanted = only(prompt)
    assert (wanted.icon, wanted.colour) == (icon, colour)


def test_an_orange_is_a_fruit_and_orange_is_a_colour() -> None:
    things = understand("an orange cat and an orange").things
    assert [(thing.icon, thing.colour) for thing in things] == [("cat", "orange"), ("tangerine", "")]


def test_each_colour_and_count_stays_with_its_own_thing() -> None:
    things = understand("two red cars and three blue cars beside a small white dog").things
    assert [(thing.count, thing.colour, thing.icon) for thing in things] == [
        (2, "red", "automobile"),
        (3, "blue", "automobile"),
        (1, "white", "dog"),
    ]
    assert things[2].scale < 1


@pytest.mark.parametrize(
    ("prompt", "icon"),
    [
        ("a hot air balloon", "own-hot-air-balloon"),
        ("a fire engine", "fire-engine"),
        ("a polar bear", "polar-bear"),
        ("a killer whale", "orca"),
        ("a teddy bear", "teddy-bear"),
        ("a water buffalo", "water-buffalo"),
        ("an ice cream", "soft-ice-cream"),
        ("a hot dog", "hot-dog"),
        ("a cup of tea", "hot-beverage"),
        ("a golden retriever", "dog"),
    ],
)
def test_the_longest_name_wins(prompt: str, icon: str) -> None:
    assert only(prompt).icon == icon


@pytest.mark.parametrize(
    "prompt",
    [
        "time flies",
        "she can fly",
        "I love you",
        "to be or not to be",
        "the meaning of life",
        "ok cool, new and free on top",
        "watch the sunset",
        "justice and longing",
        "the heart of the matter",
        "asdf qwertz 12345",
        "",
        "   \n\t ",
        "!!! ???",
    ],
)
def test_nothing_is_drawn_that_was_not_named(prompt: str) -> None:
    assert icons(understand(prompt)) == []


def test_signs_and_flags_only_when_plainly_asked() -> None:
    assert icons(understand("a new, cool and free top")) == []
    assert icons(understand("a yin yang symbol")) == ["yin-yang"]
    assert icons(understand("a pirate flag")) == ["pirate-flag"]
    assert icons(understand("a biohazard sign")) == ["biohazard"]


def test_what_must_not_be_there_is_left_out() -> None:
    assert icons(understand("two black cats without a dog")) == ["black-cat"]
    assert icons(understand("no dogs, just a cat")) == ["cat"]
    assert icons(understand("a cat and a dog", negative="dog")) == ["cat"]
    assert understand("a house by the lake", negative="water, lake").features == []
    assert icons(understand("an astronaut and a cat", negative="people")) == ["cat"]


def test_body_parts_belong_to_a_creature_that_is_named() -> None:
    assert icons(understand("a cat with green eyes and big ears")) == ["cat"]
    assert icons(understand("an eye")) == ["eye"]


def test_skin_and_gender_choose_among_the_drawn_persons() -> None:
    assert only("a dark-skinned woman").icon == "woman-standing-dark-skin-tone"
    assert only("a black man").icon == "man-standing-dark-skin-tone"
    assert only("a female astronaut").icon == "woman-astronaut"
    assert only("a girl dancing").icon == "woman-dancing"
    assert only("a man riding a bicycle").icon == "man-biking"


def test_riders_know_their_carrier() -> None:
    things = understand("an astronaut riding a horse").things
    assert things[0].carrier == 1
    assert understand("a cat on a chair").things[0].onto
    assert understand("a cat in front of a house").things[0].carrier is None
    assert understand("a bowl of apples").things[1].carrier == 0


def test_setting_time_weather_and_style_come_from_the_words() -> None:
    wish = understand("a fox in a snowy forest at night in the rain, watercolor")
    assert (wish.setting, wish.time, wish.style, wish.season) == ("landscape", "night", "watercolor", "winter")
    assert wish.weather == ["rain"]
    assert understand("a ship on the high seas").setting == "sea"
    assert understand("a taxi in Paris").setting == "city"
    assert understand("a cup on a white background").setting == "studio"


def test_parts_of_the_backdrop_take_colours() -> None:
    wish = understand("a purple sky with pink clouds above a yellow field")
    assert wish.paints == {"sky": "purple", "clouds": "pink", "ground": "yellow"}
    assert wish.things == []


def test_a_style_we_lack_is_told_as_the_nearest() -> None:
    wish = understand("an oil painting of a cat")
    assert wish.style == "watercolor"
    assert wish.approximated == [{"asked": "oil painting", "drawn": "watercolor style"}]
    assert understand("a cat", style="cubism").approximated == [{"asked": "cubism", "drawn": "flat style"}]
    assert understand("a cat in watercolor", style="flat").style == "flat"


def test_a_thing_we_lack_is_told_as_the_nearest() -> None:
    wish = understand("an ostrich and a submarine")
    assert {"asked": "ostrich", "drawn": "dodo"} in wish.approximated
    assert icons(wish) == ["dodo", "ship"]


def test_strange_words_are_listed_and_shape_the_light() -> None:
    wish = understand("a cat and a flumph, zorbling")
    assert wish.not_understood == ["flumph", "zorbling"]
    assert understand("flumph").hue == understand("flumph").hue
    assert understand("flumph").hue != understand("zorbling").hue
    assert understand("sadness").vibrance < 0 < understand("joy").vibrance


@pytest.mark.parametrize(
    ("prompt", "icon", "count", "colour"),
    [
        ("un gato azul en la playa", "cat", 1, "blue"),
        ("dos perros negros", "dog", 2, "black"),
        ("un chat noir", "cat", 1, "black"),
        ("ein roter Vogel im Wald", "bird", 1, "red"),
        ("zwei Katzen am Strand", "cat", 2, ""),
        ("um cachorro branco", "dog", 1, "white"),
        ("赤い車", "automobile", 1, "red"),
        ("一只红色的猫", "cat", 1, "red"),
        ("🐈 🐈", "cat", 1, ""),
    ],
)
def test_other_languages_and_emoji_are_read(prompt: str, icon: str, count: int, colour: str) -> None:
    wanted = understand(prompt).things[0]
    assert (wanted.icon, wanted.count, wanted.colour) == (icon, count, colour)


def test_english_is_not_taken_for_another_language() -> None:
    assert icons(understand("a bar chart")) == ["bar-chart"]
    assert understand("I see a train").features == []


def test_every_drawn_thing_is_found_by_its_own_name() -> None:
    """All of the Noto set but signs, smileys and the pictures of scenes, which the backdrop draws."""
    missed = []
    for name, category in catalogue().categories.items():
        if category in ("Animals & Nature", "Food & Drink", "Objects", "Activities"):
            wish = understand(f"a {name.replace('-', ' ')}")
            if not wish.things and not wish.features:
                missed.append(name)
    assert set(missed) <= {"oden", "locked", "unlocked", "sparkler", "control-knobs"}


def test_thirty_two_thousand_characters_are_read_without_complaint() -> None:
    assert icons(understand("cat " * 8000)) == ["cat"]
    assert understand("x" * 32_000).things == []
