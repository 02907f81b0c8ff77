"""Tell people that something was decided about them. Until mail is sent it is kept in the audit log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.domain import audit


async def notify(db: AsyncSession, user_id: UUID | None, what: str, **facts: Any) -> None:
    """``user_id`` None: all admins. ``what`` is a name such as upgrade.asked; ``facts`` never hold people's words."""
    await audit.record(db, f"notify.{what}", target=user_id or "admins", **facts)
