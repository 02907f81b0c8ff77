"""Slips of the finger in the few words that decide: "drwa", "genarate", "pictue", "mkae", "mroe"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SHORT = "draw make give show more paint image photo remove change bigger darker please brighter smaller".split()
LONG = (
    """
        picture pictures images create generate sketch illustrate illustration drawing painting portrait photograph
        design render replace background another version different visualize wallpaper watercolor colors colour
        lighter without instead again
    """
).split()
NEAR = {
    "drow": "draw",
    "moar": "more",
    "mor": "more",
    "teh": "the",
    "giv": "give",
    "shw": "show",
    "mke": "make",
    "mak": "make",
    "drw": "draw",
    "wallaper": "wallpaper",
    "foto": "photo",
    "pictur": "picture",
    "thnx": "thanks",
    "thankyou": "thanks",
    "wihtout": "without",
    "backround": "background",
    "anothr": "another",
    "anotha": "another",
    "wit": "with",
    "wiht": "with",
    "insted": "instead",
    "cna": "can",
    "cann": "can",
    "wnat": "want",
    "wnt": "want",
    "liek": "like",
    "woudl": "would",
    "coudl": "could",
    "shoudl": "should",
    "plase": "please",
    "yuo": "you",
    "peice": "piece",
    "ot": "to",
    "adn": "and",
}
# Real words that stand one slip away from a word above.
REAL = frozenset(
    """
        raw daw ware mare mace made mane male maze mate mase sow how hove gave gibe live dive giver paint pant pint
        point pain saint mage imago images photon photos movers mores mover removed removes changes charge chance
        crate crete created creates crater creator creature generates generated general generator sketchy sketched
        pictured picturer designs designed designer renders rendered tender vendor replaced replaces replay places
        colors colored dolours lighters fighter lighted drawings paintings printing pointing panting fainting
        portraits portrayal versions aversion smaller bugger digger larger barker parker marker brighten brighter
        brightest pleased pleases pleas plea another painted painter paints bigger creative photography photographs
        photographer photographic illustrated illustrates illustrator drawling drawing remover imagine imagined gain
        gains against lighten difference differently designing rendering generation creation visualized visualise
        backgrounds wallpapers watercolors watercolours giving shown shows shower moire moreover gore more
    """.split()
)


def _inner(word: str) -> Iterator[str]:
    """A letter left out (never the first), two letters swapped, a letter typed twice."""
    for i in range(1, len(word)):
        if len(word) > 4:
            yield word[:i] + word[i + 1 :]
        yield word[: i - 1] + word[i] + word[i - 1] + word[i + 1 :]
        yield word[:i] + word[i - 1] + word[i:]
    yield word + word[-1]


def _slips(words: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        for slip in _inner(word):
            if slip not in REAL:
                found.setdefault(slip, word)
    return found


def _holes(word: str) -> Iterator[str]:
    return (f"{word[:i]}_{word[i + 1 :]}" for i in range(1, len(word)))


SLIPS = {**_slips(SHORT + LONG), **NEAR}
HOLES = {hole: word for word in LONG if len(word) > 6 for hole in _holes(word)}  # one letter typed wrong


def corrected(word: str) -> str:
    """The word meant, or the word itself."""
    found = SLIPS.get(word)
    if found or len(word) < 7 or word in REAL:
        return found or word
    return next((HOLES[hole] for hole in _holes(word) if hole in HOLES), word)
