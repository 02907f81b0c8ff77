"""Warnings at 80 and 100 percent, once a period; the clock stands still where days matter."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select

from chatelier.db.models import Attempt, Mail, UsageMark, User
from chatelier.domain.generations import run_generation
from chatelier.domain.images import keep_upload
from chatelier.domain.marks import mark_user
from chatelier.domain.warnings import change_warnings, warn_marked
from chatelier.services import Services
from tests.engines import CENTS, clock, limit, use_engines
from tests.people import People
from tests.storage.pictures import encoded

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def engines(services: Services) -> None:
    use_engines(services)


async def paints(people: People, user: User, number: int) -> None:
    for _ in range(number):
        await people.says(user, await people.thread(user), "draw a cat")
        await run_generation(people.services, await newest_attempt(people.services))


async def newest_attempt(services: Services) -> UUID:
    async with services.transaction() as db:
        return (await db.scalars(select(Attempt.id).order_by(Attempt.id.desc()).limit(1))).one()


async def told(services: Services) -> list[str]:
    """The subjects of what was written since the last time, in their order; several workers look at once."""
    await asyncio.gather(*(warn_marked(services) for _ in range(3)))
    async with services.transaction() as db:
        found = list(await db.scalars(select(Mail).order_by(Mail.created_at, Mail.subject)))
        for mail in found:
            await db.delete(mail)
        assert not list(await db.scalars(select(UsageMark)))
    return [mail.subject for mail in found]


async def test_ada_hears_at_80_and_at_100_percent_once_a_day(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    await limit(services, ada, images_per_day=5)
    await limit(services, ben, images_per_day=100)
    async with clock(services, "2030-05-04 10:00 UTC"):
        await paints(people, ben, 1)
        await paints(people, ada, 3)
        assert await told(services) == []
        await paints(people, ada, 1)
        assert await told(services) == ["You have used 4 of 5 images today"]
        await limit(services, ada, images_per_day=5, money_per_day=None)  # marked, and nothing new to say
        assert await told(services) == []
        await paints(people, ada, 1)
        assert await told(services) == ["You have used up 5 images today"]
        await limit(services, ada, images_per_day=6)  # another limit, another warning
        assert await told(services) == ["You have used 5 of 6 images today"]
    async with clock(services, "2030-05-05 10:00 UTC"):
        await limit(services, ada, images_per_day=5)
        await paints(people, ada, 4)
        assert await told(services) == ["You have used 4 of 5 images today"]


async def test_money_is_used_up_where_another_like_the_last_would_be_refused(
    services: Services, people: People
) -> None:
    ada = await people.user("ada")
    await limit(services, ada, money_per_month=14 * CENTS)
    await paints(people, ada, 2)
    assert await told(services) == []
    await people.says(ada, await people.thread(ada), "draw a cat")
    async with services.transaction() as db:
        await mark_user(db, ada.id)
    assert await told(services) == []  # held is not spent
    await run_generation(services, await newest_attempt(services))
    assert await told(services) == ["You have used $0.12 of $0.14 this month"]
    async with services.transaction() as db:
        await mark_user(db, ada.id)
    assert await told(services) == []


async def test_full_storage_is_told_and_whoever_wants_no_warnings_gets_none(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    async with services.transaction() as db:
        await change_warnings(db, ben, wanted=False)
    for user in (ada, ben):
        thread = await people.thread(user)
        image = await keep_upload(services, user, thread.id, encoded())
        await limit(services, user, storage_bytes=image.stored_bytes * 10 // 9)
    assert await told(services) == ["Your storage is nearly full"]
    await limit(services, ada, storage_bytes=image.stored_bytes)
    assert await told(services) == ["Your storage is full"]
