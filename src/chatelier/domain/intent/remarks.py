"""Changes that nobody commands: what is wrong with an image ("it's too dark"), and fragments ("darker", "at night")."""

from __future__ import annotations

import re

from chatelier.domain.intent.sight import Change, Sight

# All patterns are over marks; see lexicon.py.
ADDED = re.compile(r"(?:\b(?:also|and|plus|noch|aussi|tambi[eé]n|tamb[eé]m)\W*|\+\s*)$", re.IGNORECASE)
ADDED_SCAN = 12  # characters before a fragment
POLITE = re.compile(r"\b(?:please|pls|plz)\W*$", re.IGNORECASE)
OUGHT = re.compile("[^IYQWm,]{1,6}?H|H[la]|[tpo][^IYQWm,]{0,5}?Cb[lKJu]|[arl][^IYQWmn,]{1,6}C[b0x][!Jp]")
UNNAMED_OUGHT = re.compile("x.{0,2}H")
TOO_MUCH = re.compile("[otp][^IYQWm,]{0,4}?(?:b|0)?X?[ul]|[otp][^IYQWm,]{0,4}b2b|0?u[Jx]")
APPEARS = re.compile("[otp][^IYQWm,]{0,3}0")
STANDS = re.compile("[tp][vxF][^IYQWm,]i")
RATHER = re.compile("I.{0,3}lU")  # "I was thinking more like a cartoon"
NOT_A_FRAGMENT = re.compile("[IYQm?]|^[Wq]|[^l,]U")
LONGEST = 14  # tokens of a fragment
SPOKEN = frozenset("said meant asked wanted miss".split())
MISSED = frozenset("forgot missed omitted ignored left messed".split())
BELONGS = frozenset("belongs belong goes go sits".split())
LACKING = frozenset("missing lacking lacks".split())
TAKEN_FROM = frozenset("seen viewed shot photographed taken".split())
WRONG = frozenset("weird wrong off strange odd distorted deformed fake boring blurry unnatural awkward crooked".split())
NOT_DOING = frozenset(
    """
        nothing anything something everything amazing morning evening interesting king paying solving trying looking
        working going thinking asking wondering checking hoping feeling coming testing learning buying selling ordering
        having getting giving telling explaining finding calculating programming coding translating understanding
        meeting spring string ping during considering regarding concerning according being seeing loving
    """.split()
)
WHOLE_TRAITS = frozenset(
    "vibrant vivid colorful colourful realistic dramatic detailed square vertical horizontal panoramic".split()
)


def remark(sight: Sight, begin: int) -> Change | None:
    """ "the text should say BREW", "it needs more books", "it's too dark", "you forgot the dog", "I said two" """
    rest, start = sight.marks[begin:], sight.sentence.at(begin)
    if rest[:1] in ("I", "Y"):
        return Change(start, remark=True) if _spoken(sight, begin) else None
    ought = bool(OUGHT.match(rest))
    if "Q" in rest or not (ought or TOO_MUCH.match(rest) or _wrong(sight, begin)):
        return None
    if ought and UNNAMED_OUGHT.match(rest) and not sight.looks(begin) and sight.word(begin) != "there":
        return None
    return Change(start, commanded=ought, remark=not ought)


def _spoken(sight: Sight, begin: int) -> bool:
    """What the person says they wanted, or that something was forgotten."""
    rest, named = sight.marks[begin:], sight.words(begin + 1, begin + 2)
    if rest[0] == "Y":
        return bool(named & MISSED) and len(rest) > 2
    unwanted = bool(re.match("IX[LU]", rest)) and (sight.sees(begin) or rest.endswith("io"))
    return unwanted or bool(RATHER.match(rest)) or (bool(named & SPOKEN) and len(rest) > 2 and sight.looks(begin))


def _wrong(sight: Sight, begin: int) -> bool:
    rest, words = sight.marks[begin:], sight.words(begin)
    if APPEARS.match(rest) and words & WRONG:
        return True
    if STANDS.match(rest) and words & BELONGS:
        return True
    if re.match("JCb", rest) and sight.compares(begin):  # "thinner would be better"
        return True
    return bool(re.match("(?:o|t[xv])b", rest)) and bool(words & LACKING)


def fragment(sight: Sight, begin: int, expects: str) -> Change | None:
    """ "darker", "more trees", "at night", "without the fog", "blue walls", "bg = desert", "sleeping" """
    rest = sight.marks[begin:].rstrip(".!/")
    rest = rest if re.search("[bCdH0Q]", rest) else rest.rstrip("?")
    if expects or not rest or len(rest) > LONGEST or NOT_A_FRAGMENT.search(rest):
        return None
    end = begin + len(rest)
    first, nouns = sight.word(begin), sight.nouns[begin:end]
    if "W" in nouns and first != "like" and not sight.sees(begin, end):
        return None
    holds = (
        _joins(first, rest)
        or _adds(sight, begin, nouns)
        or _describes(sight, begin, rest)
        or (_names(sight, begin, rest) and rest[0] != "J")
    )
    return Change(sight.sentence.at(begin)) if holds else None


def _joins(first: str, rest: str) -> bool:
    """ "with a hat", "at night", "like a comic", "more trees", "seen from above" """
    joined = rest[0] in "iwekj" and rest[1:2] not in ("", "!", ",", ".") and not re.match("e[to]?[bo]", rest)
    liked = first == "like" and rest[1:2] in ("a", "t", "p")
    taken = first in TAKEN_FROM and rest[1:2] == "i"
    return joined or liked or taken or bool(re.match("a?l.", rest))


def _adds(sight: Sight, begin: int, nouns: str) -> bool:
    """ "and a hat", "also a lamp", "a wedge of cheese under his arm" """
    if "b" in nouns:
        return False
    before = sight.sentence.text[: sight.sentence.at(begin)][-ADDED_SCAN:]
    if ADDED.search(before) and re.match("[arvl1KJ]|x$", nouns):
        return True
    return nouns[0] in "arlvKJ" and bool(re.search("i[op]v?$|ip[vx]", nouns))


def _describes(sight: Sight, begin: int, rest: str) -> bool:
    """ "darker", "foggy please", "sleeping", "not so shiny", "a hare instead", "beard longer" """
    first, nouns = sight.word(begin), sight.nouns[begin : begin + len(rest)]
    if re.fullmatch("[KJy]{0,2}[vF]{1,2}", nouns):
        return True
    if re.fullmatch("[vx]J", nouns) and sight.compares(begin + 1):
        return True
    if rest == "J" and POLITE.search(sight.sentence.text):
        return True
    trait = rest[0] == "J" and (len(rest) > 1 or sight.compares(begin) or first in WHOLE_TRAITS)
    doing = rest[0] in "xJ" and first.endswith("ing") and first not in NOT_DOING and len(rest) <= 8
    rather = "j" in rest or bool(re.match("X.?[KJy]", rest))
    return (trait or doing or rather) and "b" not in rest


def _names(sight: Sight, begin: int, rest: str) -> bool:
    """Something of the image, in a few words and without a verb."""
    end = begin + len(rest)
    looks = bool(re.search("[KyFJ=]", sight.nouns[begin:end])) or sight.sees(begin, end)
    return looks and len(rest) <= 6 and not re.search("[bChH!TDMGS]", rest)
