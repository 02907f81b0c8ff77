"""What may be limited: the names, their units, how they are written down, read and merged. Pure.

Money is in millionths of a US dollar. A limit that is None does not exist. ``paid_only``: the limits on images bind,
and count, only engines that cost something.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from chatelier.errors import Invalid

MOST = 10**15  # so that sums of many stay whole numbers everywhere
BYTES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
NONE_WORDS = ("none", "unlimited", "-", "∞")


class Line(NamedTuple):
    """``span``: hour, day, month or minute, '' where it is no sum over time."""

    name: str
    unit: str
    span: str
    words: str


COUNTED = (
    Line("simultaneous", "images", "", "images at a time"),
    Line("cooldown_seconds", "seconds", "", "seconds between images"),
    Line("images_per_hour", "images", "hour", "images an hour"),
    Line("images_per_day", "images", "day", "images a day"),
    Line("images_per_month", "images", "month", "images a month"),
    Line("money_per_day", "micros", "day", "money a day"),
    Line("money_per_month", "micros", "month", "money a month"),
    Line("messages_per_minute", "messages", "minute", "chat messages a minute"),
    Line("storage_bytes", "bytes", "", "storage for images"),
    Line("images_per_request", "images", "", "images in one request"),
)
LISTED = ("providers", "models", "sizes")
NAMES = {line.name: line for line in COUNTED}


@dataclass(frozen=True, kw_only=True)
class Limits:
    simultaneous: int | None = None
    cooldown_seconds: int | None = None
    images_per_hour: int | None = None
    images_per_day: int | None = None
    images_per_month: int | None = None
    money_per_day: int | None = None
    money_per_month: int | None = None
    messages_per_minute: int | None = None
    storage_bytes: int | None = None
    images_per_request: int | None = None
    providers: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    sizes: tuple[str, ...] | None = None
    paid_only: bool = False

    def of(self, name: str) -> int | None:
        found: int | None = getattr(self, name)
        return found

    @property
    def caps_money(self) -> bool:
        return self.money_per_day is not None or self.money_per_month is not None


def read(raw: Mapping[str, Any]) -> Limits:
    """From a row, where everything was checked before; what this version does not know is left out."""
    known = {field.name for field in fields(Limits)} & raw.keys()
    values: dict[str, Any] = {name: tuple(raw[name]) if isinstance(raw[name], list) else raw[name] for name in known}
    return Limits(**values)


def merged(plan: Mapping[str, Any], own: Mapping[str, Any]) -> Limits:
    """The plan's limits with what is set for one user instead; null there takes a limit away."""
    return read({**plan, **own})


def check(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The same mapping if it can be kept. Raises Invalid with a sentence for each name."""
    wrong = {name: problem for name, value in raw.items() if (problem := _problem(name, value))}
    if wrong:
        raise Invalid(" ".join(dict.fromkeys(wrong.values())), fields=wrong)
    return dict(raw)


def _problem(name: str, value: object) -> str:
    if name == "paid_only":
        return "" if isinstance(value, bool) else "paid_only is true or false."
    if name in LISTED:
        fits = value is None or (isinstance(value, list) and value and all(isinstance(one, str) for one in value))
        return "" if fits else f"{name} is a list of names."
    if name not in NAMES:
        return f"There is no limit {name[:40]!r}. There are {', '.join([*NAMES, *LISTED, 'paid_only'])}."
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST):
        return ""
    return f"{name} is a whole number from 0, or none."


def read_words(name: str, words: str) -> Any:
    """One limit as people write it: 10, none, 5.50 (dollars), 2 GB, a list with commas. Raises Invalid."""
    words = words.strip()
    try:
        value = _reader(name)(words)
    except (ValueError, OverflowError) as error:
        sentence = f"{name.replace('_', ' ')}: {words[:40]!r} cannot be used. Write a number from 0, or none."
        raise Invalid(sentence, fields={name: "cannot be used"}) from error
    return check({name: value})[name]


def _reader(name: str) -> Callable[[str], Any]:
    if name == "paid_only":
        return lambda words: words.lower() in ("1", "true", "yes", "on")
    if name in LISTED:
        return lambda words: None if _is_none(words) else [one for part in words.split(",") if (one := part.strip())]
    unit = NAMES[name].unit if name in NAMES else ""
    return {"micros": _money, "bytes": _bytes}.get(unit, _whole)


def _is_none(words: str) -> bool:
    return words.lower() in NONE_WORDS


def _whole(words: str) -> int | None:
    return None if _is_none(words) else int(words)


def _money(words: str) -> int | None:
    if _is_none(words):
        return None
    amount = float(words.removeprefix("$"))
    if not math.isfinite(amount):
        raise ValueError(words)
    return round(amount * 1_000_000)


def _bytes(words: str) -> int | None:
    if _is_none(words):
        return None
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([a-z]*)", words.lower())
    if found is None or found[2] not in BYTES:
        raise ValueError(words)
    return round(float(found[1]) * BYTES[found[2]])


def written(name: str, value: Any) -> str:
    """The other way round, for a form's field."""
    if value is None:
        return "none"
    if isinstance(value, list | tuple):
        return ", ".join(value)
    if name in NAMES and NAMES[name].unit == "micros":
        return f"{value / 1_000_000:.6f}".rstrip("0").rstrip(".")
    if name in NAMES and NAMES[name].unit == "bytes":
        scale = next((unit for unit in ("tb", "gb", "mb", "kb") if value and value % BYTES[unit] == 0), "")
        return f"{value // BYTES[scale]} {scale.upper()}".strip()
    return str(value)
