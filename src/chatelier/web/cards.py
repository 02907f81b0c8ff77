"""What cards need beside their messages: places in the queue, the versions that a picture came from, what is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, GenerationStatus, Image, Message, MessageStatus, Thread
from chatelier.domain.generations import queue_position
from chatelier.domain.quotas.report import left_by_the_composer
from chatelier.domain.versions import find_lines

LINE = 8  # versions in the strip of a card, the newest ones


async def card_values(db: AsyncSession, thread: Thread, messages: Iterable[Message]) -> dict[str, Any]:
    """For templates that draw messages."""
    messages = list(messages)
    return {
        "places": await queue_places(db, messages),
        "lines": await version_lines(db, thread, messages),
        "left": await left_after(db, thread, messages),
    }


async def left_after(db: AsyncSession, thread: Thread, messages: Iterable[Message]) -> str | None:
    """What is left of the owner's limits, in words; None while all that changed is how far somebody is with it."""
    changes = any(not _goes_on(message) for message in messages)
    return await left_by_the_composer(db, thread.owner_id) if changes else None


def _goes_on(message: Message) -> bool:
    generation = message.generation
    return generation.status == GenerationStatus.RUNNING if generation else message.status == MessageStatus.STREAMING


async def queue_places(db: AsyncSession, messages: Iterable[Message]) -> dict[UUID, int]:
    """Where the waiting generations of these messages stand in their queue; 1 is next."""
    waiting = [one for one in _generations(messages) if one.status == GenerationStatus.QUEUED]
    return {generation.id: await queue_position(db, generation) or 1 for generation in waiting}


async def version_lines(
    db: AsyncSession, thread: Thread, messages: Iterable[Message]
) -> Mapping[UUID, Sequence[Image]]:
    """By generation: the images from its root to itself."""
    lines = await find_lines(db, thread, _generations(messages))
    return {identity: line[-LINE:] for identity, line in lines.items() if len(line) > 1}


def _generations(messages: Iterable[Message]) -> list[Generation]:
    return [message.generation for message in messages if message.generation]
