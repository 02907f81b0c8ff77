"""Live updates: a topic is published in the transaction that writes, and delivered when it commits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.topics import note


def thread_topic(thread_id: UUID) -> str:
    return f"thread:{thread_id}"


def user_topic(user_id: UUID) -> str:
    return f"user:{user_id}"


def publish(db: AsyncSession, topic: str) -> None:
    """Say "look" to everybody who watches ``topic``, when ``db`` commits."""
    note(db, topic)
