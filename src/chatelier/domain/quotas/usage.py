"""What has been used and is held, by one user or by all together, as far as limits ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, reduce
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, AttemptState, Charge, Generation, GenerationStatus, InstanceDay, StorageUse
from chatelier.domain.quotas.limits import Limits
from chatelier.domain.quotas.standing import UTC_ZONE, Standing, earliest

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ACTIVE = (GenerationStatus.QUEUED, GenerationStatus.RUNNING)
SPANS = ("hour", "day", "month")


@dataclass(frozen=True, kw_only=True)
class Meter:
    """``held`` is set aside for what waits, runs or has an unknown outcome. ``resets_at``: when some of it comes back;
    None where only an end frees it."""

    used: int = 0
    held: int = 0
    resets_at: datetime | None = None

    @property
    def taken(self) -> int:
        return self.used + self.held


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A meter for each limit there is, by its name. ``cooling_since``: the newest request that a cooldown follows."""

    meters: Mapping[str, Meter] = field(default_factory=dict)
    cooling_since: datetime | None = None

    def of(self, name: str) -> Meter:
        return self.meters.get(name, Meter())


async def own_usage(db: AsyncSession, standing: Standing) -> Usage:
    return (await read_usages(db, standing, own=True, shared=False))[0]


async def read_usages(db: AsyncSession, standing: Standing, *, own: bool, shared: bool) -> tuple[Usage, Usage]:
    """Of this person and of all together, as far as they are wanted, counted by one statement."""
    mine, everybodys = standing.limits, standing.shared
    found = await db.execute(
        _statement(_shape(mine) if own else None, _shape(everybodys) if shared else None), _values(standing)
    )
    row = dict(found.one()._mapping)
    return (
        Usage(meters=_meters(mine, row, standing, "own"), cooling_since=row["own_cooling_since"]) if own else Usage(),
        Usage(meters=_meters(everybodys, row, standing, "shared")) if shared else Usage(),
    )


def _values(standing: Standing) -> dict[str, Any]:
    return {
        "owner": standing.owner_id,
        "since": earliest(standing, standing.limits),
        "hour": standing.now - HOUR,
        "minute": standing.now - MINUTE,
        "own_day": standing.day.begins,
        "own_month": standing.month.begins,
        "shared_day": standing.shared_day.begins,
        "shared_month": standing.shared_month.begins,
    }


@lru_cache(maxsize=64)
def _statement(own: Limits | None, shared: Limits | None) -> Any:
    """Built once for each shape of limits: putting it together costs more than running it. Each part is one row."""
    parts = [(_own_part(own), "own")] if own else []
    parts += [(_shared_recent(shared), "shared"), (_shared_days(), "shared")] if shared else []
    tables = [(part.subquery(), name) for part, name in parts]
    columns = [column.label(f"{name}_{column.name}") for found, name in tables for column in found.c]
    joined = reduce(lambda left, right: left.join(right, true()), (found for found, _ in tables))
    return select(*columns).select_from(joined)


def _own_part(shape: Limits) -> Any:
    binds = Charge.paid if shape.paid_only else true()
    owner = bindparam("owner", type_=Charge.owner_id.type)
    mine = and_(Charge.owner_id == owner, ~Charge.is_test)
    begins = {"day": _moment("own_day"), "month": _moment("own_month")}
    columns = [*_recent(binds), *_calendar(begins, binds), *_present(shape, owner)]
    columns.append(_newest(and_(mine, binds), shape).label("cooling_since"))
    return select(*columns).where(mine, Charge.counted_at >= _moment("since"))


def _shared_recent(shape: Limits) -> Any:
    binds = Charge.paid if shape.paid_only else true()
    columns = [*_recent(binds), *_present(shape, None)]
    return select(*columns).where(~Charge.is_test, Charge.counted_at > _moment("hour"))


def _shape(limits: Limits) -> Limits:
    """What decides how the counting is written: which limits there are, not how large."""
    names = ("simultaneous", "storage_bytes", "cooldown_seconds")
    present: dict[str, Any] = {name: None if limits.of(name) is None else 0 for name in names}
    return Limits(**present, paid_only=limits.paid_only)


def _moment(name: str) -> Any:
    return bindparam(name, type_=TIMESTAMP(timezone=True))


async def comes_back(db: AsyncSession, standing: Standing, name: str, needed: int, *, shared: bool) -> datetime | None:
    """When so much of a sliding limit will have come back that ``needed`` more fits; None: never."""
    pictures = name == "images_per_hour"
    limits = standing.shared if shared else standing.limits
    span = HOUR if pictures else MINUTE
    counted: list[Any] = [Charge.counted_at > standing.now - span, ~Charge.is_test]
    counted += [] if shared else [Charge.owner_id == standing.owner_id]
    counted += [Charge.paid] if pictures and limits.paid_only else []
    amount = _hourly() if pictures else case((Charge.subject == "reply", 1), else_=0)
    gone = func.sum(amount).over(order_by=(Charge.counted_at, Charge.attempt_id)).label("gone")
    rows = select(Charge.counted_at, gone).where(*counted).subquery()
    first = select(func.min(rows.c.counted_at)).where(rows.c.gone >= needed)
    found: datetime | None = await db.scalar(first)
    return found + span if found is not None else None


def _hourly() -> ColumnElement[int]:
    """Images an hour; what the provider declined counts as well, though it is given back."""
    return case((Charge.state == "refused", Charge.held_images), else_=Charge.images)


def _sum(amount: ColumnElement[int] | Any, *conditions: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(amount).filter(*conditions), 0)


def _recent(binds: Any) -> list[Any]:
    """Sums over the last hour and minute."""
    hour = (Charge.counted_at > _moment("hour"), binds)
    talk = (Charge.counted_at > _moment("minute"), Charge.subject == "reply")
    counts = Charge.state.in_(("settled", "refused", "held"))
    return [
        _sum(_hourly(), Charge.state.in_(("settled", "refused")), *hour).label("images_hour_used"),
        _sum(Charge.images, Charge.state == "held", *hour).label("images_hour_held"),
        func.min(Charge.counted_at).filter(counts, Charge.held_images > 0, *hour).label("hour_oldest"),
        func.count().filter(*talk).label("messages"),
        func.min(Charge.counted_at).filter(*talk).label("minute_oldest"),
    ]


def _calendar(begins: Mapping[str, Any], binds: Any) -> list[Any]:
    """Sums over the running day and month. Money counts whatever ``binds`` says: free engines add nothing to it."""
    columns = []
    for span, since in begins.items():
        inside = Charge.counted_at >= since
        for state, word in (("settled", "used"), ("held", "held")):
            columns.append(_sum(Charge.images, Charge.state == state, inside, binds).label(f"images_{span}_{word}"))
            columns.append(_sum(Charge.micros, Charge.state == state, inside).label(f"micros_{span}_{word}"))
    return columns


def _present(limits: Limits, owner_id: Any) -> list[Any]:
    """What runs and what is stored now, only where a limit asks."""
    active: Any = null()
    if limits.simultaneous is not None:
        running = select(func.count()).where(Generation.status.in_(ACTIVE), ~Generation.is_test)
        running = running.where(Generation.owner_id == owner_id) if owner_id is not None else running
        if limits.paid_only:
            costs = (Attempt.state.in_((AttemptState.PREPARED, AttemptState.SENT)), ~Attempt.free)
            running = running.where(exists().where(Attempt.generation_id == Generation.id, *costs))
        active = running.scalar_subquery()
    stored: Any = null()
    if limits.storage_bytes is not None:
        kept = select(func.coalesce(func.sum(StorageUse.bytes), 0))
        stored = (kept.where(StorageUse.owner_id == owner_id) if owner_id is not None else kept).scalar_subquery()
    return [cast(active, Integer).label("active"), stored.label("stored")]


def _newest(mine: Any, limits: Limits) -> Any:
    if limits.cooldown_seconds is None:
        return null()
    newest = select(Charge.counted_at).where(mine, Charge.cooling).order_by(Charge.counted_at.desc()).limit(1)
    return newest.correlate(None).scalar_subquery()


def _shared_days() -> Any:
    """The sums of the days are kept (``instance_days``), so that nobody's month is read here."""
    today = cast(func.timezone(UTC_ZONE, _moment("shared_day")), Date)
    first = cast(func.timezone(UTC_ZONE, _moment("shared_month")), Date)
    columns = []
    for span, inside in (("day", InstanceDay.day == today), ("month", InstanceDay.day >= first)):
        columns += [
            _sum(InstanceDay.images, inside).label(f"images_{span}_used"),
            _sum(InstanceDay.held_images, inside).label(f"images_{span}_held"),
            _sum(InstanceDay.micros, inside).label(f"micros_{span}_used"),
            _sum(InstanceDay.held_micros, inside).label(f"micros_{span}_held"),
        ]
    return select(*columns).where(or_(InstanceDay.day >= first, InstanceDay.day == today))


def _meters(limits: Limits, row: Mapping[str, Any], standing: Standing, whose: str) -> dict[str, Meter]:
    hour, minute = row[f"{whose}_hour_oldest"], row[f"{whose}_minute_oldest"]
    day, month = (standing.day, standing.month) if whose == "own" else (standing.shared_day, standing.shared_month)
    found = {
        "simultaneous": Meter(held=int(row[f"{whose}_active"] or 0)),
        "images_per_hour": _meter(row, f"{whose}_images_hour", hour + HOUR if hour else None),
        "messages_per_minute": Meter(used=int(row[f"{whose}_messages"]), resets_at=minute + MINUTE if minute else None),
        "storage_bytes": Meter(used=int(row[f"{whose}_stored"] or 0)),
    }
    for span, period in (("day", day), ("month", month)):
        found[f"images_per_{span}"] = _meter(row, f"{whose}_images_{span}", period.ends)
        found[f"money_per_{span}"] = _meter(row, f"{whose}_micros_{span}", period.ends)
    return {name: meter for name, meter in found.items() if limits.of(name) is not None}


def _meter(row: Mapping[str, Any], name: str, resets_at: datetime | None) -> Meter:
    return Meter(used=int(row[f"{name}_used"]), held=int(row[f"{name}_held"]), resets_at=resets_at)
