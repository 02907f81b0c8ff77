"""Counters in Redis or Valkey, for all processes together, and what happens when it is gone: no request waits longer
for it than ``PATIENCE``, and after one that waited in vain none asks it until it answers again."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from chatelier.db.tasks import end_task
from chatelier.domain.throttle import windows

PATIENCE = 0.12  # seconds
CONNECTIONS = 8
PAUSE = 2.0  # seconds between two looks whether it is back
log = structlog.get_logger()


class SharedCounters:
    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: Any = None
        self._limiter: Any = None
        self._errors: tuple[type[Exception], ...] = (OSError, TimeoutError)
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._return: asyncio.Task[None] | None = None

    @property
    def is_asked(self) -> bool:
        return self._limiter is not None and self._return is None

    async def start(self) -> None:
        await asyncio.to_thread(self._open)
        try:
            async with asyncio.timeout(1.0):  # the first connection takes longer than any later question
                await self._look()
        except self._errors as error:
            self._give_up(error)

    async def hit(self, item: Any, *key: str) -> int | None:
        """Count one more: 0 if it is let in, else the seconds until one will be; None: Redis does not answer."""
        if not self.is_asked:
            return None
        question = asyncio.create_task(self._ask(item, key))
        question.add_done_callback(_heard)
        # Whoever is given up is not waited for: ending a connection may take long itself.
        done, _ = await asyncio.wait((question,), timeout=PATIENCE)
        if done:
            return question.result()
        question.cancel()
        self._give_up(TimeoutError(f"no answer within {PATIENCE} s"))
        return None

    async def _ask(self, item: Any, key: tuple[str, ...]) -> int | None:
        try:
            async with self._turns:
                if not self.is_asked:  # somebody before us waited in vain
                    return None
                return 0 if await self._limiter.hit(item, *key) else await windows.wait(self._limiter, item, *key)
        except self._errors as error:
            self._give_up(error)
            return None

    async def close(self) -> None:
        if self._return:
            await end_task(self._return)
        if self._pool is not None:
            await self._pool.disconnect()

    def _open(self) -> None:
        from limits.aio.storage import RedisStorage
        from redis.asyncio import ConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        self._errors = (RedisError, OSError, TimeoutError)
        url = self._url.replace("valkey", "redis", 1) if self._url.startswith("valkey") else self._url
        self._pool = ConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS + 1,  # one to look whether it is back
            socket_timeout=1.0,
            socket_connect_timeout=1.0,
            retry=Retry(NoBackoff(), 0),
        )
        # The window's ends are times to live, kept by Redis: the clocks of the processes do not matter.
        storage = RedisStorage("redis://", implementation="redispy", key_prefix="chatelier", connection_pool=self._pool)
        self._limiter = windows.sliding(storage)

    async def _look(self) -> None:
        from redis.asyncio import Redis

        await Redis(connection_pool=self._pool).ping()

    def _give_up(self, error: Exception) -> None:
        if self._return is None:
            log.warning("throttle.redis_gone", reason=str(error) or type(error).__name__)
            self._return = asyncio.create_task(self._until_back(), name="redis")

    async def _until_back(self) -> None:
        """Requests are counted in memory meanwhile."""
        while True:
            await asyncio.sleep(PAUSE)
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._look()
            except self._errors:
                continue
            break
        self._return = None
        log.info("throttle.redis_back")


def _heard(question: asyncio.Task[int | None]) -> None:
    """So that nothing is said of an error that comes after everybody has gone on."""
    if not question.cancelled():
        question.exception()
