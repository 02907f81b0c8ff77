"""What a message shows of what is meant: the signs that the odds of odds.py are learned from.

A sign is a short string: a word, two words in a row, marks of a sentence (see lexicon.py), the length, a
question. Most are kept apart by whether an image is talked about, since "make it shorter" means something else after a
poem; plain words also count without it, so that what is learned on one side serves on the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from chatelier.domain.intent import bare
from chatelier.domain.intent.reading import Reading
from chatelier.domain.intent.tokens import Sentence, fold

SENTENCES, WORDS, MARKS = 6, 40, 60  # read of each message, of each sentence
UNKNOWN = 'xvr"#'  # marks of words that are too many to learn
PLAIN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[?!:/\"#]")
PLAIN_SCAN = 400  # characters
LENGTHS = (1, 2, 3, 6, 12, 29)  # words


@dataclass(frozen=True)
class Place:
    """Where in the talk the message stands: ``focus`` is a word for what is talked about, ``near`` whether an image
    is or was just now, ``seen`` are the words of the images' prompts."""

    focus: str
    near: bool
    seen: Set[str]


def signs(reading: Reading, place: Place) -> set[str]:
    side = "I" if place.near else "T"
    common = {f"focus {place.focus}", *_plain_words(reading.text)}
    return common | {f"{side} {sign}" for sign in _of_text(reading, place)}


def signs_without_spaces(text: str, place: Place) -> set[str]:
    """Chinese and Japanese: characters and pairs of them."""
    side = "I" if place.near else "T"
    text = text[: WORDS * SENTENCES]
    found = {"cjk", *text, *(text[i : i + 2] for i in range(len(text) - 1))}
    return {f"focus {place.focus}"} | {f"{side} {sign}" for sign in found}


def _of_text(reading: Reading, place: Place) -> Iterator[str]:
    yield f"n{_bucket(len(reading.text.split()))}"
    yield f"s{min(len(reading.sentences), 4)}"
    yield f"lang{reading.lexicon.head_first:d}{reading.lexicon.verb_last:d}"
    yield f"bare{max(-3, min(6, bare.weight(reading)))}"
    if reading.sentences and "?" in reading.sentences[-1].marks:
        yield "asks"
    for index, sentence in enumerate(reading.sentences[:SENTENCES]):
        yield from _of_marks(sentence.marks, first=index == 0)
        yield from _of_words(sentence)
        seen = sum(token.word in place.seen for token in sentence.tokens)
        if seen:
            yield f"seen{min(seen, 2)}"


def _plain_words(text: str) -> Iterator[str]:
    """Words and pairs of words, as they were written apart from case and accents."""
    words = [fold(found) for found in PLAIN.findall(text[:PLAIN_SCAN])]
    yield from (f"1 {word}" for word in words)
    yield from (f"2 {one} {two}" for one, two in zip(["^", *words], [*words, "$"], strict=True))


def _of_marks(marks: str, *, first: bool) -> Iterator[str]:
    line = f"^{marks[:MARKS]}$"
    yield from (f"m {mark}" for mark in marks[:MARKS])
    yield from (f"{'a' if first else 'b'} {line[i : i + 2]}" for i in range(len(line) - 1))
    yield from (f"m {line[i : i + 3]}" for i in range(len(line) - 2))
    if first:
        yield f"f {line[:3]}"
        yield f"f {line[:5]}"


def _of_words(sentence: Sentence) -> Iterator[str]:
    words = [token.mark if token.mark in UNKNOWN else token.word for token in sentence.tokens[:WORDS]]
    yield from (f"w {token.word}" for token in sentence.tokens[:WORDS] if token.mark not in 'vr"#')
    yield from (f"w {one} {two}" for one, two in zip(["^", *words], words, strict=False))


def _bucket(count: int) -> int:
    return next((limit for limit in LENGTHS if count <= limit), 99)
