"""Noun phrases: what is asked for, and of which sort it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatelier.domain.intent.tokens import Sentence, Token, nominal

LONGEST = 24  # tokens of a noun phrase
BOUNDARY = frozenset("fweik4q,.:;?!-cbCHjQ/(=2")
MEASURES = frozenset(
    """
        set series pair bunch bit piece collection kind sort type couple lot dozen variety range selection versions
        variations variants version variation takes options
    """.split()
)
DESIGNS = frozenset("design designs set pack sheet series concept art collection panel panels strip page cover".split())
PARTICIPLES = frozenset(
    "lost made shaped covered surrounded painted dressed stuck hidden seen built carved filled".split()
)
STOPS_AFTER_NOUN = frozenset({"that", "this", "i", "we", "you", "he", "she", "they", "it"})
GENERIC_ADJECTIVES = frozenset(
    "new nice good quick simple cool little great beautiful lovely pretty fun funny another fresh short".split()
)


@dataclass(frozen=True)
class Thing:
    """A noun phrase: tokens ``first``..``after``-1, its noun at ``head``. ``sort`` is picture, object, text, visible,
    part, pronoun, code, unknown or none."""

    first: int
    head: int
    after: int
    sort: str


def thing_at(sentence: Sentence, first: int, *, head_first: bool = False) -> Thing:
    tokens = sentence.tokens
    after = first
    last = min(len(tokens), first + LONGEST)
    while after < last and not _ends(tokens, first, after):
        after += 1
    if after == first:
        return Thing(first, first, first, "none")
    head = _head(tokens, first, after, head_first)
    if tokens[head].word in MEASURES and sentence.marks[after : after + 1] == "f":
        return thing_at(sentence, after + 1, head_first=head_first)
    return Thing(first, head, after, _sort(tokens, first, head, after, sentence.marks))


def _ends(tokens: tuple[Token, ...], first: int, at: int) -> bool:
    token = tokens[at]
    if token.mark in BOUNDARY and not (token.mark == "!" and token.word.isalpha()):
        return True
    begun = any(earlier.mark not in "atprlASm" for earlier in tokens[first:at])
    if token.mark == "&":
        return begun
    if not begun:
        return False
    following = nominal(tokens[at + 1]) if at + 1 < len(tokens) else ""
    if token.mark == "5" or (token.mark == "N" and token.word.endswith("ing") and following in tuple("atpo")):
        return True  # "a poster depicting a cat", "a man painting a wall"
    verb_like = token.mark == "x" and token.word.endswith(("ing", "in")) and len(token.word) > 4 and following != "T"
    if tokens[at - 1].mark in "vO" and following in tuple("iwfk") and token.word in PARTICIPLES:
        return True  # "a snowman lost in the desert"
    return verb_like or token.word in STOPS_AFTER_NOUN or token.mark in "om"


def _head(tokens: tuple[Token, ...], first: int, after: int, head_first: bool) -> int:
    if not head_first:
        return after - 1
    return next((i for i in range(first, after) if nominal(tokens[i]) not in "atpr1lAS3J"), after - 1)


def _sort(tokens: tuple[Token, ...], first: int, head: int, after: int, marks: str) -> str:
    mark = nominal(tokens[head])
    if mark in "Nn":
        return "picture"
    if mark == "y" and marks[after : after + 1] == "f":
        return "picture"
    named = {"O": "object", "T": "text", "v": "visible", "F": "part", "o": "pronoun", "1": "pronoun", "z": "code"}
    if mark in "tp" and head == first:
        return "pronoun"
    if mark in named:
        return named[mark]
    if tokens[head].mark == "W":
        return "text"
    before = "".join(nominal(token) for token in tokens[first:after])
    drawn = "O" in before or ("v" in before and marks[after : after + 1] in tuple("w4fi"))
    if drawn and tokens[head].word in DESIGNS:
        return "object"
    return "styled" if re.search("[Ny]", before) else "unknown"
