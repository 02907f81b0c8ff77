"""What a restored instance must not go on with. A backup is of one moment, and the instance that it was taken from went
on: what waited there was painted, and perhaps paid. So nothing that waited is begun again by itself; what had been sent
becomes unknown, as after a crash (domain/sweep.py), and keeps its hold until somebody knows."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, AttemptState, Message, MessageStatus, now
from chatelier.domain import attempts, audit, reply_money, sentences
from chatelier.domain.generations.find import load_generation
from chatelier.domain.generations.finish import fail_unsent
from chatelier.domain.restore_key import Key
from chatelier.domain.sealed import forget_sealed
from chatelier.domain.threads import touch_by_id

WAITED = "This was still waiting when the backup was made that this Chatelier was restored from. Ask again."


async def settle_down(db: AsyncSession, key: Key, *, made_at: str) -> int:
    """How many attempts it ended that had not been sent."""
    await db.execute(update(Attempt).values(job_id=None))  # of a queue that is not here
    await db.execute(update(Attempt).where(Attempt.state == AttemptState.SENT).values(lease_until=now()))
    waiting = list(
        await db.scalars(select(Attempt).where(Attempt.state == AttemptState.PREPARED).order_by(Attempt.created_at))
    )
    for attempt in waiting:
        await _end(db, attempt)
    if key.is_lost:
        await forget_sealed(db)
    await audit.record(db, "instance.restore", made_at=made_at, stopped=len(waiting))
    return len(waiting)


async def _end(db: AsyncSession, attempt: Attempt) -> None:
    await db.refresh(attempt)
    if attempt.state != AttemptState.PREPARED:  # it waited for another that has just ended
        return
    if attempt.generation_id:
        generation = await load_generation(db, attempt.generation_id)
        if generation is not None:
            await fail_unsent(db, generation, attempt, WAITED)
        return
    reply = await db.get_one(Message, attempt.message_id)
    reply.revision = await touch_by_id(db, reply.thread_id)
    closed = await attempts.close(db, attempt, AttemptState.FAILED, detail=WAITED)
    if closed is not None:
        await reply_money.close_failed(db, closed, billed=False)
    if reply.status == MessageStatus.STREAMING:
        reply.status, reply.error = MessageStatus.FAILED, sentences.INTERNAL.as_error(f"{WAITED} Nothing was charged.")
    await db.flush()
