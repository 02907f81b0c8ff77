"""Keep what forms offer true: providers that have to ask their server what it has are asked again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

import structlog

from chatelier.providers.base import ImageProvider, ProviderError, Refreshing

EVERY = 240.0  # seconds; less than providers believe what they heard, so that no request has to wait for it
log = structlog.get_logger()


Keep = Callable[[Iterable[ImageProvider]], None]


@asynccontextmanager
async def kept_fresh(*, every: float = EVERY) -> AsyncIterator[Keep]:
    """While the block lasts, in the background; a server that is away is asked the next time. What is yielded takes
    the providers that there are from now on: those that went are let go."""
    tasks: dict[int, tuple[ImageProvider, asyncio.Task[None]]] = {}

    def keep(providers: Iterable[ImageProvider]) -> None:
        wanted = {id(provider): provider for provider in providers if isinstance(provider, Refreshing)}
        for key in tasks.keys() - wanted.keys():
            tasks.pop(key)[1].cancel()
        for key in wanted.keys() - tasks.keys():
            provider = wanted[key]
            task = asyncio.create_task(_keep(provider, provider.name, every), name=f"refresh {provider.name}")
            tasks[key] = (provider, task)

    try:
        yield keep
    finally:
        running = [task for _, task in tasks.values()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _keep(provider: Refreshing, name: str, every: float) -> None:
    while True:
        try:
            await provider.refresh()
        except ProviderError as error:
            log.info("provider.not_refreshed", provider=name, detail=error.detail)
        except Exception:  # one provider's mistake must not end the others' or its own next try
            log.exception("provider.refresh_failed", provider=name)
        await asyncio.sleep(every)
