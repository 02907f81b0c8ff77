"""End an attempt, in one transaction fenced by its token: images, money, state and event stand or fall together.

A result that reached us is not given up while this process lives: when the database is away, the writing is
tried again until it is back, and the token is then accepted even if a sweep called the outcome unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from sqlalchemy import delete
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, AttemptState, Generation, GenerationStatus, PartialFrame, Thread, now
from chatelier.domain import attempts, ledger, prices, sentences
from chatelier.domain.generations.find import load_generation
from chatelier.domain.generations.progress import Reporter
from chatelier.domain.generations.wait import wake_waiting
from chatelier.domain.images import Kept, add_images, keep_produced
from chatelier.domain.labels import source_type
from chatelier.domain.sentences import Sentence
from chatelier.domain.threads import touch_by_id
from chatelier.errors import ChatelierError
from chatelier.providers.base import Capabilities, FailureKind, ImageResult, ProviderError, Size
from chatelier.services import Services

GIVE_UP_AFTER = 600.0  # seconds of trying to write a result down
log = structlog.get_logger()


async def store(
    services: Services,
    generation: Generation,
    attempt: Attempt,
    can: Capabilities,
    result: ImageResult,
    reporter: Reporter,
) -> None:
    """Check and keep what the provider sent, then settle and publish. Unusable bytes end it as failed."""
    try:
        made_by = await source_type(services, generation, can)
        kept = [await keep_produced(services, produced, made_by) for produced in result.images]
    except ChatelierError as error:
        log.warning("generation.unusable", generation_id=str(generation.id), reason=error.sentence)
        detail = f"unusable image: {error.sentence}"
        await _end(services, generation, attempt, sentences.UNUSABLE, sentences.UNUSABLE.message, detail)
        return
    await reporter.stage("saving")
    micros = _charge(generation, can, result, len(kept))
    await _persist(services, lambda db: _succeed(db, generation, attempt, result, kept, micros))


def _charge(generation: Generation, can: Capabilities, result: ImageResult, images: int) -> int | None:
    size = Size(width=generation.width, height=generation.height)
    quality = generation.options.get("quality")
    return prices.charge(can, images, result.usage, size=size, quality=quality, held=generation.estimate_micros)


async def fail(services: Services, generation: Generation, attempt: Attempt, error: ProviderError) -> None:
    sentence, message = sentences.of_picture(error)
    log.info("generation.failed", generation_id=str(generation.id), kind=error.kind, detail=error.detail)
    if not error.sent and error.kind in (FailureKind.UNKNOWN, FailureKind.TIMED_OUT):
        sentence = sentences.FAILURES[FailureKind.UNAVAILABLE]
        message = sentence.message
    await _end(services, generation, attempt, sentence, message, error.detail, error.billed, error.request_id)


async def fail_inside(services: Services, generation: Generation, attempt: Attempt) -> None:
    """Our own mistake: the person is not charged for it."""
    sentence = sentences.INTERNAL
    await _end(services, generation, attempt, sentence, sentence.message, "internal error")


async def _end(
    services: Services,
    generation: Generation,
    attempt: Attempt,
    sentence: Sentence,
    message: str,
    detail: str,
    billed: bool = False,
    request_id: str | None = None,
) -> None:
    async def write(db: AsyncSession) -> None:
        await _fail(db, generation, attempt, sentence, message, detail, billed, request_id)

    await _persist(services, write)


async def _persist(services: Services, write: Callable[[AsyncSession], Awaitable[None]]) -> None:
    delay, waited = 0.2, 0.0
    while True:
        try:
            async with services.transaction() as db:
                await write(db)
            return
        except (OperationalError, InterfaceError):
            if waited > GIVE_UP_AFTER:
                raise
            log.warning("generation.write_waits", seconds=delay)
            await asyncio.sleep(delay)
            waited, delay = waited + delay, min(delay * 2, 5.0)


async def _succeed(
    db: AsyncSession,
    before: Generation,
    attempt: Attempt,
    result: ImageResult,
    kept: Sequence[Kept],
    micros: int | None,
) -> None:
    revision = await touch_by_id(db, before.thread_id)
    generation = await load_generation(db, before.id, lock=True)
    closed = await attempts.close(db, attempt, AttemptState.SUCCEEDED, request_id=result.request_id)
    if generation is None or closed is None:
        return
    cancelled = generation.status == GenerationStatus.CANCELLED
    generation.model = result.model or generation.model  # before the images, which are found by it
    images = await add_images(db, generation, kept, trashed=cancelled)
    await ledger.settle(db, generation, closed, images=len(images), micros=micros or 0)
    generation.amount_micros = micros  # None stays: nobody knows what it cost
    await db.execute(delete(PartialFrame).where(PartialFrame.generation_id == generation.id))
    generation.revision = revision
    generation.revised_prompt = result.revised_prompt
    if cancelled:
        return
    generation.status = GenerationStatus.SUCCEEDED
    generation.stage, generation.progress, generation.note = "complete", 100, ""
    generation.error = None
    generation.finished_at = now()
    generation.details = images[0].details
    thread = await db.get_one(Thread, generation.thread_id)
    thread.current_image_id = images[0].id
    await db.flush()
    await wake_waiting(db, generation, revision)


async def fail_unsent(db: AsyncSession, generation: Generation, attempt: Attempt, message: str) -> None:
    """End what cannot even begin: its provider is gone, or its model."""
    sentence = sentences.FAILURES[FailureKind.UNAVAILABLE]
    await _fail(db, generation, attempt, sentence, f"{message} Nothing was charged.", message, False, None)


async def _fail(
    db: AsyncSession,
    before: Generation,
    attempt: Attempt,
    sentence: Sentence,
    message: str,
    detail: str,
    billed: bool,
    request_id: str | None,
) -> None:
    revision = await touch_by_id(db, before.thread_id)
    generation = await load_generation(db, before.id, lock=True)
    unknown = sentence.keeps_hold and not attempt.free
    state = AttemptState.UNKNOWN if unknown else AttemptState.FAILED
    closed = await attempts.close(db, attempt, state, detail=detail, request_id=request_id)
    if generation is None or closed is None:
        return
    cancelled = generation.status == GenerationStatus.CANCELLED
    if billed or (unknown and cancelled):
        await ledger.settle(db, generation, closed, images=0, micros=closed.held_micros, failed=not cancelled)
    elif not unknown:
        excused, refused = sentence.code not in sentences.OWN_FAULT, sentence is sentences.REFUSED
        await ledger.release(db, generation, closed, excused=excused, refused=refused, failed=not cancelled)
    if unknown:
        await ledger.excuse(db, closed)
    await db.execute(delete(PartialFrame).where(PartialFrame.generation_id == generation.id))
    generation.revision = revision
    if not cancelled:
        generation.status = GenerationStatus.UNKNOWN if unknown else GenerationStatus.FAILED
        generation.error = sentence.as_error(message)
        generation.finished_at = now()
        await db.flush()
        await wake_waiting(db, generation, revision)
