"""Refused requests: written into the audit log by whose door it was, without a word of them; counted for admins; and
no more of them than so many in an hour, since trying words out until some pass costs everybody's good name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import AuditEntry, User, now
from chatelier.domain import audit
from chatelier.errors import TooMany, wait_in_words

ACTION = "request.refused"
HOUR = timedelta(hours=1)
SHOWN_DAYS = 30
MOST_PEOPLE = 20
USUAL_MOST = 20  # an hour, where the instance's row is not there yet
# The last that leaves no room, if there is one.
PACE = text("""
SELECT created_at, chatelier_now() AS now FROM audit_log
WHERE action = 'request.refused' AND actor_id = :owner AND created_at > chatelier_now() - interval '1 hour'
ORDER BY created_at DESC
OFFSET coalesce((SELECT refusals_per_hour FROM instance WHERE id = 1), :usual) - 1 LIMIT 1
""")
IS_REFUSAL = AuditEntry.action == literal_column(f"'{ACTION}'")  # written out, or no plan could use their index


class Door(StrEnum):
    """Who declined; the value is kept."""

    WORDS = "words"  # the admin's word list
    CHILD_SAFE = "child_safe"  # the list that comes along
    SERVICE = "service"  # the moderation service, before anything was sent
    RESULT = "result"  # the same, shown the finished image
    PROVIDER = "provider"  # the provider itself


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Refusals of one door: within a day, a week and 30 days."""

    door: Door
    day: int
    week: int
    month: int


async def record(db: AsyncSession, owner_id: UUID, door: Door, *, attempt_id: UUID, provider: str) -> None:
    """In the transaction that closes the attempt, which happens once."""
    await audit.record(db, ACTION, actor=owner_id, target=attempt_id, door=door, provider=provider)


async def check_pace(db: AsyncSession, owner_id: UUID) -> None:
    """Raises TooMany for a person whose requests were refused too often within the last hour. One statement."""
    last = (await db.execute(PACE, {"owner": owner_id, "usual": USUAL_MOST})).first()
    if last is not None:
        raise _too_many(last.created_at + HOUR, last.now)


def _too_many(until: datetime, moment: datetime) -> TooMany:
    wait = max(1, math.ceil((until - moment).total_seconds()))
    sentence = "Too many of your requests were refused within an hour."
    sentence += f" Wait {wait_in_words(wait)}, then ask for something else."
    return TooMany(sentence, retry_after=wait, resets_at=until)


async def count_refusals(db: AsyncSession) -> list[Counted]:
    """A row for every door, for admins."""
    since = [now() - timedelta(days=days) for days in (1, 7, SHOWN_DAYS)]
    door = AuditEntry.details["door"].astext
    counts = [func.count().filter(AuditEntry.created_at > moment) for moment in since]
    query = select(door, *counts).where(IS_REFUSAL, AuditEntry.created_at > since[-1]).group_by(door)
    found = {row[0]: row for row in await db.execute(query)}
    nothing = (None, 0, 0, 0)
    return [
        Counted(door=one, day=row[1], week=row[2], month=row[3])
        for one in Door
        for row in [found.get(one.value, nothing)]
    ]


async def list_refused(db: AsyncSession) -> Sequence[tuple[User, int]]:
    """Whose requests were refused within 30 days, most first; for admins."""
    count = func.count().label("count")
    query = (
        select(User, count)
        .join(AuditEntry, AuditEntry.actor_id == User.id)
        .where(IS_REFUSAL, AuditEntry.created_at > now() - timedelta(days=SHOWN_DAYS))
        .group_by(User.id)
        .order_by(count.desc(), User.email)
        .limit(MOST_PEOPLE)
    )
    return [(row[0], row[1]) for row in await db.execute(query)]
