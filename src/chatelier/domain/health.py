"""How the instance is doing, for probes, metrics and the doctor."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, AttemptState, Generation, GenerationStatus, User


@dataclass(frozen=True, kw_only=True)
class Load:
    """``unknown``: attempts of which nobody knows whether they were made and billed."""

    users: int
    queued: int
    running: int
    unknown: int


async def check_database(db: AsyncSession) -> None:
    """Raises the driver's error unless the database answers."""
    await db.execute(select(func.chatelier_now()))


async def measure_load(db: AsyncSession) -> Load:
    waiting = await db.execute(
        select(Generation.status, func.count())
        .where(Generation.status.in_((GenerationStatus.QUEUED, GenerationStatus.RUNNING)))
        .group_by(Generation.status)
    )
    by_status: dict[str, int] = dict(waiting.all())
    unknown = select(func.count()).select_from(Attempt).where(Attempt.state == AttemptState.UNKNOWN)
    return Load(
        users=await db.scalar(select(func.count()).select_from(User)) or 0,
        queued=by_status.get(GenerationStatus.QUEUED, 0),
        running=by_status.get(GenerationStatus.RUNNING, 0),
        unknown=await db.scalar(unknown) or 0,
    )
