"""The instance, its people, and what proves who is asking."""

from __future__ import annotations

import builtins
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatelier.db.models.base import Base, Id, now


class Role(StrEnum):
    MEMBER = "member"
    ADMIN = "admin"


class Instance(Base):
    """One row: what belongs to this instance as a whole."""

    __tablename__ = "instance"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, server_default=sql("1"))
    setup_code: Mapped[str | None]
    setup_done_at: Mapped[datetime | None]
    secret_fingerprint: Mapped[str | None]
    limits: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"), default=dict)  # for all together
    refused_words: Mapped[str] = mapped_column(server_default="")  # the admin's word list, an entry a line
    child_safe: Mapped[bool] = mapped_column(server_default=sql("false"))
    refusals_per_hour: Mapped[int] = mapped_column(server_default=sql("20"))  # of one person
    image_fallback: Mapped[list[str]] = mapped_column(server_default=sql("'[]'"), default=list)  # who paints instead
    store: Mapped[str | None]  # where new files go; None: to the object store where one is configured
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("refusals_per_hour > 0", name="refusals_per_hour"),
        CheckConstraint("store IN ('database', 'objects')", name="store"),
    )


class User(Id, Base):
    __tablename__ = "users"
    email: Mapped[str]  # lower case, as typed otherwise
    password_hash: Mapped[str | None]
    role: Mapped[str] = mapped_column(server_default=Role.MEMBER)
    plan: Mapped[str] = mapped_column(ForeignKey("plans.name"), server_default="member")
    limits: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"), default=dict)  # instead of the plan's
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    zone_chosen: Mapped[bool] = mapped_column(server_default=sql("false"))
    preferences: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"), default=dict)
    mail_warnings: Mapped[bool] = mapped_column(server_default=sql("true"))  # when a limit comes near
    disabled_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("role IN ('member', 'admin')", name="role"),
    )


class SignInSession(Id, Base):
    __tablename__ = "sign_in_sessions"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[builtins.bytes] = mapped_column(LargeBinary)
    seen_at: Mapped[datetime] = mapped_column(server_default=now())
    expires_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("token_hash"),)
    user: Mapped[User] = relationship(lazy="raise")


class FailedSignIn(Id, Base):
    """A failure of the last minutes; ``key`` is a keyed hash of a network or an account (domain/throttle)."""

    __tablename__ = "failed_sign_ins"
    key: Mapped[builtins.bytes] = mapped_column(LargeBinary)
    __table_args__ = (Index("ix_failed_sign_ins_key", "key", "created_at"),)


class ApiKey(Id, Base):
    __tablename__ = "api_keys"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(server_default="")
    token_hash: Mapped[builtins.bytes] = mapped_column(LargeBinary)
    last_four: Mapped[str]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("token_hash"),)
    user: Mapped[User] = relationship(lazy="raise")


class IdempotencyKey(Base):
    __tablename__ = "idempotency_keys"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)  # route and thread
    key: Mapped[str] = mapped_column(primary_key=True)
    body_sha256: Mapped[str]
    answer: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=now(), index=True)


class AuditEntry(Id, Base):
    """Who did what to whom; never prompt text or secrets."""

    __tablename__ = "audit_log"
    actor_id: Mapped[UUID | None]  # None: the command line
    action: Mapped[str]
    target: Mapped[str] = mapped_column(server_default="")
    details: Mapped[dict[str, Any] | None]
    __table_args__ = (
        Index("ix_audit_log_refusals", "actor_id", "created_at", postgresql_where=sql("action = 'request.refused'")),
        Index("ix_audit_log_addresses", "created_at", postgresql_where=sql("details ? 'address'")),
    )
