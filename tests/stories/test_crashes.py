"""Real worker processes, killed without warning before, during and after the provider's call. The provider's
journal counts the calls: there is never a second one by itself."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from chatelier.config import Settings
from chatelier.db.models import Attempt, AttemptState, LedgerEntry, Message, Thread
from chatelier.domain.sweep import sweep
from chatelier.providers.fake_script import read_journal
from chatelier.services import Services
from tests.people import People, until

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "calls.jsonl"


@pytest.fixture
def start(settings: Settings, services: Services, journal: Path) -> Iterator[Start]:
    """Starts ``chatelier worker`` on the test's database; what still runs at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "CHATELIER_DATA_DIR": str(settings.data_dir),
        "CHATELIER_DATABASE_URL": settings.database_url,
        "CHATELIER_FAKE_PROVIDER": "true",
        "CHATELIER_IMAGE_PROVIDER": "fake",
        "CHATELIER_CHAT_MODEL": "fake",
        "CHATELIER_FAKE_JOURNAL": str(journal),
    }

    def run() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", "chatelier", "worker"], env=environment)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait(timeout=10)


@pytest.fixture
async def after_lease(services: Services) -> AsyncIterator[Callable[[], Any]]:
    """Moves the database's clock past every lease."""

    async def shift(seconds: int) -> None:
        async with services.transaction() as db:
            await db.execute(
                text(
                    "CREATE OR REPLACE FUNCTION chatelier_now() RETURNS timestamptz LANGUAGE sql STABLE "
                    f"PARALLEL SAFE AS 'SELECT now() + interval ''{seconds} seconds'''"
                )
            )

    yield lambda: shift(16)
    await shift(0)


def calls(journal: Path) -> int:
    return sum(line["event"] == "call" for line in read_journal(journal))


async def wait_for_call(journal: Path, event: str = "call") -> None:
    async def look() -> bool | None:
        return any(line["event"] == event for line in read_journal(journal)) or None

    await until(look, seconds=60)


async def state_of_attempt(services: Services) -> str:
    async with services.transaction() as db:
        return (await db.scalars(select(Attempt).order_by(Attempt.number))).one().state


async def wait_for_state(services: Services, state: AttemptState) -> None:
    async def look() -> bool | None:
        return await state_of_attempt(services) == state or None

    await until(look, seconds=25)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)


async def test_a_worker_killed_before_sending_is_replaced_and_the_picture_is_called_for_once(
    services: Services, people: People, start: Start, journal: Path, after_lease: Callable[[], Any]
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    posted = await people.says(ada, thread, "/imagine a lighthouse")
    async with services.transaction() as db:  # nobody can claim while this is open
        await db.execute(select(Thread).where(Thread.id == thread.id).with_for_update())
        first = start()
        await until(lambda: _job_is(services, "doing"), seconds=60)
        await asyncio.sleep(0.3)
        kill(first)
    assert calls(journal) == 0
    assert await state_of_attempt(services) == AttemptState.PREPARED
    await after_lease()
    start()
    assert (await people.finished(ada, posted, seconds=25)).status == "succeeded"
    assert calls(journal) == 1


async def test_a_worker_killed_during_the_call_leaves_it_unknown_within_twenty_seconds_and_never_sends_again(
    services: Services, people: People, start: Start, journal: Path
) -> None:
    ada = await people.user("Ada")
    posted = await people.says(ada, await people.thread(ada), "/imagine a lighthouse [[hang]]")
    first = start()
    await wait_for_call(journal)
    start()
    kill(first)
    async with asyncio.timeout(20):  # the promise, on the real clock: lease 15 s, sweep 5 s
        await wait_for_state(services, AttemptState.UNKNOWN)
    generation = (await people.message(ada, posted.reply.id)).generation
    assert generation is not None
    assert generation.status == "unknown"
    assert generation.error is not None
    assert generation.error["retryable"] is True
    assert calls(journal) == 1
    async with services.transaction() as db:
        assert [entry.kind for entry in await db.scalars(select(LedgerEntry))] == ["hold"]


async def test_a_worker_killed_after_the_call_but_before_keeping_the_result_is_unknown_too(
    services: Services, people: People, start: Start, journal: Path, after_lease: Callable[[], Any]
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    posted = await people.says(ada, thread, "/imagine a lighthouse [[slow 1]]")
    first = start()
    await wait_for_call(journal)
    async with services.transaction() as db:  # the result cannot be written down while this is open
        await db.execute(select(Thread).where(Thread.id == thread.id).with_for_update())
        await asyncio.sleep(1.5)
        kill(first)
    await after_lease()
    await sweep(services)
    assert await state_of_attempt(services) == AttemptState.UNKNOWN
    assert (await people.finished(ada, posted)).status == "unknown"
    start()
    await asyncio.sleep(2)
    assert calls(journal) == 1


async def test_a_worker_told_to_stop_leaves_what_it_sent_and_the_rest_is_done_by_the_next(
    services: Services, people: People, start: Start, journal: Path
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    sent = [await people.says(ada, thread, f"/imagine boat {n} [[hang]]") for n in range(2)]
    waiting = await people.says(ada, thread, "/imagine a quick lighthouse")
    first = start()

    async def both() -> bool | None:
        return calls(journal) == 2 or None

    await until(both, seconds=60)
    first.terminate()
    assert await asyncio.to_thread(first.wait, 12) is not None
    for posted in sent:
        generation = (await people.message(ada, posted.reply.id)).generation
        assert generation is not None
        assert generation.status == "running"
    start()
    assert (await people.finished(ada, waiting, seconds=25)).status == "succeeded"
    assert calls(journal) == 3


async def test_a_reply_whose_worker_was_killed_fails_with_a_sentence_and_can_be_written_again(
    services: Services, people: People, start: Start, after_lease: Callable[[], Any]
) -> None:
    ada = await people.user("Ada")
    posted = await people.says(ada, await people.thread(ada), "Tell me a story [[slow 60]]")
    first = start()

    async def begun() -> Message | None:
        message = await people.message(ada, posted.reply.id)
        return message if message.text else None

    await until(begun, seconds=60)
    kill(first)
    await after_lease()
    await sweep(services)
    failed = await people.message(ada, posted.reply.id)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error["retryable"] is True
    assert failed.text


async def _job_is(services: Services, status: str) -> bool | None:
    async with services.transaction() as db:
        query = text("SELECT true FROM procrastinate_jobs WHERE status = CAST(:status AS procrastinate_job_status)")
        return bool(await db.scalar(query, {"status": status})) or None
