"""Providers that an admin added on their page; those of chatelier.toml are not here."""

from __future__ import annotations

import builtins
from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from chatelier.db.models.base import Base, now


class StoredProvider(Base):
    """It belongs to the instance, to no user. ``settings`` is its table without the key, which is sealed under a
    key outside the database; ``last_four`` are its last characters, for people."""

    __tablename__ = "stored_providers"
    name: Mapped[str] = mapped_column(primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"), default=dict)
    sealed_key: Mapped[builtins.bytes | None] = mapped_column(LargeBinary)
    last_four: Mapped[str] = mapped_column(server_default="")
    is_default: Mapped[bool] = mapped_column(server_default=sql("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=now())
    updated_at: Mapped[datetime] = mapped_column(server_default=now())
    __table_args__ = (
        Index("ix_stored_providers_default", "is_default", unique=True, postgresql_where=sql("is_default")),
    )
