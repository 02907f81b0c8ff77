"""Slash commands: some make an image, some start from one, some are answered by Chatelier itself."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from chatelier.domain.intent.model import Answer, Intent
from chatelier.errors import Invalid

COMMANDS: dict[str, Intent | Answer] = {
    "imagine": Intent.GENERATE,
    "generate": Intent.GENERATE,
    "image": Intent.GENERATE,
    "draw": Intent.GENERATE,
    "edit": Intent.EDIT,
    "vary": Intent.EDIT,
    "again": Intent.EDIT,
    "styles": Answer.STYLES,
    "usage": Answer.USAGE,
    "help": Answer.HELP,
}
COMMAND_HELP = {
    "imagine": "paints what you describe",
    "generate": "the same",
    "image": "the same",
    "draw": "the same",
    "edit": "changes the current image, or the one you name: /edit #2 make it night",
    "vary": "makes another version of an image: /vary #2",
    "again": "the same",
    "styles": "lists the styles the engines know",
    "usage": "tells what you have used",
    "help": "lists the commands",
}
FLAG_HELP = {
    "--ar": "shape, as in --ar 16:9",
    "--size": "pixels, as in --size 1536x1024",
    "--n": "how many, as in --n 2",
    "--seed": "the same seed gives the same picture: --seed 7",
    "--style": "as in --style watercolor",
    "--quality": "as in --quality high",
    "--no": "what should not be seen, as in --no text",
    "--background": "as in --background white",
    "--raw": "your own words as they are, without help",
    "--model": "another model of the engine",
    "--provider": "another engine",
}
VARIES = ("vary", "again")
AT_START = re.compile(r"\s*[/!]\s?([A-Za-z]{2,20})(?=\s|[:,.!?]|$)[:,]?\s*")
POLITE = re.compile(r"\s*(?:(?:please|pls|plz|ok|okay|hey|hi|now|thanks)\b[\s,!.]*){1,4}(?=/)", re.IGNORECASE)
LABEL = re.compile(r"(?:prompt|text)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Command:
    """``rest`` is what follows the name, flags and all."""

    name: str
    intent: Intent | Answer
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
