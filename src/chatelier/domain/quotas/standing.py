"""Where somebody stands: the limits that hold for them and for all together, and their running day and month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Row, bindparam, cast, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Instance, Plan, Threshold, User, ZoneChange, now
from chatelier.domain.quotas.limits import Limits, merged, read
from chatelier.errors import Unauthenticated

UTC_ZONE = "UTC"  # in which the instance as a whole counts


@dataclass(frozen=True, kw_only=True)
class Period:
    """From its first instant until the first one after it."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """``shared`` are the limits of all people together, in UTC days; their cooldown is everybody's own. ``now`` is
    the transaction's. ``may_pause``: there is a threshold that stops paid engines once it is reached."""

    owner_id: UUID
    plan: str
    label: str
    position: int
    time_zone: str
    limits: Limits
    shared: Limits
    now: datetime
    may_pause: bool
    day: Period
    month: Period
    shared_day: Period = field(repr=False)
    shared_month: Period = field(repr=False)


async def read_standing(db: AsyncSession, owner_id: UUID) -> Standing:
    row = (await db.execute(_query(), {"owner": owner_id})).one_or_none()
    if row is None:
        raise Unauthenticated  # deleted since they were let in
    return _standing(owner_id, row)


@cache
def _query() -> Any:
    """Built once: putting it together costs more than running it."""
    local = cast(func.timezone(User.time_zone, now()), Date)
    utc = cast(func.timezone(UTC_ZONE, now()), Date)
    return (
        select(
            User.plan,
            User.limits.label("own"),
            User.time_zone,
            Plan.label,
            Plan.position,
            Plan.limits,
            func.coalesce(Instance.limits, literal({}, Instance.limits.type)).label("shared"),
            now().label("now"),
            exists().where(Threshold.stops).label("may_pause"),
            *_bounds(local, User.time_zone, "own"),
            *_bounds(utc, UTC_ZONE, "shared"),
            ZoneChange.day_from,
            ZoneChange.day_until,
            ZoneChange.month_from,
            ZoneChange.month_until,
        )
        .join(Plan, Plan.name == User.plan)
        .outerjoin(Instance, Instance.id == 1)
        .outerjoin(ZoneChange, ZoneChange.user_id == User.id)
        .where(User.id == bindparam("owner"))
    )


def _bounds(today: Any, zone: Any, name: str) -> list[Any]:
    """The day's and the month's first instants and those of the next."""
    first = cast(func.date_trunc("month", today), Date)
    following = cast(first + func.make_interval(0, 1), Date)
    days = {"day_begins": today, "day_ends": today + 1, "month_begins": first, "month_ends": following}
    return [func.chatelier_day_start(day, zone).label(f"{name}_{what}") for what, day in days.items()]


def _standing(owner_id: UUID, row: Row[Any]) -> Standing:
    limits, shared = merged(row.limits, row.own), read(row.shared)
    waits = [one.cooldown_seconds for one in (limits, shared) if one.cooldown_seconds is not None]
    return Standing(
        owner_id=owner_id,
        plan=row.plan,
        label=row.label,
        position=row.position,
        time_zone=row.time_zone,
        limits=replace(limits, cooldown_seconds=max(waits, default=None)),
        shared=replace(shared, cooldown_seconds=None),
        now=row.now,
        may_pause=row.may_pause,
        day=_period(row.now, row.own_day_begins, row.own_day_ends, row.day_from, row.day_until),
        month=_period(row.now, row.own_month_begins, row.own_month_ends, row.month_from, row.month_until),
        shared_day=Period(begins=row.shared_day_begins, ends=row.shared_day_ends),
        shared_month=Period(begins=row.shared_month_begins, ends=row.shared_month_ends),
    )


def _period(
    moment: datetime, begins: datetime, ends: datetime, kept_from: datetime | None, kept_until: datetime | None
) -> Period:
    """The calendar's, or the one that a change of zone stretches as long as it runs."""
    if kept_from is not None and kept_until is not None and moment < kept_until:
        return Period(begins=kept_from, ends=kept_until)
    return Period(begins=begins, ends=ends)


def earliest(standing: Standing, limits: Limits) -> datetime:
    """How far back the counting has to look for these limits."""
    looks: Mapping[str, datetime] = {
        "images_per_month": standing.month.begins,
        "money_per_month": standing.month.begins,
        "images_per_day": standing.day.begins,
        "money_per_day": standing.day.begins,
        "images_per_hour": standing.now - timedelta(hours=1),
        "messages_per_minute": standing.now - timedelta(minutes=1),
    }
    return min((begins for name, begins in looks.items() if limits.of(name) is not None), default=standing.now)
