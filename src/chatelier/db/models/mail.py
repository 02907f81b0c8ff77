"""Mails that wait, went out or are shown as notices; who was warned of what; what all together may spend unseen."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatelier.db.models.accounts import User
from chatelier.db.models.base import Base, Id, now


class MailState(StrEnum):
    WAITING = "waiting"  # nothing was sent yet
    SENDING = "sending"  # committed before its text goes out: from here on it may have arrived
    SENT = "sent"
    FAILED = "failed"  # certainly not delivered, and not tried any more
    UNKNOWN = "unknown"  # the answer to its text never came; never sent again by itself
    SHOWN = "shown"  # there is no mail server: a notice in the page


class Mail(Id, Base):
    """To a person, or (``channel``, a fingerprint of its address) to one of the operator's alert addresses. ``key``
    names what it is about, so that nothing is written twice; ``about_id`` is the person it tells of, with whom it
    goes. ``token`` and ``lease_until`` are those of the worker that sends it."""

    __tablename__ = "mails"
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    channel: Mapped[str | None]
    about_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    key: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=MailState.WAITING)
    tries: Mapped[int] = mapped_column(server_default=sql("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=now())
    token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    until: Mapped[datetime | None]  # when it is no longer worth saying, as a notice
    dismissed_at: Mapped[datetime | None]  # as a notice
    detail: Mapped[str] = mapped_column(server_default="")  # for the admin: what the mail server said
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("num_nonnulls(user_id, channel) = 1", name="one_address"),
        CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'unknown', 'shown')", name="state"),
        Index("ix_mails_user", "user_id", "created_at"),
        Index("ix_mails_open", "id", postgresql_where=sql("state IN ('waiting', 'sending')")),
    )
    user: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[user_id])


class UsageMark(Base):
    """Somebody's usage has grown since their warnings were looked at."""

    __tablename__ = "usage_marks"
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    marked_at: Mapped[datetime] = mapped_column(server_default=now())


class SentWarning(Base):
    """``level`` is in percent of ``amount``, the limit as it was; a limit that was raised warns anew."""

    __tablename__ = "sent_warnings"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    period_from: Mapped[datetime] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    amount: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_at: Mapped[datetime] = mapped_column(server_default=now())


class Threshold(Id, Base):
    """What all people together may spend in a day or month of UTC before admins hear of it. ``stops``: engines that
    cost something then pause until the period ends, or an admin lifts it for the one that began on ``lifted_on``."""

    __tablename__ = "thresholds"
    span: Mapped[str]
    micros: Mapped[int]
    stops: Mapped[bool] = mapped_column(server_default=sql("false"))
    lifted_on: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("span", "micros"),
        CheckConstraint("span IN ('day', 'month')", name="span"),
        CheckConstraint("micros > 0", name="positive"),
    )


class SentAlert(Base):
    __tablename__ = "sent_alerts"
    span: Mapped[str] = mapped_column(primary_key=True)
    micros: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    period_from: Mapped[date] = mapped_column(Date, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=now())
