"""What the page of what was spent says, against every single charge: any range, any zone, summed up or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select, update

from chatelier.db.models import Attempt, Charge, User
from chatelier.domain import ledger
from chatelier.domain.spend import sums as sums_module
from chatelier.domain.spend.calendar import Calendar, Wish, blocks, read_calendar
from chatelier.domain.spend.drift import find_drift
from chatelier.domain.spend.figures import Figures, recent, split, trend
from chatelier.domain.spend.report import own_spend, whole_spend
from chatelier.domain.spend.sums import filled, sum_up
from chatelier.domain.users import delete_user
from chatelier.errors import Forbidden, Invalid
from chatelier.services import Services
from tests.domain.spend.books import happened, sums, write
from tests.engines import CENTS, use_engines
from tests.people import People

ZONES = ("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago")
MOMENTS = some.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 1), timezones=some.just(UTC))


def told(figures: Figures) -> tuple[int, ...]:
    return (
        figures.requests,
        figures.failed,
        figures.refused,
        figures.answers,
        figures.images,
        figures.micros,
        figures.held_micros,
    )


def added(figures: Any) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(told(one) for one in figures), strict=True)))


def local(charge: dict[str, Any], zone: str) -> date:
    when: datetime = charge["counted_at"]
    return when.astimezone(ZoneInfo(zone)).date()


def within(charges: list[dict[str, Any]], calendar: Calendar) -> list[dict[str, Any]]:
    return [one for one in charges if calendar.first <= local(one, calendar.zone) <= calendar.last]


async def test_every_range_of_every_zone_adds_up_to_its_charges(services: Services, people: People) -> None:
    everybody = [await people.user(name) for name in ("ada", "ben", "chen")]
    ada = everybody[0]
    charges = happened(everybody, 900, 130)
    async with services.transaction() as db:
        await write(db, charges[:600])
    assert await sum_up(services) == 600
    assert await sum_up(services) == 0
    late = charges[600:]  # asked for and settled since, long ago and just now, or still running
    running = [one | {"state": "held", "images": one["held_images"], "micros": one["held_micros"]} for one in late[:40]]
    late = [one | {"ended": ""} for one in running] + late[40:]
    async with services.transaction() as db:
        await write(db, late)
    charges = charges[:600] + late
    for zone in ZONES:
        for begun, over, step in ((1, 1, "day"), (32, 1, "day"), (130, 0, "month")):
            async with services.transaction() as db:
                today = (await read_calendar(db, zone, Wish())).today
                wish = Wish(first=str(today - timedelta(begun)), last=str(today - timedelta(over)), step=step)
                calendar = await read_calendar(db, zone, wish)
                periods, whole = await trend(db, calendar), await split(db, calendar)
                own, mine = await trend(db, calendar, ada.id), await split(db, calendar, ada.id)
                now = await recent(db, calendar)
            expected = within(charges, calendar)
            assert added(periods) == told(whole.total) == sums(expected), (zone, wish)
            assert added(own) == told(mine.total) == sums(expected, owner=ada.id)
            for parts in whole.parts.values():
                assert added(parts) == sums(expected) or not parts
            assert whole.tests.requests == sum(one["is_test"] for one in expected)
            for number, first in enumerate(calendar.firsts):
                after = [*calendar.firsts, calendar.last + timedelta(days=1)][number + 1]
                inside = [one for one in expected if first <= local(one, zone) < after]
                assert told(periods[number]) == sums(inside), (zone, first)
            since = (today, today - timedelta(days=today.weekday()), today.replace(day=1))
            for figures, first in zip(now, since, strict=True):
                assert told(figures) == sums([one for one in charges if local(one, zone) >= first]), (zone, first)


@given(MOMENTS, MOMENTS)
def test_every_instant_is_in_exactly_one_block(one: datetime, other: datetime) -> None:
    begins, ends = sorted((one, other))
    found = blocks(begins, ends)
    days = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (*found.days_before, *found.days_after)]
    (left, right), (start, stop) = found.edges
    assert left == begins
    assert stop == ends or (right == ends and start == stop)
    if start < stop or right < ends:
        assert [right, days[1], days[2], days[3]] == [days[0], *sorted(days[1:3]), start]
        assert found.days_before[1] == found.months[0]
        assert found.months[1] == found.days_after[0]
    assert all(left <= right for left, right in (found.days_before, found.months, found.days_after, *found.edges))
    assert found.months[0] == found.months[1] or (found.months[0].day, found.months[1].day) == (1, 1)
    assert right - left < timedelta(days=2)
    assert stop - start < timedelta(days=1)


async def test_a_picture_counts_in_the_period_of_its_hold_and_once(services: Services, people: People) -> None:
    use_engines(services)
    ada = await people.user("ada", admin=True)
    posted = await people.says(ada, await people.thread(ada), "draw a cat")
    before = await report(services, ada)
    assert (before.today.held_micros, before.today.micros, before.present.held_micros) == (4 * CENTS, 0, 4 * CENTS)
    async with services.transaction() as db:
        assert posted.reply.generation is not None
        attempt = await db.scalar(select(Attempt).where(Attempt.generation_id == posted.reply.generation.id))
        long_ago = datetime.now(UTC) - timedelta(days=40)
        assert attempt is not None
        await db.execute(update(Charge).where(Charge.attempt_id == attempt.id).values(counted_at=long_ago))
        for _ in range(3):
            await ledger.settle(db, None, attempt, images=1, micros=5 * CENTS)
    await sum_up(services)
    after = await report(services, ada, Wish(first=str(long_ago.date()), last=str(long_ago.date())))
    assert told(after.month)[5:] == (0, 0)
    assert after.split.total.micros == 5 * CENTS
    assert after.split.total.over_micros == CENTS
    assert [(part.name, part.micros) for part in after.split.parts["plan"]] == [("member", 5 * CENTS)]


async def test_what_ben_spent_stays_spent_when_he_leaves(services: Services, people: People) -> None:
    ada, ben = await people.user("ada", admin=True), await people.user("ben")
    charges = happened([ada, ben], 60, 3)
    async with services.transaction() as db:
        await write(db, charges[:30])
    await sum_up(services)
    async with services.transaction() as db:
        await write(db, charges[30:])
    wish = Wish(first=str(datetime.now(UTC).date() - timedelta(days=20)))
    before = (await report(services, ada, wish)).split
    async with services.transaction() as db:
        await delete_user(db, ben)
    after = (await report(services, ada, wish)).split
    assert told(after.total) == told(before.total) == sums(charges)
    assert {part.name: part.micros for part in after.parts["person"]} == {
        "ada@example.org": sums(charges, owner=ada.id)[5],
        "": sums(charges, owner=ben.id)[5],
    }
    await sum_up(services)
    assert (await report(services, ada, wish)).split == after


async def test_old_charges_are_summed_in_steps_that_may_be_cut_short(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await people.user("ada", admin=True)
    monkeypatch.setattr(sums_module, "BATCH", 40)
    monkeypatch.setattr(sums_module, "BATCHES", 2)
    charges = happened([ada], 260, 20)
    async with services.transaction() as db:
        await write(db, charges)
    wish = Wish(first=str(datetime.now(UTC).date() - timedelta(days=30)))
    said: list[dict[str, Any]] = []
    monkeypatch.setattr(sums_module, "log", SimpleNamespace(info=lambda event, **values: said.append(values)))
    assert await sum_up(services) == 80
    assert said == [{"summed": 80, "left": 180}]
    monkeypatch.setattr(sums_module, "filled", cut_short(after=1))
    with pytest.raises(Cut):
        await sum_up(services)
    monkeypatch.setattr(sums_module, "filled", filled)
    assert told((await report(services, ada, wish)).split.total) == sums(charges)
    assert [await sum_up(services) for _ in range(3)] == [80, 60, 0]
    assert told((await report(services, ada, wish)).split.total) == sums(charges)
    async with services.transaction() as db:
        assert await find_drift(db) == []


class Cut(Exception):
    pass


def cut_short(*, after: int) -> Callable[[str], str]:
    """Let so many batches through, then fail between a batch's lock and its end."""
    calls = count()

    def fill(statement: str) -> str:
        if next(calls) >= after:
            raise Cut
        return filled(statement)

    return fill


async def test_members_see_their_own_and_never_everybodys(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    charges = happened([ada, ben], 40, 2)
    async with services.transaction() as db:
        await write(db, charges)
    async with services.transaction() as db:
        wish = Wish(first=str(datetime.now(UTC).date() - timedelta(days=9)))
        assert told((await own_spend(db, ben, wish)).split.total) == sums(charges, owner=ben.id)
        with pytest.raises(Forbidden):
            await whole_spend(db, ben, Wish())


@pytest.mark.parametrize(
    "wish",
    [Wish(first="yesterday"), Wish(step="hour"), Wish(first="2024-01-01"), Wish(first="2026-02-01", last="2026-01-01")],
)
async def test_a_range_that_cannot_be_shown_is_refused(services: Services, wish: Wish) -> None:
    async with services.transaction() as db:
        with pytest.raises(Invalid):
            await read_calendar(db, "UTC", wish)


async def report(services: Services, admin: User, wish: Wish = Wish()) -> Any:
    async with services.transaction() as db:
        return await whole_spend(db, admin, wish)
