"""End an attempt, in one transaction fenced by its token: images, money, state and event stand or fall together.

A result that reached us is not given up while this process lives: when the database is away, the writing is
tried again until it is back, and the token is then accepted even if a sweep called the outcome unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import delete
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, AttemptState, Generation, GenerationStatus, PartialFrame, now
from chatelier.domain import attempts, ledger, moderation, prices, refusals, sentences
from chatelier.domain.generations.find import load_generation
from chatelier.domain.generations.progress import Reporter
from chatelier.domain.generations.wait import wake_waiting
from chatelier.domain.images import Kept, add_images, keep_produced
from chatelier.domain.labels import source_type
from chatelier.domain.moderation import DoorClosed
from chatelier.domain.quotas import words
from chatelier.domain.refusals import Door
from chatelier.domain.sentences import Sentence
from chatelier.domain.threads import touch_by_id
from chatelier.errors import ChatelierError, StorageUnavailable
from chatelier.providers.base import Capabilities, FailureKind, ImageResult, ProviderError, Size
from chatelier.services import Services

GIVE_UP_AFTER = 600.0  # seconds of trying to write a result down
log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an attempt failed. ``detail`` is for the admin. ``billed``: it is charged, at ``micros`` where that is known,
    else at its hold. ``door`` is whose refusal it was."""

    sentence: Sentence
    message: str = ""
    detail: str = ""
    billed: bool = False
    micros: int | None = None
    request_id: str | None = None
    door: Door | None = None


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
        ending = Ending(sentence=sentences.UNUSABLE, detail=f"unusable image: {error.sentence}")
        await _end(services, generation, attempt, ending)
        return
    micros = _charge(generation, can, result, len(kept))
    try:
        await moderation.check_images(services, [_shown(one) for one in kept])
    except DoorClosed as closed:
        await _end(services, generation, attempt, _not_kept(closed, attempt, result, micros))
        return
    await reporter.stage("saving")
    await _persist(services, lambda db: _succeed(db, generation, attempt, result, kept, micros))


def _charge(generation: Generation, can: Capabilities, result: ImageResult, images: int) -> int | None:
    size = Size(width=generation.width, height=generation.height)
    quality = generation.options.get("quality")
    return prices.charge(can, images, result.usage, size=size, quality=quality, held=generation.estimate_micros)


def _shown(kept: Kept) -> tuple[bytes, str]:
    """As small as there is it: what it shows can be seen in that, too."""
    stored = kept.stored
    return (stored.preview, stored.preview_type) if stored.preview else (stored.content, stored.media_type)


def _not_kept(closed: DoorClosed, attempt: Attempt, result: ImageResult, micros: int | None) -> Ending:
    """The provider has made it, so it costs what it costs."""
    billed = not attempt.free
    told = "The provider had made it and charges for it." if billed else "Nothing was charged."
    return Ending(
        sentence=closed.sentence,
        message=f"{closed.sentence.message} {told}",
        detail="finished image declined" if closed.door else "finished image unchecked",
        billed=billed,
        micros=micros,
        request_id=result.request_id,
        door=closed.door,
    )


async def fail(services: Services, generation: Generation, attempt: Attempt, error: ProviderError) -> None:
    sentence, message = sentences.of_picture(error)
    log.info("generation.failed", generation_id=str(generation.id), kind=error.kind, detail=error.detail)
    if not error.sent and error.kind in (FailureKind.UNKNOWN, FailureKind.TIMED_OUT):
        sentence = sentences.FAILURES[FailureKind.UNAVAILABLE]
        message = sentence.message
    ending = Ending(
        sentence=sentence,
        message=message,
        detail=error.detail,
        billed=error.billed,
        request_id=error.request_id,
        door=Door.PROVIDER if error.kind is FailureKind.REFUSED else None,
    )
    await _end(services, generation, attempt, ending)


async def turn_away(services: Services, generation: Generation, attempt: Attempt, closed: DoorClosed) -> None:
    """A door did not open: nothing was sent."""
    log.info("generation.turned_away", generation_id=str(generation.id), door=closed.door, code=closed.sentence.code)
    detail = f"door: {closed.door or closed.sentence.code}"
    await _end(services, generation, attempt, Ending(sentence=closed.sentence, detail=detail, door=closed.door))


async def fail_inside(services: Services, generation: Generation, attempt: Attempt) -> None:
    """Our own mistake: the person is not charged for it."""
    await _end(services, generation, attempt, Ending(sentence=sentences.INTERNAL, detail="internal error"))


async def fail_for_room(services: Services, generation: Generation, attempt: Attempt) -> None:
    """Before anything is sent: its result could not be kept."""
    await _end(services, generation, attempt, Ending(sentence=sentences.NO_ROOM, detail="the disk is nearly full"))


async def fail_without_source(
    services: Services, generation: Generation, attempt: Attempt, error: StorageUnavailable
) -> None:
    """The picture to start from cannot be read; nothing was sent yet."""
    await _end(services, generation, attempt, Ending(sentence=sentences.STORE_AWAY, detail=error.sentence))


async def fail_for_trash(services: Services, generation: Generation, attempt: Attempt) -> None:
    """What it starts from was thrown away while it waited; nothing was sent."""
    await _end(services, generation, attempt, Ending(sentence=sentences.SOURCE_GONE, detail="a source is in the trash"))


async def fail_without_mask(services: Services, generation: Generation, attempt: Attempt) -> None:
    """All of the picture would change, and that was not asked for."""
    await _end(services, generation, attempt, Ending(sentence=sentences.MASK_GONE, detail="the mask is in the trash"))


async def _end(services: Services, generation: Generation, attempt: Attempt, ending: Ending) -> None:
    await _persist(services, lambda db: _fail(db, generation, attempt, ending))


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
    await _drop_partials(db, generation)
    generation.revision = revision
    generation.revised_prompt = result.revised_prompt
    if cancelled:
        return
    generation.status = GenerationStatus.SUCCEEDED
    generation.stage, generation.progress, generation.note = "complete", 100, ""
    generation.error = None
    generation.finished_at = now()
    generation.details = images[0].details
    await db.flush()
    await wake_waiting(db, generation, revision)


async def _drop_partials(db: AsyncSession, generation: Generation) -> None:
    if generation.partials:
        await db.execute(delete(PartialFrame).where(PartialFrame.generation_id == generation.id))


async def fail_unsent(db: AsyncSession, generation: Generation, attempt: Attempt, message: str) -> None:
    """End what cannot even begin: its provider is gone, or its model."""
    sentence = sentences.FAILURES[FailureKind.UNAVAILABLE]
    ending = Ending(sentence=sentence, message=f"{message} Nothing was charged.", detail=message)
    await _fail(db, generation, attempt, ending)


async def fail_paused(db: AsyncSession, generation: Generation, attempt: Attempt, until: datetime) -> None:
    """End what was queued before engines that cost something were paused."""
    message = f"{words.paused(until)} Nothing was charged."
    await _fail(db, generation, attempt, Ending(sentence=sentences.PAUSED, message=message, detail="paused"))


async def _fail(db: AsyncSession, before: Generation, attempt: Attempt, ending: Ending) -> None:
    revision = await touch_by_id(db, before.thread_id)
    generation = await load_generation(db, before.id, lock=True)
    sentence = ending.sentence
    unknown = sentence.keeps_hold and not attempt.free
    state = AttemptState.UNKNOWN if unknown else AttemptState.FAILED
    closed = await attempts.close(db, attempt, state, detail=ending.detail, request_id=ending.request_id)
    if generation is None or closed is None:
        return
    cancelled = generation.status == GenerationStatus.CANCELLED
    await _pay(db, generation, closed, ending, unknown=unknown, cancelled=cancelled)
    await _drop_partials(db, generation)
    generation.revision = revision
    if not cancelled:
        generation.status = GenerationStatus.UNKNOWN if unknown else GenerationStatus.FAILED
        generation.error = sentence.as_error(ending.message)
        generation.finished_at = now()
        await db.flush()
        await wake_waiting(db, generation, revision)


async def _pay(
    db: AsyncSession, generation: Generation, closed: Attempt, ending: Ending, *, unknown: bool, cancelled: bool
) -> None:
    excused = ending.sentence.code not in sentences.OWN_FAULT
    refused = ending.sentence.code == sentences.REFUSED.code
    if ending.billed or (unknown and cancelled):
        micros = closed.held_micros if ending.micros is None else ending.micros
        ended = "" if cancelled else "refused" if refused else "failed"
        await ledger.settle(db, generation, closed, images=0, micros=micros, ended=ended)
    elif not unknown:
        await ledger.release(db, generation, closed, excused=excused, refused=refused, failed=not cancelled)
    if unknown:
        await ledger.excuse(db, closed)
    if ending.door:
        provider = generation.provider
        await refusals.record(db, generation.owner_id, ending.door, attempt_id=closed.id, provider=provider)
