"""Keyset pages: a cursor is the sort key of the last row, opaque, and bound to the query it came from."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from chatelier.errors import Invalid, InvalidCursor

T = TypeVar("T")
MAX_LIMIT = 50
DEFAULT_LIMIT = 24


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; ``next_cursor`` is None at the end."""

    items: Sequence[T]
    next_cursor: str | None


def encode_cursor(query: Sequence[Any], key: Sequence[str]) -> str:
    raw = json.dumps([_mark(query), *key], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(query: Sequence[Any], cursor: str, length: int) -> list[str]:
    """The ``length`` strings of the key. Raises InvalidCursor for anything but our own cursor of this query."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found: list[object] = json.loads(raw)
        mark, key = found[0], [part for part in found[1:] if isinstance(part, str)]
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise InvalidCursor from error
    if mark != _mark(query) or len(key) != length or len(found) != length + 1:
        raise InvalidCursor
    return key


def read_moment(moment: str, last: str) -> tuple[datetime, UUID]:
    """A time and an id out of a cursor's key, which anybody may have made up. Raises InvalidCursor."""
    try:
        return datetime.fromisoformat(moment), UUID(last)
    except ValueError as error:
        raise InvalidCursor from error


def check_limit(limit: int) -> int:
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(f"limit must be 1 to {MAX_LIMIT}.", fields={"limit": f"1 to {MAX_LIMIT}"})
    return limit


def _mark(query: Sequence[Any]) -> str:
    return hashlib.sha256(repr(tuple(query)).encode()).hexdigest()[:8]
