"""A message that only describes something: is it a prompt, as image bots get them, or talk?

No word asks for anything, so the words are weighed. What can be seen, where it is, what it does, how it looks and the
terms of painters and engines speak for a prompt; persons who speak, questions, texts and errands speak against it.
"""

from __future__ import annotations

import re

from chatelier.domain.intent.frames import lead
from chatelier.domain.intent.nouns import ERRANDS
from chatelier.domain.intent.phrases import thing_at
from chatelier.domain.intent.reading import Reading
from chatelier.domain.intent.tokens import Sentence

ENOUGH = 4
SHORTEST, LONGEST = 2, 160  # words
POLITE = re.compile(r"\b(?:please|pls|plz|thanks)\W*$", re.IGNORECASE)
# Terms of prompts: in talk they are rare, in prompts they follow the description.
TERMS = re.compile(
    r"""\b(?:artstation|deviantart|(?:4|8|16)k|uhd|hdr|octane|unreal\ engine|volumetric|photo-?realis\w+
      |(?:hyper|ultra)-?\ ?realis\w+|(?:highly|ultra|extremely|hyper|super|very|insanely|intricately)[ -]detailed
      |intricate|bokeh|cinematic|(?:sharp|soft)\ focus|depth\ of\ field|god\ rays|ray\ ?tracing|(?:golden|blue)\ hour
      |(?:studio|rim|soft|dramatic|moody|natural|golden|neon|warm|back)\ ?light(?:ing)?|trending\ on|concept\ art
      |(?:matte|digital)\ painting|digital\ art|masterpiece|best\ quality|symmetrical|isometric|low[ -]poly|\d{2,3}\ ?mm
      |f/\d|macro|close-?\ ?up|wide[ -]angle|top[ -]down|full[ -]body|aerial|anamorphic|tilt[ -]shift|long\ exposure
      |greg\ rutkowski|wlop|artgerm|mucha|style\ of|award[ -]winning|stylized|render(?:ed)?|vector|negative\ space
      |(?:white|black|plain)\ background)\b""",
    re.IGNORECASE | re.VERBOSE,
)
AGAINST = re.compile("[IYmL@]|[,.]b[otp]")
RELATIVE = frozenset("where who whose which".split())
FINITE = re.compile("[bCHU]")
PLACED = re.compile("[iw]")
MADE = re.compile(r"\b(?:made|shaped|built|carved|covered|dressed)\b", re.IGNORECASE)
TITLED = re.compile(r"\A\W*(?:the|this|that|these|those|my|your|best|top|how|why)\b", re.IGNORECASE)


def is_prompt(reading: Reading, *, flagged: bool = False) -> bool:
    """``flagged``: the message had flags, "--ar 16:9", as only prompts have."""
    return weight(reading) >= (1 if flagged else ENOUGH)


def weight(reading: Reading) -> int:
    """How much speaks for a prompt; 0 or less when something speaks against it."""
    if not reading.sentences or not SHORTEST <= len(reading.text.split()) <= LONGEST:
        return 0
    first = reading.sentences[0]
    begin = lead(first.marks)
    opening = first.marks[begin : begin + 1]
    if not opening or opening in 'QWXCbdIYTVERmMDBGgsL?"@*$H^~' or "?" in first.marks or "```" in reading.text:
        return 0
    return _for(reading, first, begin) - _against(reading, first, begin)


def _for(reading: Reading, first: Sentence, begin: int) -> int:
    nouns = first.nouns[begin:]
    terms = {match.group().lower() for match in TERMS.finditer(reading.text)}
    weighed = (
        3 * bool(re.search("[NOy]", nouns)),
        min(2 * len(terms), 4),
        min(nouns.count("v"), 2),
        bool(PLACED.search(nouns, 1)) or bool(MADE.search(reading.text)),
        bool(_doing(first, begin)),
        bool(re.search("[KJ]", nouns)),
        nouns[:1] in ("a", "r"),
        nouns.count(",") > 1,
        2 * bool(POLITE.search(reading.text)),
    )
    return sum(weighed)


def _against(reading: Reading, first: Sentence, begin: int) -> int:
    nouns = first.nouns[begin:]
    words = set(first.words(begin))
    thing = thing_at(first, begin, head_first=reading.lexicon.head_first)
    spoken = any(AGAINST.search(sentence.marks) or _asks(sentence) for sentence in reading.sentences)
    weighed = (
        4 * (thing.sort in ("text", "code")),
        nouns.count("T") + 2 * ("z" in nouns),
        4 * bool(words & ERRANDS),
        4 * spoken,
        2 * bool(TITLED.match(reading.text)),
        2 * bool(FINITE.search(nouns)),
        first.marks[begin:].count("W"),
    )
    return sum(weighed)


def _asks(sentence: Sentence) -> bool:
    return any(token.mark == "Q" and token.word not in RELATIVE for token in sentence.tokens)


def _doing(first: Sentence, begin: int) -> bool:
    """ "a woman walking a dog" """
    doing = (token for token in first.tokens[begin + 1 :] if token.mark in "x5N")
    return any(token.word.endswith("ing") and len(token.word) > 5 for token in doing)
