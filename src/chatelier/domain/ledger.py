"""Money and images, set aside, charged and given back. Entries are only added; one of each kind per attempt,
so that doing anything twice has one effect."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, Generation, LedgerEntry, LedgerKind


async def hold(db: AsyncSession, generation: Generation, attempt: Attempt, *, images: int) -> None:
    """Set aside the ceiling of what ``attempt`` may cost, in the transaction that creates it."""
    await _enter(db, generation, attempt, LedgerKind.HOLD, images, attempt.held_micros)


async def settle(db: AsyncSession, generation: Generation, attempt: Attempt, *, images: int, micros: int) -> None:
    """Charge what it did cost; the rest of the hold falls back by itself."""
    if await _enter(db, generation, attempt, LedgerKind.SETTLE, images, micros):
        attempt.settled_micros = micros
        generation.amount_micros = micros


async def release(db: AsyncSession, generation: Generation, attempt: Attempt) -> None:
    """Give the whole hold back."""
    if await _enter(db, generation, attempt, LedgerKind.RELEASE, 0, 0):
        attempt.settled_micros = 0
        generation.amount_micros = 0


async def _enter(
    db: AsyncSession, generation: Generation, attempt: Attempt, kind: LedgerKind, images: int, micros: int
) -> bool:
    if kind is not LedgerKind.HOLD and await _is_closed(db, attempt):
        return False
    values = {
        "owner_id": generation.owner_id,
        "attempt_id": attempt.id,
        "kind": kind,
        "images": images,
        "micros": micros,
        "currency": generation.currency,
        "provider": generation.provider,
        "model": generation.model,
        "is_test": generation.is_test,
    }
    entry = insert(LedgerEntry).values(**values).on_conflict_do_nothing().returning(LedgerEntry.id)
    return await db.scalar(entry) is not None


async def _is_closed(db: AsyncSession, attempt: Attempt) -> bool:
    closing = (LedgerKind.SETTLE, LedgerKind.RELEASE)
    query = select(LedgerEntry.id).where(LedgerEntry.attempt_id == attempt.id, LedgerEntry.kind.in_(closing))
    return await db.scalar(query) is not None
