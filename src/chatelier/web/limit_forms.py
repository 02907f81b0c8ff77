"""Limits in forms: a field for each, as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from chatelier.domain.quotas.limits import COUNTED, LISTED, read_words, written

HELP = {
    "micros": "As in 5 or 0.50",
    "bytes": "As in 2 GB",
    "seconds": "As in 30",
}
LISTS = {"providers": "providers allowed", "models": "models allowed", "sizes": "sizes allowed, as in 1024x1024"}


@dataclass(frozen=True, kw_only=True)
class Field:
    name: str
    words: str
    value: str
    hint: str


def fields(raw: Mapping[str, Any]) -> list[Field]:
    """Every limit there can be, with what ``raw`` says of it; '' where it says nothing."""
    dollars = {"micros": " in US dollars"}
    counted = [(line.name, line.words + dollars.get(line.unit, ""), HELP.get(line.unit, "")) for line in COUNTED]
    listed = [(name, LISTS[name], "With commas between") for name in LISTED]
    return [
        Field(
            name=name,
            words=words[0].upper() + words[1:],
            value=written(name, raw[name]) if name in raw else "",
            hint=hint,
        )
        for name, words, hint in (*counted, *listed)
    ]


async def posted_limits(request: Request) -> dict[str, Any]:
    """What was filled in; an empty field is left out. Raises Invalid for what cannot be read."""
    form = await request.form()
    given = {name: str(form.get(name, "")).strip() for name in (*(line.name for line in COUNTED), *LISTED)}
    found = {name: read_words(name, words) for name, words in given.items() if words}
    if paid_only := str(form.get("paid_only", "")):
        found["paid_only"] = paid_only == "1"
    return found


PostedLimits = Annotated[dict[str, Any], Depends(posted_limits)]
