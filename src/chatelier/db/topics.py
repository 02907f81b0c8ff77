"""Topics: what a transaction says "look" about, noted while it writes and sent in one statement when it commits.

Everybody hears it by NOTIFY (db/listen.py). What this process keeps in memory need not wait for that to come back: it
is told as soon as the transaction has committed, before anybody is answered.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session

CHANNEL = "chatelier"
NOTED, HEAR = "topics", "hear"  # in the info of a session
SEND = text("SELECT pg_notify(:channel, topic) FROM unnest(CAST(:topics AS text[])) AS topic")


class TopicSession(Session):
    """Sends what was noted in its transaction."""


def note(db: AsyncSession, topic: str) -> None:
    """To be sent if ``db`` commits. Ids only: a payload over 8 kB would fail the transaction."""
    db.info.setdefault(NOTED, set()).add(topic)


def tell(sessions: async_sessionmaker[AsyncSession], hear: Callable[[str], None]) -> None:
    """From now on ``hear`` gets each topic that these sessions have committed."""
    sessions.kw["info"][HEAR] = hear


@event.listens_for(TopicSession, "before_commit")
def _send(session: Session) -> None:
    topics = session.info.get(NOTED)
    if topics and not session.in_nested_transaction():
        session.execute(SEND, {"channel": CHANNEL, "topics": sorted(topics)})


@event.listens_for(TopicSession, "after_commit")
def _tell(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for topic in session.info.pop(NOTED, ()):
        if hear := session.info.get(HEAR):
            hear(topic)


@event.listens_for(TopicSession, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(NOTED, None)
