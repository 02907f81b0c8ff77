"""Words to marks: each known word or phrase belongs to a class, written as one letter.

The grammar is regular expressions over these letters, so it is short, quick and the same for all languages.

    D draw, paint: makes a picture       O logo, poster: a thing that is a picture
    B sketch, render: verb or picture    N drawing, photo, portrait: a picture of some sort
    M make, create  Z design  d do       n picture, image: says nothing about the sort
    5 making, sketching                  T list, poem, job: made of words, numbers or deeds
    G show, give  g get  h have  s see   v fox, castle: can be seen        z python, svg: a medium of code
    W write, explain, remind: talk       F background, angle, version: a part or trait of a picture
    E add, remove, crop: changes         K colours   y watercolor, neon: styles   J darker, bigger, realistic
    V redo, regenerate                   l more, less   u too   R again   A another   S same   3 first, last
    * how about, what if    @ let's   $ in words      I Y m i, you, me      o it, them      X not   b is   H should
    L want, I'd like   U like, love   C can   ^ let   a t p 1 r a, the, my, one, two
    Q what, how   q while, because
    ~ think   + possible   0 look   # image #2   f of   w with   e without   i in, on   4 for   k as   j instead
    & and   c but   2 to                 P please, now: fillers   ! thanks, lol, nice: reactions
    x anything else; punctuation stands for itself, a quoted passage is ", a line break is /
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

Phrases = Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """``also`` holds the second mark of a word that is a verb and a noun ("list", "colour"). ``phrases`` maps a
    first word to (all words, mark), the longest first. ``head_first``: the noun comes before its adjectives.
    ``verb_last``: after "can you" the verb ends the sentence. ``elides``: "d'une" is two words. ``plurals``:
    a noun with an s is known by its singular."""

    words: Mapping[str, str]
    also: Mapping[str, str]
    phrases: Phrases
    head_first: bool = False
    verb_last: bool = False
    elides: bool = False
    plurals: bool = False


def lexicon(
    words: Mapping[str, str],
    phrases: Mapping[str, Iterable[str]],
    *,
    more: Mapping[str, str] = MappingProxyType({}),
    **traits: bool,
) -> Lexicon:
    """``words``, ``phrases`` and ``more`` map a mark to its words. Of a word listed twice the first mark is its main
    one."""
    marks: dict[str, str] = {}
    also: dict[str, str] = {}
    for mark, listed in (*words.items(), *more.items()):
        for word in listed.split():
            if marks.setdefault(word, mark) != mark:
                also[word] = mark
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for mark, several in phrases.items():
        for phrase in several:
            parts = tuple(phrase.split())
            by_first.setdefault(parts[0], []).append((parts, mark))
    ordered = {first: tuple(sorted(found, key=lambda item: -len(item[0]))) for first, found in by_first.items()}
    return Lexicon(words=marks, also=also, phrases=ordered, **traits)
