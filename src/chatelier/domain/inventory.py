"""What is kept of a person, table by table: what an export holds, what it leaves out and why, and what becomes of it
when the account goes. docs/privacy.md shows it; tests/domain/test_inventory.py fails for a column that is not here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, Table, cast, func, or_, select
from sqlalchemy.types import Text

from chatelier.db.models import Base, Export, Generation, Image, Message, Thread

GONE = "deleted at once"
Finder = Callable[[Table, UUID], ColumnElement[bool]]


@dataclass(frozen=True, kw_only=True)
class Held:
    """``rows`` finds a person's rows. Every column is named once: exported, or withheld with the reason."""

    rows: Finder
    exported: str = ""
    withheld: Mapping[str, str] = field(default_factory=dict)
    at_deletion: str = GONE

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.exported.split())


def _by(column: str) -> Finder:
    return lambda table, user_id: table.c[column] == user_id


def _in_threads(table: Table, user_id: UUID) -> ColumnElement[bool]:
    return table.c.thread_id.in_(select(Thread.id).where(Thread.owner_id == user_id))


def _of_images(table: Table, user_id: UUID) -> ColumnElement[bool]:
    return table.c.image_id.in_(select(Image.id).where(Image.owner_id == user_id))


def _of_generations(table: Table, user_id: UUID) -> ColumnElement[bool]:
    return table.c.generation_id.in_(select(Generation.id).where(Generation.owner_id == user_id))


def _of_attempts(table: Table, user_id: UUID) -> ColumnElement[bool]:
    replies = select(Message.id).join(Thread, Thread.id == Message.thread_id).where(Thread.owner_id == user_id)
    return or_(_of_generations(table, user_id), table.c.message_id.in_(replies))


def _of_exports(table: Table, user_id: UUID) -> ColumnElement[bool]:
    return table.c.export_id.in_(select(Export.id).where(Export.user_id == user_id))


def _about(table: Table, user_id: UUID) -> ColumnElement[bool]:
    return or_(table.c.actor_id == user_id, table.c.target == func.lower(cast(user_id, Text)))


_HASHED = "a secret, known only as its hash"
_INNER = "inner bookkeeping, says nothing of the person"
_SELF = "the person themself, known"
_BYTES = "the file itself is in the archive"
_SUMMED = "a sum of what is in charges"
_NAMELESS = "kept under a number that leads to nobody: what the instance has paid stays paid"

INVENTORY: dict[str, Held] = {
    "users": Held(
        rows=_by("id"),
        exported="id email role plan limits time_zone zone_chosen preferences mail_warnings disabled_at created_at",
        withheld={"password_hash": _HASHED},
    ),
    "sign_in_sessions": Held(
        rows=_by("user_id"),
        exported="id created_at seen_at expires_at",
        withheld={"user_id": _SELF, "token_hash": _HASHED},
    ),
    "api_keys": Held(
        rows=_by("user_id"),
        exported="id name last_four created_at used_at revoked_at",
        withheld={"user_id": _SELF, "token_hash": _HASHED},
    ),
    "idempotency_keys": Held(
        rows=_by("user_id"),
        withheld={
            "user_id": _SELF,
            "scope": _INNER,
            "key": _INNER,
            "body_sha256": _INNER,
            "answer": "a copy of what is in messages",
            "created_at": _INNER,
        },
        at_deletion=f"{GONE}; else after 24 hours",
    ),
    "threads": Held(
        rows=_by("owner_id"),
        exported=(
            "id title titled_by pinned current_image_id last_position last_handle instructions created_at updated_at "
            "deleted_at"
        ),
        withheld={"owner_id": _SELF, "revision": _INNER, "transcript": _INNER},
    ),
    "messages": Held(
        rows=_in_threads,
        exported="id thread_id position role text status reply_to decision suggestion note error created_at",
        withheld={"html": "drawn from text", "revision": _INNER},
    ),
    "generations": Held(
        rows=_by("owner_id"),
        exported=(
            "id thread_id message_id kind subject instruction description prompt prompt_by revised_prompt options "
            "source_image_ids mask_image_id provider model seed width height status note error details retry_of "
            "is_test estimate_micros amount_micros currency created_at started_at finished_at"
        ),
        withheld={
            "owner_id": _SELF,
            "waits_for": _INNER,
            "stage": _INNER,
            "progress": _INNER,
            "partials": _INNER,
            "revision": _INNER,
        },
    ),
    "attempts": Held(
        rows=_of_attempts,
        exported="id generation_id message_id number state provider model sent_at finished_at created_at "
        "held_micros settled_micros",
        withheld={
            "token": _INNER,
            "lease_until": _INNER,
            "job_id": _INNER,
            "free": _INNER,
            "provider_request_id": _INNER,
            "detail": "what the provider told the operator",
        },
    ),
    "images": Held(
        rows=_by("owner_id"),
        exported=(
            "id thread_id generation_id origin handle width height media_type bytes sha256 thumbhash alt_text "
            "instruction description prompt seed recipe details favourite created_at deleted_at"
        ),
        withheld={
            "owner_id": _SELF,
            "stored_bytes": _INNER,
            "saved_bytes": _INNER,
            "words": "an index of the texts above",
        },
    ),
    "image_words": Held(
        rows=_by("owner_id"),
        withheld={"owner_id": _SELF, "word": "an index of what is in images"},
    ),
    "storage_use": Held(
        rows=_by("owner_id"),
        exported="owner_id bytes images",
    ),
    "share_links": Held(
        rows=_by("owner_id"),
        exported="id image_id with_prompt created_at expires_at revoked_at views viewed_at",
        withheld={"owner_id": _SELF, "token_hash": _HASHED},
    ),
    "image_files": Held(
        rows=_of_images,
        withheld=dict.fromkeys(
            "image_id variant media_type bytes sha256 content object_key block_sums".split(), _BYTES
        ),
        at_deletion=f"{GONE}; bytes in an object store within a quarter of an hour",
    ),
    "masks": Held(
        rows=_by("owner_id"),
        exported="id thread_id bytes created_at",
        withheld={"owner_id": _SELF, "content": "a stencil; what was painted through it is in the archive"},
    ),
    "partial_frames": Held(
        rows=_of_generations,
        withheld=dict.fromkeys("generation_id media_type number content".split(), "gone when the picture is there"),
    ),
    "ledger": Held(
        rows=_by("owner_id"),
        exported="id attempt_id kind images micros currency provider model is_test created_at",
        withheld={"owner_id": _SELF},
    ),
    "charges": Held(
        rows=_by("owner_id"),
        exported="attempt_id subject state held_images held_micros images micros currency provider model plan paid "
        "ended is_test counted_at",
        withheld={"owner_id": _SELF, "cooling": _INNER, "summed": _INNER},
        at_deletion=_NAMELESS,
    ),
    "spend_quarters": Held(
        rows=_by("owner_id"),
        withheld={
            "owner_id": _SELF,
            **dict.fromkeys("begins requests failed refused answers images micros".split(), _SUMMED),
        },
    ),
    "spend_sums": Held(
        rows=_by("owner_id"),
        withheld={
            "owner_id": _SELF,
            **dict.fromkeys("span begins provider model plan is_test requests failed refused answers".split(), _SUMMED),
            **dict.fromkeys("images micros ceiling_micros over_micros".split(), _SUMMED),
        },
        at_deletion=_NAMELESS,
    ),
    "upgrade_requests": Held(
        rows=_by("user_id"),
        exported="id plan note state decided_at created_at",
        withheld={"user_id": _SELF, "decided_by": "somebody else"},
        at_deletion=f"{GONE}; where the person decided about others, their name is taken out",
    ),
    "zone_changes": Held(
        rows=_by("user_id"),
        exported="user_id day_from day_until month_from month_until",
    ),
    "mails": Held(
        rows=_by("user_id"),
        exported="id subject text state sent_at until dismissed_at created_at",
        withheld={
            "user_id": _SELF,
            "about_id": "may be somebody else",
            "channel": "never set in mail to a person",
            "detail": "what the mail server told the operator",
            **dict.fromkeys(("key", "tries", "due_at", "token", "lease_until"), _INNER),
        },
        at_deletion=f"{GONE}, with what was written to admins about the person; else after 90 days",
    ),
    "sent_warnings": Held(
        rows=_by("user_id"),
        exported="name period_from level amount created_at",
        withheld={"user_id": _SELF},
        at_deletion=f"{GONE}; else after 100 days",
    ),
    "usage_marks": Held(
        rows=_by("owner_id"),
        withheld={"owner_id": _SELF, "marked_at": _INNER},
        at_deletion=f"{GONE}; else after some seconds",
    ),
    "audit_log": Held(
        rows=_about,
        exported="id action target details created_at",
        withheld={"actor_id": "who did it may be somebody else"},
        at_deletion="kept without network address or details, under an id that leads to nobody any more: the operator "
        "must be able to show who had rights, and when",
    ),
    "exports": Held(
        rows=_by("user_id"),
        exported="id state bytes created_at expires_at",
        withheld={"user_id": _SELF, "run": _INNER, "runs": _INNER, "lease_until": _INNER, "link_hash": _HASHED},
        at_deletion=f"{GONE}; else after 72 hours",
    ),
    "export_pieces": Held(
        rows=_of_exports,
        withheld=dict.fromkeys("export_id number content".split(), "the archive itself"),
        at_deletion=f"{GONE}; else after 72 hours",
    ),
}

# Tables that say nothing of anybody.
NOT_PERSONAL: dict[str, str] = {
    "failed_sign_ins": "keyed hashes of addresses and accounts, gone after 15 minutes",
    "instance": "the instance as a whole",
    "instance_days": "sums over everybody",
    "nightly_checks": "whether the books agree",
    "loose_objects": "keys of files that no row names any more, until the store has deleted them",
    "served_days": "sums over everybody",
    "plans": "what an admin offers",
    "sent_alerts": "what admins were told of all people's spending together",
    "stored_providers": "servers that an admin connected",
    "thresholds": "amounts that admins want to hear of",
}


def table_of(name: str) -> Table:
    return Base.metadata.tables[name]
