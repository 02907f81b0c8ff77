"""Connections that the server has closed while nobody used them are replaced before anybody notices."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import text

from chatelier.db import queue
from chatelier.db.engine import conninfo
from chatelier.services import Services
from tests.people import until

OURS = "SELECT pg_backend_pid()"
CUT = "SELECT pg_terminate_backend(unnest(%s::int[]))"
LEFT = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)"


async def test_after_the_server_has_cut_every_connection_the_next_use_of_each_works(services: Services) -> None:
    for _ in range(2):
        everybody = asyncio.Barrier(3)

        async def use(together: asyncio.Barrier = everybody) -> int:
            async with services.transaction() as db:
                await together.wait()
                return int(await db.scalar(text(OURS)) or 0)

        await cut(services.url, await asyncio.gather(use(), use(), use()))


async def test_the_connection_of_the_jobs_is_replaced_as_well(services: Services) -> None:
    pool = queue._pool(conninfo=conninfo(services.url), min_size=1, max_size=1, open=False)
    async with pool:
        for _ in range(2):
            async with pool.connection() as connection:
                row: Any = await (await connection.execute(OURS)).fetchone()
            await cut(services.url, [row[0]])


async def cut(url: str, connections: Sequence[int]) -> None:
    with psycopg.connect(conninfo(url), autocommit=True) as other:
        other.execute(CUT, (list(connections),))

        async def gone() -> bool | None:
            return other.execute(LEFT, (list(connections),)).fetchone() == (0,) or None

        await until(gone, seconds=60)
