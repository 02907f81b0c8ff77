"""An edit of a picture that is still being made waits for it: its job is deferred by whoever ends that generation,
in the same transaction, or it fails with its own sentence and gives its hold back."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import AttemptState, Generation, GenerationStatus, Image, now
from chatelier.domain import attempts, ledger, sentences


async def wake_waiting(db: AsyncSession, source: Generation, revision: int) -> None:
    """Start or end what waits for ``source``, which has just ended. The caller holds the thread's lock."""
    query = select(Generation).where(Generation.waits_for == source.id, Generation.status == GenerationStatus.QUEUED)
    for generation in await db.scalars(query.with_for_update().execution_options(populate_existing=True)):
        generation.revision, generation.note = revision, ""
        image = await _first_image(db, source)
        if image is None:
            await _fail(db, generation)
            await wake_waiting(db, generation, revision)
        else:
            await _start(db, generation, image)


async def _first_image(db: AsyncSession, source: Generation) -> Image | None:
    query = select(Image).where(Image.generation_id == source.id, Image.deleted_at.is_(None))
    return await db.scalar(query.order_by(Image.handle).limit(1))


async def _start(db: AsyncSession, generation: Generation, image: Image) -> None:
    generation.source_image_ids, generation.waits_for = [str(image.id)], None
    attempt = await attempts.open_attempt(db, generation)
    if attempt is not None:
        await attempts.defer_again(db, attempt)


async def _fail(db: AsyncSession, generation: Generation) -> None:
    """``waits_for`` stays: a retry then knows that there is nothing to start from."""
    generation.status, generation.finished_at = GenerationStatus.FAILED, now()
    generation.error = sentences.NO_SOURCE.as_error()
    attempt = await attempts.open_attempt(db, generation)
    if attempt is not None:
        await attempts.close(db, attempt, AttemptState.FAILED, detail="its source was never made")
        await ledger.release(db, generation, attempt, excused=True, failed=True)
    await db.flush()
