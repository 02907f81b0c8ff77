"""What was spent, summed up from charges that are closed and so never change again (domain/spend/sums.py)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from chatelier.db.models.base import Base, now

# What is read most lies between rows that are not asked for, so an index holds it whole.
COUNTED = ["requests", "failed", "refused", "answers", "images", "micros"]
OF_EVERYBODY = "owner_id = '00000000-0000-0000-0000-000000000001'::uuid"


class Counts:
    """``requests`` is everything that was let in; ``answers`` are those in words that succeeded."""

    requests: Mapped[int]
    failed: Mapped[int]
    refused: Mapped[int]
    answers: Mapped[int]
    images: Mapped[int]
    micros: Mapped[int]


class SpendQuarter(Counts, Base):
    """A quarter of an hour without tests: days of any time zone are whole quarters. The owner 1 stands for everybody
    together (no foreign key for it)."""

    __tablename__ = "spend_quarters"
    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    begins: Mapped[datetime] = mapped_column(primary_key=True)
    __table_args__ = (
        Index("ix_spend_quarters_everybody", "begins", postgresql_include=COUNTED, postgresql_where=sql(OF_EVERYBODY)),
    )


class SpendSum(Counts, Base):
    """A day or a month of UTC, by who asked whom. The owner 0 stands for all who left, the owner 1 for everybody
    together (no foreign key for them). ``ceiling_micros``: what had been held for ``micros``; ``over_micros``: what was
    billed above its own ceiling."""

    __tablename__ = "spend_sums"
    span: Mapped[str] = mapped_column(primary_key=True)
    begins: Mapped[date] = mapped_column(Date, primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(primary_key=True)
    is_test: Mapped[bool] = mapped_column(primary_key=True)
    ceiling_micros: Mapped[int]
    over_micros: Mapped[int]
    __table_args__ = (
        CheckConstraint("span IN ('day', 'month')", name="span"),
        Index("ix_spend_sums_owner", "owner_id", "span", "begins"),
        Index(
            "ix_spend_sums_months",
            "begins",
            postgresql_include=["owner_id", *COUNTED, "ceiling_micros", "over_micros"],
            postgresql_where=sql(f"span = 'month' AND NOT is_test AND {OF_EVERYBODY.replace('=', '<>')}"),
        ),
    )


class NightlyCheck(Base):
    """When something that is done once a night was done last, and the sentences it found worth saying."""

    __tablename__ = "nightly_checks"
    name: Mapped[str] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime] = mapped_column(server_default=now())
    findings: Mapped[list[str]] = mapped_column(server_default=sql("'[]'"), default=list)
