"""What is tried again by itself, because certainly nothing was made and nothing paid: a provider that is busy is asked
again when it says so, one that cannot be reached a little later; then the operator's other providers are asked."""

from __future__ import annotations

from dataclasses import replace

import structlog
from sqlalchemy import extract, func
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, AttemptState, Generation, GenerationStatus, now
from chatelier.domain import attempts, ledger, prices
from chatelier.domain.generations.find import load_generation
from chatelier.domain.options import Options, check_options, resolve_size
from chatelier.domain.quotas.admit import take_turn
from chatelier.domain.quotas.requests import admit_generation
from chatelier.domain.threads import touch_by_id
from chatelier.errors import ChatelierError, Invalid
from chatelier.providers import Engine, Providers
from chatelier.providers.base import Capabilities, FailureKind, Kind, ProviderError, Size, capabilities_of
from chatelier.services import Services

USUAL_WAIT = 5.0  # seconds, where a busy provider does not say how long
SHORT_PATIENCE = 15.0  # seconds, where another provider could paint meanwhile
log = structlog.get_logger()


async def try_again(services: Services, generation: Generation, attempt: Attempt, error: ProviderError) -> bool:
    """Whether it goes on: later with the same provider, or with another. False: it has failed."""
    if error.sent or error.billed or error.kind not in (FailureKind.RATE_LIMITED, FailureKind.UNAVAILABLE):
        return False
    others = _others(services.providers, generation)
    patience = services.settings.provider_patience
    wait = _wait(error)
    if wait is not None:
        async with services.transaction() as db:
            left = min(patience, SHORT_PATIENCE) if others else patience
            if await _postpone(db, services.providers, generation, attempt, wait, left):
                return True
    for engine in others:
        if await _go_on(services, generation, attempt, engine, error):
            return True
    return False


def _wait(error: ProviderError) -> float | None:
    """Seconds until it is worth asking again; None when it is not, as with a key that is refused."""
    if error.retry_after is None and error.kind is FailureKind.RATE_LIMITED:
        return USUAL_WAIT
    return error.retry_after


async def _postpone(
    db: AsyncSession, providers: Providers, before: Generation, attempt: Attempt, wait: float, patience: float
) -> bool:
    """False when it would take longer than anybody waits, or when it is over already."""
    revision = await touch_by_id(db, before.thread_id)
    generation = await load_generation(db, before.id, lock=True)
    if generation is None or generation.status != GenerationStatus.RUNNING:
        return False
    waited = await db.scalar(func.coalesce(extract("epoch", now() - generation.started_at), 0).select())
    if float(waited or 0) + wait > patience or not await attempts.postpone(db, attempt, seconds=wait):
        return False
    label = providers.image(generation.provider).label
    _queue_again(generation, revision, f"{label} is busy, asking again in {max(1, round(wait))} s")
    log.info("generation.postponed", generation_id=str(generation.id), seconds=wait)
    return True


def _others(providers: Providers, generation: Generation) -> list[Engine]:
    """The providers after this one in the operator's order that can do what was asked. None where the person chose
    the provider or model: another would not be what they asked for."""
    options = Options.from_json(generation.options)
    if options.provider or options.model:
        return []
    order = list(providers.fallback)
    first = capabilities_of(providers.image(generation.provider), generation.model)
    place = order.index(generation.provider) + 1 if generation.provider in order else 0
    found = []
    for name in order[place:]:
        try:
            engine = providers.engine(name, None, Kind(generation.kind))
            check_options(options, engine.capabilities)
            _size(options, generation, engine)
        except Invalid:
            continue
        if name != generation.provider and _can(engine.capabilities, first, generation):
            found.append(engine)
    return found


def _can(other: Capabilities, first: Capabilities, generation: Generation) -> bool:
    """It changes pictures where the first one does: painting all anew from words would not be what was asked."""
    keeps = other.edit or not first.edit or not generation.source_image_ids
    return keeps and (other.mask or not generation.mask_image_id)


def _size(options: Options, generation: Generation, engine: Engine) -> Size:
    if options.size:
        return resolve_size(options, engine.capabilities)
    shaped = replace(options, aspect_ratio=options.aspect_ratio or f"{generation.width}:{generation.height}")
    return resolve_size(shaped, engine.capabilities)


async def _go_on(
    services: Services, before: Generation, attempt: Attempt, engine: Engine, error: ProviderError
) -> bool:
    """Hand it to another provider as a new attempt with a hold of its own. False when a limit forbids that."""
    try:
        async with services.transaction() as db:
            revision = await touch_by_id(db, before.thread_id)
            generation = await load_generation(db, before.id, lock=True)
            if generation is None or generation.status != GenerationStatus.RUNNING:
                return False
            await take_turn(db, generation.owner_id)
            closed = await attempts.close(db, attempt, AttemptState.FAILED, detail=error.detail)
            if closed is None:
                return False
            await ledger.release(db, generation, closed, failed=True)
            left = services.providers.image(generation.provider).label
            _change_engine(generation, engine)
            options = Options.from_json(generation.options)
            await admit_generation(db, services.providers, generation, options)
            following = await attempts.prepare(
                db,
                generation,
                provider=generation.provider,
                model=generation.model,
                free=engine.capabilities.free,
                hold=generation.estimate_micros or 0,
                number=attempt.number + 1,
            )
            await ledger.hold(
                db, following, owner_id=generation.owner_id, images=options.n or 1, is_test=generation.is_test
            )
            _queue_again(generation, revision, f"{left} is not available, {engine.provider.label} paints it")
    except ChatelierError as limit:
        log.info("generation.no_fallback", generation_id=str(before.id), reason=limit.sentence)
        return False
    log.info("generation.fell_back", generation_id=str(before.id), provider=engine.provider.name)
    return True


def _change_engine(generation: Generation, engine: Engine) -> None:
    options = Options.from_json(generation.options)
    size = _size(options, generation, engine)
    generation.provider, generation.model = engine.provider.name, engine.model
    generation.width, generation.height = size.width, size.height
    sources = len(generation.source_image_ids)
    generation.estimate_micros = prices.estimate_for(engine.capabilities, options, size, generation.prompt, sources)
    generation.amount_micros = None


def _queue_again(generation: Generation, revision: int, note: str) -> None:
    generation.status = GenerationStatus.QUEUED
    generation.stage, generation.note, generation.revision = "queued", note, revision
