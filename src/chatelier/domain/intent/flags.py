"""Flags at the end or the beginning of a request: `--ar 16:9 --n 2 --style "oil painting" --no text, people`."""

from __future__ import annotations

import difflib
import re
from itertools import islice
from typing import Any, NamedTuple

from chatelier.domain.options import READERS, Options
from chatelier.domain.options_extra import from_words
from chatelier.errors import Invalid

NAMES = {
    "ar": "aspect_ratio",
    "aspect": "aspect_ratio",
    "aspect-ratio": "aspect_ratio",
    "size": "size",
    "n": "n",
    "count": "n",
    "seed": "seed",
    "style": "style",
    "quality": "quality",
    "q": "quality",
    "no": "negative_prompt",
    "negative": "negative_prompt",
    "background": "background",
    "model": "model",
    "provider": "provider",
}
EXTRA = ("steps", "cfg", "sampler", "scheduler", "strength")  # options that only some providers have
NAMES |= {name: name for name in EXTRA}
# Flags of other image bots, which prompts are copied with: left out, with the number or address after them.
OF_OTHERS = frozenset(
    """
        v version s stylize c chaos niji iw tile weird w hd fast relax turbo p raw cref sref cw sw stop repeat uplight
    """.split()
)
OTHERS_VALUE = re.compile(r"\s*(?:https?:\S+|\d[\d.:]*)")
SHOWN = "--ar, --size, --n, --seed, --style, --quality, --no, --background, --raw, --model, --provider"
WHOLE = ("n", "seed")
WORDY = ("style", "negative_prompt", "background", "sampler", "scheduler")  # may go on to the next flag
MANY = 30  # flags; a text with more is not a request
KNOWN = "|".join(sorted(NAMES, key=len, reverse=True))
# Phones turn two hyphens into a dash.
FLAG = re.compile(rf"(?:(?<=\s)|^)(?:--([A-Za-z][A-Za-z-]{{0,30}})|[—–]({KNOWN}))(?:=|(?=\s)|$)", re.IGNORECASE)
VALUE = re.compile(r"""\s*(?:"([^"]*)"|“([^”]*)”|'([^']*)'(?=\s|$)|(\S+))""")


class Flagged(NamedTuple):
    """``text`` is without its flags. ``clash`` says which of them contradict each other: whoever finds that a picture
    is meant raises it."""

    text: str
    options: Options = Options()
    clash: Invalid | None = None


def take_flags(text: str, *, strict: bool) -> Flagged:
    """The text without its flags, and what they say.

    ``strict`` (after a command): an unknown flag or a value that cannot be used raises Invalid. Otherwise a text
    with any such flag is left as it is: it is talk about a program.
    """
    if not any(dash in text for dash in ("--", "—", "–")):
        return Flagged(text)
    found = list(islice(FLAG.finditer(text), MANY + 1))
    if not found or len(found) > MANY:
        return Flagged(text)
    try:
        taken = _taken(text, found)
    except Invalid:
        if strict:
            raise
        return Flagged(text)
    if strict and taken.clash:
        raise taken.clash
    return taken


def _taken(text: str, found: list[re.Match[str]]) -> Flagged:
    kept = [text[: found[0].start()]]
    raw: dict[str, Any] = {}
    clash: Invalid | None = None
    for flag, after in zip(found, [*found[1:], None], strict=True):
        said = flag[1] or flag[2]
        name = NAMES.get(said.lower())
        stretch = text[flag.end() : after.start() if after else len(text)]
        if name is None and said.lower() in OF_OTHERS:
            kept.append(OTHERS_VALUE.sub("", stretch, count=1) if OTHERS_VALUE.match(stretch) else stretch)
            continue
        if name is None:
            raise _unknown(said)
        value, rest = _value(name, stretch, first=not "".join(kept).strip())
        if not value:
            raise Invalid(f"--{said} needs a value. {_example(name)}", fields={name: "needs a value"})
        if name in raw and name != "negative_prompt" and str(raw[name]) != value:
            clash = clash or _twice(said, name, raw[name], value)
        raw[name] = _joined(raw.get(name), value) if name == "negative_prompt" else _typed(name, said, value)
        kept.append(rest)
    extra = {name: from_words(raw.pop(name)) for name in EXTRA if name in raw}
    said = raw | ({"extra": extra} if extra else {})
    return Flagged(" ".join(" ".join(kept).split(" ")).strip(), Options.from_json(said), clash)


def _value(name: str, stretch: str, *, first: bool) -> tuple[str, str]:
    """The value at the beginning of the stretch, and what is left. Words go on to the end of the stretch when the
    prompt stands before the flags."""
    found = VALUE.match(stretch)
    if not found:
        return "", stretch
    quoted = found[1] or found[2] or found[3]
    if quoted is None and name in WORDY and not first:
        return stretch.strip(), ""
    return (quoted or found[4] or "").strip(), stretch[found.end() :]


def _typed(name: str, flag: str, value: str) -> Any:
    if name in WHOLE:
        if not re.fullmatch(r"\d{1,12}", value, re.ASCII):
            raise Invalid(
                f"--{flag} takes a whole number, not {value[:40]}. {_example(name)}", fields={name: "a number"}
            )
        return int(value)
    if name in EXTRA:
        return value
    try:
        READERS[name](value)
    except ValueError as error:
        raise Invalid(f"--{flag}: {error}", fields={name: str(error)}) from None
    return value


def _joined(before: str | None, value: str) -> str:
    return f"{before}, {value}" if before else value


def _twice(flag: str, name: str, first: object, second: str) -> Invalid:
    return Invalid(f"--{flag} is given twice: {first} and {second[:40]}. Give one of them.", fields={name: "twice"})


def _unknown(flag: str) -> Invalid:
    near = difflib.get_close_matches(flag.lower(), NAMES, n=1)
    hint = f" Did you mean --{near[0]}?" if near else ""
    return Invalid(f"I don't know --{flag}.{hint} The flags are {SHOWN}.", fields={flag: "unknown flag"})


def _example(name: str) -> str:
    examples = {
        "aspect_ratio": "--ar 16:9",
        "size": "--size 1536x1024",
        "n": "--n 2",
        "seed": "--seed 7",
        "quality": "--quality high",
        "negative_prompt": "--no text",
        "steps": "--steps 30",
        "cfg": "--cfg 7",
        "sampler": "--sampler Euler a",
        "scheduler": "--scheduler karras",
        "strength": "--strength 0.6",
    }
    return f"For example {examples.get(name, '--style watercolor')}."
