"""Attempts whose outcome nobody knows keep their hold for a day, or until an admin, who can look at the provider's own
bill, says how they ended. A result that comes later is still kept, and costs nothing more."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, AttemptState, Charge, User, now
from chatelier.domain import audit, ledger
from chatelier.domain.generations.find import load_generation
from chatelier.domain.roles import check_admin
from chatelier.services import Services

KEPT = timedelta(hours=24)


def held_unknown() -> ColumnElement[bool]:
    held = exists().where(Charge.attempt_id == Attempt.id, Charge.state == "held")
    return and_(Attempt.state == AttemptState.UNKNOWN, held)


def stale_unknown() -> ColumnElement[bool]:
    return and_(held_unknown(), Attempt.sent_at < now() - KEPT)


async def resolve_unknown(services: Services, admin: User, *, charged: bool) -> int:
    """End all that are unknown now: at their estimate, or given back. How many. Raises Forbidden."""
    check_admin(admin)
    async with services.transaction() as db:
        found = list(await db.scalars(select(Attempt).where(held_unknown())))
    ended = 0
    for attempt in found:
        async with services.transaction() as db:
            if await settle_unknown(db, attempt, charged=charged):
                action = "unknown.charged" if charged else "unknown.given_back"
                await audit.record(db, action, actor=admin.id, target=attempt.id, micros=attempt.held_micros)
                ended += 1
    return ended


async def settle_unknown(db: AsyncSession, seen: Attempt, *, charged: bool = True) -> bool:
    """At its estimate, or released where the engine costs nothing. False: somebody else has ended it."""
    generation = await load_generation(db, seen.generation_id, lock=True) if seen.generation_id else None
    attempt = await lock_if(db, seen, held_unknown())
    if attempt is None:
        return False
    if charged and not attempt.free:
        await ledger.settle(db, generation, attempt, images=0, micros=attempt.held_micros, ended="failed")
    else:
        await ledger.release(db, generation, attempt, failed=True)
    return True


async def lock_if(db: AsyncSession, seen: Attempt, condition: ColumnElement[bool]) -> Attempt | None:
    """The attempt under its row lock, if the reason to touch it still holds."""
    query = select(Attempt).where(Attempt.id == seen.id, condition).with_for_update(skip_locked=True)
    return await db.scalar(query.execution_options(populate_existing=True))
