"""Tell the card how far the call is, at most about seven times a second, never backwards."""

from __future__ import annotations

import asyncio
import time

import structlog
from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from chatelier.db.models import Generation, GenerationStatus, PartialFrame
from chatelier.domain.generations.stages import STAGES, painting_progress
from chatelier.domain.threads import touch_by_id
from chatelier.errors import ChatelierError
from chatelier.providers.base import PartialImage, Progress
from chatelier.services import Services

MIN_INTERVAL = 0.15  # seconds between two writes
BLINK = 0.25  # seconds; what is there sooner shows no stages: nobody could read them, and each costs a transaction
log = structlog.get_logger()


class Reporter:
    """``shows_partials`` is false where an image has to pass a door before anybody sees it."""

    def __init__(self, services: Services, generation: Generation, *, shows_partials: bool = True) -> None:
        self._services = services
        self._generation = generation
        self._began = time.monotonic()
        self._last = self._last_stage = 0.0
        self._frames = 0
        self._shows_partials = shows_partials

    async def progress(self, event: Progress) -> None:
        if time.monotonic() - self._last >= MIN_INTERVAL:
            await self._write("generating", painting_progress(event.fraction), event.note)

    async def stage(self, name: str) -> None:
        """Left out where nobody could have read the one before yet: the next news is the picture itself."""
        if time.monotonic() - self._last_stage >= MIN_INTERVAL and await self._write(name, STAGES[name], ""):
            self._last_stage = time.monotonic()

    async def partial(self, event: PartialImage) -> None:
        """Keep a small frame in the place of the one before; a frame that cannot be read is left out."""
        if not self._shows_partials:
            return
        try:
            small = await self._services.decoder.shrink_partial(event.content)
        except ChatelierError as error:
            log.info("partial.unreadable", generation_id=str(self._generation.id), reason=error.sentence)
            return
        self._frames += 1
        values = {"media_type": "image/jpeg", "number": self._frames, "content": small}
        async with self._services.transaction() as db:
            revision = await touch_by_id(db, self._generation.thread_id)
            running = await db.scalar(
                update(Generation)
                .where(Generation.id == self._generation.id, Generation.status == GenerationStatus.RUNNING)
                .values(revision=revision, partials=self._frames)
                .returning(Generation.id)
            )
            if running:
                frame = insert(PartialFrame).values(generation_id=running, **values)
                await db.execute(frame.on_conflict_do_update(index_elements=["generation_id"], set_=values))

    async def _write(self, stage: str, progress: int, note: str) -> bool:
        """False where nothing was written, so soon after the beginning."""
        self._last = time.monotonic()
        if self._last - self._began < BLINK:
            return False
        async with self._services.transaction() as db:
            revision = await touch_by_id(db, self._generation.thread_id)
            await db.execute(
                update(Generation)
                .where(Generation.id == self._generation.id, Generation.status == GenerationStatus.RUNNING)
                .values(
                    stage=stage,
                    progress=func.greatest(Generation.progress, progress),
                    note=note[:200],
                    revision=revision,
                )
            )
        await asyncio.sleep(0)
        return True
