"""Threads and their messages."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatelier.db.models.base import Base, Id, now

if TYPE_CHECKING:
    from chatelier.db.models.pictures import Generation


class MessageStatus(StrEnum):
    STREAMING = "streaming"  # a reply that is still being written, or waits to be
    COMPLETE = "complete"
    FAILED = "failed"
    STOPPED = "stopped"  # by the person; the text so far stays


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
    instructions: Mapped[str] = mapped_column(server_default="")  # to the chat model, by the program that talks here
    transcript: Mapped[bytes | None]  # SHA-256 of what was said, where a program holds the talk
    updated_at: Mapped[datetime] = mapped_column(server_default=now())
    deleted_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_threads_list", "owner_id", "pinned", "updated_at", "id", postgresql_where=sql("deleted_at IS NULL")),
        Index("ix_threads_transcript", "owner_id", "transcript", postgresql_where=sql("transcript IS NOT NULL")),
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
    generation: Mapped[Generation | None] = relationship("Generation", lazy="raise", back_populates="message")
