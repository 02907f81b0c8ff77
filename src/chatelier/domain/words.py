"""What people look for and what images are found by, made alike. Pure: no database.

A lexeme is the owner's mark and a word, so that a posting list of the index holds one owner's images only and no
query ever walks over those of others. What the words are of stands in their weight: A a facet (``=style:ink``),
B prompt, instruction and description, C the title of the thread. Facets and words meet in one query.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from uuid import UUID

from chatelier.domain import texts

MOST_WORDS = 1000  # of one image
LONGEST_WORD = 64
LONGEST_FACET = 400
_SCAN = 40_000  # characters read
_ACCENTS = range(200, 241)  # combining classes of marks above and below letters (Unicode, UAX 44)
_POINTS = range(10, 36)  # Hebrew and Arabic points
_PAIRED = ("CJK UNIFIED", "CJK COMPAT", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA")


def words_of(text: str) -> list[str]:
    """Its distinct words in order: no case, no accents; Chinese and Japanese, which have no spaces, as pairs of
    characters, and the last one alone so that each character begins a word."""
    return list(dict.fromkeys(word for run in _runs(text[:_SCAN]) for word in _split(run)))[:MOST_WORDS]


def wanted_words(text: str, most: int) -> list[str]:
    """The words of a query: of a pair's characters none is asked for twice."""
    return list(dict.fromkeys(word for run in _runs(text[:_SCAN]) for word in _split(run, wanted=True)))[:most]


def facets_of(values: Mapping[str, str | None]) -> list[str]:
    """``=name:value`` for each value that is there, cut to what a lexeme can hold."""
    return [f"={name}:{texts.clean(value[:LONGEST_FACET])}" for name, value in values.items() if value]


def vector(owner_id: UUID, facets: Iterable[str] = (), words: Iterable[str] = (), title: Iterable[str] = ()) -> str:
    """A ``tsvector`` as text. Positions differ by weight, else equal lexemes would fall together."""
    mark = scope(owner_id)
    parts = ((facets, "1A"), (words, "2B"), (title, "3C"))
    return " ".join(f"{_quoted(mark + word)}:{place}" for some, place in parts for word in some)


def query(owner_id: UUID, words: Iterable[Sequence[str]], facets: Iterable[str] = ()) -> str:
    """A ``tsquery`` as text: all of ``words``, each as one of its spellings and as a beginning; all of ``facets``."""
    mark = scope(owner_id)
    asked = [" | ".join(f"{_quoted(mark + spelling)}:*" for spelling in spellings) for spellings in words]
    return " & ".join([f"({one})" for one in asked] + [_quoted(mark + facet) for facet in facets])


def scope(owner_id: UUID) -> str:
    """Four characters of an owner. Two owners may share them: rows are compared by owner all the same."""
    return base64.urlsafe_b64encode(owner_id.bytes[-3:]).decode()


def _quoted(lexeme: str) -> str:
    doubled = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _runs(text: str) -> Iterator[str]:
    """Unbroken letters and digits, normalised; other symbols, such as emoji, each for itself."""
    run = ""
    for character in _normal(text):
        kind = unicodedata.category(character)
        if kind[0] in "LNM" and not "\ufe00" <= character <= "\ufe0f":
            run += character
            continue
        if run:
            yield run
            run = ""
        if kind == "So":
            yield character
    if run:
        yield run


def _normal(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not _is_accent(c))
    return unicodedata.normalize("NFC", plain.casefold())


def _is_accent(character: str) -> bool:
    combining = unicodedata.combining(character)
    return combining in _ACCENTS or combining in _POINTS


def _split(run: str, *, wanted: bool = False) -> Iterator[str]:
    """A run in pieces of one script each: words as they are, Chinese and Japanese in pairs."""
    piece, paired = "", False
    for character in run:
        if piece and _is_paired(character) != paired:
            yield from _pairs(piece, wanted) if paired else (piece[:LONGEST_WORD],)
            piece = ""
        paired = _is_paired(character)
        piece += character
    yield from _pairs(piece, wanted) if paired else (piece[:LONGEST_WORD],)


def _pairs(piece: str, wanted: bool) -> Iterator[str]:
    yield from (first + second for first, second in pairwise(piece))
    if not wanted or len(piece) == 1:
        yield piece[-1]


def _is_paired(character: str) -> bool:
    return character > "\u2e7f" and unicodedata.name(character, "").startswith(_PAIRED)
