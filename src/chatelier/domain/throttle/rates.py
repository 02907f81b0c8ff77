"""How many requests a minute somebody may send, counted by ``limits``: in the memory of this process, or in Redis for
all processes together. Two counters a key make a window that slides: the running minute, and the one before as far as
it still reaches in. So a burst is never larger than the limit, no minute sees more than twice as many, and what is
refused takes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import column, func, select, table

from chatelier.config import Settings
from chatelier.db.listen import SERVER
from chatelier.domain.throttle import windows
from chatelier.domain.throttle.shared import SharedCounters
from chatelier.errors import TooMany

if TYPE_CHECKING:
    from chatelier.services import Services

POSTS, CALLS = "posts", "calls"
ALONE = (
    "Another Chatelier serves this database. Each counts the requests it gets for itself, so people may send more than "
    "the settings say; CHATELIER_REDIS_URL lets all count together."
)
MINUTE = 60  # seconds


class Rates:
    """Of one process. While Redis does not answer, this process goes on with what it counted itself."""

    def __init__(self, settings: Settings) -> None:
        self.shared = SharedCounters(settings.redis_url) if settings.redis_url else None
        self._most = {POSTS: settings.posts_per_minute, CALLS: settings.api_calls_per_minute}
        self._memory: Any = None

    async def count(self, rate: str, who: str) -> None:
        """Raise TooMany, saying when the next one is let in, or count one more of ``rate`` for ``who``."""
        most = self._most[rate]
        if not most:
            return
        if self._memory is None:
            self._memory = await asyncio.to_thread(_memory)
        wait = await self._ask(most, (rate, who))
        if wait is not None:
            raise TooMany(
                f"Too many requests, please wait a moment. Try again in {wait} s.", retry_after=wait, limit=most
            )

    async def close(self) -> None:
        if self.shared:
            await self.shared.close()

    async def _ask(self, most: int, key: tuple[str, str]) -> int | None:
        """Whole seconds to wait; None: it is let in."""
        item = per_minute(most)
        if self.shared and (left := await self.shared.hit(item, *key)) is not None:
            if not left:
                await self._memory.hit(item, *key)  # so that this process does not begin at nothing without Redis
            return left or None
        return None if await self._memory.hit(item, *key) else await windows.wait(self._memory, item, *key)


def rates_of(services: Services) -> Rates:
    """The ones of this process."""
    if services not in _rates:
        _rates[services] = Rates(services.settings)
    return _rates[services]


@asynccontextmanager
async def counting(services: Services, *, say: Callable[[str], None]) -> AsyncIterator[None]:
    """Connected to Redis where there is one, until the end; else others that serve the same database are told of."""
    rates = rates_of(services)
    if rates.shared:
        await rates.shared.start()
    elif await count_servers(services) > 1:
        say(ALONE)
    try:
        yield
    finally:
        await rates.close()


async def count_servers(services: Services) -> int:
    """Processes that serve this database now, this one included."""
    async with services.transaction() as db:
        listening = select(func.count()).select_from(_activity).where(_activity.c.application_name == SERVER)
        return int(await db.scalar(listening.where(_activity.c.datname == func.current_database())) or 0)


def per_minute(most: int) -> Any:
    from limits import RateLimitItemPerSecond

    return RateLimitItemPerSecond(most, MINUTE)


def _memory() -> Any:
    # Imported with the first request that is counted: it takes 40 ms that a start can do without.
    from chatelier.domain.throttle.memory import Memory

    return windows.sliding(Memory())


_activity = table("pg_stat_activity", column("application_name"), column("datname"))
_rates: WeakKeyDictionary[Services, Rates] = WeakKeyDictionary()
