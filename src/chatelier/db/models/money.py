"""Attempts at a paid call, the ledger of what each held and cost, and what all of them count for."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from chatelier.db.models.base import Base, Id, now
from chatelier.ids import new_id


class AttemptState(StrEnum):
    PREPARED = "prepared"  # nothing was sent yet
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
    attempt_id: Mapped[UUID]  # what was spent stays spent when the attempt is gone with its thread
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


class Charge(Base):
    """What one attempt counts for now, moved with its ledger entries in the same statement. ``counted_at`` is when it
    was held: it stays in that hour, day and month. ``images`` and ``micros`` are the hold's until it is closed.
    ``refused``: given back, and still counted in its hour. ``cooling``: a cooldown begins with it. Without an owner:
    of somebody who left; the money stays spent."""

    __tablename__ = "charges"
    attempt_id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    plan: Mapped[str] = mapped_column(server_default="")  # the owner's when it was held
    subject: Mapped[str]  # picture or reply
    state: Mapped[str] = mapped_column(server_default="held")
    held_images: Mapped[int]
    held_micros: Mapped[int]
    images: Mapped[int]
    micros: Mapped[int]
    currency: Mapped[str] = mapped_column(server_default="USD")
    provider: Mapped[str]
    model: Mapped[str]
    paid: Mapped[bool]  # by an engine that is not free, whatever it came to
    cooling: Mapped[bool]
    is_test: Mapped[bool]
    ended: Mapped[str] = mapped_column(server_default="")  # failed, refused by whomever, else ''
    summed: Mapped[bool] = mapped_column(server_default=sql("false"))  # stands in spend_quarters and spend_sums
    counted_at: Mapped[datetime] = mapped_column(server_default=now())
    __table_args__ = (
        CheckConstraint("subject IN ('picture', 'reply')", name="subject"),
        CheckConstraint("state IN ('held', 'settled', 'released', 'refused')", name="state"),
        CheckConstraint("ended IN ('', 'failed', 'refused')", name="ended"),
        CheckConstraint("held_images >= 0 AND held_micros >= 0 AND images >= 0 AND micros >= 0", name="positive"),
        Index("ix_charges_owner", "owner_id", "counted_at"),
        Index("ix_charges_recent", "counted_at", postgresql_include=["attempt_id"]),
        Index("ix_charges_fresh", "counted_at", postgresql_where=sql("NOT summed")),
    )


class InstanceDay(Base):
    """What all people together hold and have used on a day of UTC, in 16 pieces so that they do not wait for each
    other: a cap for the whole instance is checked without reading everybody's month."""

    __tablename__ = "instance_days"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    piece: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    held_images: Mapped[int] = mapped_column(server_default=sql("0"))
    held_micros: Mapped[int] = mapped_column(server_default=sql("0"))
    images: Mapped[int] = mapped_column(server_default=sql("0"))
    micros: Mapped[int] = mapped_column(server_default=sql("0"))
    __table_args__ = (
        CheckConstraint("held_images >= 0 AND held_micros >= 0 AND images >= 0 AND micros >= 0", name="positive"),
    )
