"""What people type, made safe to keep: control characters go, everything else stays as it was written."""

from __future__ import annotations

import unicodedata

from chatelier.errors import Invalid

MAX_TEXT = 32_000
MAX_TITLE = 200
MAX_ALT_TEXT = 1_000


def clean(text: str) -> str:
    """Without control characters (new lines and tabs stay) and lone surrogates, which PostgreSQL cannot hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def message_text(text: str) -> str:
    """The text of a message, 1 to 32,000 characters."""
    cleaned = (clean(text) if len(text) <= 2 * MAX_TEXT else text).strip()  # megabytes are refused as they are
    if not cleaned:
        raise Invalid("Write something first: a question, or what you would like to see.", fields={"text": "empty"})
    if len(cleaned) > MAX_TEXT:
        over = len(cleaned) - MAX_TEXT
        raise Invalid(
            f"That is {over:,} characters too long: a message holds {MAX_TEXT:,}. Shorten it or send it in parts.",
            fields={"text": f"at most {MAX_TEXT} characters"},
        )
    return cleaned


def line(text: str, *, name: str, longest: int) -> str:
    """A single line such as a title; may be empty."""
    cleaned = " ".join(clean(text).split())
    if len(cleaned) > longest:
        raise Invalid(f"The {name} is too long: up to {longest} characters.", fields={name: f"at most {longest}"})
    return cleaned
