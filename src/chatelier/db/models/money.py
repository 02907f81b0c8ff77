"""Attempts at a paid call, and the ledger of what each held and cost."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from chatelier.db.models.base import Base, Id
from chatelier.ids import new_id


class AttemptState(StrEnum):
    PREPARED = "prepared"  # nothing has left the house
    SENT = "sent"  # committed before the call: from here on it may have been paid
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"  # the lease ran out after sending


class LedgerKind(StrEnum):
    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"


class Attempt(Id, Base):
    """One try of a generation or of a reply. ``token`` fences every write and is new with each claim;
    ``lease_until`` is None until a worker claims the attempt."""

    __tablename__ = "attempts"
    generation_id: Mapped[UUID | None] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    number: Mapped[int]
    token: Mapped[UUID] = mapped_column(default=new_id)
    state: Mapped[str] = mapped_column(server_default=AttemptState.PREPARED)
    lease_until: Mapped[datetime | None]
    job_id: Mapped[int | None]
    sent_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    free: Mapped[bool]  # the engine costs nothing: a stop releases at once
    provider: Mapped[str]
    model: Mapped[str]
    provider_request_id: Mapped[str | None]
    detail: Mapped[str] = mapped_column(server_default="")  # for the admin: what the provider said
    held_micros: Mapped[int] = mapped_column(server_default=sql("0"))
    settled_micros: Mapped[int | None]
    __table_args__ = (
        UniqueConstraint("generation_id", "number"),
        UniqueConstraint("message_id", "number"),
        CheckConstraint("num_nonnulls(generation_id, message_id) = 1", name="one_subject"),
        CheckConstraint("state IN ('prepared', 'sent', 'succeeded', 'failed', 'unknown')", name="state"),
        Index("ix_attempts_open", "id", postgresql_where=sql("state IN ('prepared', 'sent')")),
        Index("ix_attempts_unknown", "sent_at", postgresql_where=sql("state = 'unknown'")),
    )


class LedgerEntry(Id, Base):
    """Every hold, settle and release of images and money; entries are only ever added."""

    __tablename__ = "ledger"
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"))
    kind: Mapped[str]
    images: Mapped[int] = mapped_column(server_default=sql("0"))
    micros: Mapped[int] = mapped_column(server_default=sql("0"))
    currency: Mapped[str] = mapped_column(server_default="USD")
    provider: Mapped[str]
    model: Mapped[str]
    is_test: Mapped[bool] = mapped_column(server_default=sql("false"))
    __table_args__ = (
        UniqueConstraint("attempt_id", "kind"),
        CheckConstraint("kind IN ('hold', 'settle', 'release')", name="kind"),
        CheckConstraint("micros >= 0 AND images >= 0", name="positive"),
        Index("ix_ledger_owner", "owner_id", "created_at"),
    )
