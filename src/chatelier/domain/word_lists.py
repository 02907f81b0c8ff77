"""An operator's word list, and whether a text says one of its words. Pure.

Whole words only, so Scunthorpe is a town. Both sides are folded (NFKC, case, accents, invisible characters); words
spelled with look-alikes, digits, spaces or dots between letters are read as they are meant, and only where ordinary
writing does not look like that. Scripts without spaces are searched anywhere in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

ACCENTED = 0x0700  # below it stand scripts whose marks may be left out: Latin, Greek, Cyrillic, Hebrew, Arabic
# Cyrillic and Greek letters that look like Latin ones, in words that mix them.
LOOK_ALIKES = str.maketrans("аеорсухіјѕһԁԛԝвкмнтгαεορυικντχ", "aeopcyxijshdqwbkmhtraeopuikvtx")
DIGITS = str.maketrans("0345789@$!|", "oeastbgasii")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
LEET = re.compile(r"[\w@$!|]+")
SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[\s._*+~/\\-]{1,3}[^\W\d_]){2,}(?![^\W_])")
BROKEN = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?:[._*+~/\\-]++[^\W\d_]++)+")  # tried once in each word
STRETCHED = re.compile(r"(.)\1{2,}")
TWICE = re.compile(r"(.)\1+")
GLUED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
HANGUL = re.compile(r"[\uac00-\ud7a3]+")


@dataclass(frozen=True, kw_only=True)
class WordList:
    """``phrases`` are runs of words by their first one, ``parts`` stand anywhere, ``starts`` begin a word; ``allowed``
    are phrases that are taken out before anything is looked for."""

    words: frozenset[str] = frozenset()
    squeezed: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    parts: tuple[str, ...] = ()
    allowed: tuple[tuple[str, ...], ...] = ()

    def finds(self, text: str) -> bool:
        """Whether ``text`` says one of the words, plainly or in disguise."""
        folded = fold(text)
        if any(part in folded for part in self.parts):
            return True
        said = _without(WORD.findall(folded), self.allowed)
        if any(_has_run(said, phrase) for phrase in self.phrases):
            return True
        return any(self._is_listed(word) for word in (*said, *_disguised(folded)))

    def _is_listed(self, word: str) -> bool:
        if word in self.words or (self.starts and word.startswith(self.starts)):
            return True
        return bool(STRETCHED.search(word)) and TWICE.sub(r"\1", word) in self.squeezed


def read_list(lines: str, *, allowed: str = "") -> WordList:
    """One entry a line: a word or a phrase, with ``*`` at its end for all that begins so, ``!`` before what is allowed
    all the same, ``#`` before a remark. ``allowed`` is another list whose ``!`` lines hold here, too."""
    return _read(lines, allowed)


@lru_cache(maxsize=8)
def _read(lines: str, allowed: str) -> WordList:
    entries = list(_entries(lines))
    spared = [fold(entry[1:]) for entry in (*entries, *_entries(allowed)) if entry.startswith("!")]
    spared_words = {words[0] for words in map(WORD.findall, spared) if len(words) == 1}
    listed = [entry for entry in entries if not entry.startswith("!")]
    parts = {fold(entry.rstrip("*")) for entry in listed if GLUED.search(entry)}
    runs = [_run(entry) for entry in listed if not GLUED.search(entry)]
    starts = {run[0].rstrip("*") for run in runs if len(run) == 1 and run[0].endswith("*")}
    words = {run[0] for run in runs if len(run) == 1 and not run[0].endswith("*")} - spared_words
    return WordList(
        words=frozenset(words),
        squeezed=frozenset(TWICE.sub(r"\1", word) for word in words),
        starts=tuple(sorted({*starts, *(word for word in words if HANGUL.fullmatch(word))})),
        phrases=tuple(run for run in runs if len(run) > 1),
        parts=tuple(sorted(parts - {""})),
        allowed=tuple(tuple(WORD.findall(entry)) for entry in spared),
    )


def _run(entry: str) -> tuple[str, ...]:
    """The words of an entry; the last one keeps its ``*``."""
    words = WORD.findall(fold(entry))
    if words and entry.endswith("*"):
        words[-1] += "*"
    return tuple(words)


def fold(text: str) -> str:
    """One spelling for all: compatible forms, case, accents and invisible characters do not matter. Words that mix
    scripts are read in Latin letters."""
    shown = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    kept: list[str] = []
    base = 0
    for character in shown:
        category = unicodedata.category(character)
        if category == "Cf" or character == "\u0640" or (category == "Mn" and base < ACCENTED):
            continue
        base = base if category == "Mn" else ord(character)
        kept.append(character)
    return WORD.sub(_in_latin, unicodedata.normalize("NFC", "".join(kept)).casefold())


def _in_latin(match: re.Match[str]) -> str:
    word = match.group()
    if word.isascii() or not re.search("[a-z]", word):
        return word
    return word.translate(LOOK_ALIKES)


def _disguised(folded: str) -> Iterator[str]:
    """What words written with digits, dots or spaces between their letters may be meant as."""
    for match in LEET.finditer(folded):
        word = match.group().lstrip("_!|").rstrip("_@$!|")
        letters = sum(character.isalpha() for character in word)
        if letters < len(word) <= 2 * letters:  # mostly letters: not a number, a road or a model's name
            yield word.replace("1", "i").translate(DIGITS)
            yield word.replace("1", "l").translate(DIGITS)
    for match in SPACED.finditer(folded):
        spelled = "".join(filter(str.isalpha, match.group()))
        yield from (spelled, spelled[1:], spelled[:-1])
    for match in BROKEN.finditer(folded):
        pieces = [piece for piece in re.split(r"[._*+~/\\-]+", match.group()) if piece]
        if any(len(piece) == 1 for piece in pieces):  # "p.orn", not a sentence that lacks its space
            yield "".join(pieces)


def _entries(lines: str) -> Iterator[str]:
    for line in lines.splitlines():
        entry = line.partition("#")[0].strip()
        if entry.strip("!* "):
            yield entry


def _without(words: Sequence[str], allowed: Iterable[tuple[str, ...]]) -> list[str]:
    kept = list(words)
    for run in allowed:
        at = _place(kept, run)
        while at is not None:
            kept[at : at + len(run)] = [""]  # nothing may grow together over the gap
            at = _place(kept, run, at)
    return kept


def _has_run(words: Sequence[str], run: tuple[str, ...]) -> bool:
    return _place(words, run) is not None


def _place(words: Sequence[str], run: tuple[str, ...], begin: int = 0) -> int | None:
    """The first place from ``begin`` on."""
    if not run:
        return None
    places = range(begin, len(words) - len(run) + 1)
    return next((at for at in places if all(map(_is_word, words[at : at + len(run)], run))), None)


def _is_word(said: str, meant: str) -> bool:
    return said.startswith(meant[:-1]) if meant.endswith("*") else said == meant
