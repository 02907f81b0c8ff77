"""The time zone in which somebody's days and months are counted. Changing it gives no allowance twice: the running
day goes on until the new zone's next midnight after its old end, the month until the first such day."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy import Date, cast, column, exists, func, literal, select, table, update
from sqlalchemy.dialects.postgresql import TIMESTAMP, insert
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Charge, User, ZoneChange
from chatelier.domain import audit
from chatelier.domain.events import publish, user_topic
from chatelier.domain.quotas.standing import read_standing
from chatelier.errors import Invalid

_zones = cache(available_timezones)  # which walks through a folder
_database_zones = table("pg_timezone_names", column("name"))


async def change_zone(db: AsyncSession, user: User, zone: str) -> None:
    """Raises Invalid for a zone that this machine or the database does not know."""
    zone = zone.strip()
    if not await _is_known(db, zone):
        sentence = "This time zone is not known. Write it like Europe/Berlin."
        raise Invalid(sentence, fields={"time_zone": sentence})
    await db.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    await _move(db, user, zone)


async def adopt_zone(db: AsyncSession, user: User, zone: str) -> None:
    """The browser's, for somebody who never chose one; nonsense is ignored."""
    if user.zone_chosen or not zone or not await _is_known(db, zone):
        return
    chosen = select(User.zone_chosen).where(User.id == user.id).with_for_update(key_share=True)
    if not await db.scalar(chosen):
        await _move(db, user, zone)


async def _move(db: AsyncSession, user: User, zone: str) -> None:
    """Under the lock of the user's row. Whoever has used nothing yet has no allowance to get twice."""
    standing = await read_standing(db, user.id)
    if standing.time_zone != zone and await _has_used(db, user):
        running = {
            "day_from": standing.day.begins,
            "day_until": await _next_day(db, standing.day.ends, zone),
            "month_from": standing.month.begins,
            "month_until": await _next_day(db, standing.month.ends, zone),
        }
        kept = insert(ZoneChange).values(user_id=user.id, **running)
        await db.execute(kept.on_conflict_do_update(index_elements=[ZoneChange.user_id], set_=running))
    if standing.time_zone != zone:
        await audit.record(db, "user.time_zone", actor=user.id, target=user.id, zone=zone)
    await db.execute(update(User).where(User.id == user.id).values(time_zone=zone, zone_chosen=True))
    publish(db, user_topic(user.id))


async def _has_used(db: AsyncSession, user: User) -> bool:
    return bool(await db.scalar(select(exists().where(Charge.owner_id == user.id))))


async def _is_known(db: AsyncSession, zone: str) -> bool:
    if zone not in await asyncio.to_thread(_zones):
        return False
    return await db.scalar(select(_database_zones.c.name).where(_database_zones.c.name == zone)) is not None


async def _next_day(db: AsyncSession, moment: datetime, zone: str) -> datetime:
    """The first beginning of a day of this zone that is not before ``moment``."""
    here = literal(moment, TIMESTAMP(timezone=True))
    day = cast(func.timezone(zone, here), Date)
    today, tomorrow = func.chatelier_day_start(day, zone), func.chatelier_day_start(day + 1, zone)
    found: list[datetime] = list((await db.execute(select(today, tomorrow))).one())
    return next(beginning for beginning in found if beginning >= moment)
