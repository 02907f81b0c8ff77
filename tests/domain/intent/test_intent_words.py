"""What people write in plain words, and what Chatelier makes of it."""

from __future__ import annotations

import pytest

from chatelier.domain.intent import Decision, Intent, Turn, decide, prompts
from chatelier.errors import NoSourceImage
from chatelier.providers.base import Size


def said(text: str) -> Turn:
    return Turn(role="user", kind="text", text=text)


def answered(text: str) -> Turn:
    return Turn(role="assistant", kind="text", text=text)


def image(prompt: str, handle: int | None = None) -> Turn:
    return Turn(role="assistant", kind="image", text=prompt, handle=handle)


FOX = [said("draw a fox"), image("a fox in the snow", 1)]


def kind(text: str, history: list[Turn] | None = None) -> str:
    return decide(text, history or []).kind


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("can you create an image of a cat?", "a cat"),
        ("draw me a spaceship", "a spaceship"),
        ("Could you please paint two herons for me? Thanks!", "two herons"),
        ("I'd love a pencil sketch of an old bridge", "a pencil sketch of an old bridge"),
        ("a harbour at dawn, can you draw that?", "a harbour at dawn"),
        ("Turn this into a picture: three monks carry a piano.", "three monks carry a piano"),
        ('draw a sign that says "OPEN"', 'a sign that says "OPEN"'),
        ("Draw a dog. It should sit on a red chair. What is the time?", "a dog. It should sit on a red chair"),
        ("genarate a pictue of a wolf", "a wolf"),
        ("dibuja un faro, por favor", "un faro"),
        ("Kannst du mir ein Haus am See malen?", "ein Haus am See"),
        ("请画一只戴帽子的猫", "戴帽子的猫"),
    ],
)
def test_a_request_keeps_the_persons_own_words_without_the_wrapping(text: str, prompt: str) -> None:
    decision = decide(text)
    assert (decision.kind, decision.prompt) == (Intent.GENERATE, prompt)
    assert decision.instruction == ""
    assert decision.target_handles == ()
    assert decision.reason == "You asked for a picture." or "talked about" in decision.reason


@pytest.mark.parametrize(
    "text",
    [
        "draw a conclusion from this",
        "how do I draw a horse?",
        "can you draw?",
        "paint a picture in words of my street",
        "picture this: you win the lottery",
        "generate a report on sales",
        "make me a sandwich recipe",
        "what is an image of a function?",
        "write an svg of a circle",
        "don't draw anything, just talk to me",
        "/usr/bin is not in my PATH",
        "git commit --amend --no-edit, what does it do?",
        "",
        "?!",
    ],
)
def test_talk_stays_talk(text: str) -> None:
    assert kind(text) == "chat"


def test_what_may_have_meant_a_picture_is_offered_with_one_click() -> None:
    decision = decide("describe a lighthouse at dusk")
    assert (decision.kind, decision.suggestion) == (Intent.CHAT, "a lighthouse at dusk")
    assert decision.confidence < 0.9
    assert decide("what is the capital of Mongolia?").suggestion == ""


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("make it darker", "a fox in the snow, darker"),
        ("same image but in watercolor style", "a fox in the snow, in watercolor style"),
        ("replace the fox with a hare", "a hare in the snow"),
        ("remove the snow", "a fox"),
        ("paint the fox blue", "a blue fox in the snow"),
        ("change the sky to purple", "a fox in the snow, purple sky"),
        ("add a lantern please", "a fox in the snow, with a lantern"),
        ("give it wings", "a fox in the snow, with wings"),
        ("more snow", "a fox in the snow, more snow"),
        ("nice! but can it be sleeping?", "a fox in the snow, sleeping"),
    ],
)
def test_an_edit_applies_the_change_to_the_earlier_prompt(text: str, prompt: str) -> None:
    decision = decide(text, FOX)
    assert (decision.kind, decision.prompt, decision.variation) == (Intent.EDIT, prompt, False)
    assert decision.instruction
    assert decision.target_handles == (1,)
    assert decision.reason == "It sounds like a change to #1."


@pytest.mark.parametrize(
    "text", ["another one", "again", "try again please", "one more", "otra vez", "もう一枚", "再来一张"]
)
def test_a_variation_keeps_the_prompt(text: str) -> None:
    decision = decide(text, FOX)
    assert (decision.kind, decision.variation) == (Intent.EDIT, True)
    assert (decision.prompt, decision.instruction) == ("a fox in the snow", "")


@pytest.mark.parametrize(
    "text", ["thanks!", "where do foxes live?", "write a poem about it", "add milk to my shopping list"]
)
def test_ada_can_talk_beside_an_image(text: str) -> None:
    assert kind(text, FOX) == "chat"


def test_the_same_words_follow_what_is_talked_about() -> None:
    poem = [said("write a poem about a fox"), answered("Red in the snow, it waits...")]
    assert kind("make it darker", poem) == "chat"
    assert kind("make it darker", [*poem, *FOX]) == "edit"
    assert kind("make it darker", [*FOX, *poem]) == "chat"
    assert kind("make the picture darker", [*FOX, *poem]) == "edit"


def test_a_new_subject_makes_a_new_image() -> None:
    assert decide("now draw a teapot", FOX).prompt == "a teapot"
    assert kind("now draw a teapot", FOX) == "generate"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("draw a barn in 16:9", {"aspect_ratio": "16:9"}),
        ("make a picture of a lake as a phone wallpaper", {"aspect_ratio": "9:16"}),
        ("paint four versions of a red barn", {"n": 4}),
        ("draw a poster without text", {"negative_prompt": "text"}),
        ("draw a barn in watercolor style", {"style": "watercolor"}),
        ("draw a barn, 1536x1024", {"size": "1536x1024"}),
        ("draw three images of a barn", {"n": 3}),
        ("draw a clock that shows 12:30", {}),
        ("draw three barns", {}),
        ("draw a barn --seed 7 --n 2", {"seed": 7, "n": 2}),
    ],
)
def test_options_said_in_words_are_heard(text: str, options: dict[str, object]) -> None:
    decision = decide(text)
    assert decision.kind is Intent.GENERATE
    assert decision.options.to_json() == options


def test_ben_chooses_the_intent_himself() -> None:
    new = decide("a fox, darker", FOX, forced=Intent.GENERATE)
    assert (new.kind, new.prompt, new.confidence) == (Intent.GENERATE, "a fox, darker", 1.0)
    assert decide("please draw a fox", forced=Intent.GENERATE).prompt == "a fox"
    edit = decide("a hat", FOX, forced=Intent.EDIT)
    assert (edit.kind, edit.instruction, edit.target_handles) == (Intent.EDIT, "a hat", (1,))
    assert decide("draw a fox", forced=Intent.CHAT).kind is Intent.CHAT
    with pytest.raises(NoSourceImage):
        decide("make it darker", forced=Intent.EDIT)


def test_a_suggestion_painted_with_one_click_keeps_its_words() -> None:
    offered = decide("describe a lighthouse at dusk").suggestion
    assert decide(offered, forced=Intent.GENERATE).prompt == offered


def test_the_card_gets_a_short_subject() -> None:
    assert decide("draw the old lighthouse, seen from the sea").subject == "old lighthouse"
    long: Decision = decide("draw a " + "very " * 40 + "old fox")
    assert len(long.subject) <= 60
    assert long.subject.endswith("…")


def test_a_very_long_message_is_talk() -> None:
    assert kind("draw a fox. " * 900) == "chat"
    assert decide("/imagine " + "a fox, " * 900).kind is Intent.GENERATE


def test_a_wish_at_the_end_of_a_long_message_is_heard() -> None:
    story = "The old keeper climbed the tower every night. " * 60
    decision = decide(f"{story}Please draw that scene.")
    assert decision.kind is Intent.GENERATE
    assert decision.prompt.startswith("The old keeper climbed the tower")
    assert decide(f"{story}What happens next?").kind is Intent.CHAT


def test_an_exact_size_is_a_size() -> None:
    assert decide("/imagine a fox --size 1536x1024").options.size == Size(width=1536, height=1024)


@pytest.mark.parametrize(
    "words", ['a sign saying "OPEN"', "a sign saying “OPEN”", "ein Schild mit „OFFEN“", "「猫」の看板"]
)
def test_a_quoted_word_keeps_its_closing_mark(words: str) -> None:
    assert prompts.tidy(words) == prompts.tidy(f"{words}.") == words
