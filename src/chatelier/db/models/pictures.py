"""Generations, the images they make, and the bytes of these."""

from __future__ import annotations

import builtins
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatelier.db.models.base import Base, Id
from chatelier.db.models.talk import Message


class GenerationStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  # sent, and nobody knows what became of it; never sent again by itself


class PromptBy(StrEnum):
    """Who worded the prompt that is sent."""

    PERSON = "person"  # what was understood, as it is
    RULES = "rules"  # with help by rules
    ASKED = "asked"  # the same; the chat model was asked for a better one, once
    MODEL = "model"  # by the chat model


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
    description: Mapped[str] = mapped_column(server_default="")  # the picture as understood, before prompt help
    prompt_by: Mapped[str] = mapped_column(server_default=PromptBy.PERSON)
    revised_prompt: Mapped[str | None]
    options: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"), default=dict)
    source_image_ids: Mapped[list[str]] = mapped_column(server_default=sql("'[]'"), default=list)
    mask_image_id: Mapped[UUID | None]  # an image that was uploaded as one, or a drawn mask
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
        Index("ix_generations_active", "owner_id", postgresql_where=sql("status IN ('queued', 'running')")),
        Index("ix_generations_waiting", "id", postgresql_where=sql("status IN ('queued', 'running')")),
        CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown')", name="status"
        ),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("prompt_by IN ('person', 'rules', 'asked', 'model')", name="prompt_by"),
    )

    @property
    def meant(self) -> str:
        """What is to be seen, in the words it was understood by."""
        return self.description or self.prompt

    message: Mapped[Message] = relationship(lazy="raise", back_populates="generation")
    images: Mapped[list[Image]] = relationship(
        lazy="raise",
        order_by="Image.handle",
        primaryjoin="and_(Generation.id == foreign(Image.generation_id), Image.deleted_at.is_(None))",
        viewonly=True,
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
    description: Mapped[str] = mapped_column(server_default="")
    seed: Mapped[int | None]
    recipe: Mapped[dict[str, Any] | None]
    details: Mapped[dict[str, Any] | None]
    favourite: Mapped[bool] = mapped_column(server_default=sql("false"))
    deleted_at: Mapped[datetime | None]
    stored_bytes: Mapped[int] = mapped_column(server_default=sql("0"))  # of all its files
    saved_bytes: Mapped[int] = mapped_column(server_default=sql("0"))  # by encoding the original again, without loss
    words: Mapped[str | None] = mapped_column(TSVECTOR, deferred=True)  # domain/words.py; None: not written yet
    __table_args__ = (
        UniqueConstraint("thread_id", "handle"),
        CheckConstraint("origin IN ('generated', 'upload')", name="origin"),
        Index("ix_images_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_images_wordless", "id", postgresql_where=sql("words IS NULL")),
        Index(
            "ix_images_favourites",
            "owner_id",
            "created_at",
            "id",
            postgresql_where=sql("favourite AND deleted_at IS NULL"),
        ),
        Index("ix_images_largest", "owner_id", "bytes", "id", postgresql_where=sql("deleted_at IS NULL")),
        Index("ix_images_expired", "deleted_at", postgresql_where=sql("deleted_at IS NOT NULL")),
        Index("ix_images_gallery", "owner_id", "created_at", "id", postgresql_where=sql("deleted_at IS NULL")),
        Index("ix_images_stored", "owner_id", postgresql_include=["bytes"]),
        Index("ix_images_saved", "saved_bytes", postgresql_where=sql("saved_bytes > 0")),
        Index("ix_images_trash", "owner_id", "deleted_at", "id", postgresql_where=sql("deleted_at IS NOT NULL")),
    )

    @property
    def meant(self) -> str:
        """What is to be seen, in the words it was understood by."""
        return self.description or self.prompt


class Mask(Id, Base):
    """Which part of a picture an edit may change, drawn on it: a PNG as large as that picture, transparent where it
    may change. No image: it has no number, and no gallery shows it. ``Generation.mask_image_id`` names one."""

    __tablename__ = "masks"
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    bytes: Mapped[int]
    content: Mapped[builtins.bytes] = mapped_column(LargeBinary, deferred=True)


class ImageFile(Base):
    """The bytes of one variant: original, thumbnail or preview. Kept apart so that lists never touch them. They are
    here, or in the object store under ``object_key``, with ``block_sums`` (storage/objects.py) to check them by."""

    __tablename__ = "image_files"
    image_id: Mapped[UUID] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    variant: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    bytes: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[builtins.bytes | None] = mapped_column(LargeBinary)
    object_key: Mapped[str | None]
    block_sums: Mapped[builtins.bytes | None] = mapped_column(LargeBinary)
    __table_args__ = (
        CheckConstraint("variant IN ('original', 'thumbnail', 'preview')", name="variant"),
        CheckConstraint(
            "(content IS NULL) = (object_key IS NOT NULL) AND (object_key IS NULL) = (block_sums IS NULL)",
            name="place",
        ),
        Index(
            "ix_image_files_in_rows",
            "image_id",
            "variant",
            postgresql_include=["bytes"],
            postgresql_where=sql("object_key IS NULL AND variant <> 'thumbnail'"),
        ),
        Index(
            "ix_image_files_in_objects",
            "image_id",
            "variant",
            postgresql_include=["bytes"],
            postgresql_where=sql("object_key IS NOT NULL"),
        ),
    )


class PartialFrame(Base):
    """The newest partial image of a running generation (at most 512 px), replaced in place, gone at the end."""

    __tablename__ = "partial_frames"
    generation_id: Mapped[UUID] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True)
    media_type: Mapped[str]
    number: Mapped[int]
    content: Mapped[builtins.bytes] = mapped_column(LargeBinary)
