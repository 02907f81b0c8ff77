"""The whole schema on one page. Times are timestamptz by the database's clock; money is integer micro-units."""

from __future__ import annotations

import builtins
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from chatelier.ids import new_id

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        str: Text,
        int: BigInteger,
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[str]: JSONB(none_as_null=True),
    }

    def __init__(self, **values: Any) -> None:
        """What is not given and has no default is None at once: a fresh row is read without another query."""
        columns = type(self).__table__.columns
        empty = {column.key: None for column in columns if column.nullable and column.server_default is None}
        for name, value in (empty | values).items():
            setattr(self, name, value)


def now() -> Any:
    """The database's clock, replaceable in tests (DESIGN: one SQL function)."""
    return func.chatelier_now()


class Role(StrEnum):
    MEMBER = "member"
    ADMIN = "admin"


class MessageStatus(StrEnum):
    STREAMING = "streaming"  # a reply that is still being written, or waits to be
    COMPLETE = "complete"
    FAILED = "failed"
    STOPPED = "stopped"  # by the person; the text so far stays


class GenerationStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  # sent, and nobody knows what became of it; never sent again by itself


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


class Id:
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(server_default=now())


class Instance(Base):
    """One row: what belongs to this installation as a whole."""

    __tablename__ = "instance"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, server_default=sql("1"))
    setup_code: Mapped[str | None]
    setup_done_at: Mapped[datetime | None]
    secret_fingerprint: Mapped[str | None]
    __table_args__ = (CheckConstraint("id = 1", name="single"),)


class User(Id, Base):
    __tablename__ = "users"
    email: Mapped[str]  # lower case, as typed otherwise
    password_hash: Mapped[str | None]
    role: Mapped[str] = mapped_column(server_default=Role.MEMBER)
    plan: Mapped[str] = mapped_column(server_default="member")
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    preferences: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"), default=dict)
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


class Thread(Id, Base):
    __tablename__ = "threads"
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(server_default="")
    titled_by: Mapped[str] = mapped_column(server_default="first_message")  # or 'person': then it is never replaced
    pinned: Mapped[bool] = mapped_column(server_default=sql("false"))
    current_image_id: Mapped[UUID | None]
    revision: Mapped[int] = mapped_column(server_default=sql("0"))
    last_position: Mapped[int] = mapped_column(server_default=sql("0"))
    last_handle: Mapped[int] = mapped_column(server_default=sql("0"))
    updated_at: Mapped[datetime] = mapped_column(server_default=now())
    deleted_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_threads_list", "owner_id", "pinned", "updated_at", "id", postgresql_where=sql("deleted_at IS NULL")),
    )


class Message(Id, Base):
    """One turn. ``text`` is what was written, ``html`` the same rendered and sanitised."""

    __tablename__ = "messages"
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    position: Mapped[int]  # 1, 2, … in its thread, given under the thread's row lock: no host's clock decides
    role: Mapped[str]
    text: Mapped[str] = mapped_column(server_default="")
    html: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default=MessageStatus.COMPLETE)
    reply_to: Mapped[UUID | None]  # of an assistant's message: the user's message it answers
    decision: Mapped[dict[str, Any] | None]  # of a user's message: kind, target_image_ids, confidence, reason
    suggestion: Mapped[str] = mapped_column(server_default="")  # of a reply: the prompt behind "Paint this"
    note: Mapped[str] = mapped_column(server_default="")  # caution shown with a reply
    error: Mapped[dict[str, Any] | None]  # code, message, retryable
    revision: Mapped[int] = mapped_column(server_default=sql("0"))
    __table_args__ = (
        UniqueConstraint("thread_id", "position"),
        Index("ix_messages_revision", "thread_id", "revision"),
        CheckConstraint("role IN ('user', 'assistant')", name="role"),
        CheckConstraint("status IN ('streaming', 'complete', 'failed', 'stopped')", name="status"),
    )
    generation: Mapped[Generation | None] = relationship(lazy="raise", back_populates="message")


class Generation(Id, Base):
    """One request for images. ``kind`` is generate, edit or variation; ``error`` is code, message, retryable."""

    __tablename__ = "generations"
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(server_default="")
    instruction: Mapped[str] = mapped_column(server_default="")
    prompt: Mapped[str]
    revised_prompt: Mapped[str | None]
    options: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"), default=dict)
    source_image_ids: Mapped[list[str]] = mapped_column(server_default=sql("'[]'"), default=list)
    mask_image_id: Mapped[UUID | None]
    waits_for: Mapped[UUID | None]  # the generation whose image it starts from, while that is not there
    provider: Mapped[str]
    model: Mapped[str]
    seed: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    status: Mapped[str] = mapped_column(server_default=GenerationStatus.QUEUED)
    stage: Mapped[str] = mapped_column(server_default="queued")
    progress: Mapped[int] = mapped_column(server_default=sql("10"))
    partials: Mapped[int] = mapped_column(server_default=sql("0"))  # partial images so far; names the newest
    note: Mapped[str] = mapped_column(server_default="")
    error: Mapped[dict[str, Any] | None]
    details: Mapped[dict[str, Any] | None]
    retry_of: Mapped[UUID | None]
    is_test: Mapped[bool] = mapped_column(server_default=sql("false"))
    estimate_micros: Mapped[int | None]  # None: the price is unknown
    amount_micros: Mapped[int | None]  # None until settled
    currency: Mapped[str] = mapped_column(server_default="USD")
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(server_default=sql("0"))
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index("ix_generations_revision", "thread_id", "revision"),
        Index("ix_generations_main_source", sql("(source_image_ids ->> 0)")),
        Index("ix_generations_waits_for", "waits_for", postgresql_where=sql("waits_for IS NOT NULL")),
        Index("ix_generations_waiting", "id", postgresql_where=sql("status IN ('queued', 'running')")),
        CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown')", name="status"
        ),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
    )
    message: Mapped[Message] = relationship(lazy="raise", back_populates="generation")
    images: Mapped[list[Image]] = relationship(
        lazy="raise",
        order_by="Image.handle",
        primaryjoin="and_(Generation.id == foreign(Image.generation_id), Image.deleted_at.is_(None))",
        viewonly=True,
    )


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


class Image(Id, Base):
    """One immutable result or upload. ``recipe`` and ``details`` are the provider's (JSON)."""

    __tablename__ = "images"
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    generation_id: Mapped[UUID | None] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"), index=True)
    origin: Mapped[str]  # generated or upload
    handle: Mapped[int]  # #1, #2 … in its thread, never reused
    width: Mapped[int]
    height: Mapped[int]
    media_type: Mapped[str]
    bytes: Mapped[int]
    sha256: Mapped[str]  # lower-case hex of the original
    thumbhash: Mapped[builtins.bytes] = mapped_column(LargeBinary)
    alt_text: Mapped[str] = mapped_column(server_default="")
    instruction: Mapped[str] = mapped_column(server_default="")
    prompt: Mapped[str] = mapped_column(server_default="")
    seed: Mapped[int | None]
    recipe: Mapped[dict[str, Any] | None]
    details: Mapped[dict[str, Any] | None]
    favourite: Mapped[bool] = mapped_column(server_default=sql("false"))
    deleted_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("thread_id", "handle"),
        CheckConstraint("origin IN ('generated', 'upload')", name="origin"),
        Index("ix_images_gallery", "owner_id", "created_at", "id", postgresql_where=sql("deleted_at IS NULL")),
        Index("ix_images_trash", "owner_id", "deleted_at", "id", postgresql_where=sql("deleted_at IS NOT NULL")),
    )


class ImageFile(Base):
    """The bytes of one variant: original, thumbnail or preview. Kept apart so that lists never touch them."""

    __tablename__ = "image_files"
    image_id: Mapped[UUID] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    variant: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    bytes: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[builtins.bytes] = mapped_column(LargeBinary)
    __table_args__ = (CheckConstraint("variant IN ('original', 'thumbnail', 'preview')", name="variant"),)


class PartialFrame(Base):
    """The newest partial image of a running generation (at most 512 px), replaced in place, gone at the end."""

    __tablename__ = "partial_frames"
    generation_id: Mapped[UUID] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True)
    media_type: Mapped[str]
    number: Mapped[int]
    content: Mapped[builtins.bytes] = mapped_column(LargeBinary)


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
