"""What a request is about when its words only lead there: a name, the lines after a colon, what was said."""

from __future__ import annotations

import re

from chatelier.domain.intent import context, prompts
from chatelier.domain.intent.reading import Reading, read_text
from chatelier.domain.intent.requests import Request
from chatelier.domain.intent.wishes import Wish

OWNED = re.compile(r"(?:my|our|his|her|their)\s+\w", re.IGNORECASE)  # "draw our holiday: three kids, one wet dog"
SAID = re.compile(
    r"\b(?:description|text|line|lines|sentence|paragraph|poem|prompt|notes?|idea|words?|request|following|wish|brief)\b",
    re.IGNORECASE,
)

# "Fix that", "there should be seven", "add one", "i need a darker one": what is wrong was said before it.
ONLY_POINTS = re.compile(
    r"""(?:\W*\b(?:please|pls|and|then|so|just|can|could|would|will|you|try|there|should|must|be|is|are|kind|as|to|i|we
        |need|want|fix|put|add|change|correct|do|make|sort|repair|adjust|that|it|this|one|ones|them|these|those|some|a|the
        |in|on|back|up|out|too|now|\w{3,8}er|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})\b)+\W*""",
    re.IGNORECASE | re.VERBOSE,
)

# "It's too bright" before "make it darker": it is the picture, and what it should be is said.
OF_THE_WHOLE = re.compile(
    r"\W*(?:it|this|that)(?:['’]?s|\s+(?:is|looks|seems|feels))(?:\s+\w+)?\s+too\s+\w+\W*", re.IGNORECASE
)


def instruction(words: str, start: int) -> str:
    """What is told from ``start`` on; all that was said when that part only points at what came before."""
    before = words[:start]
    only = len(before.split()) > 2 and ONLY_POINTS.fullmatch(words[start:]) and not OF_THE_WHOLE.fullmatch(before)
    return words if only else words[start:]


def name(reading: Reading, request: Request) -> frozenset[str]:
    """The words of a subject of one to three words without an article: "Zog", "Madame Quill"."""
    found = [
        token for sentence in reading.sentences for token in sentence.tokens if token.start >= (request.start or 0)
    ]
    words = [token for token in found if token.mark not in ".,!?"]
    named = 0 < len(words) <= 3 and all(token.mark in "xv" for token in words)
    return frozenset(token.word for token in words) if named else frozenset()


def after_colon(reading: Reading, wish: Wish) -> str:
    """ "Draw this: ...", or the lines after such a line."""
    request = wish.request
    assert request is not None
    rest = reading.text[request.first :]
    colon = rest.find(":")
    line = rest.find("\n")
    cut = min((at for at in (colon, line) if at >= 0), default=-1)
    if cut < 0 or cut > 200:
        return ""
    head, following = prompts.unwrapped(rest[:cut]), prompts.tidy(rest[cut + 1 :])
    return f"{head}: {following}" if OWNED.match(head) and not SAID.search(head) else following


def earlier(before: str) -> str:
    """What the message itself said before it pointed back, if that is more than a greeting."""
    reading = read_text(before[-1000:])
    parts = [sentence for sentence in reading.sentences if any(mark in 'xvKOTn"' for mark in sentence.marks)]
    speaking = all(sentence.marks.lstrip("!,.")[:1] in ("I", "Y", "o", "") for sentence in parts)
    if not parts or (speaking and not any(re.search("[av][xv]|Q[at]", sentence.marks) for sentence in parts)):
        return ""
    return prompts.tidy(context.clipped(context.gist(before)))
