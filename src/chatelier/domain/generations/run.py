"""Run one attempt: claim it, commit ``sent``, call the provider without any open transaction, keep the result.

Whatever ends the call, one fenced transaction in finish.py writes it down. A CancelledError is re-raised
untouched: either the person stopped it, and cancel.py has already written that down, or this process is
ending, and the lease decides what becomes of the attempt.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, AttemptState, Generation, GenerationStatus, now
from chatelier.domain import attempts, ledger, moderation, room
from chatelier.domain.generations import again, finish
from chatelier.domain.generations.find import load_generation
from chatelier.domain.generations.permission import check_permission
from chatelier.domain.generations.progress import Reporter
from chatelier.domain.generations.sources import SourceGone, build_request, read_uploads, words_of
from chatelier.domain.generations.stages import STAGES
from chatelier.domain.generations.wording import word_prompt
from chatelier.domain.masks import MaskGone
from chatelier.domain.moderation import DoorClosed
from chatelier.domain.spending import read_pause
from chatelier.domain.threads import touch_by_id
from chatelier.errors import Invalid, StorageUnavailable
from chatelier.providers.base import (
    Capabilities,
    FailureKind,
    ImageProvider,
    ImageRequest,
    ImageResult,
    PartialImage,
    Progress,
    ProviderError,
)
from chatelier.services import Services

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the worker holds while it paints: rows as they were when it began, and who is to be called."""

    generation: Generation
    attempt: Attempt
    provider: ImageProvider
    capabilities: Capabilities


async def run_generation(services: Services, attempt_id: UUID) -> None:
    """One attempt from claim to end. Running it twice is harmless: only one claim succeeds."""
    work = await _start(services, attempt_id)
    if work is None:
        return
    services.leases.keep(work.attempt.token)
    try:
        await _attempt(services, work)
    finally:
        services.leases.drop(work.attempt.token)


async def _attempt(services: Services, work: Work) -> None:
    try:
        if await room.is_short(services.settings):
            await finish.fail_for_room(services, work.generation, work.attempt)
            return
        request = await _prepare(services, work)
        if not await _mark_sent(services, work):
            return
        reporter = Reporter(services, work.generation, shows_partials=not moderation.looks_at_images(services))
        result = await _paint(work, request, reporter)
        await finish.store(services, work.generation, work.attempt, work.capabilities, result, reporter)
    except DoorClosed as closed:
        await finish.turn_away(services, work.generation, work.attempt, closed)
    except ProviderError as error:
        if not await again.try_again(services, work.generation, work.attempt, error):
            await finish.fail(services, work.generation, work.attempt, error)
    except SourceGone:
        await finish.fail_for_trash(services, work.generation, work.attempt)
    except MaskGone:
        await finish.fail_without_mask(services, work.generation, work.attempt)
    except StorageUnavailable as error:
        await finish.fail_without_source(services, work.generation, work.attempt, error)
    except Exception:
        log.exception("generation.internal_error", generation_id=str(work.generation.id))
        await finish.fail_inside(services, work.generation, work.attempt)


async def _prepare(services: Services, work: Work) -> ImageRequest:
    """The call to make. Nothing is sent out before the door has opened: not to the chat model that may word it,
    and what that wrote has to pass the door as well. Raises DoorClosed, SourceGone, MaskGone, StorageUnavailable."""
    owner_id = work.generation.owner_id
    request = await build_request(services, work.generation, work.capabilities)
    await moderation.check_words(services, owner_id, words_of(work.generation, request))
    prompt = await word_prompt(services, work.generation, work.attempt, work.capabilities.prompt_kind)
    if prompt is not None:
        request = replace(request, prompt=prompt)
        await moderation.check_words(services, owner_id, [prompt])
    without = request.negative_prompt or ""
    await moderation.ask_service(services, words_of(work.generation, request), without=without)
    if request.sources and moderation.looks_at_images(services):
        await moderation.check_uploads(services, await read_uploads(services, work.generation))
    return request


async def _start(services: Services, attempt_id: UUID) -> Work | None:
    async with services.transaction() as db:
        claimed = await _claim(db, attempt_id)
        if claimed is None:
            await db.rollback()  # somebody else has it: nothing has changed in the thread
            return None
        generation, attempt, revision = claimed
        if generation.status not in (GenerationStatus.QUEUED, GenerationStatus.RUNNING):
            await attempts.close(db, attempt, AttemptState.FAILED, detail="ended before it started")
            await ledger.release(db, generation, attempt)
            return None
        generation.status = GenerationStatus.RUNNING
        generation.stage, generation.note = "initializing", ""
        generation.progress = max(generation.progress, STAGES["initializing"])
        generation.started_at = generation.started_at or now()
        generation.revision = revision
        try:
            engine = services.providers.engine(generation.provider, generation.model)
        except Invalid as error:
            await finish.fail_unsent(db, generation, attempt, error.sentence)
            return None
        can = engine.capabilities
        if not can.free and generation.provider != "fake" and (pause := await read_pause(db)) is not None:
            await finish.fail_paused(db, generation, attempt, pause.ends)
            return None
    return Work(generation=generation, attempt=attempt, provider=engine.provider, capabilities=can)


async def _claim(db: AsyncSession, attempt_id: UUID) -> tuple[Generation, Attempt, int] | None:
    """The attempt and its generation, both locked after their thread, and the thread's new revision."""
    whose = select(Generation.id, Generation.thread_id).join(Attempt, Attempt.generation_id == Generation.id)
    found = (await db.execute(whose.where(Attempt.id == attempt_id))).one_or_none()
    if found is None:
        return None
    revision = await touch_by_id(db, found.thread_id)
    generation = await load_generation(db, found.id, lock=True)
    attempt = await attempts.claim(db, attempt_id)
    return (generation, attempt, revision) if generation and attempt else None


async def _mark_sent(services: Services, work: Work) -> bool:
    async with services.transaction() as db:
        if not await _still_wanted(db, work.generation.id):
            return False
        await check_permission(db, work.generation, work.capabilities)
        return await attempts.mark_sent(db, work.attempt)


async def _still_wanted(db: AsyncSession, generation_id: UUID) -> bool:
    status = select(Generation.status).where(Generation.id == generation_id).with_for_update()
    return await db.scalar(status) == GenerationStatus.RUNNING


async def _paint(work: Work, request: ImageRequest, reporter: Reporter) -> ImageResult:
    """The provider's result; partial images and progress go to the card as they come."""
    result: ImageResult | None = None
    try:
        async with asyncio.timeout(work.capabilities.deadline):
            async with aclosing(work.provider.paint(request)) as events:
                async for event in events:
                    match event:
                        case Progress():
                            await reporter.progress(event)
                        case PartialImage():
                            await reporter.partial(event)
                        case ImageResult():
                            result = event
    except TimeoutError as error:
        raise ProviderError(FailureKind.TIMED_OUT, "our deadline passed") from error
    if result is None or not result.images:
        raise ProviderError(FailureKind.UNAVAILABLE, "the call ended without an image")
    await reporter.stage("processing")
    return result
