"""What people type and what images are found by, made alike."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatelier.domain.spelling import nearest
from chatelier.domain.words import query, scope, vector, wanted_words, words_of

ADA = UUID("019ac000-0000-7000-8000-000000abcdef")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A red Fox, a RED fox!", ["a", "red", "fox"]),
        ("Café Zürich naïve Ångström", ["cafe", "zurich", "naive", "angstrom"]),
        ("Straße ﬁne ½", ["strasse", "fine", "1", "2"]),
        ("猫の絵", ["猫の", "の絵", "絵"]),
        ("黒猫 draw", ["黒猫", "猫", "draw"]),
        ("東京towerの夜", ["東京", "京", "tower", "の夜", "夜"]),
        ("が", ["が"]),
        ("고양이 그림", ["고양이", "그림"]),
        ("кот в шляпе", ["кот", "в", "шляпе"]),
        ("a 🦊 in 4k", ["a", "🦊", "in", "4k"]),
        ("…!?*\\'\"&|():", []),
    ],
)
def test_words_lose_case_and_accents_and_what_has_no_spaces_goes_in_pairs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_query_asks_for_pairs_and_for_a_single_character_as_a_beginning() -> None:
    assert wanted_words("黒猫", 10) == ["黒猫"]
    assert wanted_words("猫", 10) == ["猫"]
    assert wanted_words("a b c d", 2) == ["a", "b"]


def test_a_text_without_end_has_an_end() -> None:
    assert len(words_of(" ".join(f"word{number}" for number in range(5000)))) == 1000
    assert max(map(len, words_of("x" * 40_000))) == 64


@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_is_typed_stays_inside_its_quotes(text: str, facet: str) -> None:
    words = words_of(text)
    assert not any(set(word) & set(" '\\&|!():*<>=") for word in words)
    made = query(ADA, [[word] for word in words], [f"=style:{facet}"])
    outside = made.replace("\\\\", "").replace("''", "").split("'")[0::2]
    assert not set("".join(outside)) - set(" &|():*")
    assert vector(ADA, [f"=style:{facet}"], words).count("1A") >= 1


def test_every_lexeme_bears_its_owners_mark() -> None:
    mark = scope(ADA)
    assert len(mark) == 4
    assert vector(ADA, ["=style:ink"], ["fox"], ["den"]) == f"'{mark}=style:ink':1A '{mark}fox':2B '{mark}den':3C"
    assert query(ADA, [["fox", "box"]], ["=style:ink"]) == f"('{mark}fox':* | '{mark}box':*) & '{mark}=style:ink'"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ligthouse", ["lighthouse"]),
        ("lighthuose", ["lighthouse"]),
        ("lighthoues", ["lighthouse"]),
        ("waterclor", ["watercolor"]),
        ("watrco", ["waterco"]),
        ("sheeep", ["sheep"]),
        ("cta", []),
        ("zzzzzz", []),
    ],
)
def test_a_typing_mistake_finds_the_nearest_word_that_is_there(typed: str, meant: list[str]) -> None:
    assert nearest(typed, ["lighthouse", "watercolor", "sheep", "cat", "castle"]) == meant
