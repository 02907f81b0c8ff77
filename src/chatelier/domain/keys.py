"""API keys: made once, shown once, known to us only as a hash and their last four characters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from chatelier.db.models import ApiKey, User, now
from chatelier.domain import audit, texts
from chatelier.domain.credentials import digest, find_owner, new_token
from chatelier.domain.events import publish, user_topic
from chatelier.errors import Invalid, NotFound

if TYPE_CHECKING:
    from chatelier.services import Services

PREFIX = "chk_"
LONGEST_NAME = 80
MOST_KEYS = 50  # of one user, not revoked
USED_EVERY = timedelta(minutes=1)  # how exact ``used_at`` is


async def add_key(db: AsyncSession, user: User, name: str = "", *, actor: UUID | None = None) -> str:
    """Make a key and return it; nobody can read it again."""
    if len([key for key in await list_keys(db, user) if key.revoked_at is None]) >= MOST_KEYS:
        raise Invalid(f"{MOST_KEYS} keys are the most. Revoke one that is no longer used.")
    token = PREFIX + new_token()
    label = texts.line(name, name="name", longest=LONGEST_NAME)
    key = ApiKey(user_id=user.id, name=label, token_hash=digest(token), last_four=token[-4:])
    db.add(key)
    await db.flush()
    await audit.record(db, "key.add", actor=actor, target=user.id, key=str(key.id))
    return token


async def list_keys(db: AsyncSession, user: User | None) -> Sequence[ApiKey]:
    """The user's keys, newest first; for the operator (``user`` None) everybody's. Their users are loaded."""
    query = select(ApiKey).options(selectinload(ApiKey.user)).order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
    if user is not None:
        query = query.where(ApiKey.user_id == user.id)
    return (await db.scalars(query)).all()


async def revoke_key(db: AsyncSession, user: User, key_id: UUID | None, *, actor: UUID | None = None) -> None:
    """End one of the user's keys for good. NotFound when it is not theirs or already revoked."""
    revoked = await db.execute(
        update(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.user_id == user.id, ApiKey.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(ApiKey.id)
    )
    if revoked.first() is None:
        raise NotFound("There is no such key in use. It may have been revoked already.")
    publish(db, user_topic(user.id))
    await audit.record(db, "key.revoke", actor=actor, target=user.id, key=str(key_id))


async def find_key_owner(services: Services, token: str) -> User | None:
    """The user whose key this is; None when it is unknown, revoked or its user is disabled."""
    if not token.startswith(PREFIX):
        return None

    async def load(key: bytes) -> User | None:
        async with services.transaction() as db:
            return await _load_owner(db, key)

    return await find_owner(services, token, load)


async def _load_owner(db: AsyncSession, key: bytes) -> User | None:
    user = await db.scalar(
        select(User)
        .join(ApiKey, ApiKey.user_id == User.id)
        .where(ApiKey.token_hash == key, ApiKey.revoked_at.is_(None), User.disabled_at.is_(None))
    )
    if user is not None:
        await db.execute(
            update(ApiKey)
            .where(ApiKey.token_hash == key)
            .where((ApiKey.used_at.is_(None)) | (ApiKey.used_at < now() - USED_EVERY))
            .values(used_at=now())
        )
    return user
