"""What is kept for a while beside the images: archives that people asked for of their own data."""

from __future__ import annotations

import builtins
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from chatelier.db.models.base import Base, Id


class Export(Id, Base):
    """One archive of somebody's data. ``run`` fences its writer and ``lease_until`` is when that is given up.
    ``link_hash`` is of a link that was not used yet; each works once. ``expires_at``: the archive goes."""

    __tablename__ = "exports"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(server_default="waiting")
    run: Mapped[UUID | None]
    runs: Mapped[int] = mapped_column(server_default=sql("0"))
    lease_until: Mapped[datetime]
    bytes: Mapped[int] = mapped_column(server_default=sql("0"))
    link_hash: Mapped[builtins.bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("link_hash"),
        CheckConstraint("state IN ('waiting', 'ready', 'failed')", name="state"),
    )


class ExportPiece(Base):
    """A part of an archive, at most 1 MiB: any machine can write it and any other hand it out."""

    __tablename__ = "export_pieces"
    export_id: Mapped[UUID] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[builtins.bytes] = mapped_column(LargeBinary)
