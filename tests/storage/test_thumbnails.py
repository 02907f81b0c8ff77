from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import text

from chatelier.db.engine import RawConnection
from chatelier.db.models import Image, User
from chatelier.domain.trash import trash_images
from chatelier.ids import new_id
from chatelier.services import Services
from chatelier.storage import thumbnails
from chatelier.storage.cache import SmallFile
from tests.domain.pictures import hang, stored
from tests.people import People, until

pytestmark = pytest.mark.anyio
KEPT = text("SELECT pid FROM pg_stat_activity WHERE query LIKE '%asked.whole%' AND state = 'idle'")
LEFT = text("SELECT pid FROM pg_stat_activity WHERE pid = :pid")
BLOCKED = text("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%unnest%'")


async def ask(services: Services, user: User, image: Image, *, deleted: bool = False) -> SmallFile | None:
    return await services.thumbnails.find(
        user.id, image.id, lambda words, handle, kind: f"{words} {handle}", deleted=deleted
    )


@pytest.fixture
async def ada(people: People) -> User:
    return await people.user("ada")


async def test_a_page_takes_few_statements_and_each_tile_is_its_owners(
    services: Services, people: People, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await people.user("ben")
    hers = await hang(services, ada, [f"kite {number}" for number in range(20)])
    (his,) = await hang(services, ben, ["his"])
    async with services.transaction() as db:
        await trash_images(db, [await db.get_one(Image, hers[0].id)])
    sizes = []
    answer = thumbnails._answer

    async def counted(connection: RawConnection, asked: list[thumbnails._Question]) -> None:
        sizes.append(len(asked))
        await answer(connection, asked)

    monkeypatch.setattr(thumbnails, "_answer", counted)
    nobodys = Image(id=new_id())
    for _ in ("from the database", "from memory"):
        found = await asyncio.gather(*(ask(services, ada, image) for image in [*hers, his, nobodys]))
        assert [file and file.name for file in found] == [
            None,
            *(f"kite {n} {n + 1}" for n in range(1, 20)),
            None,
            None,
        ]
        assert all(file.content == stored().thumbnail for file in found if file)
        assert len(sizes) <= 4
        assert sum(sizes) == 22
        sizes.clear()
    assert await ask(services, ada, hers[0], deleted=True)
    assert not await ask(services, ben, hers[0], deleted=True)


async def test_a_connection_that_dies_takes_only_its_own_questions_along(services: Services, ada: User) -> None:
    images = await hang(services, ada, ["one", "two", "three"])
    async with services.transaction() as db:
        await db.execute(text("LOCK TABLE images IN ACCESS EXCLUSIVE MODE"))
        first = asyncio.create_task(ask(services, ada, images[0]))

        async def blocked() -> object:
            async with services.transaction() as looking:
                return await looking.scalar(BLOCKED)

        pid = await until(blocked)
        others = [asyncio.create_task(ask(services, ada, image)) for image in images[1:]]
        left = asyncio.create_task(ask(services, ada, images[0]))
        await asyncio.sleep(0)
        left.cancel()
        await db.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(psycopg.OperationalError):
            await first
    assert all(await asyncio.gather(*others))
    assert await ask(services, ada, images[0])


async def test_a_connection_that_dies_while_it_is_kept_takes_nobody_along(
    services: Services, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "KEEP_SECONDS", 60)
    (kite,) = await hang(services, ada, ["a kite"])
    assert await ask(services, ada, kite)
    async with services.transaction() as db:
        pid = (await db.scalars(KEPT)).one()
        await db.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    async def gone() -> bool | None:
        async with services.transaction() as looking:
            return await looking.scalar(LEFT, {"pid": pid}) is None or None

    await until(gone)
    assert await ask(services, ada, kite)
