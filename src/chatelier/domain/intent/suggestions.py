"""A chat message that may have meant a picture: what to offer under "Paint this"."""

from __future__ import annotations

import re

from chatelier.domain.intent import prompts
from chatelier.domain.intent.frames import frame, lead
from chatelier.domain.intent.phrases import thing_at
from chatelier.domain.intent.reading import Reading

SPEAKS = re.compile("[IYQWULCHbXdm]")
MAX_WORDS = 60


def bare_subject(reading: Reading) -> str:
    """The message, when it only names or describes something; else ''."""
    if not reading.sentences or len(reading.sentences) > 4:
        return ""
    first = reading.sentences[0]
    begin = lead(first.marks)
    opening = first.marks[begin:]
    if not opening.strip(".!?,/") or opening[0] in "QWXCbdIYTVER" or opening.rstrip("/").endswith("?"):
        return ""
    return reading.text[first.at(begin) :]


def suggestion(reading: Reading) -> str:
    if not reading.sentences or len(reading.sentences) > 3:
        return ""
    first = reading.sentences[0]
    begin = lead(first.marks)
    _, wish = frame(first.marks, begin)
    if first.marks[wish : wish + 1] in ("M", "Z", "D") or first.words(wish, wish + 1) in (["imagine"], ["describe"]):
        return _made(reading, wish)
    offered = bare_subject(reading)
    marks = first.marks[begin:]
    described = bool(re.search("[vKJyN]", marks)) and len(marks) > 2 and marks[0] in "arvxKJyl"
    if not offered or not described or SPEAKS.search(marks) or len(first.tokens) > MAX_WORDS:
        return ""
    return prompts.tidy(offered)


def _made(reading: Reading, at: int) -> str:
    first = reading.sentences[0]
    after = at + 2 if first.marks[at + 1 : at + 2] == "m" else at + 1
    thing = thing_at(first, after)
    if thing.sort not in ("visible", "unknown", "styled") or first.marks[after : after + 1] not in ("a", "r"):
        return ""
    return prompts.tidy(first.since(after))
