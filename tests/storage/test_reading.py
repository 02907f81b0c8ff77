from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import func, select, text

from chatelier.db.engine import conninfo
from chatelier.db.models import User
from chatelier.services import Services
from chatelier.storage.database import READERS, open_file
from tests.domain.pictures import hang, stored
from tests.people import People, until

pytestmark = pytest.mark.anyio
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'SELECT substring%'"


async def test_many_downloads_leave_connections_to_pages_and_all_have_their_turn(
    services: Services, people: People
) -> None:
    (image,) = await hang(services, await people.user("ada"), ["a kite"])
    file = await open_file(services.sessions, image.id, "original")
    async with services.transaction() as db:
        await db.execute(text("LOCK TABLE image_files IN ACCESS EXCLUSIVE MODE"))
        downloads = [asyncio.create_task(file.read()) for _ in range(20)]
        with psycopg.connect(conninfo(services.url), autocommit=True) as beside:

            async def read_at_once() -> bool | None:
                row = beside.execute(BLOCKED).fetchone()
                return bool(row and row[0] >= READERS) or None

            await until(read_at_once)
        async with asyncio.timeout(10), services.transaction() as page:  # less than the pool's patience
            assert await page.scalar(select(func.count()).select_from(User)) == 1
            assert not any(download.done() for download in downloads)
    assert set(await asyncio.gather(*downloads)) == {stored().content}
