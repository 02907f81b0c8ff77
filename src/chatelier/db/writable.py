"""What PostgreSQL can hold. NUL and half a surrogate pair are valid in JSON, forms and what engines answer, and no text
of PostgreSQL has them: one of them in a prompt that an engine reports would lose a picture that is paid for. They are
left out at the one door to the database, whoever they come from."""

from __future__ import annotations

import json
import re
from typing import Any

from psycopg.types.string import StrDumperUnknown
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
ESCAPED = re.compile(r"\\u(?:0000|d[89a-f])")  # as json.dumps writes them, or an escaped backslash before such letters


class Writable(StrDumperUnknown):
    """Every string that becomes a parameter."""

    def dump(self, obj: str) -> Any:
        return super().dump(writable(obj) if UNWRITABLE.search(obj) else obj)


def only_writable(engine: AsyncEngine) -> None:
    """Connections of ``engine`` send no text that cannot be held. Its JSON goes through ``as_json``."""

    @event.listens_for(engine.sync_engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.adapters.register_dumper(str, Writable)


def writable(text: str) -> str:
    """Halves that belong together are first put together: an engine may send an emoji in two pieces."""
    return UNWRITABLE.sub("", text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore"))


def as_json(value: Any) -> str:
    text = json.dumps(value)
    return json.dumps(_without(value)) if ESCAPED.search(text) else text


def _without(value: Any) -> Any:
    match value:
        case str():
            return writable(value)
        case dict():
            return {_without(name): _without(held) for name, held in value.items()}
        case list() | tuple():
            return [_without(held) for held in value]
    return value
