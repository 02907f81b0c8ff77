"""Titles of threads: short, plain, and about what was asked."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatelier.domain.titles import LONGEST, UNTITLED, title_from


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("/imagine sunset over mountains --ar 16:9", "Sunset over mountains"),
        ("Hi! Could you please draw a fox in the snow for me?", "A fox in the snow"),
        ("What is a qanat? I read about it yesterday.", "What is a qanat?"),
        ("**Help** me plan a [trip](https://example.org) to `Rome`", "Help me plan a trip to Rome"),
        ("<b>bold</b> words", "Bold words"),
        ("/nonsense words", "Words"),
        ("   ", UNTITLED),
        ("###", UNTITLED),
        ("你好！今天天气怎么样？", "你好！"),
        ("\u202eright to left\u202c", "Right to left"),
        ("line one\nline two", "Line one line two"),
        ("nothing ,", "Nothing"),
    ],
)
def test_the_title_says_what_the_thread_is_about(text: str, title: str) -> None:
    assert title_from(text) == title


def test_a_long_message_is_cut_between_words() -> None:
    title = title_from("why do cats " + "really " * 40 + "purr")
    assert title.endswith("really…")
    assert len(title) <= LONGEST


def test_a_family_of_emoji_is_not_torn_apart() -> None:
    family = "👨‍👩‍👧‍👦"
    title = title_from(family * 20)
    assert title.removesuffix("…").replace(family, "") == ""
    assert len(title) <= LONGEST


@given(st.text(max_size=400))
def test_any_text_gives_one_short_visible_line(text: str) -> None:
    title = title_from(text)
    assert 1 <= len(title) <= LONGEST
    assert title == title.strip()
    assert not [c for c in title if unicodedata.category(c) in ("Cc", "Cs")]
    assert title_from(text) == title
