"""Stop a generation: one transaction that ends it, gives money back where it can, and reaches the worker."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db import queue
from chatelier.db.models import AttemptState, Generation, GenerationStatus, Message, PartialFrame, now
from chatelier.domain import attempts, ledger, reply_money, sentences
from chatelier.domain.generations.find import load_generation
from chatelier.domain.generations.wait import wake_waiting
from chatelier.domain.threads import touch_by_id

ACTIVE = (GenerationStatus.QUEUED, GenerationStatus.RUNNING)


async def cancel_generation(db: AsyncSession, generation: Generation) -> Generation:
    """Cancel it if it waits or runs; unchanged when it is final. A paid call that was sent is left to answer:
    it will be charged either way, and a picture that still comes goes to the trash."""
    revision = await touch_by_id(db, generation.thread_id)
    await load_generation(db, generation.id, lock=True)
    if generation.status not in ACTIVE:
        await db.refresh(generation, ["images"])
        return generation
    generation.status = GenerationStatus.CANCELLED
    generation.finished_at = now()
    generation.revision = revision
    generation.error = {"code": "cancelled", "message": sentences.STOPPED, "retryable": True}
    await db.execute(delete(PartialFrame).where(PartialFrame.generation_id == generation.id))
    attempt = await attempts.open_attempt(db, generation)
    if attempt is not None and attempt.state == AttemptState.SENT and not attempt.free:
        generation.error = {"code": "cancelled", "message": sentences.STOPPED_PAID, "retryable": True}
    elif attempt is not None:
        await attempts.close(db, attempt, AttemptState.FAILED, detail="cancelled")
        await ledger.release(db, generation, attempt)
        if attempt.job_id:
            await queue.cancel(db, attempt.job_id)
    await _stop_words(db, generation)
    await db.flush()
    await wake_waiting(db, generation, revision)
    await db.refresh(generation)
    await db.refresh(generation, ["images"])
    return generation


async def _stop_words(db: AsyncSession, generation: Generation) -> None:
    """The chat model may be wording its prompt just now: charged as any answer that is stopped."""
    words = await attempts.open_attempt(db, await db.get_one(Message, generation.message_id))
    if words is not None:
        await attempts.close(db, words, AttemptState.FAILED, detail="stopped")
        await reply_money.close_stopped(db, words, was_sent=True)
