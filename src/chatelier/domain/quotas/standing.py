"""Where somebody stands: the limits that hold for them and for all together, and their running day and month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.domain.quotas.limits import Limits, merged, read

# Day and month by the person's calendar and, for all together, by UTC's: their first instants and the next ones'.
STANDING = text("""
SELECT users.plan, users.limits AS own, users.disabled_at IS NOT NULL AS is_disabled, users.time_zone,
       plans.label, plans.position, plans.limits,
       instance.limits AS shared, chatelier_now() AS now, EXISTS (SELECT FROM thresholds WHERE stops) AS may_pause,
       chatelier_day_start(mine.today, time_zone) AS day_begins,
       chatelier_day_start(mine.today + 1, time_zone) AS day_ends,
       chatelier_day_start(mine.month, time_zone) AS month_begins,
       chatelier_day_start((mine.month + interval '1 month')::date, time_zone) AS month_ends,
       utc.today::timestamp AT TIME ZONE 'UTC' AS shared_day_begins,
       (utc.today + 1)::timestamp AT TIME ZONE 'UTC' AS shared_day_ends,
       utc.month AT TIME ZONE 'UTC' AS shared_month_begins,
       (utc.month + interval '1 month') AT TIME ZONE 'UTC' AS shared_month_ends,
       kept.day_from, kept.day_until, kept.month_from, kept.month_until
FROM users
JOIN plans ON plans.name = users.plan
LEFT JOIN instance ON instance.id = 1
LEFT JOIN zone_changes AS kept ON kept.user_id = users.id,
LATERAL (SELECT (chatelier_now() AT TIME ZONE time_zone)::date AS today,
                date_trunc('month', chatelier_now() AT TIME ZONE time_zone)::date AS month) AS mine,
LATERAL (SELECT (chatelier_now() AT TIME ZONE 'UTC')::date AS today,
                date_trunc('month', chatelier_now() AT TIME ZONE 'UTC') AS month) AS utc
WHERE users.id = :owner
""")


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
    is_disabled: bool
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
    row = (await db.execute(STANDING, {"owner": owner_id})).one()
    return _standing(owner_id, row)


def _standing(owner_id: UUID, row: Row[Any]) -> Standing:
    limits, shared = merged(row.limits, row.own), read(row.shared or {})
    waits = [one.cooldown_seconds for one in (limits, shared) if one.cooldown_seconds is not None]
    return Standing(
        owner_id=owner_id,
        plan=row.plan,
        label=row.label,
        position=row.position,
        is_disabled=row.is_disabled,
        time_zone=row.time_zone,
        limits=replace(limits, cooldown_seconds=max(waits, default=None)),
        shared=replace(shared, cooldown_seconds=None),
        now=row.now,
        may_pause=row.may_pause,
        day=_period(row.now, row.day_begins, row.day_ends, row.day_from, row.day_until),
        month=_period(row.now, row.month_begins, row.month_ends, row.month_from, row.month_until),
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
