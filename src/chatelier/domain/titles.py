"""The title of a thread, made from its first message."""

from __future__ import annotations

import re
import unicodedata

from chatelier.domain.intent import Intent, decide
from chatelier.errors import ChatelierError

LONGEST = 60
UNTITLED = "New thread"
SCAN = 2000  # characters read
TAG = re.compile(r"<[^<>\n]{1,200}>")
LINK = re.compile(r"!?\[([^\]\n]{0,200})\]\([^)\n]{0,500}\)")
MARKS = re.compile(r"[*_~`#>|]+")
COMMAND = re.compile(r"^/[A-Za-z]+\b:?\s*")
SENTENCE_END = re.compile(r"(?<=[.!?。！？])(?:\s|(?<=[。！？]))")


def title_from(text: str) -> str:
    """At most 60 characters on one line: what the picture shows, or the first sentence of the talk."""
    plain = _plain(text[:SCAN])
    title = _first_sentence(_picture(text[:SCAN]) or COMMAND.sub("", plain)) or plain
    return _short(title[:1].upper() + title[1:]) if title else UNTITLED


def _picture(text: str) -> str:
    """The prompt of a message that asks for a picture, else ''."""
    try:
        decision = decide(text)
    except ChatelierError:
        return ""
    return _plain(decision.prompt) if decision.kind is Intent.GENERATE else ""


def _plain(text: str) -> str:
    """One line without Markdown, HTML and characters that cannot be seen."""
    text = MARKS.sub(" ", LINK.sub(r"\1", TAG.sub(" ", text)))
    return " ".join("".join(c if c.isspace() or _visible(c) else "" for c in text).split())


def _visible(character: str) -> bool:
    """Control and direction marks go; the joiner inside an emoji stays."""
    return character == "\u200d" or unicodedata.category(character)[0] != "C"


def _first_sentence(text: str) -> str:
    return SENTENCE_END.split(text, maxsplit=1)[0].strip(" .,;:。，")


def _short(title: str) -> str:
    """Cut between words where there are any, never inside a character that is made of several."""
    if len(title) <= LONGEST:
        return title
    cut = title[: LONGEST - 1]
    if " " in cut[LONGEST // 2 :]:
        cut = cut.rsplit(" ", 1)[0]
    else:
        at = len(cut)
        while at > 1 and _continues(title, at):
            at -= 1
        cut = title[:at]
    return cut.rstrip(" .,;:—–-") + "…"


def _continues(title: str, at: int) -> bool:
    """The character at ``at`` belongs to the one before it."""
    return (
        title[at] == "\u200d"
        or title[at - 1] == "\u200d"
        or bool(unicodedata.category(title[at])[0] == "M")
        or ("\U0001f3fb" <= title[at] <= "\U0001f3ff")
    )
