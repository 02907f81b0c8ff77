"""Finds the known phrases of a prompt, longest first, and leaves out what only looks like a thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from chatelier.providers.illustrator.catalogue import catalogue
from chatelier.providers.illustrator.colours import NAMED
from chatelier.providers.illustrator.counts import GROUPS, NUMBERS
from chatelier.providers.illustrator.lexicon import BODY_PARTS, Feature, Phrase, lexicon
from chatelier.providers.illustrator.tokens import Token, singulars

LONGEST = 9  # words in a phrase
Value = TypeVar("Value")

# Words that are as often a verb or an adjective: a thing only where a noun can stand.
AMBIGUOUS = frozenset(
    "watch fly bat ring rock duck seal wave bow saw present park key post pick kiss bug cook guard judge pilot train "
    "drum star fire ice iron kite fall box file bear leaf light toast roast plant man book pan drink lock ship spring "
    "palm crane bowl ram iris spy model note figure court coach ale mare kid prize nut log mint barber sting hammer "
    "shell mushroom ape swallow parrot ferret badger hog hound bomb axe chest chip pepper salt butter jar mate "
    "shorts trunk hand glass china letter mail".split()
)
# Hardly ever meant as things: only right after an article, a number or a colour.
RARE = frozenset("link label pick hook hole gear pager ledger memo pill knot mate thread kiss wedding".split())
ARTICLES = frozenset("a an the one two three four five six my this".split()) | frozenset(NAMED)
# Before "flies" or "watches": anything else makes a verb of it.
BEFORE_PLURALS = ARTICLES | frozenset(
    "of with and or in on under over by for near some many few several the these those his her our their your lots "
    "big small little huge tiny old new beautiful cute shiny tall two three".split()
)
BEFORE_VERBS = frozenset(
    "to i you we they he she it who that which can could will would may might must should shall please lets not "
    "never also just".split()
)
CONTAINERS = frozenset({"basket", "bowl"})
BEFORE_COLOURS = frozenset("more less to into is are be all very bright dark light deep pale pastel it sky".split())
FOOD = "Food & Drink"


@dataclass(kw_only=True)
class Span:
    """Tokens ``start`` up to ``end`` name one thing (``icon``) or one part of the backdrop (``feature``)."""

    start: int
    end: int
    label: str
    plural: bool = False
    icon: str = ""
    near: bool = False
    feature: Feature | None = None


def matches(tokens: Sequence[Token], table: Mapping[Phrase, Value]) -> Iterator[tuple[int, int, Phrase, bool, Value]]:
    """(start, end, phrase, plural, value) of every phrase of the table, longest first, none inside another."""
    at = 0
    while at < len(tokens):
        for length in range(min(LONGEST, len(tokens) - at), 0, -1):
            hit = _look_up([token.text for token in tokens[at : at + length]], table)
            if hit:
                words, plural = hit
                yield at, at + length, words, plural, table[words]
                at += length
                break
        else:
            at += 1


def _look_up(words: list[str], table: Mapping[Phrase, Value]) -> tuple[Phrase, bool] | None:
    exact = tuple(words)
    found = exact in table
    for last in singulars(words[-1]):
        one = (*words[:-1], last)
        if one in table and (not found or table[one] == table[exact]):
            return one, True
    if found:
        return exact, False
    if len(words) > 1 and any(singulars(word) for word in words[:-1]):
        for parts in product(*((word, *singulars(word)) for word in words)):
            if parts in table:
                return parts, True
    return None


def find_spans(tokens: Sequence[Token]) -> list[Span]:
    """What the words name. Words inside a style's or an hour's name ("van gogh", "golden hour") name nothing."""
    taken = {
        at
        for start, end, _, _, pairs in matches(tokens, lexicon().ambience)
        if end - start > 1 and any(group in ("style", "near", "time") for group, _ in pairs)
        for at in range(start, end)
    }
    known: dict[Phrase, tuple[str, bool] | Feature] = {**lexicon().things, **lexicon().features}
    spans: list[Span] = []
    for start, end, words, plural, value in matches(tokens, known):
        label = " ".join(words)
        if isinstance(value, Feature):
            spans.append(Span(start=start, end=end, label=label, plural=plural, feature=value))
        elif not (start in taken and end - start == 1) and _is_noun(tokens, start, end, spans):
            icon, near = value
            spans.append(Span(start=start, end=end, label=label, plural=plural, icon=icon, near=near))
    spans = _without_adjuncts(tokens, [span for span in spans if not _is_colour(tokens, span, spans)])
    return _without_weak(spans)


def _is_noun(tokens: Sequence[Token], start: int, end: int, earlier: Sequence[Span]) -> bool:
    if end - start > 1:
        return True
    word = tokens[start].text
    following = tokens[end].text if end < len(tokens) else ""
    if following == "of" and (word == "heart" or (word in GROUPS and word not in CONTAINERS)):
        return False
    if word in RARE or any(one in RARE for one in singulars(word)):
        return start > 0 and tokens[start - 1].text in ARTICLES
    if word not in AMBIGUOUS and not any(one in AMBIGUOUS for one in singulars(word)):
        return True
    if start == 0:
        return following not in ("the", "a", "an", "my", "this", "that", "some")
    before = tokens[start - 1].text
    if singulars(word) and before not in BEFORE_PLURALS and before not in NUMBERS and not tokens[start - 1].mark:
        return False
    after_thing = bool(earlier) and earlier[-1].end == start and bool(earlier[-1].icon)
    return before not in BEFORE_VERBS and not after_thing


def _is_colour(tokens: Sequence[Token], span: Span, spans: Sequence[Span]) -> bool:
    """ "orange" and "rose" are colours beside another thing, and after "more", "to", "is" and the like."""
    if span.end - span.start > 1 or tokens[span.start].text not in NAMED:
        return False
    beside = any(other.start == span.end or (other.end == span.start and other.icon) for other in spans)
    following = tokens[span.end].text if span.end < len(tokens) else ""
    before = tokens[span.start - 1].text if span.start else ""
    return beside or following in NAMED or before in BEFORE_COLOURS


def _without_adjuncts(tokens: Sequence[Token], spans: list[Span]) -> list[Span]:
    """In "apple pie" and "rose garden" the first word only says which: the last one is drawn."""
    categories = catalogue().categories
    kept = []
    for at, span in enumerate(spans):
        following = spans[at + 1] if at + 1 < len(spans) else None
        beside = following is not None and following.start == span.end and not span.plural
        if beside and following is not None and span.icon and following.icon:
            first, second = categories.get(span.icon, ""), categories.get(following.icon, "")
            if first == FOOD and second == FOOD:
                continue
            if first == FOOD and following.label in ("tree", "plant", "bush"):
                continue
        kept.append(span)
    return kept


def _without_weak(spans: list[Span]) -> list[Span]:
    """Body parts and smileys describe a creature that is named too; alone they are what is wanted."""
    categories = catalogue().categories

    def weak(span: Span) -> bool:
        return span.icon in BODY_PARTS or (
            categories.get(span.icon) == "Smileys & Emotion" and span.label.endswith("face")
        )

    strong = any(span.icon and not weak(span) for span in spans)
    return [span for span in spans if not (strong and weak(span))]
