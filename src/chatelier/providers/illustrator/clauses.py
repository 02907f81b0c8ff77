"""Splits an instruction ("make the cat blue and remove the dog") into clauses that each ask for one change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatelier.providers.illustrator.spans import Span, find_spans
from chatelier.providers.illustrator.tokens import Token

REMOVING = frozenset("remove delete erase drop lose hide without no minus cut eliminate omit clear stop empty".split())
ADDING = frozenset(
    "add put place include insert give append draw paint another more extra also plus hang wear wearing wears".split()
)
TURNING = frozenset("replace swap exchange turn change transform convert switch substitute".split())
MAKING = frozenset(
    "make color colour recolor recolour paint tint set let should must keep leave move shift use try zoom crop extend "
    "expand rotate flip mirror blur sharpen brighten darken lighten give have".split()
)
VERBS = REMOVING | ADDING | TURNING | MAKING
PAIRING = frozenset("swap switch exchange between".split())  # these need both that an "and" joins
BEGINNERS = frozenset("the get take closer brighter darker warmer cooler bigger smaller at in as less fewer".split())
REMOVING_PAIRS = (
    ("get", "rid"),
    ("take", "out"),
    ("take", "away"),
    ("take", "off"),
    ("dont", "want"),
    ("not", "want"),
    ("dont", "need"),
)


@dataclass(kw_only=True)
class Clause:
    """``verb`` is remove, add, turn, make, move or ''; ``spans`` point into ``tokens``."""

    verb: str
    tokens: list[Token]
    spans: list[Span]

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    def without(self, found: re.Match[str]) -> Clause:
        """The clause without the words of a match on ``text``."""
        at, kept = 0, []
        for token in self.tokens:
            if at + len(token.text) <= found.start() or at >= found.end():
                kept.append(token)
            at += len(token.text) + 1
        return Clause(verb=self.verb, tokens=kept, spans=find_spans(kept))

    @property
    def texts(self) -> list[str]:
        return [token.text for token in self.tokens]

    def between(self, first: Span, second: Span) -> list[str]:
        return self.texts[first.end : second.start]

    def after(self, span: Span) -> list[str]:
        following = [other.start for other in self.spans if other.start >= span.end]
        return self.texts[span.end : min(following, default=len(self.tokens))]

    def before(self, span: Span) -> list[str]:
        earlier = [other.end for other in self.spans if other.end <= span.start]
        return self.texts[max(earlier, default=0) : span.start]


def clauses(tokens: Sequence[Token]) -> list[Clause]:
    out, verb = [], ""
    for part in _split(tokens):
        own = _verb([token.text for token in part])
        verb = own or (verb if verb in ("add", "remove") else "")
        out.append(Clause(verb=verb, tokens=part, spans=find_spans(part)))
    return out


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    """At marks, and at "and", "then" or "but" before a verb or what reads like a change of its own."""
    parts: list[list[Token]] = [[]]
    for at, token in enumerate(tokens):
        following = tokens[at + 1].text if at + 1 < len(tokens) else ""
        joins = (
            token.text in ("and", "then", "but", "while")
            and (following in VERBS or following in BEGINNERS)
            and not PAIRING & {one.text for one in parts[-1]}
        )
        if token.mark or joins:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _verb(texts: list[str]) -> str:
    if any(pair == tuple(texts[at : at + 2]) for pair in REMOVING_PAIRS for at in range(len(texts))):
        return "remove"
    for word in texts:
        if word in ("move", "shift", "center", "centre"):
            return "move"
        if word in REMOVING:
            return "remove"
        if word in TURNING:
            return "turn"
        if word in ADDING and not (word in ("paint", "more", "draw") and _describes(texts)):
            return "add"
        if word in MAKING:
            return "make"
    return ""


def _describes(texts: list[str]) -> bool:
    """ "paint the house red", "more vibrant": no new thing is asked for."""
    if "paint" in texts:
        following = texts[texts.index("paint") + 1 : texts.index("paint") + 2]
        return following in (["the"], ["it"], ["them"], ["my"])
    return "more" in texts
