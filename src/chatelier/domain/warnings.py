"""Tell people that a limit comes near (80 %) or is reached (100 %), once in its period. Looked at by every worker's
sweep for those who are marked (domain/marks.py), so that no post pays for it. What is held does not count: it may come
back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Charge, SentWarning, UsageMark, User
from chatelier.domain import letters, mails
from chatelier.domain.events import publish, user_topic
from chatelier.domain.quotas.report import Shown, report
from chatelier.domain.quotas.standing import Period, Standing
from chatelier.services import Services

LEVELS = (80, 100)  # percent
MOST_AT_ONCE = 200  # people looked at in one round
_DAILY = ("images_per_day", "money_per_day")
_WARNED = (*_DAILY, "images_per_month", "money_per_month", "storage_bytes")
log = structlog.get_logger()


async def change_warnings(db: AsyncSession, user: User, *, wanted: bool) -> None:
    await db.execute(update(User).where(User.id == user.id).values(mail_warnings=wanted))
    publish(db, user_topic(user.id))


async def warn_marked(services: Services) -> None:
    """One round. A problem with one person is logged and does not keep the others waiting."""
    async with services.transaction() as db:
        marked = list(await db.scalars(select(UsageMark.owner_id).order_by(UsageMark.marked_at).limit(MOST_AT_ONCE)))
    for owner_id in marked:
        try:
            async with services.transaction() as db:
                if await _take(db, owner_id):
                    await warn(db, owner_id)
        except Exception:
            log.exception("warnings.failed", user_id=str(owner_id))


async def _take(db: AsyncSession, owner_id: UUID) -> bool:
    """False where another worker has it, or somebody is just marking it anew."""
    ours = select(UsageMark.owner_id).where(UsageMark.owner_id == owner_id).with_for_update(skip_locked=True)
    taken = delete(UsageMark).where(UsageMark.owner_id.in_(ours)).returning(UsageMark.owner_id)
    return (await db.execute(taken)).first() is not None


async def warn(db: AsyncSession, owner_id: UUID) -> None:
    """Write what this person has to hear now and has not heard yet."""
    wanted = (User.id == owner_id, User.mail_warnings, User.disabled_at.is_(None))
    if await db.scalar(select(User.id).where(*wanted)) is None:
        return
    found = await report(db, owner_id)
    for one in found.limits:
        level = await _level(db, owner_id, one) if one.name in _WARNED else 0
        if level:
            await _tell(db, found.standing, one, level)


async def _level(db: AsyncSession, owner_id: UUID, one: Shown) -> int:
    """The highest that is reached, or 0. Money is rarely used up to the last cent: it is where another request like
    the last would be refused."""
    if one.limit == 0 or one.used * 100 < one.limit * LEVELS[0]:
        return 0
    needed = 1
    if one.unit == "micros":
        mine = (Charge.owner_id == owner_id, ~Charge.is_test, Charge.held_micros > 0)
        last = select(Charge.held_micros).where(*mine).order_by(Charge.counted_at.desc()).limit(1)
        needed = await db.scalar(last) or 1
    return LEVELS[1] if one.limit - one.used < needed else LEVELS[0]


async def _tell(db: AsyncSession, standing: Standing, one: Shown, level: int) -> None:
    period = standing.day if one.name in _DAILY else standing.month
    if not await _is_news(db, standing.owner_id, one, period.begins, level):
        return
    letter = letters.warning(one, level, standing)
    key = f"warning:{standing.owner_id}:{one.name}:{period.begins.isoformat()}:{level}:{one.limit}"
    await mails.write(db, letter, to=standing.owner_id, key=key, until=_worth_saying(one, period))


async def _is_news(db: AsyncSession, owner_id: UUID, one: Shown, begins: datetime, level: int) -> bool:
    """Whoever hears of 100 % needs not hear of 80 % any more."""
    reached = [lower for lower in LEVELS if lower <= level]
    row = {"user_id": owner_id, "name": one.name, "period_from": begins, "amount": one.limit}
    rows = [{**row, "level": lower} for lower in reached]
    new = insert(SentWarning).values(rows).on_conflict_do_nothing().returning(SentWarning.level)
    return level in list(await db.scalars(new))


def _worth_saying(one: Shown, period: Period) -> datetime | None:
    return period.ends if one.name != "storage_bytes" else None
