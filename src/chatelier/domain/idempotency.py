"""Idempotency keys: the same key and body give the first answer again; scope is user, route and thread.

The claim is an insert in the caller's transaction: a duplicate in flight waits on it, and a refusal, which
rolls back, is not stored.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import IdempotencyKey, User, now
from chatelier.errors import IdempotencyConflict, Invalid

KEPT = timedelta(hours=24)


async def claim(db: AsyncSession, user: User, scope: str, key: str, body: bytes) -> dict[str, Any] | None:
    """None: the key is yours, go on and ``remember`` the answer. Else the first answer, to be given again.
    Raises IdempotencyConflict when the key came with another body before."""
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Invalid("An Idempotency-Key is 1 to 255 visible ASCII characters.")
    digest = hashlib.sha256(body).hexdigest()
    mine = (IdempotencyKey.user_id == user.id, IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    await db.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.created_at < _oldest()))
    claimed = await db.scalar(
        insert(IdempotencyKey)
        .values(user_id=user.id, scope=scope, key=key, body_sha256=digest)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if claimed is not None:
        return None
    first = await db.scalar(select(IdempotencyKey).where(*mine))
    if first is None or first.body_sha256 != digest:
        raise IdempotencyConflict
    return first.answer or {}


async def renew(db: AsyncSession, user: User, scope: str, key: str, body: bytes) -> None:
    """The key is yours now, whatever it led to before: what repeats it from here on gets your answer."""
    row = {"body_sha256": hashlib.sha256(body).hexdigest(), "answer": None, "created_at": now()}
    statement = insert(IdempotencyKey).values(user_id=user.id, scope=scope, key=key, **row)
    await db.execute(statement.on_conflict_do_update(index_elements=["user_id", "scope", "key"], set_=row))


async def remember(db: AsyncSession, user: User, scope: str, key: str, answer: dict[str, Any]) -> None:
    """Keep the answer for whoever repeats the request; in the transaction of the claim."""
    await db.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.user_id == user.id, IdempotencyKey.scope == scope, IdempotencyKey.key == key)
        .values(answer=answer)
    )


async def forget_old(db: AsyncSession) -> None:
    await db.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < _oldest()))


def _oldest() -> Any:
    return now() - KEPT
