"""Days, weeks and months of somebody's time zone, and how a span of time is read from sums kept in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.errors import Invalid

MOST_DAYS = 366
MOST_BY_DAY = 92  # bars that can still be told apart
FIRST = date(2020, 1, 1)
DAY = timedelta(days=1)

TODAY = text("SELECT chatelier_now(), cast(chatelier_now() AT TIME ZONE :zone AS date)")
STARTS = text("""
SELECT chatelier_day_start(day, :zone) FROM unnest(cast(:days AS date[])) WITH ORDINALITY AS asked (day, number)
ORDER BY number
""")


class Step(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody picked, as it stood in the address; '' what they left open."""

    first: str = ""
    last: str = ""
    step: str = ""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """``firsts``: the first day of each day, week or month in the range, the range's own first day included;
    ``starts``: their first instants, and after them the end of the range."""

    zone: str
    now: datetime
    today: date
    first: date
    last: date
    step: Step
    firsts: Sequence[date]
    starts: Sequence[datetime]
    day: datetime
    week: datetime
    month: datetime

    @property
    def begins(self) -> datetime:
        return self.starts[0]

    @property
    def ends(self) -> datetime:
        return self.starts[-1]


async def read_calendar(db: AsyncSession, zone: str, wish: Wish) -> Calendar:
    """This month by day, unless they wish for something else. Raises Invalid for a range that cannot be shown."""
    row = (await db.execute(TODAY, {"zone": zone})).one()
    now: datetime = row[0]
    today: date = row[1]
    first, last = _range(wish, today)
    step = _step(wish, first, last)
    firsts = first_days(first, last, step)
    marks = [today, today - DAY * today.weekday(), today.replace(day=1)]
    found = await db.scalars(STARTS, {"zone": zone, "days": [*firsts, last + DAY, *marks]})
    starts: list[datetime] = list(found)
    day, week, month = starts[-3:]
    return Calendar(
        zone=zone,
        now=now,
        today=today,
        first=first,
        last=last,
        step=step,
        firsts=firsts,
        starts=starts[:-3],
        day=day,
        week=week,
        month=month,
    )


def first_days(first: date, last: date, step: Step) -> list[date]:
    """Weeks begin on Monday. The first may begin late and the last end early: they are cut to the range."""
    days = [first + DAY * number for number in range((last - first).days + 1)]
    return [day for day in days if day == first or _begins(day, step)]


def _begins(day: date, step: Step) -> bool:
    return step is Step.DAY or (day.weekday() == 0 if step is Step.WEEK else day.day == 1)


def _range(wish: Wish, today: date) -> tuple[date, date]:
    last = min(_day(wish.last, "to") or today, today)
    first = _day(wish.first, "from") or last.replace(day=1)
    if first > last:
        raise Invalid("The range ends before it begins. Choose an earlier first day.", fields={"from": "after the end"})
    if (last - first).days >= MOST_DAYS:
        sentence = f"At most {MOST_DAYS} days are shown at once. Choose a later first day."
        raise Invalid(sentence, fields={"from": "too early"})
    return first, last


def _day(words: str, name: str) -> date | None:
    if not words.strip():
        return None
    try:
        found = date.fromisoformat(words.strip())
    except ValueError as error:
        sentence = f"{words[:20]!r} is not a day. Write it like 2026-11-25."
        raise Invalid(sentence, fields={name: "not a day"}) from error
    return max(found, FIRST)


def _step(wish: Wish, first: date, last: date) -> Step:
    """As wished, where that leaves bars that can be told apart."""
    days = (last - first).days + 1
    usual = Step.DAY if days <= 31 else Step.WEEK if days <= 190 else Step.MONTH
    if not wish.step:
        return usual
    if wish.step not in set(Step):
        raise Invalid("Trends are by day, week or month.", fields={"by": "day, week or month"})
    return Step.WEEK if wish.step == Step.DAY and days > MOST_BY_DAY else Step(wish.step)


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """A span as whole months and whole days of UTC, and what is left at its two ends. Days of ``days_before`` end
    where the months begin; those of ``days_after`` begin where they end. ``edges``: two spans of less than a day."""

    days_before: tuple[date, date]
    months: tuple[date, date]
    days_after: tuple[date, date]
    edges: tuple[tuple[datetime, datetime], tuple[datetime, datetime]]


def blocks(begins: datetime, ends: datetime) -> Blocks:
    """Every instant from ``begins`` until ``ends`` in exactly one block; each block from its first until its second."""
    first, last = _day_after(begins), ends.astimezone(UTC).date()
    if first >= last:
        return Blocks(
            days_before=(first, first),
            months=(first, first),
            days_after=(first, first),
            edges=((begins, ends), (ends, ends)),
        )
    month_first, month_last = _month_after(first), last.replace(day=1)
    if month_first >= month_last:
        month_first = month_last = last
    return Blocks(
        days_before=(first, month_first),
        months=(month_first, month_last),
        days_after=(month_last, last),
        edges=((begins, _midnight(first)), (_midnight(last), ends)),
    )


def until(calendar: Calendar) -> datetime:
    """The range's end; of one that runs on, the end of the month of UTC: nothing is later than now, so the sum of the
    running month is read whole instead of day by day."""
    if calendar.ends <= calendar.now:
        return calendar.ends
    return max(calendar.ends, _midnight(_month_after(calendar.now.astimezone(UTC).date() + DAY)))


def _day_after(moment: datetime) -> date:
    """The first day of UTC that begins at this moment or later."""
    day = moment.astimezone(UTC).date()
    return day if _midnight(day) == moment else day + DAY


def _month_after(day: date) -> date:
    return day if day.day == 1 else (day.replace(day=28) + 4 * DAY).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
