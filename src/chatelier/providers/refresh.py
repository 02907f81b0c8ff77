"""Keep what forms offer true: providers that have to ask their server what it has are asked again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import structlog

from chatelier.providers.base import ImageProvider, ProviderError, Refreshing

EVERY = 240.0  # seconds; less than providers believe what they heard, so that no request has to wait for it
log = structlog.get_logger()


@asynccontextmanager
async def kept_fresh(providers: Iterable[ImageProvider], *, every: float = EVERY) -> AsyncIterator[None]:
    """While the block lasts, in the background; a server that is away is asked the next time."""
    tasks = [
        asyncio.create_task(_keep(provider, provider.name, every), name=f"refresh {provider.name}")
        for provider in providers
        if isinstance(provider, Refreshing)
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep(provider: Refreshing, name: str, every: float) -> None:
    while True:
        try:
            await provider.refresh()
        except ProviderError as error:
            log.info("provider.not_refreshed", provider=name, detail=error.detail)
        except Exception:  # one provider's mistake must not end the others' or its own next try
            log.exception("provider.refresh_failed", provider=name)
        await asyncio.sleep(every)
