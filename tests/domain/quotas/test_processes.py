"""Limits hold between processes, whatever the clocks of their hosts say: four of them, on the tests' PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from chatelier.db.models import Charge, Generation, InstanceDay, LedgerEntry, User
from chatelier.domain import plans
from chatelier.services import Services
from tests.engines import CENTS, limit
from tests.people import People

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[3]
CLOCKS = (0, 600, -600, 7200)  # seconds by which the hosts' clocks are off
PICTURE, STOPPED, TALK = "draw a cat", "draw a cat, never mind", "how are you?"


class Rushes:
    """Processes that ask at the same moment."""

    def __init__(self, processes: list[Process]) -> None:
        self._processes = processes

    async def ask(self, asks: list[tuple[User, str]]) -> list[tuple[str, int]]:
        """What became of each, in any order; dealt out among the processes."""
        lists = [[(str(user.id), text) for user, text in asks[at :: len(CLOCKS)]] for at in range(len(CLOCKS))]
        for process, mine in zip(self._processes, lists, strict=True):
            tell(process, mine)
        for process in self._processes:
            assert await answer(process) == "prepared"
        for process in self._processes:
            tell(process, "go")
        return [tuple(one) for process in self._processes for one in await answer(process)]


def tell(process: Process, what: object) -> None:
    assert process.stdin
    process.stdin.write(json.dumps(what).encode() + b"\n")


async def answer(process: Process) -> Any:
    assert process.stdout
    line = await asyncio.wait_for(process.stdout.readline(), 120)
    assert line, "it has died; see what it said above"
    return json.loads(line)


@pytest.fixture
async def rushes(services: Services) -> AsyncIterator[Rushes]:
    program = (sys.executable, "-m", "tests.domain.quotas.rush", services.url)
    folder = str(services.settings.data_dir)
    processes = [
        await asyncio.create_subprocess_exec(*program, str(off), folder, cwd=ROOT, stdin=PIPE, stdout=PIPE)
        for off in CLOCKS
    ]
    try:
        for process in processes:
            assert await answer(process) == "ready"
        yield Rushes(processes)
    finally:
        for process in processes:
            process.stdin.close()  # type: ignore[union-attr]
        for process in processes:
            await asyncio.wait_for(process.wait(), 60)


async def test_four_processes_together_let_in_what_the_limits_say(
    services: Services, people: People, rushes: Rushes
) -> None:
    """One after another, since it takes seconds to start the processes."""
    await the_one_that_is_left(services, people, rushes)
    await all_together(services, people, rushes)


async def the_one_that_is_left(services: Services, people: People, rushes: Rushes) -> None:
    """Of fifty requests of somebody who has never asked for anything one is let in, and all others are told the same
    time to wait, within what the fifty take."""
    chloe = await people.user("chloe")
    await limit(services, chloe, images_per_hour=1)
    results = await rushes.ask([(chloe, PICTURE)] * 50)
    waits = [wait for code, wait in results if code == "quota_exceeded"]
    assert (results.count(("in", 0)), len(waits)) == (1, 49)
    assert max(waits) - min(waits) < 300  # the hosts' clocks are off by ten minutes and more
    assert abs(max(waits) - 3600) < 300
    async with services.transaction() as db:
        mine = Generation.owner_id == chloe.id
        assert await db.scalar(select(func.count()).select_from(Generation).where(mine)) == 1
        assert await db.scalar(select(func.count()).where(LedgerEntry.owner_id == chloe.id)) == 1


async def all_together(services: Services, people: People, rushes: Rushes) -> None:
    """Two people under a cap of everybody ask for pictures and answers and stop some of them: 200 requests end without
    a deadlock, and what is taken is what the ledger says."""
    async with services.transaction() as db:
        before = await db.scalar(select(func.sum(InstanceDay.held_images)))
        cap = int(before or 0) + 40
        await plans.limit_instance(db, {"images_per_day": cap, "money_per_month": 10_000 * CENTS})
    ada, ben = await people.user("ada"), await people.user("ben")
    for user in (ada, ben):
        await limit(services, user, images_per_day=30, messages_per_minute=1000)
    texts = [PICTURE, TALK, STOPPED, PICTURE, TALK] * 20
    results = await rushes.ask([(user, text) for text in texts for user in (ada, ben)])
    assert {code for code, _ in results} == {"in", "quota_exceeded"}
    async with services.transaction() as db:
        held = [await db.scalar(held_by(user)) for user in (ada, ben)]
        day = await db.scalar(select(func.sum(InstanceDay.held_images)))
        charged = await db.scalar(select(func.sum(Charge.images)).where(Charge.state == "held"))
        stopped = await db.scalar(select(func.count()).where(LedgerEntry.kind == "release"))
    assert max(held) <= 30
    assert day == charged
    assert cap - int(stopped or 0) <= int(day or 0) <= cap


def held_by(user: User) -> Any:
    return select(func.coalesce(func.sum(Charge.images), 0)).where(Charge.owner_id == user.id, Charge.state == "held")
