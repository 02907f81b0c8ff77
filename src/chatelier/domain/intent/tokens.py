"""A message as marked words: folded, slips corrected, phrases joined, cut into sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from chatelier.domain.intent.lexicon import Lexicon
from chatelier.domain.intent.typos import corrected

WORD = re.compile(
    r"""#\d{1,6}\b|"[^"\n]{1,200}"|“[^”\n]{1,200}”|\d[\d.,:x×/]*\d\w*|[^\W_]+(?:['’][^\W_]+|-[^\W_]+)*|w/o?\b|\n|[^\w\s]"""
)
ELIDED = re.compile(r"(?i:\b(?:[djlmnstc]|qu)['’](?=\w))|" + WORD.pattern)
SHAPE = re.compile(r"\d{1,2}:\d{1,2}|\d{3,4}[x×]\d{3,4}")
QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'"})
PUNCTUATION = {"–": "-", "—": "-", **{mark: mark for mark in "-.,:;?!()="}, "¿": ",", "¡": ",", "…": "."}
MANY = 300  # tokens
ENDS = ".!?/"
NOUN_MARKS = frozenset("NnOTvFzyKJ")
SINGULARS = frozenset("OTvF")


class Token(NamedTuple):
    """``word`` is folded (lower case, no accents) and corrected; ``start`` and ``end`` point into the text."""

    word: str
    mark: str
    also: str
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """Tokens without fillers, their marks as one string, and the text they point into."""

    text: str
    tokens: tuple[Token, ...]
    marks: str
    nouns: str  # the marks with every word read as a noun that can be one
    end: int  # where the sentence ends in the text

    def at(self, index: int) -> int:
        """Where token ``index`` begins in the text; the end of the sentence when there is none."""
        return self.tokens[index].start if index < len(self.tokens) else self.end

    def since(self, index: int) -> str:
        return self.text[self.at(index) : self.end]

    def between(self, first: int, last: int) -> str:
        """The text of the tokens first..last-1."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end] if first < last else ""

    def words(self, first: int = 0, last: int | None = None) -> list[str]:
        return [token.word for token in self.tokens[first:last]]


def fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFKD", word.translate(QUOTES).lower())
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("ß", "ss") or word


def tokens(text: str, lexicon: Lexicon, *, start: int = 0, end: int | None = None, limit: int = MANY) -> list[Token]:
    """The first ``limit`` tokens of the stretch, phrases joined into one."""
    pattern = ELIDED if lexicon.elides else WORD
    matches = islice(pattern.finditer(text, start, len(text) if end is None else end), limit)
    return _joined([_token(match, lexicon) for match in matches], lexicon)


def _token(match: re.Match[str], lexicon: Lexicon) -> Token:
    raw = match.group()
    word = fold(raw)
    start, end = match.span()
    mark = lexicon.words.get(word)
    if mark:
        return Token(word, mark, lexicon.also.get(word, ""), start, end)
    if raw == "\n":
        return Token("/", "/", "", start, end)
    if word[0] in '"“' and len(word) > 1:
        return Token(word, '"', "", start, end)
    if word[0] == "#" and len(word) > 1:
        return Token(word, "#", "", start, end)
    if not word[0].isalnum():
        return Token(word, PUNCTUATION.get(word, "P"), "", start, end)
    if word.isalpha():
        word = corrected(word)
        mark = lexicon.words.get(word) or _by_ending(word, lexicon)
    if mark is None and word[0].isdigit():
        mark = "F" if SHAPE.fullmatch(word) else "r"
    return Token(word, mark or "x", lexicon.also.get(word, ""), start, end)


def _by_ending(word: str, lexicon: Lexicon) -> str | None:
    """Comparatives of known adjectives and colours, as in "fluffier", "bluer"; "draaaw" and "pleeease" too."""
    if len(word) > 5 and word.endswith(("ier", "iest")):
        return "J"
    if len(word) > 4 and word.endswith(("er", "est")):
        stem = word.removesuffix("est").removesuffix("er")
        if any(lexicon.words.get(form) in ("J", "K") for form in (stem, stem + "e", stem[:-1])):
            return "J"
    once = word.rstrip(word[-1]) + word[-1]
    if len(word) > 5 and once != word and _by_ending(once, lexicon) == "J":
        return "J"  # "longerr", "fasterrr"
    if re.search(r"(.)\1\1", word):
        return lexicon.words.get(re.sub(r"(.)\1\1+", r"\1", word))
    return _singular(word, lexicon) if lexicon.plurals and len(word) > 3 and word[-1] == "s" else None


def _singular(word: str, lexicon: Lexicon) -> str | None:
    for form in (word[:-1], word[:-2], f"{word[:-3]}y" if word.endswith("ies") else ""):
        mark = lexicon.words.get(form, "")
        mark = mark if mark in SINGULARS else lexicon.also.get(form, "")
        if mark in SINGULARS:
            return mark
    return None


def _joined(found: Sequence[Token], lexicon: Lexicon) -> list[Token]:
    joined: list[Token] = []
    i = 0
    while i < len(found):
        token, length = _phrase(found, i, lexicon) if found[i].word in lexicon.phrases else (found[i], 1)
        joined.append(token)
        i += length
    return joined


def _phrase(found: Sequence[Token], i: int, lexicon: Lexicon) -> tuple[Token, int]:
    for words, mark in lexicon.phrases[found[i].word]:
        there = found[i : i + len(words)]
        if tuple(token.word for token in there) == words:
            return Token(" ".join(words), mark, "", there[0].start, there[-1].end), len(words)
    return found[i], 1


def sentences(text: str, found: Sequence[Token]) -> list[Sentence]:
    """Cut at . ! ? and line breaks. Fillers are left out of the tokens, never out of the text."""
    cut: list[Sentence] = []
    for first, last in _stretches(found):
        part = found[first:last]
        kept = tuple(_without_fillers(part))
        marks, nouns = "".join(token.mark for token in kept), "".join(map(nominal, kept))
        cut.append(Sentence(text, kept, marks, nouns, part[-1].end))
    return cut


def _without_fillers(part: Sequence[Token]) -> Iterator[Token]:
    """ "a drawing, please, of a fox" loses its commas with the filler between them."""
    for i, token in enumerate(part):
        between = token.mark == "," and (
            (i > 1 and part[i - 1].mark == "P" and part[i - 2].mark == ",")
            or (i + 2 < len(part) and part[i + 1].mark == "P" and part[i + 2].mark == ",")
        )
        if token.mark != "P" and not between:
            yield token


def nominal(token: Token) -> str:
    """The mark of the word read as a noun."""
    return token.also if token.also in NOUN_MARKS and token.mark not in NOUN_MARKS else token.mark


def _stretches(found: Sequence[Token]) -> Iterator[tuple[int, int]]:
    first = 0
    for i, token in enumerate(found):
        after = found[i + 1].mark if i + 1 < len(found) else "/"
        if token.mark in ENDS and token.word in ENDS and after not in ENDS:
            yield first, i + 1
            first = i + 1
    if first < len(found):
        yield first, len(found)
