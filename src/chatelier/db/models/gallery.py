"""What stands around images: the words of their owner, how much they take, links under which others may see one."""

from __future__ import annotations

import builtins
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatelier.db.models.base import Base, Id
from chatelier.db.models.pictures import Image


class ImageWord(Base):
    """Each word and each facet (``=model:…``) of an owner's images once."""

    __tablename__ = "image_words"
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


class StorageUse(Base):
    """What an owner's images take, those in the trash too. Moved by triggers on ``images``, never by us."""

    __tablename__ = "storage_use"
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    bytes: Mapped[int] = mapped_column(server_default=sql("0"))
    images: Mapped[int] = mapped_column(server_default=sql("0"))


class ShareLink(Id, Base):
    """One image for everybody who has the link; of its token only the hash is kept."""

    __tablename__ = "share_links"
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    image_id: Mapped[UUID] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[builtins.bytes] = mapped_column(LargeBinary)
    with_prompt: Mapped[bool] = mapped_column(server_default=sql("false"))
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    views: Mapped[int] = mapped_column(server_default=sql("0"))
    viewed_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("token_hash"),)
    image: Mapped[Image] = relationship(lazy="raise")
