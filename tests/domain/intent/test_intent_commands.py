"""Slash commands and flags: exact, and clear about what is wrong."""

from __future__ import annotations

import re

import pytest

from chatelier.domain.intent import Answer, Intent, Turn, decide
from chatelier.domain.intent.commands import COMMAND_HELP, COMMANDS
from chatelier.errors import Invalid, NoSourceImage

MILL = [
    Turn(role="user", kind="text", text="draw a mill"),
    Turn(role="assistant", kind="image", text="a water mill", handle=3),
]


@pytest.mark.parametrize("name", ["imagine", "generate", "image", "draw", "Imagine", "DRAW"])
def test_a_command_paints_what_follows_it(name: str) -> None:
    decision = decide(f"/{name} sunset over mountains")
    assert (decision.kind, decision.prompt) == (Intent.GENERATE, "sunset over mountains")
    assert (decision.command, decision.confidence) == (name.lower(), 1.0)
    assert decision.reason == f"You used /{name.lower()}."


@pytest.mark.parametrize(
    "text",
    ["/imagine prompt: a fox", "/imagine: a fox", "please /imagine a fox", "  /imagine   a fox  ", "/imagine\na fox"],
)
def test_a_command_may_be_written_loosely(text: str) -> None:
    assert decide(text).prompt == "a fox"


def test_after_a_command_every_word_is_the_prompt() -> None:
    assert decide("/imagine write a poem on a wall").prompt == "write a poem on a wall"
    assert decide("/imagine make it darker", MILL).kind is Intent.GENERATE


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/imagin a fox", "I don't know /imagin. Did you mean /imagine?"),
        ("/Drw a fox", "I don't know /Drw. Did you mean /draw?"),
        ("/xyzzy", "I don't know /xyzzy. The commands are " + ", ".join(f"/{name}" for name in COMMANDS) + "."),
    ],
)
def test_an_unknown_command_names_the_nearest(text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        decide(text)
    assert caught.value.sentence == sentence


@pytest.mark.parametrize("text", ["/usr/bin is empty", "/ is the root", "/etc/passwd", "// comment", "1/2 cup of milk"])
def test_a_path_is_not_a_command(text: str) -> None:
    assert decide(text).kind is Intent.CHAT


def test_an_empty_command_paints_what_was_just_talked_about() -> None:
    talk = [
        Turn(role="user", kind="text", text="What is a qanat?"),
        Turn(role="assistant", kind="text", text="A qanat is an underground tunnel that brings water from a hill."),
    ]
    assert "qanat" in decide("/imagine", talk).prompt
    with pytest.raises(Invalid, match="for example: /imagine a fox in the snow"):
        decide("/imagine")
    with pytest.raises(Invalid, match="for example: /draw"):
        decide("/draw --n 2")


def test_edit_vary_and_again_start_from_an_image() -> None:
    edit = decide("/edit make the wheel bigger", MILL)
    assert (edit.kind, edit.target_handles, edit.variation) == (Intent.EDIT, (3,), False)
    assert "wheel" in edit.prompt
    for name in ("vary", "again"):
        decision = decide(f"/{name}", MILL)
        assert (decision.kind, decision.variation, decision.prompt) == (Intent.EDIT, True, "a water mill")
    with pytest.raises(NoSourceImage):
        decide("/vary")


def test_all_flags_are_read_and_leave_the_prompt() -> None:
    decision = decide(
        '/imagine a fox in the snow --ar 16:9 --n 2 --seed 7 --style "oil painting" --quality high --no text, people '
        "--background white --model scenes-1 --provider illustrator"
    )
    assert decision.prompt == "a fox in the snow"
    assert decision.options.to_json() == {
        "aspect_ratio": "16:9",
        "n": 2,
        "seed": 7,
        "style": "oil painting",
        "quality": "high",
        "negative_prompt": "text, people",
        "background": "white",
        "model": "scenes-1",
        "provider": "illustrator",
    }


@pytest.mark.parametrize(
    "text",
    [
        "/imagine —ar 3:2 a barn owl",
        "/imagine --ar 3:2 a barn owl",
        "/imagine --ar=3:2 a barn owl",
        "/imagine a barn owl --AR 3:2",
    ],
)
def test_flags_may_stand_first_and_phones_may_write_a_dash(text: str) -> None:
    decision = decide(text)
    assert (decision.prompt, decision.options.aspect_ratio) == ("a barn owl", "3:2")


def test_a_dash_in_a_prompt_is_not_a_flag() -> None:
    assert decide("/imagine a fox —red, wild— in the snow").prompt == "a fox —red, wild— in the snow"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/imagine a fox --sed 7", r"I don't know --sed\. Did you mean --seed\? The flags are --ar, --size"),
        ("/imagine a fox --ar wide", r"--ar: wide is not an aspect ratio\. Write width:height, as in 16:9\."),
        ("/imagine a fox --size big", r"--size: big is not a size"),
        ("/imagine a fox --n many", r"--n takes a whole number, not many\. For example --n 2\."),
        ("/imagine a fox --n 99", r"n is a whole number from 1 to 16, not 99"),
        ("/imagine a fox --seed", r"--seed needs a value\. For example --seed 7\."),
        ("/imagine a fox --seed 4294967296", r"seed is a whole number from 0 to 4294967295"),
    ],
)
def test_a_wrong_flag_is_named_with_the_known_ones(text: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        decide(text)


def test_in_plain_words_unknown_flags_are_just_words() -> None:
    assert decide("what does rm --force do?").kind is Intent.CHAT
    assert decide("draw a fox --ar 1:2").options.aspect_ratio == "1:2"
    assert decide("draw a fox --frobnicate").prompt == "a fox --frobnicate"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/imagine a fox --ar 16:9 --ar 1:1", r"--ar is given twice: 16:9 and 1:1\. Give one of them\."),
        ("/imagine a fox --n 2 --count 3", r"--count is given twice: 2 and 3\."),
        ("/imagine a fox --seed 1 --seed 2", r"--seed is given twice: 1 and 2\."),
        ("draw a fox --ar 16:9 --ar 1:1", r"--ar is given twice: 16:9 and 1:1\."),
        (
            "/imagine a cat in 16:9 --ar 1:1",
            r"16:9 in your words and --ar 1:1 contradict each other: keep one of them\.",
        ),
        ("draw a cat in 16:9 --ar 1:1", "16:9 in your words and --ar 1:1 contradict"),
        ("/imagine a cat, square format --ar 3:2", "square in your words and --ar 3:2 contradict"),
        ("/imagine a cat in 1024x768 --size 1536x1024", "1024x768 in your words and --size 1536x1024 contradict"),
        ("/imagine a cat --size 1024x1024 --ar 16:9", "--ar 16:9 and --size 1024x1024 contradict"),
        ("/imagine four versions of a cat --n 2", "4 versions in your words and --n 2 contradict"),
    ],
)
def test_flags_that_contradict_each_other_are_named(text: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        decide(text)


@pytest.mark.parametrize(
    "text",
    [
        *("a fox --ar 16:9 --ar 16:9", "a fox in 16:9 --ar 16:9", "a fox in landscape format --ar 16:9"),
        *("a fox as wallpaper --ar 16:9", "a fox beside a 4:3 television --ar 16:9", "a fox at 12:30 --ar 16:9"),
        *("a fox --size 1536x864 --ar 16:9", "a portrait of a fox --ar 16:9"),
    ],
)
def test_flags_that_agree_with_the_words_are_no_contradiction(text: str) -> None:
    decision = decide(f"/imagine {text}")
    assert (decision.options.aspect_ratio, decision.subject.split()[-1].isdecimal()) == ("16:9", False)


def test_a_talk_about_contradictory_flags_is_talk() -> None:
    assert decide("what does this tool do with --size 1x1 --size 2x2 and --n 1 --n 2?").kind is Intent.CHAT


def test_a_shape_in_words_is_no_part_of_the_title() -> None:
    assert decide("/imagine a cat in 16:9").subject == "cat"
    assert decide("/imagine 4:3 photo of a fox").subject == "photo of a fox"


def test_ten_thousand_words_are_talk_and_no_prompt() -> None:
    words = "Please draw a cat. " + "barley " * 10_000
    assert decide(words).kind is Intent.CHAT
    with pytest.raises(Invalid, match="too long for a prompt, which has up to 32,000 characters"):
        decide(f"/imagine {words}")


@pytest.mark.parametrize(
    "text", ["/imagine a red fox --v 6 --s 750", "a red fox in deep snow --ar 3:2 --niji 5 --tile"]
)
def test_flags_of_other_image_bots_are_left_out(text: str) -> None:
    decision = decide(text)
    assert decision.kind is Intent.GENERATE
    assert decision.prompt.startswith("a red fox")
    assert not re.search(r"[\d-]", decision.prompt)


@pytest.mark.parametrize("name", ["styles", "usage", "help"])
def test_some_commands_are_answered_by_the_house(name: str) -> None:
    decision = decide(f"/{name}", MILL)
    assert (decision.kind, decision.answer, decision.command) == (Intent.CHAT, Answer(name), name)


def test_every_command_has_a_line_of_help() -> None:
    assert COMMAND_HELP.keys() == COMMANDS.keys()


def test_commands_name_their_image() -> None:
    assert (decide("/vary #3", MILL).target_handles, decide("/vary #3", MILL).variation) == ((3,), True)
    edit = decide("/edit #3 make the wheel red", MILL)
    assert (edit.target_handles, edit.instruction) == ((3,), "make the wheel red")
