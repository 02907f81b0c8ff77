"""Attempts whose worker is gone, every few seconds and once at start, in every worker process.

An expired ``prepared`` runs again; an expired ``sent`` becomes ``unknown`` and is never sent again by itself;
an ``unknown`` older than a day is settled at its estimate, or released when the engine costs nothing. Every
step is one short transaction guarded by its own state, so many sweepers at once do everything once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import ColumnElement, Text, and_, cast, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db import queue
from chatelier.db.models import (
    Attempt,
    AttemptState,
    Generation,
    GenerationStatus,
    Message,
    MessageStatus,
    PartialFrame,
    now,
)
from chatelier.domain import attempts, ledger, sentences
from chatelier.domain.alerts import look_at_spending
from chatelier.domain.exports import sweep_exports
from chatelier.domain.generations.find import load_generation
from chatelier.domain.generations.wait import wake_waiting
from chatelier.domain.idempotency import forget_old
from chatelier.domain.mailing import sweep_mails
from chatelier.domain.threads import touch_by_id
from chatelier.domain.unknown import lock_if, settle_unknown, stale_unknown
from chatelier.domain.warnings import warn_marked
from chatelier.providers.base import FailureKind, ProviderError
from chatelier.services import Services

SWEEP_SECONDS = 4.0  # with a lease of 15 s, a lost attempt is seen within 20 s
log = structlog.get_logger()


Step = Callable[[AsyncSession, Attempt], Awaitable[object]]


async def sweep(services: Services) -> None:
    """One round. A problem with one attempt is logged and does not keep the others waiting."""
    async with services.transaction() as db:
        expired = list(await db.scalars(select(Attempt).where(_expired())))
        stale = list(await db.scalars(select(Attempt).where(stale_unknown())))
        await forget_old(db)
        await queue.forget_old_jobs(db)
    for attempt in expired:
        await _guarded(services, _resume if attempt.state == AttemptState.PREPARED else _lose, attempt)
    for attempt in stale:
        await _guarded(services, settle_unknown, attempt)
    await sweep_exports(services)
    await sweep_mails(services)
    await warn_marked(services)
    await look_at_spending(services)


async def _guarded(services: Services, step: Step, attempt: Attempt) -> None:
    try:
        async with services.transaction() as db:
            await step(db, attempt)
    except Exception:
        log.exception("sweep.failed", attempt_id=str(attempt.id))


async def _resume(db: AsyncSession, seen: Attempt) -> None:
    attempt = await lock_if(db, seen, _expired())
    if attempt is not None:
        log.info("sweep.resumed", attempt_id=str(attempt.id))
        await attempts.defer_again(db, attempt)


async def _lose(db: AsyncSession, seen: Attempt) -> None:
    generation, reply = await _subject(db, seen)
    thread_id = generation.thread_id if generation else reply.thread_id if reply else None
    if thread_id is None:
        return
    revision = await touch_by_id(db, thread_id)
    generation, reply = await _subject(db, seen, lock=True)
    attempt = await lock_if(db, seen, _expired())
    if attempt is None:
        return
    attempt.state = AttemptState.UNKNOWN
    await ledger.excuse(db, attempt)
    log.warning("sweep.lost", attempt_id=str(attempt.id))
    if generation is not None and generation.status == GenerationStatus.RUNNING:
        generation.status, generation.revision = GenerationStatus.UNKNOWN, revision
        generation.error = sentences.LOST.as_error()
        generation.finished_at = now()
        await db.execute(delete(PartialFrame).where(PartialFrame.generation_id == generation.id))
        await db.flush()
        await wake_waiting(db, generation, revision)
    if reply is not None and reply.status == MessageStatus.STREAMING:
        reply.status, reply.revision = MessageStatus.FAILED, revision
        reply.error = sentences.of_talk(ProviderError(FailureKind.UNKNOWN, "the worker vanished"))


async def _subject(
    db: AsyncSession, attempt: Attempt, *, lock: bool = False
) -> tuple[Generation | None, Message | None]:
    if attempt.generation_id:
        return await load_generation(db, attempt.generation_id, lock=lock), None
    query = select(Message).where(Message.id == attempt.message_id).execution_options(populate_existing=True)
    return None, await db.scalar(query.with_for_update() if lock else query)


def _expired() -> ColumnElement[bool]:
    """Its lease ran out; or nobody claimed it and its job no longer waits (its worker died between the two)."""
    waiting = exists().where(queue.jobs.c.id == Attempt.job_id, cast(queue.jobs.c.status, Text) == "todo")
    for_source = exists().where(Generation.id == Attempt.generation_id, Generation.waits_for.is_not(None))
    return or_(
        and_(Attempt.state.in_((AttemptState.PREPARED, AttemptState.SENT)), Attempt.lease_until < now()),
        and_(Attempt.state == AttemptState.PREPARED, Attempt.lease_until.is_(None), ~waiting, ~for_source),
    )
