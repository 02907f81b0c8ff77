"""What was spent in a span of time: by its periods, by who asked whom, and what is going on now. By the time of the
hold: what is settled later counts in the period in which it was asked for. Each figure is one statement, so it adds
up in itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.domain.spend.calendar import DAY, Calendar, blocks, until
from chatelier.domain.spend.sums import LONG, SHORT, added, filled

TOP = 20
LATEST = 200  # generations that the usual wait is taken from


@dataclass(frozen=True, kw_only=True)
class Figures:
    """``held_micros`` is set aside for what is under way or unknown, ``micros`` is settled. ``ceiling_micros`` had been
    held for what is settled; ``over_micros`` was billed above its own ceiling."""

    requests: int = 0
    failed: int = 0
    refused: int = 0
    answers: int = 0
    images: int = 0
    micros: int = 0
    held_micros: int = 0
    ceiling_micros: int = 0
    over_micros: int = 0

    @property
    def all_micros(self) -> int:
        return self.micros + self.held_micros


@dataclass(frozen=True, kw_only=True)
class Part(Figures):
    """``name``: a provider, a model, a plan, an address ('' of people who left). ``of``: a model's provider."""

    name: str
    of: str = ""
    id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Split:
    total: Figures
    tests: Figures
    people: int
    parts: dict[str, list[Part]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Present:
    """``held_micros`` is everything that is set aside, of whatever age; ``unknown`` attempts hold ``unknown_micros``
    of it. Seconds: of the oldest that waits, and the usual and slow wait of the latest generations."""

    held: int
    held_micros: int
    unknown: int
    unknown_micros: int
    queued: int = 0
    running: int = 0
    oldest_seconds: float = 0
    usual_seconds: float | None = None
    slow_seconds: float | None = None


HELD = "CASE state WHEN 'held' THEN micros ELSE 0 END AS held_micros"
ALL = (*LONG, "held_micros")
MINE = "AND owner_id = :whose"

# What happened when; ``at`` is the quarter of an hour where it is a sum.
HAPPENED = """
SELECT begins AS at, {short}, 0 AS held_micros FROM spend_quarters
WHERE owner_id = {whose} AND begins >= :begins AND begins < :ends
UNION ALL
SELECT at, {short}, held_micros FROM (
  SELECT counted_at AS at, {adds}, {held} FROM charges
  WHERE NOT summed AND NOT is_test AND counted_at >= :begins AND counted_at < :ends {mine}) AS fresh
"""
TREND = """
SELECT width_bucket(at, cast(:starts AS timestamptz[])) AS period, {sums} FROM ({source}) AS happened GROUP BY 1
"""
RECENT = """
SELECT mark, {sums} FROM ({source}) AS happened, unnest(cast(:marks AS timestamptz[])) AS mark
WHERE at >= mark GROUP BY 1
"""

ENGINE = "provider, model, plan, is_test"
SUMS = "SELECT owner_id, {engine}, {long} FROM spend_sums WHERE {whose}"
KEPT = """
  {sums} AND span = 'month' AND begins >= :month AND begins < :month_end
  UNION ALL
  {sums} AND span = 'day' AND begins >= :before AND begins < :before_end
  UNION ALL
  {sums} AND span = 'day' AND begins >= :after AND begins < :after_end
"""
CHARGES = "SELECT coalesce(owner_id, {left}) AS owner_id, {engine}, {adds}, {held} FROM charges"
# By engine from the sums of one person, or from those of everybody: a hundred rows, where all people's are thousands.
SPLIT = """
WITH rest AS (
  {charges} WHERE summed AND counted_at >= :edge AND counted_at < :edge_end {mine}
  UNION ALL
  {charges} WHERE summed AND counted_at >= :other AND counted_at < :other_end {mine}
  UNION ALL
  {charges} WHERE NOT summed AND counted_at >= :begins AND counted_at < :ends {mine}
),
engines AS MATERIALIZED (
  SELECT {engine}, {added} FROM (
    SELECT {engine}, {long}, 0 AS held_micros FROM ({kept_of_engines}) AS kept
    UNION ALL
    SELECT {engine}, {all} FROM rest
  ) AS happened GROUP BY {engine}
),
people AS MATERIALIZED ({people})
SELECT 'tests' AS what, '' AS name, '' AS of, cast(NULL AS uuid) AS id, 0 AS people, {added} FROM engines WHERE is_test
UNION ALL
SELECT 'total', '', '', NULL, (SELECT count(*) FROM people), {added} FROM engines WHERE NOT is_test
UNION ALL
SELECT 'provider', provider, '', NULL, 0, {added} FROM engines WHERE NOT is_test GROUP BY provider
UNION ALL
SELECT 'model', model, provider, NULL, 0, {added} FROM engines WHERE NOT is_test GROUP BY provider, model
UNION ALL
SELECT 'plan', plan, '', NULL, 0, {added} FROM engines WHERE NOT is_test GROUP BY plan
UNION ALL
SELECT 'person', coalesce(email, ''), '', users.id, 0, {all} FROM (
  SELECT * FROM people ORDER BY micros + held_micros DESC, images DESC, requests DESC, owner_id LIMIT :top
) AS top LEFT JOIN users ON users.id = owner_id
"""
# Grouped before they are put together: a hundred thousand rows are not copied once more.
PEOPLE = """
  SELECT owner_id, {added} FROM (
    SELECT owner_id, {added_long}, 0 AS held_micros FROM ({kept_of_people}) AS kept GROUP BY owner_id
    UNION ALL
    SELECT owner_id, {added} FROM rest WHERE NOT is_test GROUP BY owner_id
  ) AS happened GROUP BY owner_id
"""
NOBODY = "SELECT NULL::uuid AS owner_id, {nothing} WHERE false"  # who looks at their own sees no list of people

PRESENT = text("""
SELECT count(*) AS held, coalesce(sum(charges.micros), 0)::bigint AS held_micros,
       count(*) FILTER (WHERE attempts.state = 'unknown') AS unknown,
       coalesce(sum(charges.micros) FILTER (WHERE attempts.state = 'unknown'), 0)::bigint AS unknown_micros
FROM charges LEFT JOIN attempts ON attempts.id = attempt_id
WHERE NOT summed AND charges.state = 'held' AND NOT is_test
  AND (cast(:owner AS uuid) IS NULL OR owner_id = cast(:owner AS uuid))
""")
QUEUE = text("""
SELECT count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'running') AS running,
       coalesce(extract(epoch FROM chatelier_now() - min(created_at) FILTER (WHERE status = 'queued')), 0) AS oldest,
       (SELECT array_agg(wait ORDER BY wait) FROM (
          SELECT extract(epoch FROM started_at - created_at) AS wait FROM generations WHERE started_at IS NOT NULL
          ORDER BY id DESC LIMIT :latest) AS latest) AS waits
FROM generations WHERE status IN ('queued', 'running')
""")


async def trend(db: AsyncSession, calendar: Calendar, owner_id: UUID | None = None) -> list[Figures]:
    """One for each period of the calendar, also where nothing happened."""
    values = {"begins": calendar.begins, "ends": calendar.ends, "starts": list(calendar.starts)}
    statement = _over_time(TREND, one=owner_id is not None)
    found = {row.period: _figures(row) for row in await db.execute(statement, _with_owner(values, owner_id))}
    return [found.get(number + 1, Figures()) for number in range(len(calendar.firsts))]


async def recent(db: AsyncSession, calendar: Calendar, owner_id: UUID | None = None) -> Sequence[Figures]:
    """Today, this week, this month: of the calendar that the viewer lives by."""
    marks = (calendar.day, calendar.week, calendar.month)
    values = {"begins": min(marks), "ends": calendar.now + DAY, "marks": list(set(marks))}
    statement = _over_time(RECENT, one=owner_id is not None)
    found = {row.mark: _figures(row) for row in await db.execute(statement, _with_owner(values, owner_id))}
    return [found.get(mark, Figures()) for mark in marks]


async def split(db: AsyncSession, calendar: Calendar, owner_id: UUID | None = None) -> Split:
    """The range by provider, model and plan, and, of everybody, by the people who spent most."""
    values = _with_owner({**_split_values(calendar), "top": TOP}, owner_id)
    rows = (await db.execute(_split(one=owner_id is not None), values)).all()
    parts: dict[str, list[Part]] = {"provider": [], "model": [], "plan": [], "person": []}
    whole = {"total": Figures(), "tests": Figures()}
    people = 0
    for row in rows:
        if row.what in whole:
            whole[row.what], people = _figures(row), max(people, row.people)
        else:
            parts[row.what].append(Part(name=row.name, of=row.of, id=row.id, **_values(row)))
    for found in parts.values():
        found.sort(key=lambda part: (-part.all_micros, -part.images, -part.requests, part.name))
    return Split(total=whole["total"], tests=whole["tests"], people=people, parts=parts)


async def present(db: AsyncSession, owner_id: UUID | None = None) -> Present:
    """What is set aside and, for everybody, how the queue stands."""
    held = (await db.execute(PRESENT, {"owner": owner_id})).one()
    found = Present(**held._mapping)
    if owner_id is not None:
        return found
    queue = (await db.execute(QUEUE, {"latest": LATEST})).one()
    waits = [max(0.0, float(wait)) for wait in queue.waits or []]
    return replace(
        found,
        queued=queue.queued,
        running=queue.running,
        oldest_seconds=float(queue.oldest),
        usual_seconds=waits[len(waits) // 2] if waits else None,
        slow_seconds=waits[len(waits) * 95 // 100] if waits else None,
    )


@cache
def _over_time(statement: str, *, one: bool) -> TextClause:
    source = filled(HAPPENED, held=HELD, mine=MINE if one else "", whose=_whose(one=one))
    return text(statement.format(source=source, sums=added((*SHORT, "held_micros"))))


@cache
def _split(*, one: bool) -> TextClause:
    words = {"engine": ENGINE, "all": ", ".join(ALL), "added": added(ALL), "held": HELD, "mine": MINE if one else ""}
    words["nothing"] = ", ".join(f"0 AS {name}" for name in ALL)
    words["charges"] = filled(CHARGES, **words)
    words["kept_of_engines"] = _kept(f"owner_id = {_whose(one=one)}", **words)
    words["kept_of_people"] = _kept("owner_id <> {everybody} AND NOT is_test", **words)
    words["people"] = filled(NOBODY if one else PEOPLE, **words)
    return text(filled(SPLIT, **words))


def _whose(*, one: bool) -> str:
    """Everybody by name: an index of theirs alone is no use to a plan that is kept for anybody."""
    return ":whose" if one else filled("{everybody}")


def _kept(whose: str, **words: str) -> str:
    return KEPT.format(sums=filled(SUMS, whose=filled(whose), **words))


def _split_values(calendar: Calendar) -> dict[str, Any]:
    found = blocks(calendar.begins, until(calendar))
    spans = {
        "month": found.months,
        "before": found.days_before,
        "after": found.days_after,
        "edge": found.edges[0],
        "other": found.edges[1],
    }
    values: dict[str, Any] = {"begins": calendar.begins, "ends": calendar.ends}
    for name, (first, last) in spans.items():
        values |= {name: first, f"{name}_end": last}
    return values


def _with_owner(values: dict[str, Any], owner_id: UUID | None) -> dict[str, Any]:
    return values if owner_id is None else {**values, "whose": owner_id}


def _values(row: Any) -> dict[str, int]:
    """Sums over nothing are 0."""
    return {name: int(getattr(row, name, 0) or 0) for name in Figures.__dataclass_fields__}


def _figures(row: Any) -> Figures:
    return Figures(**_values(row))
