"""Thresholds of what all people together spend in a day or month of UTC, and the pause that some of them bring. Nothing
is switched on or off: whether engines that cost something are paused follows, each time it is asked, from what was
settled, so the pause begins with the settlement that reaches the threshold and ends with the period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Threshold, User
from chatelier.domain import audit
from chatelier.domain.quotas.limits import MOST, read_words
from chatelier.domain.roles import check_admin
from chatelier.errors import Invalid, NotFound
from chatelier.ids import new_id

SPANS = ("day", "month")
# Each threshold with its period, the running one or one before it, and what was spent in it. None had a period that was
# over when it was made.
_STANDING = text("""
SELECT t.id, t.span, t.micros, t.stops, p.begins, t.stops AND t.lifted_on IS NOT DISTINCT FROM p.begins AS lifted,
       (p.begins + ('1 ' || t.span)::interval) AT TIME ZONE 'UTC' AS ends, :back > 0 AS is_over,
       (SELECT coalesce(sum(d.micros), 0)::bigint FROM instance_days d
        WHERE d.day >= p.begins AND d.day < p.begins + ('1 ' || t.span)::interval) AS spent
FROM thresholds t,
     LATERAL (SELECT (date_trunc(t.span, chatelier_now() AT TIME ZONE 'UTC')
                      - cast(:back AS int) * ('1 ' || t.span)::interval)::date AS begins) p
WHERE :back = 0 OR t.created_at < (p.begins + ('1 ' || t.span)::interval) AT TIME ZONE 'UTC'
ORDER BY t.span, t.micros
""")


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A threshold as it stands in one of its periods; money in millionths of a dollar."""

    id: UUID
    span: str
    micros: int
    stops: bool
    begins: date
    lifted: bool
    ends: datetime
    is_over: bool
    spent: int

    @property
    def is_reached(self) -> bool:
        return self.spent >= self.micros

    @property
    def pauses(self) -> bool:
        return self.stops and self.is_reached and not self.lifted and not self.is_over


async def list_thresholds(db: AsyncSession, *, back: int = 0) -> Sequence[Reached]:
    """In their running periods, or so many periods back."""
    return [Reached(**row._mapping) for row in await db.execute(_STANDING, {"back": back})]


async def read_pause(db: AsyncSession) -> Reached | None:
    """Why engines that cost something are paused now, and until when; None while they are not."""
    pauses = [one for one in await list_thresholds(db) if one.pauses]
    return max(pauses, key=lambda one: one.ends, default=None)


async def add_threshold(db: AsyncSession, admin: User, span: str, amount: str, *, stops: bool) -> None:
    """``amount`` in dollars, as people write it. The same one again changes whether it stops. Raises Invalid."""
    check_admin(admin)
    micros = _micros(amount)
    if span not in SPANS:
        raise Invalid("Choose a day or a month.", fields={"span": "day or month"})
    row = insert(Threshold).values(id=new_id(), span=span, micros=micros, stops=stops)
    changed: dict[str, Any] = {"stops": stops, "lifted_on": None}
    await db.execute(row.on_conflict_do_update(index_elements=[Threshold.span, Threshold.micros], set_=changed))
    await audit.record(db, "threshold.set", actor=admin.id, span=span, micros=micros, stops=stops)


async def remove_threshold(db: AsyncSession, admin: User, threshold_id: UUID | None) -> None:
    """Raises NotFound. A pause that it brought ends at once."""
    check_admin(admin)
    gone = delete(Threshold).where(Threshold.id == threshold_id).returning(Threshold.span, Threshold.micros)
    row = (await db.execute(gone)).one_or_none()
    if row is None:
        raise NotFound
    await audit.record(db, "threshold.remove", actor=admin.id, span=row.span, micros=row.micros)


async def lift_pause(db: AsyncSession, admin: User, threshold_id: UUID | None) -> None:
    """For the running period: this threshold stops nothing more until the next. Raises NotFound."""
    check_admin(admin)
    found = next((one for one in await list_thresholds(db) if one.id == threshold_id and one.stops), None)
    if found is None:
        raise NotFound
    await db.execute(update(Threshold).where(Threshold.id == found.id).values(lifted_on=found.begins))
    await audit.record(db, "threshold.lift", actor=admin.id, span=found.span, micros=found.micros)


def _micros(amount: str) -> int:
    micros = read_words("money_per_month", amount)
    if micros is None or not 0 < micros <= MOST:
        raise Invalid("Write an amount in US dollars above 0, as in 20 or 7.50.", fields={"amount": "not an amount"})
    return int(micros)
