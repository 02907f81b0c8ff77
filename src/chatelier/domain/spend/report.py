"""All that the page of what was spent shows, for one person or, for admins, for everybody; and the rows behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import NightlyCheck, Role, User
from chatelier.domain.spend.calendar import Calendar, Wish, read_calendar
from chatelier.domain.spend.drift import last_check
from chatelier.domain.spend.figures import Figures, Present, Split, present, recent, split, trend
from chatelier.domain.spend.sheet import HEAD, cells, lines
from chatelier.errors import Forbidden
from chatelier.services import Services

CURRENCY = "USD"  # of every price and limit
PAGE = 1000
ROOM = "SET LOCAL work_mem = '32MB'"  # to group a hundred thousand sums without sorting them on disk

ROWS = """
SELECT counted_at, attempt_id, coalesce(email, '') AS person, charges.plan, subject, provider, model, state, ended,
       paid, is_test, images, micros, held_images, held_micros, currency
FROM charges LEFT JOIN users ON users.id = owner_id
WHERE counted_at >= :begins AND counted_at < :ends AND (counted_at, attempt_id) > (:after, :after_id) {mine}
ORDER BY counted_at, attempt_id LIMIT :page
"""


@dataclass(frozen=True, kw_only=True)
class Spend:
    """``today``, ``week`` and ``month`` are now's; the rest is of the calendar's range. ``check`` is for admins."""

    calendar: Calendar
    today: Figures
    week: Figures
    month: Figures
    present: Present
    periods: Sequence[Figures]
    split: Split
    check: NightlyCheck | None = None
    currency: str = CURRENCY


async def own_spend(db: AsyncSession, user: User, wish: Wish) -> Spend:
    """In the days of the person's own time zone. Raises Invalid for a range that cannot be shown."""
    return await _spend(db, user, wish, user.id)


async def whole_spend(db: AsyncSession, admin: User, wish: Wish) -> Spend:
    """Of everybody, in the days of the admin's time zone. Raises Forbidden, Invalid."""
    _check_admin(admin)
    return await _spend(db, admin, wish, None)


async def _spend(db: AsyncSession, viewer: User, wish: Wish, owner_id: UUID | None) -> Spend:
    await db.execute(text(ROOM))
    calendar = await read_calendar(db, viewer.time_zone, wish)
    today, week, month = await recent(db, calendar, owner_id)
    return Spend(
        calendar=calendar,
        today=today,
        week=week,
        month=month,
        present=await present(db, owner_id),
        periods=await trend(db, calendar, owner_id),
        split=await split(db, calendar, owner_id),
        check=await last_check(db) if owner_id is None else None,
    )


async def own_sheet(services: Services, user: User, wish: Wish) -> AsyncIterator[str]:
    """The person's rows of the range as CSV, piece by piece; without the column that says whose they are."""
    return await _sheet(services, user, wish, user.id)


async def whole_sheet(services: Services, admin: User, wish: Wish) -> AsyncIterator[str]:
    _check_admin(admin)
    return await _sheet(services, admin, wish, None)


async def _sheet(services: Services, viewer: User, wish: Wish, owner_id: UUID | None) -> AsyncIterator[str]:
    """The range is read, and refused, before the first byte goes out."""
    async with services.transaction() as db:
        calendar = await read_calendar(db, viewer.time_zone, wish)
    return _pieces(services, calendar, owner_id)


async def _pieces(services: Services, calendar: Calendar, owner_id: UUID | None) -> AsyncIterator[str]:
    """No connection is held while a slow reader takes its time."""
    statement = text(ROWS.format(mine="" if owner_id is None else "AND owner_id = :owner"))
    values: dict[str, Any] = {"begins": calendar.begins, "ends": calendar.ends, "page": PAGE}
    values |= {"after": calendar.begins, "after_id": UUID(int=0)} | ({} if owner_id is None else {"owner": owner_id})
    named = owner_id is None
    yield lines([HEAD], named=named)
    while True:
        async with services.transaction() as db:
            rows = (await db.execute(statement, values)).all()
        if not rows:
            return
        yield await asyncio.to_thread(_written, rows, calendar.zone, named)
        values |= {"after": rows[-1].counted_at, "after_id": rows[-1].attempt_id}


def _written(rows: Sequence[Any], zone: str, named: bool) -> str:
    return lines([cells(row, zone) for row in rows], named=named)


def _check_admin(admin: User) -> None:
    if admin.role != Role.ADMIN:
        raise Forbidden
