"""Find a generation through its owner, with what a card needs to be drawn."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from chatelier.db.models import Generation, GenerationStatus, Message, Thread, User
from chatelier.errors import NotFound


async def find_generation(db: AsyncSession, user: User, generation_id: UUID | None) -> Generation:
    """The user's own generation in a thread that is not deleted, with its images; or NotFound."""
    query = (
        select(Generation)
        .join(Thread, Thread.id == Generation.thread_id)
        .where(Generation.id == generation_id, Generation.owner_id == user.id, Thread.deleted_at.is_(None))
        .options(selectinload(Generation.images), joinedload(Generation.message, innerjoin=True))
    )
    generation = await db.scalar(query)
    if generation is None:
        raise NotFound
    return generation


async def load_generation(db: AsyncSession, generation_id: UUID, *, lock: bool = False) -> Generation | None:
    """For the worker and the sweep, which act for nobody; never for a request."""
    query = select(Generation).where(Generation.id == generation_id).execution_options(populate_existing=True)
    return await db.scalar(query.with_for_update() if lock else query)


async def queue_position(db: AsyncSession, generation: Generation) -> int | None:
    """1 for the next to start; None once it has started."""
    if generation.status != GenerationStatus.QUEUED:
        return None
    ahead = select(func.count()).where(Generation.status == GenerationStatus.QUEUED, Generation.id < generation.id)
    return 1 + int(await db.scalar(ahead) or 0)


def attach(message: Message, generation: Generation | None) -> None:
    """Show a fresh message with its fresh generation, without the query a plain assignment would make."""
    set_committed_value(message, "generation", generation)
    if generation is not None:
        set_committed_value(generation, "message", message)
