"""The words of a text that carry its meaning, to see whether another text kept them. Pure."""

from __future__ import annotations

import re

from chatelier.domain.intent.tokens import fold

WORD = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*|\d+")
NUMBERS = "one two three four five six seven eight nine ten".split()
EMPTY = frozenset(
    """a an the this that these those some any my your his her its our their me you him us them it he she we they of
    in on at to for from by with without and or but as is are was were be been being am do does did done have
    has had having can could would will shall should may might must let lets please pls thanks thank just so
    very really too also there here what which who how why when where if then than not no yes ok okay hey hi
    hello i im id ill draw paint make create generate show see give get want wanted need like love image
    picture photo drawing painting version illustration about into onto up down out over under near beside
    next nice lovely cool great good maybe something anything thing things one ones wish wonder wondering
    imagine looks look looking feel""".split()
) - frozenset(NUMBERS)
ENDINGS = ("ings", "ing", "ies", "ed", "es", "s", "ly", "y", "e")


def content_words(text: str) -> frozenset[str]:
    """Folded stems; a run of Chinese or Japanese is one word."""
    found = (fold(match.group()) for match in WORD.finditer(text))
    return frozenset(_stem(word) for word in found if word not in EMPTY)


def share_kept(source: str, text: str) -> float:
    """How many of the words of ``source`` are in ``text``, 0..1; 1 when it has none."""
    wanted = content_words(source)
    return len(wanted & content_words(text)) / len(wanted) if wanted else 1.0


def _stem(word: str) -> str:
    word = str(NUMBERS.index(word) + 1) if word in NUMBERS else word
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            return stem[:-1] if stem[-1] == stem[-2] and len(stem) > 3 and ending in ("ing", "ed") else stem
    return word
