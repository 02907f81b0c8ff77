"""At most one paid call per attempt. ``prepared`` → ``sent`` is committed before the call; every later write is
fenced by the token. What happens to an attempt whose worker vanished is decided by its lease (domain/sweep.py).

Lock order in every transaction: thread (``touch``), then generation or message, then attempt, then what limits lock
(domain/quotas/admit.py), then charges (domain/ledger.py).
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db import queue
from chatelier.db.leases import LEASE_SECONDS
from chatelier.db.models import Attempt, AttemptState, Generation, Message, now
from chatelier.ids import new_id

PAINT = "paint"
REPLY = "reply"


async def prepare(
    db: AsyncSession,
    subject: Generation | Message,
    *,
    provider: str,
    model: str,
    free: bool,
    hold: int = 0,
    number: int = 1,
    waiting: bool = False,
) -> Attempt:
    """A new attempt and its job, in the caller's transaction. ``waiting``: without a job until ``defer_again``."""
    attempt = Attempt(id=new_id(), number=number, provider=provider, model=model, free=free, held_micros=hold)
    if isinstance(subject, Generation):
        attempt.generation_id = subject.id
    else:
        attempt.message_id = subject.id
    await db.flush()  # the subject, which the session does not know to come first
    if not waiting:
        attempt.job_id = await _defer(db, attempt)
    db.add(attempt)
    await db.flush()
    return attempt


async def next_number(db: AsyncSession, reply: Message) -> int:
    last = await db.scalar(select(func.max(Attempt.number)).where(Attempt.message_id == reply.id))
    return int(last or 0) + 1


async def _defer(db: AsyncSession, attempt: Attempt, *, seconds: float = 0) -> int:
    where, task = (queue.PICTURES, PAINT) if attempt.generation_id else (queue.REPLIES, REPLY)
    return await queue.defer(db, where, task, seconds=seconds, attempt_id=str(attempt.id))


async def defer_again(db: AsyncSession, attempt: Attempt) -> None:
    """A fresh job for an attempt that was never sent."""
    attempt.lease_until = None
    attempt.job_id = await _defer(db, attempt)
    await db.flush()


async def claim(db: AsyncSession, attempt_id: UUID) -> Attempt | None:
    """Take the attempt for this worker under a new token, or None when it is taken or over."""
    claimed = await db.scalars(_claiming(), {"attempt": attempt_id, "fresh": new_id()})
    return claimed.one_or_none()


async def mark_sent(db: AsyncSession, attempt: Attempt) -> bool:
    """Commit this before the call. False: it is no longer ours, do not call."""
    return await db.scalar(_sending(), {"attempt": attempt.id, "known": attempt.token}) is not None


async def postpone(db: AsyncSession, attempt: Attempt, *, seconds: float) -> bool:
    """Back from sent to prepared, to be sent again later: only for a call that the provider certainly did not take.
    The hold stays. False: somebody else ended it."""
    values = {"state": AttemptState.PREPARED, "token": new_id(), "lease_until": None, "sent_at": None}
    row = await db.scalar(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.token == attempt.token, Attempt.state == AttemptState.SENT)
        .values(**values)
        .returning(Attempt)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return False
    row.job_id = await _defer(db, row, seconds=seconds)
    await db.flush()
    return True


async def close(
    db: AsyncSession,
    attempt: Attempt,
    state: AttemptState,
    *,
    detail: str = "",
    request_id: str | None = None,
) -> Attempt | None:
    """End the attempt, fenced by its token, from prepared, sent or unknown. None: somebody else ended it first."""
    open_states = (AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNKNOWN)
    values = {"state": state, "detail": detail[:2000], "finished_at": now()}
    if request_id:
        values["provider_request_id"] = request_id
    return await db.scalar(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.token == attempt.token, Attempt.state.in_(open_states))
        .values(**values)
        .returning(Attempt)
        .execution_options(populate_existing=True)
    )


async def open_attempt(db: AsyncSession, subject: Generation | Message) -> Attempt | None:
    """The attempt of this generation or reply that waits or runs, locked."""
    column = Attempt.generation_id if isinstance(subject, Generation) else Attempt.message_id
    return await db.scalar(
        select(Attempt)
        .where(column == subject.id, Attempt.state.in_((AttemptState.PREPARED, AttemptState.SENT)))
        .order_by(Attempt.number.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


@cache
def _claiming() -> Any:
    """Built once, as the next: putting it together costs more than running it."""
    free = or_(Attempt.lease_until.is_(None), Attempt.lease_until < now())
    mine = (Attempt.id == bindparam("attempt"), Attempt.state == AttemptState.PREPARED, free)
    values = {"token": bindparam("fresh"), "lease_until": _lease()}
    return _written(update(Attempt).where(*mine).values(**values).returning(Attempt))


@cache
def _sending() -> Any:
    mine = (Attempt.id == bindparam("attempt"), Attempt.token == bindparam("known"))
    values = {"state": AttemptState.SENT, "sent_at": now(), "lease_until": _lease()}
    prepared = update(Attempt).where(*mine, Attempt.state == AttemptState.PREPARED)
    return _written(prepared.values(**values).returning(Attempt.id))


def _written(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False, populate_existing=True)


def _lease() -> object:
    return now() + timedelta(seconds=LEASE_SECONDS)
