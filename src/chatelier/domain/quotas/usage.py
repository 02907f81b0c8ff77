"""What has been used and is held, by one user or by all together, as far as limits ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.domain.quotas.limits import COUNTED, Limits
from chatelier.domain.quotas.standing import Standing, earliest

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SPANS = ("day", "month")
Column = tuple[str, str]  # its name and how it is counted

# Images an hour; what the provider declined counts as well, though it is given back.
HOURLY = "CASE state WHEN 'refused' THEN held_images ELSE images END"
COUNTS_HOURLY = "state IN ('settled', 'refused', 'held') AND held_images > 0"
# Nothing is later than infinity: with two ends PostgreSQL takes the span for short and keeps one plan for all moments,
# or it would plan this anew with each post, which costs as much as the counting.
MINE = "owner_id = :owner AND NOT is_test AND counted_at >= :since AND counted_at < 'infinity'"
EVERYBODYS = "NOT is_test AND counted_at > :hour AND counted_at < 'infinity'"
# The sums of the days are kept, so that nobody's month is read here.
DAYS = "day >= least(:first, :today) AND day < 'infinity'"
ACTIVE = "SELECT count(*) FROM generations WHERE status IN ('queued', 'running') AND NOT is_test{mine}{costs}"
COSTS = """ AND EXISTS (SELECT FROM attempts
  WHERE generation_id = generations.id AND state IN ('prepared', 'sent') AND NOT free)"""
STORED = "SELECT coalesce(sum(bytes), 0)::bigint FROM storage_use{mine}"
COOLING = """SELECT counted_at FROM charges WHERE owner_id = :owner AND NOT is_test AND cooling{paid}
  ORDER BY counted_at DESC LIMIT 1"""
COUNTED_BY = "SELECT * FROM {tables}"
COMES_BACK = """
SELECT min(counted_at) FROM (
  SELECT counted_at, sum({amount}) OVER (ORDER BY counted_at, attempt_id) AS gone FROM charges
  WHERE counted_at > :since AND counted_at < 'infinity' AND NOT is_test{mine}{paid}
) AS passing WHERE gone >= :needed
"""


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
    statement = _statement(_shape(mine) if own else None, _shape(everybodys) if shared else None)
    row = dict((await db.execute(statement, _values(standing))).one()._mapping)
    return (
        Usage(meters=_meters(mine, row, standing, "own"), cooling_since=row.get("own_cooling")) if own else Usage(),
        Usage(meters=_meters(everybodys, row, standing, "shared")) if shared else Usage(),
    )


async def comes_back(db: AsyncSession, standing: Standing, name: str, needed: int, *, shared: bool) -> datetime | None:
    """When so much of a sliding limit will have come back that ``needed`` more fits; None: never."""
    pictures = name == "images_per_hour"
    limits = standing.shared if shared else standing.limits
    span = HOUR if pictures else MINUTE
    query = COMES_BACK.format(
        amount=HOURLY if pictures else "(subject = 'reply')::int",
        mine="" if shared else " AND owner_id = :owner",
        paid=" AND paid" if pictures and limits.paid_only else "",
    )
    values = {"since": standing.now - span, "owner": standing.owner_id, "needed": needed}
    found: datetime | None = await db.scalar(text(query), values)
    return found + span if found is not None else None


def _values(standing: Standing) -> dict[str, Any]:
    return {
        "owner": standing.owner_id,
        "since": earliest(standing, standing.limits),
        "hour": standing.now - HOUR,
        "minute": standing.now - MINUTE,
        "day": standing.day.begins,
        "month": standing.month.begins,
        "today": standing.shared_day.begins.astimezone(UTC).date(),
        "first": standing.shared_month.begins.astimezone(UTC).date(),
    }


def _shape(limits: Limits) -> Limits:
    """What decides how the counting is written: which limits there are, not how large."""
    present: dict[str, Any] = {line.name: None if limits.of(line.name) is None else 0 for line in COUNTED}
    return Limits(**present, paid_only=limits.paid_only)


@lru_cache(maxsize=64)
def _statement(own: Limits | None, shared: Limits | None) -> TextClause:
    """Only what the limits ask for, each part one row. Written by hand: it goes with every post, and what SQLAlchemy
    takes to put this together and to fill it in is more than PostgreSQL needs to answer."""
    parts = [*(_own_parts(own) if own else ()), *(_shared_parts(shared) if shared else ())]
    tables = ", ".join(f"({part}) AS part{number}" for number, part in enumerate(parts))
    return text(COUNTED_BY.format(tables=tables or "(SELECT 1) AS nothing"))


def _own_parts(limits: Limits) -> Iterator[str]:
    paid = " AND paid" if limits.paid_only else ""
    sums = [*_recent(limits, paid)]
    for span in SPANS:
        sums += _calendar(limits, span, f"counted_at >= :{span}", paid)
    if sums:
        yield _select("own", sums, f"FROM charges WHERE {MINE}")
    present = [*_present(limits, "owner_id = :owner")]
    if limits.cooldown_seconds is not None:
        present.append(("cooling", f"({COOLING.format(paid=paid)})"))
    if present:
        yield _select("own", present)


def _shared_parts(limits: Limits) -> Iterator[str]:
    sums = [*_recent(limits, " AND paid" if limits.paid_only else "")]
    if sums:
        yield _select("shared", sums, f"FROM charges WHERE {EVERYBODYS}")
    days = [*_of_days(limits, "day", "day = :today"), *_of_days(limits, "month", "day >= :first")]
    if days:
        yield _select("shared", days, f"FROM instance_days WHERE {DAYS}")
    present = [*_present(limits, "")]
    if present:
        yield _select("shared", present)


def _select(whose: str, columns: list[Column], source: str = "") -> str:
    return f"SELECT {', '.join(f'{counted} AS {whose}_{name}' for name, counted in columns)} {source}"


def _sum(amount: str, condition: str) -> str:
    return f"coalesce(sum({amount}) FILTER (WHERE {condition}), 0)::bigint"


def _recent(limits: Limits, paid: str) -> Iterator[Column]:
    """Sums over the last hour and minute."""
    hour, talk = f"counted_at > :hour{paid}", "subject = 'reply' AND counted_at > :minute"
    if limits.images_per_hour is not None:
        yield "images_hour_used", _sum(HOURLY, f"state IN ('settled', 'refused') AND {hour}")
        yield "images_hour_held", _sum("images", f"state = 'held' AND {hour}")
        yield "hour_oldest", f"min(counted_at) FILTER (WHERE {COUNTS_HOURLY} AND {hour})"
    if limits.messages_per_minute is not None:
        yield "messages", f"count(*) FILTER (WHERE {talk})"
        yield "minute_oldest", f"min(counted_at) FILTER (WHERE {talk})"


def _calendar(limits: Limits, span: str, inside: str, paid: str) -> Iterator[Column]:
    """Money counts whatever ``paid`` says: free engines add nothing to it."""
    for state, word in (("settled", "used"), ("held", "held")):
        if limits.of(f"images_per_{span}") is not None:
            yield f"images_{span}_{word}", _sum("images", f"state = '{state}' AND {inside}{paid}")
        if limits.of(f"money_per_{span}") is not None:
            yield f"micros_{span}_{word}", _sum("micros", f"state = '{state}' AND {inside}")


def _of_days(limits: Limits, span: str, inside: str) -> Iterator[Column]:
    for what, amount in (("images", "images"), ("money", "micros")):
        if limits.of(f"{what}_per_{span}") is not None:
            yield f"{amount}_{span}_used", _sum(amount, inside)
            yield f"{amount}_{span}_held", _sum(f"held_{amount}", inside)


def _present(limits: Limits, mine: str) -> Iterator[Column]:
    """What runs and what is stored now."""
    if limits.simultaneous is not None:
        running = ACTIVE.format(mine=f" AND {mine}" if mine else "", costs=COSTS if limits.paid_only else "")
        yield "active", f"({running})"
    if limits.storage_bytes is not None:
        yield "stored", f"({STORED.format(mine=f' WHERE {mine}' if mine else '')})"


def _meters(limits: Limits, row: Mapping[str, Any], standing: Standing, whose: str) -> dict[str, Meter]:
    hour, minute = row.get(f"{whose}_hour_oldest"), row.get(f"{whose}_minute_oldest")
    day, month = (standing.day, standing.month) if whose == "own" else (standing.shared_day, standing.shared_month)
    found = {
        "simultaneous": Meter(held=row.get(f"{whose}_active", 0)),
        "images_per_hour": _meter(row, f"{whose}_images_hour", hour and hour + HOUR),
        "messages_per_minute": Meter(used=row.get(f"{whose}_messages", 0), resets_at=minute and minute + MINUTE),
        "storage_bytes": Meter(used=row.get(f"{whose}_stored", 0)),
    }
    for span, period in (("day", day), ("month", month)):
        found[f"images_per_{span}"] = _meter(row, f"{whose}_images_{span}", period.ends)
        found[f"money_per_{span}"] = _meter(row, f"{whose}_micros_{span}", period.ends)
    return {name: meter for name, meter in found.items() if limits.of(name) is not None}


def _meter(row: Mapping[str, Any], name: str, resets_at: datetime | None) -> Meter:
    return Meter(used=row.get(f"{name}_used", 0), held=row.get(f"{name}_held", 0), resets_at=resets_at)
