"""Plans, what people ask of them, and the days that a change of time zone stretches."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatelier.db.models.accounts import User
from chatelier.db.models.base import Base, Id


class Plan(Base):
    """``limits`` as domain/quotas/limits.py reads them. People are told of the next plan by ``position``, and may ask
    for one that is ``offered``."""

    __tablename__ = "plans"
    name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    position: Mapped[int]
    offered: Mapped[bool] = mapped_column(server_default=sql("false"))
    limits: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"), default=dict)


class UpgradeRequest(Id, Base):
    __tablename__ = "upgrade_requests"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    plan: Mapped[str] = mapped_column(ForeignKey("plans.name"))
    note: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(server_default="open")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    __table_args__ = (
        CheckConstraint("state IN ('open', 'approved', 'declined')", name="state"),
        Index("ix_upgrade_requests_open", "user_id", unique=True, postgresql_where=sql("state = 'open'")),
    )
    user: Mapped[User] = relationship(lazy="raise", foreign_keys=[user_id])


class ZoneChange(Base):
    """The day and the month that were running when somebody changed their time zone: they go on until the new
    zone's next boundary after their old end, so that nobody gets an allowance twice."""

    __tablename__ = "zone_changes"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day_from: Mapped[datetime]
    day_until: Mapped[datetime]
    month_from: Mapped[datetime]
    month_until: Mapped[datetime]
