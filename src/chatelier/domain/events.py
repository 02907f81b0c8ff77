"""Live updates: a topic is published in the transaction that writes, and delivered when it commits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.listen import CHANNEL, PUBLISHED


def thread_topic(thread_id: UUID) -> str:
    return f"thread:{thread_id}"


def user_topic(user_id: UUID) -> str:
    return f"user:{user_id}"


async def publish(db: AsyncSession, topic: str) -> None:
    """Say "look" to everybody who watches ``topic``: in this process as soon as the services' transaction is over, so
    that whoever changed something sees it at once. Ids only: a payload over 8 kB would fail the transaction."""
    await db.execute(select(func.pg_notify(CHANNEL, topic)))
    db.info.setdefault(PUBLISHED, set()).add(topic)
