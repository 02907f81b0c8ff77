"""Ids are UUIDv7 (RFC 9562): unguessable enough for an owner-scoped lookup, sorted by the time they were made."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7; within one process they rise strictly."""
    return uuid7()


def parse_id(text: str) -> UUID | None:
    """The id written in ``text``, or None when it is none: callers answer both with the same 404."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
