"""Money and images, set aside, charged and given back. Entries are only added; one of each kind per attempt,
so that doing anything twice has one effect. In the same statement moves what the attempt counts for (``charges``)
and the sum of all people's day (``instance_days``): neither can drift from the ledger. Who was charged is marked in it,
too, to be looked at for warnings (domain/marks.py).

Lock order: after the attempt (domain/attempts.py) its charge, then the day's piece of its owner.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from chatelier.db.models import Attempt, Charge, Generation, LedgerKind
from chatelier.domain.ledger_sql import CLOSE, FORGET, HOLD
from chatelier.ids import new_id


async def hold(db: AsyncSession, attempt: Attempt, *, owner_id: UUID, images: int = 0, is_test: bool = False) -> None:
    """Set aside the ceiling of what ``attempt`` may cost, in the transaction that creates it."""
    values = {
        "attempt": attempt.id,
        "owner": owner_id,
        "subject": "picture" if attempt.generation_id else "reply",
        "images": images,
        "micros": attempt.held_micros,
        "provider": attempt.provider,
        "model": attempt.model,
        "paid": not attempt.free,
        "is_test": is_test,
    }
    await db.execute(HOLD, {**values, "cooling": attempt.generation_id is not None, "entry": new_id()})


async def settle(
    db: AsyncSession,
    generation: Generation | None,
    attempt: Attempt,
    *,
    images: int,
    micros: int,
    ended: str = "",
) -> None:
    """Charge what it did cost, above the hold too; the rest of the hold falls back by itself. ``ended``: failed or
    refused, where it was charged all the same."""
    if await _close(db, attempt, LedgerKind.SETTLE, "settled", images, micros, excused=False, ended=ended):
        _note(generation, attempt, micros)


async def release(
    db: AsyncSession,
    generation: Generation | None,
    attempt: Attempt,
    *,
    excused: bool = False,
    refused: bool = False,
    failed: bool = False,
) -> None:
    """Give the whole hold back. ``excused``: it was not the person's fault, so no cooldown follows. ``refused``: the
    provider declined the words; it still counts in its hour, or trying words out would be free of any limit.
    ``failed``: neither stopped nor declined, for the rates that people see."""
    state, ended = ("refused", "refused") if refused else ("released", "failed" if failed else "")
    if await _close(db, attempt, LedgerKind.RELEASE, state, 0, 0, excused=excused, ended=ended):
        _note(generation, attempt, 0)


async def excuse(db: AsyncSession, attempt: Attempt) -> None:
    """Lift the cooldown of an attempt whose outcome is unknown; its hold stays."""
    await db.execute(update(Charge).where(Charge.attempt_id == attempt.id).values(cooling=False))


async def forget_holds(db: AsyncSession, owner_id: UUID) -> None:
    """Before an account goes: what it still holds counts as spent by the instance, since it may have been."""
    await db.execute(FORGET, {"owner": owner_id})


async def _close(
    db: AsyncSession,
    attempt: Attempt,
    kind: LedgerKind,
    state: str,
    images: int,
    micros: int,
    *,
    excused: bool,
    ended: str,
) -> bool:
    values = {"attempt": attempt.id, "state": state, "images": images, "micros": micros, "excused": excused}
    closed = await db.execute(CLOSE, {**values, "ended": ended, "entry": new_id(), "kind": kind})
    return closed.first() is not None


def _note(generation: Generation | None, attempt: Attempt, micros: int) -> None:
    set_committed_value(attempt, "settled_micros", micros)
    if generation is not None:
        generation.amount_micros = micros
