"""Slash commands: /imagine, /generate, /image, /draw make an image; /edit, /vary, /again start from one."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from chatelier.domain.intent.model import Intent
from chatelier.errors import Invalid

COMMANDS = {
    "imagine": Intent.GENERATE,
    "generate": Intent.GENERATE,
    "image": Intent.GENERATE,
    "draw": Intent.GENERATE,
    "edit": Intent.EDIT,
    "vary": Intent.EDIT,
    "again": Intent.EDIT,
}
VARIES = ("vary", "again")
AT_START = re.compile(r"\s*[/!]\s?([A-Za-z]{2,20})(?=\s|[:,.!?]|$)[:,]?\s*")
POLITE = re.compile(r"\s*(?:(?:please|pls|plz|ok|okay|hey|hi|now|thanks)\b[\s,!.]*){1,4}(?=/)", re.IGNORECASE)
LABEL = re.compile(r"(?:prompt|text)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Command:
    """``rest`` is what follows the name, flags and all."""

    name: str
    intent: Intent
    rest: str


def read_command(text: str) -> Command | None:
    """The command that the text begins with. Raises Invalid for an unknown one; "/usr/bin is ..." is talk."""
    polite = POLITE.match(text)
    found = AT_START.match(text, polite.end() if polite else 0)
    if not found:
        return None
    name = found[1].lower()
    if name in COMMANDS:
        rest = text[found.end() :]
        return Command(name, COMMANDS[name], LABEL.sub("", rest, count=1) if LABEL.match(rest) else rest)
    if polite or "!" in found.group()[:2] or "/ " in found.group()[:4]:
        return None
    raise Invalid(f"I don't know /{found[1]}. {_hint(name)}")


def _hint(name: str) -> str:
    near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.6)
    return f"Did you mean /{near[0]}?" if near else f"The commands are {', '.join(f'/{known}' for known in COMMANDS)}."
