"""Help for short prompts by rules: what was left open is said, what was said stays."""

from __future__ import annotations

import pytest

from chatelier.domain.content_words import content_words, share_kept
from chatelier.domain.options import Options
from chatelier.domain.prompting import helped
from chatelier.providers.base import PromptKind

SENTENCES, TAGS = PromptKind.SENTENCES, PromptKind.TAGS


def test_a_short_prompt_says_what_it_left_open_the_way_the_engine_likes() -> None:
    said = helped("a cat", SENTENCES, Options())
    assert said == "a cat. The subject in clear focus, soft natural light, high quality, finely detailed."
    assert helped("a cat", TAGS, Options()).startswith("a cat, sharp focus, soft natural lighting, highly detailed")
    assert helped("a cat", PromptKind.LITERAL, Options()) == "a cat"


@pytest.mark.parametrize("kind", [SENTENCES, TAGS])
@pytest.mark.parametrize(
    "text",
    [
        "a minimal logo of a fox",
        "a simple drawing of a dog",
        "a flat icon of a boat",
        "pixel art of a castle",
        "a blurry photo of a dog",
        "a line drawing of a hand",
        "ein Hund im Garten",
        "un gato rojo en la nieve",
        "猫の絵",
        "кот на крыше",
        "",
        "a " + "very " * 30 + "old house",
    ],
)
def test_who_wants_less_or_has_said_all_gets_no_help(text: str, kind: PromptKind) -> None:
    assert helped(text, kind, Options()) == text


@pytest.mark.parametrize("kind", [SENTENCES, TAGS])
@pytest.mark.parametrize(
    "text",
    [
        "a red fox in the snow, no text",
        'a boat with the name "Ada" on its bow',
        "two owls on a branch under the moon, in watercolor",
        "a kitchen without people",
        "black and white ink drawing of an owl",
    ],
)
def test_every_word_stays_where_it_is(text: str, kind: PromptKind) -> None:
    prompt = helped(text, kind, Options())
    assert prompt.startswith(text)
    assert len(prompt) > len(text)


def test_what_was_said_is_not_said_otherwise() -> None:
    assert "light" not in helped("a city at night", SENTENCES, Options())
    assert "colour" not in helped("a black and white painting of a dog", SENTENCES, Options())
    assert "view" not in helped("a close-up of a mountain", SENTENCES, Options())
    assert "finely" not in helped("a very detailed ship", SENTENCES, Options())
    assert "soft" not in helped("a cat", SENTENCES, Options(negative_prompt="soft light"))
    assert "detailed" not in helped("a cat without details", TAGS, Options())


def test_an_option_counts_as_said() -> None:
    assert "brushwork" in helped("a harbour", SENTENCES, Options(style="oil painting"))
    assert helped("a harbour", SENTENCES, Options(style="minimalist")) == "a harbour"


def test_content_words_are_found_again_in_other_forms() -> None:
    assert content_words("Please draw two dogs for me") == {"2", "dog"}
    assert share_kept("two dogs running", "a picture of 2 dogs, which run far") == 1.0
    assert share_kept("a red fox", "a burning city") == 0.0
    assert share_kept("please", "anything") == 1.0
