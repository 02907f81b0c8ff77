"""Parts of the backdrop that words can colour: sky, ground, water, mountains …"""

from __future__ import annotations

from collections.abc import Sequence

from chatelier.providers.illustrator.colours import NAMED, SHADES
from chatelier.providers.illustrator.grammar import colour_in, own_words
from chatelier.providers.illustrator.lexicon import lines
from chatelier.providers.illustrator.tokens import Token

PARTS = {word: part for part, words in lines("parts") for word in words.split()}
LINKS = frozenset(
    "is are be to into turn turned turns look looks become becomes in a as more bit little lot much slightly "
    "should colored coloured painted all color colour colors colours".split()
)
ENDS = frozenset(",.;:!?\n")


def paints_in(tokens: Sequence[Token], things: Sequence[range] = ()) -> dict[str, str]:
    """Part of the backdrop → colour words, from "purple sky", "the sky is purple", "sky to purple".
    ``things`` are token ranges that name things: a colour that touches one is the thing's."""
    found: dict[str, str] = {}
    texts = [token.text for token in tokens]
    for at, word in enumerate(texts):
        part = PARTS.get(word)
        if part is None or any(at in span for span in things):
            continue
        if word == "water" and texts[at + 1 : at + 2] in (["color"], ["colour"], ["colors"]):
            continue
        colour = _before(texts, at, things) or _after(texts, at, things)
        if colour:
            found[part] = colour
    return found


def _before(texts: list[str], at: int, things: Sequence[range]) -> str:
    first = at
    while first > 0 and at - first < 5 and texts[first - 1] not in ENDS and not _touched(first - 1, things):
        first -= 1
    return colour_in(own_words(texts[first:at]))


def _after(texts: list[str], at: int, things: Sequence[range]) -> str:
    """Only linking words may stand between the part and its colour."""
    last = at + 1
    while last < len(texts) and last - at < 7 and texts[last] in LINKS:
        last += 1
    words = texts[last : last + 2]
    linked = last > at + 1 or (bool(words) and (words[0] in NAMED or words[0] in SHADES))
    if not words or not linked or _touched(last, things):
        return ""
    if words[0] in NAMED:
        followed_by_thing = _touched(last + 1, things) and last == at + 1
        return "" if followed_by_thing else words[0]
    return colour_in(words) if words[0] in SHADES else ""


def _touched(at: int, things: Sequence[range]) -> bool:
    return any(at in span for span in things)
