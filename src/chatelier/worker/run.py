"""Run the queues, the sweep and the upkeep until told to stop; survive a database that goes away for a while."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine

import structlog

from chatelier.db import queue
from chatelier.db.tasks import end_task
from chatelier.domain.sweep import SWEEP_SECONDS, sweep
from chatelier.domain.upkeep import UPKEEP_SECONDS, upkeep
from chatelier.services import Services
from chatelier.worker.tasks import register

MAIL_SLOTS = 2
log = structlog.get_logger()


async def run_worker(services: Services) -> None:
    """Work until cancelled. A worker that fell over is started again: it must never vanish silently."""
    async with _background(_sweep_for_ever(services)), _background(_upkeep_for_ever(services)):
        delay = 0.5
        while True:
            try:
                services.workers_alive.set()
                await _work(services)
            except Exception:
                log.exception("worker.restart", seconds=delay)
            services.workers_alive.clear()
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5.0)


async def _work(services: Services) -> None:
    workers = queue.Workers(services.url)
    register(workers, services)
    settings = services.settings
    slots = {queue.PICTURES: settings.picture_slots, queue.REPLIES: settings.reply_slots, queue.MAILS: MAIL_SLOTS}
    await workers.run(slots, grace=settings.stop_grace)


async def _sweep_for_ever(services: Services) -> None:
    while True:
        try:
            await sweep(services)
        except Exception:
            log.exception("sweep.round_failed")
        await asyncio.sleep(SWEEP_SECONDS)


async def _upkeep_for_ever(services: Services) -> None:
    while True:
        try:
            await upkeep(services)
        except Exception:
            log.exception("upkeep.round_failed")
        await asyncio.sleep(UPKEEP_SECONDS)


@contextlib.asynccontextmanager
async def _background(coroutine: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(coroutine)
    try:
        yield
    finally:
        await end_task(task)
