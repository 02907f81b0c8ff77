"""Whose usage, or whose limits, have changed since their warnings were looked at (domain/warnings.py). A post writes
none: the ledger marks who is charged. The row is locked until the caller commits, so no look comes too early."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import UsageMark, User, now


async def mark_user(db: AsyncSession, user_id: UUID) -> None:
    await _mark(db, select(literal(user_id, User.id.type)))


async def mark_plan(db: AsyncSession, plan: str) -> None:
    """Everybody who is on it, in one order, so that two of these cannot wait for each other."""
    await _mark(db, select(User.id).where(User.plan == plan).order_by(User.id))


async def _mark(db: AsyncSession, owners: Select[Any]) -> None:
    marked = insert(UsageMark).from_select(["owner_id"], owners, include_defaults=False)
    again = marked.on_conflict_do_update(index_elements=[UsageMark.owner_id], set_={"marked_at": now()})
    await db.execute(again)
