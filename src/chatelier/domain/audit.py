"""The audit log: who did what to whom. Ids only, never prompt text, passwords or tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import AuditEntry


async def record(
    db: AsyncSession, action: str, *, actor: UUID | None = None, target: UUID | str = "", **details: Any
) -> None:
    """Write one entry in the caller's transaction. ``actor`` None is the command line, or a visitor."""
    db.add(AuditEntry(actor_id=actor, action=action, target=str(target), details=details or None))
    await db.flush()
