"""Generations as JSON."""

from __future__ import annotations

from fastapi import Response

from chatelier.api.once import OnceOnly
from chatelier.api.schemas import GenerationAnswer, MessageAnswer, PostedAnswer
from chatelier.domain import generations
from chatelier.web.cards import queue_places
from chatelier.web.deps import CurrentUser, Db, OwnGeneration, ServicesDep


async def get_generation(generation: OwnGeneration, db: Db) -> GenerationAnswer:
    """One generation with its images. While `poll_after_ms` is not null, ask again after that time."""
    return GenerationAnswer.of(generation, place=await generations.queue_position(db, generation))


async def cancel_generation(generation: OwnGeneration, db: Db) -> GenerationAnswer:
    """Stop it while it waits or runs; a final one is answered as it is."""
    return GenerationAnswer.of(await generations.cancel_generation(db, generation))


async def retry_generation(
    generation: OwnGeneration, db: Db, user: CurrentUser, services: ServicesDep, once: OnceOnly
) -> Response:
    """Ask again for one that failed, was cancelled or is unknown: a new generation in a new reply."""

    async def make() -> PostedAnswer:
        asked, reply = await generations.retry_generation(db, services.providers, user, generation)
        places = await queue_places(db, [reply])
        return PostedAnswer(message=MessageAnswer.of(asked), reply=MessageAnswer.of(reply, places))

    return await once.answer(b"", make)
