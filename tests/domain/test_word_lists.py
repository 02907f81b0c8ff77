"""A word list finds its words in disguise and leaves ordinary ones alone."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatelier.domain.moderation import child_safe_words
from chatelier.domain.word_lists import read_list

LIST = read_list(
    """
    porn  # a remark
    ass
    sex
    hello kitty
    kill*
    no such thing*
    naked
    !naked mole rat
    голый
    裸体
    총
    """
)


@pytest.mark.parametrize(
    "text",
    [
        "PORN!", "ｐｏｒｎ", "pörn", "po\u200brn", "p0rn", "pоrn", "pornnn", "p.orn", "p-o-r-n", "a s e x scene", "$ex",
        "Hello,  Kitty", "killing time", "no-such things", "a naked man and a naked mole rat",
        "Голый", "一个裸体的人", "총을 든 사람",
    ],
)  # fmt: skip
def test_a_listed_word_is_found_however_it_is_written(text: str) -> None:
    assert LIST.finds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe, Essex and Middlesex", "a glass of class assets", "the A55 road", "a Galaxy A55",
        "a naked mole rat",
        "сор на полу", "mp3, 4x4, h1n1", "letters U S A on a flag", "hello to a kitty", "skill", "the cla.ss of 99",
        "",
    ],
)  # fmt: skip
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert not LIST.finds(text)


def test_the_child_safe_list_lets_childrens_wishes_through() -> None:
    children = read_list(child_safe_words())
    wishes = (
        "a knight fights a dragon", "pirates with swords", "a bare tree", "ein nackter Mann aus Sussex",
        "a heroine on a horse", "a t-rex skeleton", "a bloody mary", "Mordor", "a viol and a lute", "Al Gore",
    )  # fmt: skip
    assert [wish for wish in wishes if children.finds(wish)] == ["ein nackter Mann aus Sussex"]
    allowed = read_list(child_safe_words(), allowed="!nackter")
    assert not allowed.finds(wishes[3])


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_list_and_any_text_can_be_read(text: str, lines: str) -> None:
    assert read_list(lines).finds(text) in (True, False)


def test_a_long_text_costs_what_its_length_says() -> None:
    """It is read while everybody else waits. In CPU time, one beside the other."""
    for piece in ("a", "@", "a.", "naked mole rat "):
        seconds = [0.0, 0.0]
        for which, length in enumerate((2_000, 32_000)):
            text = (piece * length)[:length]
            began = process_time()
            LIST.finds(text)
            seconds[which] = process_time() - began
        assert seconds[1] < 80 * seconds[0] + 0.5  # 16 for the length; for its square 256
