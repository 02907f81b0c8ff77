"""Words and flags that cannot both be meant: "in 16:9 --ar 1:1", "square format --ar 3:2", "four versions --n 2"."""

from __future__ import annotations

import re

from chatelier.domain.intent.wording import RATIO, options_in_words
from chatelier.domain.options import Options, ratio_of, same_ratio
from chatelier.errors import Invalid

ORIENTED = re.compile(r"\b(?:square|landscape|horizontal|widescreen|panoramic|portrait|vertical)\b", re.IGNORECASE)
# "a 4:3 television" is part of the picture: only a ratio that is asked for contradicts.
ASKED = re.compile(r"(?:\b(?:in|at|ratio|format|aspect|of|make it|to)|[,;(])\s*$", re.IGNORECASE)
SCAN = 2000  # characters read


def check(text: str, flags: Options) -> None:
    """Raises Invalid, naming both. ``text`` is the message without its flags."""
    shape, told = ratio_of(flags), f"--size {flags.size}" if flags.size else f"--ar {flags.aspect_ratio}"
    if flags.size and flags.aspect_ratio and not same_ratio(shape, ratio_of(Options(aspect_ratio=flags.aspect_ratio))):
        raise _both(f"--ar {flags.aspect_ratio}", told, "aspect_ratio")
    words, text = options_in_words(text), text[:SCAN]
    if shape and not _fits(text, words, shape):
        raise _both(f"{_said(text, words)} in your words", told, "aspect_ratio")
    if flags.size and words.size and flags.size != words.size:
        raise _both(f"{words.size} in your words", told, "size")
    if words.n and flags.n and words.n != flags.n:
        raise _both(f"{words.n} versions in your words", f"--n {flags.n}", "n")


def _fits(text: str, words: Options, shape: float) -> bool:
    """A ratio or a size in numbers has to be the same; "square" and "landscape" only say which side is longer; a
    wallpaper may have any shape."""
    meant, found = ratio_of(words), RATIO.search(text)
    if words.size or (found and ASKED.search(text[: found.start()])):
        return not meant or same_ratio(meant, shape)
    if found or not meant or not ORIENTED.search(text):
        return True
    return (meant > 1, meant < 1) == (shape > 1, shape < 1)


def _said(text: str, words: Options) -> str:
    found = RATIO.search(text) or ORIENTED.search(text)
    return str(words.size) if words.size or not found else found[0].strip()


def _both(one: str, other: str, field: str) -> Invalid:
    return Invalid(f"{one} and {other} contradict each other: keep one of them.", fields={field: "contradicts"})
