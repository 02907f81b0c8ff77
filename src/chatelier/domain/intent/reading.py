"""A message read once: its language, its sentences, and the requests and changes in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatelier.domain.intent.english import ENGLISH
from chatelier.domain.intent.german import GERMAN
from chatelier.domain.intent.lexicon import Lexicon
from chatelier.domain.intent.romance import FRENCH, PORTUGUESE, SPANISH
from chatelier.domain.intent.tokens import Sentence, fold, sentences, tokens

LONGEST = 6000  # characters; anything longer is talk unless it begins with a command
HEAD, TAIL = 800, 240  # characters at the beginning and the end in which requests are looked for
SCRIPT_SCAN = 600  # characters
OTHERS = (SPANISH, FRENCH, GERMAN, PORTUGUESE)
LATIN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True)
class Reading:
    """``text`` is the message without flags; offsets of tokens point into it."""

    text: str
    sentences: Sequence[Sentence]
    lexicon: Lexicon


def read_text(text: str) -> Reading:
    lexicon = language(text)
    if len(text) <= HEAD + TAIL:
        return Reading(text, sentences(text, tokens(text, lexicon)), lexicon)
    found = sentences(text, tokens(text, lexicon, end=HEAD))
    # What the tail begins with is the rest of a sentence: only whole ones count.
    ending = sentences(text, tokens(text, lexicon, start=len(text) - TAIL))[1:]
    return Reading(text, [*found, *ending], lexicon)


def has_no_spaces(text: str) -> bool:
    """Mostly Chinese or Japanese."""
    if text.isascii():
        return False
    head = text[:SCRIPT_SCAN]
    there = sum("\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" for c in head)
    return there > 0 and there * 2 >= sum(c.isascii() and c.isalpha() for c in head)


def language(text: str) -> Lexicon:
    """The lexicon that knows most of the first words; English when in doubt."""
    words = [fold(match.group()) for match in LATIN.finditer(text[:300])]
    known = sum(word in ENGLISH.words for word in words)
    if known * 2 > len(words) or not words:
        return ENGLISH
    pieces = [piece for word in words for piece in ELISION.sub(r"\1 ", word).split()]
    best = max(OTHERS, key=lambda lexicon: sum(piece in lexicon.words for piece in pieces))
    return best if sum(piece in best.words for piece in pieces) > known else ENGLISH


ELISION = re.compile(r"^((?:[djlmnstc]|qu)')(?=\w)")
