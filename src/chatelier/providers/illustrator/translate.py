"""Common nouns of other languages, and emoji, as the English words that the rest understands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from chatelier.providers.illustrator.lexicon import lexicon, lines, phrase
from chatelier.providers.illustrator.tokens import MARKS, Token, plural, singulars

ENGLISH = frozenset("the an of with and at is are under near by from for his her my their draw paint on to".split())
JOINERS = {
    "and": frozenset({"y", "et", "und", "e"}),
    "with": frozenset({"con", "avec", "mit", "com"}),
    "a": frozenset({"un", "una", "une", "ein", "eine", "einen", "einem", "einer", "um", "uma"}),
    "under": frozenset({"bajo", "sous", "unter", "sob"}),
    "in": frozenset({"en", "dans", "im", "in", "em", "na", "no"}),
    "on": frozenset({"sobre", "sur", "auf"}),
}
PLAIN = {small: english for english, smalls in JOINERS.items() for small in smalls}
WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々ー]+")
EMOJI_FROM = 0x203C
VARIATION = "\ufe0f"
PHRASE = 4  # words of the longest phrase


@dataclass(frozen=True, kw_only=True)
class Language:
    """``small`` are its function words; ``words`` its nouns, colours and numbers in English."""

    small: frozenset[str]
    words: dict[str, str]


@lru_cache(2)
def languages(orders: bool = False) -> dict[str, Language]:
    """With ``orders`` also the verbs and comparatives of instructions, which a description does not need."""
    small: dict[str, frozenset[str]] = {}
    words: dict[str, dict[str, str]] = {}
    for key, value in lines("foreign"):
        name, _, kind = key.partition(" ")
        entries = [entry.strip() for entry in value.split(",")]
        if kind == "small":
            small[name] = frozenset(entries)
        else:
            words[name] = dict(entry.split("=") for entry in entries)
    for key, value in lines("orders") if orders else ():
        words[key].update(dict(entry.strip().split("=") for entry in value.split(",")))
    return {name: Language(small=small.get(name, frozenset()), words=found) for name, found in words.items()}


def unfold_wide(text: str, *, orders: bool = False) -> str:
    """Japanese and Chinese words replaced by English ones, longest first; other characters stay."""
    if not WIDE.search(text):
        return text
    known = languages(orders)["ja"].words | languages(orders)["zh"].words
    longest = max(map(len, known))
    return WIDE.sub(lambda match: _greedy(match.group(), known, longest), text)


def _greedy(run: str, known: dict[str, str], longest: int) -> str:
    out, at = [], 0
    while at < len(run):
        for length in range(min(longest, len(run) - at), 0, -1):
            if run[at : at + length] in known:
                out.append(f" {known[run[at : at + length]]} ")
                at += length
                break
        else:
            at += 1
            out.append(" ")
    return "".join(out)


def unfold_emoji(text: str) -> str:
    """Each emoji replaced by its icon's name."""
    if all(ord(char) < EMOJI_FROM for char in text):
        return text
    text = text.replace(VARIATION, "")
    out, at = [], 0
    while at < len(text):
        name, length = _emoji(text, at) if ord(text[at]) >= EMOJI_FROM else ("", 1)
        known = bool(name) and (phrase(name) in lexicon().things or phrase(name) in lexicon().features)
        out.append(f" {name.replace('-', ' ')} " if known else text[at : at + length])
        at += length
    return "".join(out)


def _emoji(text: str, at: int) -> tuple[str, int]:
    for length in range(min(10, len(text) - at), 0, -1):
        name = lexicon().chars.get(text[at : at + length])
        if name:
            return name, length
    return "", 1


def to_english(tokens: list[Token], *, orders: bool = False) -> tuple[list[Token], bool]:
    """The tokens in English, and whether they were another language (where colours follow their noun)."""
    texts = [token.text for token in tokens]
    if ENGLISH.intersection(texts):
        return tokens, False
    known = languages(orders)
    scores = {name: _score(texts, language) for name, language in known.items() if language.small}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] <= 0:
        return tokens, False
    language = known[best]
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        length, text = _phrase(texts, at, language)
        raw = " ".join(token.raw for token in tokens[at : at + length])
        out.extend(Token(text=part, raw=raw) for part in text.split())
        at += length
    return out, True


def _phrase(texts: list[str], at: int, language: Language) -> tuple[int, str]:
    """How many words are one phrase here, and what it means."""
    for length in range(min(PHRASE, len(texts) - at), 1, -1):
        english = language.words.get(" ".join(texts[at : at + length]))
        if english:
            return length, english
    text = _word(texts[at], language)
    if text is None and texts[at] in language.small:
        text = PLAIN.get(texts[at], "the")
    return 1, text or texts[at]


def _word(text: str, language: Language) -> str | None:
    if text in language.words:
        return language.words[text]
    for one in singulars(text):
        if one in language.words:
            english = language.words[one]
            return plural(english) if (english,) in lexicon().things else english
    return None


def _score(texts: list[str], language: Language) -> float:
    """Positive when a known word stands beside a small word, or when all words are known and one is not English."""
    known = [text for text in texts if _word(text, language) is not None]
    small = sum(text in language.small for text in texts)
    whole = len(known) == sum(text not in MARKS for text in texts) and not all(map(_is_english, known))
    return len(known) * 2 + small if known and (small >= 1 or whole) else 0


def _is_english(text: str) -> bool:
    return (text,) in lexicon().things or (text,) in lexicon().features
