"""Days and months begin when the user's calendar says so, on the days when clocks change as well."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from chatelier.db.models import Attempt, User
from chatelier.domain.generations import run_generation
from chatelier.domain.quotas.report import report
from chatelier.domain.quotas.standing import read_standing
from chatelier.domain.quotas.zones import adopt_zone, change_zone
from chatelier.errors import Invalid, LimitReached
from chatelier.services import Services
from tests.engines import clock, limit, use_engines
from tests.people import People

pytestmark = pytest.mark.anyio

DAY, MONTH = "images_per_day", "images_per_month"
# limit, zone, the last and the first moment (UTC) of two periods, and how many hours the second has
PERIODS = [
    (DAY, "Europe/Berlin", "2026-03-28 22:59:59.9", "2026-03-28 23:00:00.1", 23.0),  # clocks go forward
    (DAY, "Europe/Berlin", "2026-10-24 21:59:59.9", "2026-10-24 22:00:00.1", 25.0),
    (DAY, "Africa/Cairo", "2026-04-23 21:59:59.9", "2026-04-23 22:00:00.1", 23.0),  # there is no midnight
    (DAY, "Africa/Cairo", "2026-10-29 20:59:59.9", "2026-10-29 22:00:00.1", 24.0),  # 23:00 came twice
    (DAY, "America/Santiago", "2026-09-06 03:59:59.9", "2026-09-06 04:00:00.1", 23.0),
    (DAY, "America/Havana", "2026-11-01 03:59:59.9", "2026-11-01 04:00:00.1", 25.0),  # midnight comes twice
    (DAY, "Asia/Kolkata", "2026-03-28 18:29:59.9", "2026-03-28 18:30:00.1", 24.0),
    (DAY, "Australia/Lord_Howe", "2026-10-03 13:29:59.9", "2026-10-03 13:30:00.1", 23.5),
    (DAY, "Australia/Lord_Howe", "2026-04-04 12:59:59.9", "2026-04-04 13:00:00.1", 24.5),
    (DAY, "Asia/Tokyo", "2026-12-31 14:59:59.9", "2026-12-31 15:00:00.1", 24.0),
    (MONTH, "Europe/Berlin", "2026-10-31 22:59:59.9", "2026-10-31 23:00:00.1", 720.0),
    (MONTH, "Asia/Tokyo", "2026-02-28 14:59:59.9", "2026-02-28 15:00:00.1", 744.0),
    (MONTH, "America/Santiago", "2026-09-01 03:59:59.9", "2026-09-01 04:00:00.1", 719.0),
    (MONTH, "Asia/Kolkata", "2027-02-28 18:29:59.9", "2027-02-28 18:30:00.1", 744.0),
    (MONTH, "Australia/Lord_Howe", "2026-10-31 12:59:59.9", "2026-10-31 13:00:00.1", 720.0),
    (MONTH, "Africa/Cairo", "2026-04-30 20:59:59.9", "2026-04-30 21:00:00.1", 744.0),
]


@pytest.fixture(autouse=True)
def engines(services: Services) -> None:
    use_engines(services)


async def live_in(services: Services, user: User, zone: str) -> None:
    async with services.transaction() as db:
        await db.execute(update(User).where(User.id == user.id).values(time_zone=zone))


async def paints(people: People, user: User) -> bool:
    try:
        await people.says(user, await people.thread(user), "draw a cat")
    except LimitReached:
        return False
    return True


@pytest.mark.parametrize(("name", "zone", "before", "after", "hours"), PERIODS)
async def test_a_period_begins_at_its_first_moment_and_brings_one_allowance(
    services: Services, people: People, name: str, zone: str, before: str, after: str, hours: float
) -> None:
    ada = await people.user("ada")
    await limit(services, ada, **{name: 1})
    await live_in(services, ada, zone)
    async with clock(services, f"{before} UTC") as now:
        assert await paints(people, ada)
        assert not await paints(people, ada)
        await now.set(f"{after} UTC")
        assert await paints(people, ada)
        assert not await paints(people, ada)
        async with services.transaction() as db:
            standing = await read_standing(db, ada.id)
    period = standing.day if name == DAY else standing.month
    assert (period.ends - period.begins).total_seconds() / 3600 == hours
    assert period.begins <= datetime.fromisoformat(after).replace(tzinfo=UTC)


async def test_a_day_is_whole_through_the_hour_that_comes_twice(services: Services, people: People) -> None:
    """In Havana the clocks go from 00:59 back to 00:00: one day, one allowance."""
    ada = await people.user("ada")
    await limit(services, ada, images_per_day=1)
    await live_in(services, ada, "America/Havana")
    async with clock(services, "2026-11-01 04:30:00 UTC") as now:
        assert await paints(people, ada)
        for moment in ("2026-11-01 05:30:00 UTC", "2026-11-02 04:59:59 UTC"):
            await now.set(moment)
            assert not await paints(people, ada), moment
        await now.set("2026-11-02 05:00:01 UTC")
        assert await paints(people, ada)


async def test_what_was_held_before_midnight_stays_in_its_day(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, images_per_day=1)
    async with clock(services, "2026-05-01 23:59:59.9 UTC") as now:
        await people.says(ada, await people.thread(ada), "draw a cat")
        await now.set("2026-05-02 00:00:10 UTC")
        await finish_one(services)
        async with services.transaction() as db:
            (shown,) = (await report(db, ada.id)).limits
        assert (shown.used, shown.held) == (0, 0)
        await now.set("2026-05-01 23:59:59.9 UTC")
        async with services.transaction() as db:
            (shown,) = (await report(db, ada.id)).limits
        assert (shown.used, shown.held) == (1, 0)


async def finish_one(services: Services) -> None:
    async with services.transaction() as db:
        attempt = (await db.scalars(select(Attempt))).one()
    await run_generation(services, attempt.id)


async def test_moving_through_the_zones_gives_no_allowance_twice(services: Services, people: People) -> None:
    """Ada changes her zone before each midnight there is; one picture a day is all she gets in nine days."""
    ada = await people.user("ada")
    await limit(services, ada, images_per_day=1)
    await live_in(services, ada, "Europe/Berlin")
    zones = ["Asia/Tokyo", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Havana"]
    painted = 0
    async with clock(services) as now:
        for hour in range(0, 9 * 24, 6):
            await now.set(f"2026-05-{1 + hour // 24:02} {hour % 24:02}:01:00 UTC")
            async with services.transaction() as db:
                await change_zone(db, ada, zones[hour // 6 % len(zones)])
            painted += await paints(people, ada)
    assert 1 <= painted <= 9


async def test_a_changed_zone_ends_the_day_at_its_own_midnight(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, images_per_day=1)
    await live_in(services, ada, "Europe/Berlin")
    async with clock(services, "2026-05-01 14:00:00 UTC") as now:
        assert await paints(people, ada)
        async with services.transaction() as db:
            await change_zone(db, ada, "Asia/Tokyo")
        for moment, allowed in (("2026-05-01 15:00:01", False), ("2026-05-01 22:00:01", False)):
            await now.set(f"{moment} UTC")
            assert await paints(people, ada) is allowed, moment
        await now.set("2026-05-02 15:00:01 UTC")  # midnight in Tokyo, after Berlin's day is over
        assert await paints(people, ada)


async def test_who_has_used_nothing_begins_with_the_day_of_the_new_zone(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    async with clock(services, "2026-05-01 14:00:00 UTC"):
        assert await paints(people, ben)
        async with services.transaction() as db:
            days = []
            for user in (ada, ben):
                await adopt_zone(db, user, "Asia/Tokyo")
                days.append((await read_standing(db, user.id)).day.ends.isoformat())
    assert days == ["2026-05-01T15:00:00+00:00", "2026-05-02T15:00:00+00:00"]


async def test_a_browser_tells_the_zone_only_to_who_has_chosen_none(services: Services, people: People) -> None:
    ada = await people.user("ada")
    async with services.transaction() as db:
        await adopt_zone(db, ada, "nonsense")
        await adopt_zone(db, ada, "Asia/Tokyo")
    async with services.transaction() as db:
        chosen = await db.get_one(User, ada.id)
        assert (chosen.time_zone, chosen.zone_chosen) == ("Asia/Tokyo", True)
        await adopt_zone(db, chosen, "Europe/Berlin")
        assert (await read_standing(db, ada.id)).time_zone == "Asia/Tokyo"
        with pytest.raises(Invalid):
            await change_zone(db, ada, "../etc/passwd")
