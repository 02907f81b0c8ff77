"""Time, season, weather, style and mood of a prompt."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from chatelier.providers.illustrator.lexicon import lexicon
from chatelier.providers.illustrator.scene import STYLES
from chatelier.providers.illustrator.spans import matches
from chatelier.providers.illustrator.tokens import Token
from chatelier.providers.illustrator.wish import Wish


def read_ambience(wish: Wish, tokens: Sequence[Token], covered: set[int]) -> None:
    """Fill in what the words say of light and style; adds the positions of those words to ``covered``."""
    inside_things = set(covered)
    for start, end, words, _, pairs in matches(tokens, lexicon().ambience):
        if start in inside_things and end - start == 1 and not _is_feature(tokens[start].text):
            continue
        covered.update(range(start, end))
        for group, value in pairs:
            _note(wish, group, value, " ".join(words))
    for start, end, _, _, mood in matches(tokens, lexicon().moods):
        if start not in inside_things:
            covered.update(range(start, end))
            wish.vibrance = max(-1.0, min(1.0, wish.vibrance + mood.vibrance))
            wish.lightness = max(-0.5, min(0.5, wish.lightness + mood.lightness))
            wish.warmth = max(-0.6, min(0.6, wish.warmth + mood.warmth))
            wish.hue = mood.hue if wish.hue is None else wish.hue


def _is_feature(word: str) -> bool:
    return (word,) in lexicon().features


def _note(wish: Wish, group: str, value: str, words: str) -> None:
    if group == "time":
        wish.time = wish.time or value
    elif group == "season":
        wish.season = wish.season or value
    elif group == "weather" and value not in wish.weather:
        wish.weather.append(value)
    elif group == "style":
        wish.style = wish.style or value
    elif group == "near" and not wish.style:
        wish.style = value
        wish.approximated.append({"asked": words, "drawn": f"{value} style"})


def set_style(wish: Wish, style: str) -> None:
    """The style chosen as an option wins over words; one we do not have becomes the nearest."""
    name = style.strip().lower()
    if not name:
        return
    if name in STYLES:
        wish.style = name
        return
    asked = Wish()
    from chatelier.providers.illustrator.tokens import tokenise

    read_ambience(asked, tokenise(name), set())
    wish.style = asked.style or wish.style or "flat"
    wish.approximated = [entry for entry in wish.approximated if not entry["drawn"].endswith(" style")]
    if asked.style != name:
        wish.approximated.append({"asked": style.strip()[:60], "drawn": f"{wish.style} style"})


def hue_of(words: Sequence[str]) -> float:
    """A hue in degrees that always belongs to these words, and means nothing else."""
    digest = hashlib.sha256(" ".join(words).encode()).digest()
    return int.from_bytes(digest[:2], "big") / 65536 * 360
