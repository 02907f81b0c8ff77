"""What the words around a thing say of it: how many, which colour, how large, where, negated or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatelier.providers.illustrator.colours import NAMED, SHADES
from chatelier.providers.illustrator.counts import count_of
from chatelier.providers.illustrator.spans import Span
from chatelier.providers.illustrator.tokens import Token

BREAKERS = frozenset(
    "and or with without of in on at by under over near behind beside to from through across is are riding driving "
    "wearing holding chasing eating watching between above below into onto inside plus while as against".split()
)
NEGATIONS = frozenset("no without not minus except excluding never zero nor".split())
RESUMES = frozenset("but with then just only".split()) | frozenset(",.;:!?\n")
SIZES = {
    "giant": 1.7,
    "gigantic": 1.8,
    "enormous": 1.7,
    "huge": 1.6,
    "massive": 1.6,
    "big": 1.3,
    "large": 1.3,
    "tall": 1.2,
    "small": 0.72,
    "little": 0.75,
    "mini": 0.6,
    "miniature": 0.6,
    "tiny": 0.55,
}
POSITIONS = (
    (
        "left",
        r"(?:on|to|at|in) (?:the )?(?:far |bottom |upper |lower |top )?left(?: side| corner)?(?! of the (?:cat|dog))",
    ),
    ("right", r"(?:on|to|at|in) (?:the )?(?:far |bottom |upper |lower |top )?right(?: side| corner)?"),
    ("centre", r"in (?:the )?(?:middle|center|centre)(?! of the (?:night|city|sea|ocean|forest|street|road))"),
    ("back", r"in the (?:background|distance|back)|far away|on the horizon"),
    ("front", r"in the (?:foreground|front)|up close"),
    ("sky", r"in the (?:sky|air|clouds)|flying|overhead|above|over"),
)
PERSON_TONES = {"black": "dark", "brown": "medium-dark", "white": "light"}
TONE_WORDS = {
    "fair": "light",
    "pale": "light",
    "light": "light",
    "white": "light",
    "tan": "medium",
    "olive": "medium",
    "medium": "medium",
    "brown": "medium-dark",
    "dark": "dark",
    "black": "dark",
}


@dataclass(kw_only=True)
class Said:
    """What was said of one thing; ``count`` is None where no number was named."""

    count: int | None = None
    colour: str = ""
    scale: float = 1.0
    position: str = ""
    negated: bool = False
    gender: str = ""
    tone: str = ""
    bare: bool = False  # "fish" without an article: more than one


def colour_in(words: Sequence[str]) -> str:
    """The first colour named, with its shade ("dark blue"), or ''."""
    for at, word in enumerate(words):
        if word in NAMED:
            shade = words[at - 1] if at and words[at - 1] in SHADES else ""
            return f"{shade} {word}".strip()
    return ""


SAME_IN_PLURAL = frozenset("fish sheep deer shrimp salmon koi goldfish clownfish".split())


def is_bare(label: str, gap: Sequence[str]) -> bool:
    """Whether a word that is its own plural stands without an article, so that several are meant."""
    last = label.split()[-1]
    return last in SAME_IN_PLURAL and not {"a", "an", "one", "the", "this", "my", "single"}.intersection(own_words(gap))


def own_words(gap: Sequence[str]) -> list[str]:
    """The end of a gap that belongs to the thing after it: after the last breaker, groups and "red and white" kept."""
    for at in range(len(gap) - 1, -1, -1):
        word = gap[at]
        if word in BREAKERS and not _joins(gap, at):
            return list(gap[at + 1 :])
    return list(gap)


def _joins(gap: Sequence[str], at: int) -> bool:
    if gap[at] == "of" and at:
        return count_of([gap[at - 1]]) is not None
    if gap[at] == "and" and 0 < at < len(gap) - 1:
        return gap[at - 1] in NAMED and gap[at + 1] in NAMED
    return False


def read_before(said: Said, gap: Sequence[str]) -> None:
    words = own_words(gap)
    said.count = count_of(words)
    said.colour = colour_in(words)
    for word in words:
        said.scale = SIZES.get(word, said.scale)
        if word in ("female", "male"):
            said.gender = "woman" if word == "female" else "man"
    for at, word in enumerate(words):
        if word in ("skin", "skinned") and at and words[at - 1] in TONE_WORDS:
            said.tone = TONE_WORDS[words[at - 1]]
            said.colour = ""


def read_after(said: Said, gap: Sequence[str], *, foreign: bool) -> None:
    """``gap`` runs up to the next thing; only its beginning can speak of the thing before it."""
    head = list(gap[:6])
    if not said.colour and head:
        if foreign and head[0] in NAMED:
            said.colour = head[0]
        elif len(head) > 1 and head[0] in ("is", "are", "was", "colored", "coloured", "painted", "in"):
            rest = [word for word in head[1:4] if word not in ("all", "a", "very", "bright")]
            if rest and (rest[0] in NAMED or rest[0] in SHADES) and (head[0] != "in" or len(gap) <= 3):
                said.colour = colour_in(rest[:2])
    text = " ".join(gap)
    tone = re.search(r"with (fair|pale|light|tan|olive|medium|brown|dark|black) skin", text)
    if tone:
        said.tone = TONE_WORDS[tone.group(1)]
    own = re.split(r" (?:and|,|\.|;) | (?:and|,|\.|;)$|^(?:and|,|\.|;) ", f"{text}")[0]
    for name, pattern in POSITIONS:
        if not said.position and re.search(rf"\b(?:{pattern})\b", own):
            said.position = name


def leading_position(gap: Sequence[str]) -> str:
    """ "on the left a dog": a position that stands right before its thing."""
    text = " ".join(gap)
    for name, pattern in POSITIONS[:5]:
        if re.search(
            rf"(?:^|[,.;]|and )\s*(?:{pattern})(?: there| stands| sits| is|,)* (?:a|an|the|one|two|three)?(?: \w+)?$",
            text,
        ):
            return name
    return ""


class Negation:
    """Follows "no", "without" and the like through a prompt, until a comma or "but" ends it."""

    def __init__(self) -> None:
        self.on = False

    def read(self, gap: Sequence[str]) -> bool:
        for word in gap:
            if word in RESUMES:
                self.on = False
            elif word in NEGATIONS:
                self.on = True
        return self.on


def gaps(tokens: Sequence[Token], spans: Sequence[Span]) -> list[list[str]]:
    """The words before each span, and after the last one: one list more than there are spans."""
    out, at = [], 0
    for span in spans:
        out.append([token.text for token in tokens[at : span.start]])
        at = span.end
    out.append([token.text for token in tokens[at:]])
    return out
