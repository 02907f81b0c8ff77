"""Rows of an export made into rows of another account. The file is as untrusted as an upload: every value is checked,
every id is new, and a row that points to something which is not in the file points to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chatelier.db.models import Generation, GenerationStatus, Message, MessageStatus, Thread
from chatelier.domain import texts
from chatelier.domain.markdown import render
from chatelier.errors import Invalid
from chatelier.ids import new_id, parse_id

Row = Mapping[str, Any]
OVER = {status.value for status in GenerationStatus} - {GenerationStatus.QUEUED, GenerationStatus.RUNNING}
_MOST = 2**53
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NewIds:
    """The new id of each old one. What was never given one leads to None."""

    def __init__(self) -> None:
        self._known: dict[str, UUID] = {}

    def give(self, row: Row) -> UUID:
        old = parse_id(str(row.get("id")))
        if old is None or str(old) in self._known:
            raise Invalid("This archive is damaged: a row has no id of its own. Nothing was imported.")
        self._known[str(old)] = new_id()
        return self._known[str(old)]

    def find(self, old: Any) -> UUID | None:
        return self._known.get(str(old).lower()) if old is not None else None

    def find_all(self, old: Any) -> list[str]:
        found = (self.find(one) for one in (old if isinstance(old, list) else [])[:64])
        return [str(one) for one in found if one is not None]


def make_thread(row: Row, ids: NewIds, owner_id: UUID) -> Thread:
    """Its current image is set when the images are there."""
    return Thread(
        id=ids.give(row),
        owner_id=owner_id,
        title=text(row, "title", texts.MAX_TITLE),
        titled_by="person",
        pinned=row.get("pinned") is True,
        instructions=text(row, "instructions", texts.MAX_TEXT),
        last_position=number(row, "last_position"),
        last_handle=number(row, "last_handle"),
        created_at=moment(row, "created_at") or _EPOCH,
        updated_at=moment(row, "updated_at") or _EPOCH,
        deleted_at=moment(row, "deleted_at"),
    )


def make_message(row: Row, ids: NewIds, thread_id: UUID) -> Message:
    """HTML is drawn anew from the text. A reply that was being written is one that was stopped."""
    role = "user" if row.get("role") == "user" else "assistant"
    words = text(row, "text", texts.MAX_TEXT * 4)
    status = str(row.get("status"))
    known = {status.value for status in MessageStatus} - {MessageStatus.STREAMING}
    return Message(
        id=ids.give(row),
        thread_id=thread_id,
        position=number(row, "position"),
        role=role,
        text=words,
        html=render(words) if role == "assistant" else "",
        status=status if status in known else MessageStatus.STOPPED,
        reply_to=ids.find(row.get("reply_to")),
        note=text(row, "note", 1000),
        suggestion=text(row, "suggestion", texts.MAX_TEXT),
        error=_error(row),
        created_at=moment(row, "created_at") or _EPOCH,
    )


def make_generation(row: Row, ids: NewIds, owner_id: UUID, thread_id: UUID, message_id: UUID) -> Generation:
    """What was waiting or being painted is over: importing never paints, and never costs."""
    status = str(row.get("status"))
    kind = str(row.get("kind"))
    return Generation(
        id=ids.give(row),
        owner_id=owner_id,
        thread_id=thread_id,
        message_id=message_id,
        kind=kind if kind in ("generate", "edit", "variation") else "generate",
        subject=text(row, "subject", 1000),
        instruction=text(row, "instruction", texts.MAX_TEXT),
        description=text(row, "description", texts.MAX_TEXT),
        prompt=text(row, "prompt", texts.MAX_TEXT),
        revised_prompt=text(row, "revised_prompt", texts.MAX_TEXT) or None,
        options=_plain(row.get("options")) or {},
        provider=text(row, "provider", 200),
        model=text(row, "model", 200),
        seed=number(row, "seed"),
        width=number(row, "width"),
        height=number(row, "height"),
        status=status if status in OVER else GenerationStatus.CANCELLED,
        stage="complete" if status == GenerationStatus.SUCCEEDED else "queued",
        progress=100 if status == GenerationStatus.SUCCEEDED else 10,
        error=_error(row),
        details=_plain(row.get("details")),
        retry_of=ids.find(row.get("retry_of")),
        created_at=moment(row, "created_at") or _EPOCH,
        started_at=moment(row, "started_at"),
        finished_at=moment(row, "finished_at"),
    )


def image_values(row: Row) -> dict[str, Any]:
    """What an image's row says of itself; its size, type and hash are found anew from the file."""
    return {
        "handle": number(row, "handle"),
        "alt_text": text(row, "alt_text", texts.MAX_ALT_TEXT),
        "instruction": text(row, "instruction", texts.MAX_TEXT),
        "description": text(row, "description", texts.MAX_TEXT),
        "prompt": text(row, "prompt", texts.MAX_TEXT),
        "seed": number(row, "seed") if row.get("seed") is not None else None,
        "recipe": _plain(row.get("recipe")),
        "details": _plain(row.get("details")),
        "favourite": row.get("favourite") is True,
        "created_at": moment(row, "created_at") or _EPOCH,
        "deleted_at": moment(row, "deleted_at"),
    }


def text(row: Row, name: str, longest: int) -> str:
    value = row.get(name)
    return texts.clean(value)[:longest] if isinstance(value, str) else ""


def number(row: Row, name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST else 0


def moment(row: Row, name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(row.get(name)))
    except ValueError:
        return None
    return found if found.tzinfo is not None and 1970 <= found.year < 9000 else None


def _error(row: Row) -> dict[str, Any] | None:
    given = row.get("error")
    if not isinstance(given, dict):
        return None
    said = {name: text(given, name, 1000) for name in ("code", "message")}
    return {**said, "retryable": given.get("retryable") is True}


def _plain(value: Any) -> dict[str, Any] | None:
    """A mapping as it is, without what PostgreSQL's JSON cannot hold."""
    return _cleaned(value, 0) if isinstance(value, dict) else None


def _cleaned(value: Any, depth: int) -> Any:
    if depth > 12:
        return None
    if isinstance(value, dict):
        return {texts.clean(str(key)): _cleaned(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(one, depth + 1) for one in value]
    return texts.clean(value) if isinstance(value, str) else value
