"""First run: the one-time code that is printed at start, and the one admin it makes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Instance, User
from chatelier.domain import audit
from chatelier.domain.users import create_user
from chatelier.errors import Forbidden

if TYPE_CHECKING:
    from chatelier.services import Services

DONE = "This Chatelier is already set up. Sign in, or ask its admin for an account."
WRONG_CODE = "This setup code is not right. Open the address that was printed when Chatelier started."


async def setup_code(db: AsyncSession) -> str | None:
    """The code that the first visitor needs, made once; None when setup is done."""
    instance = await _lock_instance(db)
    if instance.setup_done_at is not None:
        return None
    if instance.setup_code is None:
        instance.setup_code = secrets.token_urlsafe(16)
        await db.flush()
    return instance.setup_code


async def is_open(db: AsyncSession) -> bool:
    """Whether nobody has set this instance up yet."""
    return await db.scalar(select(Instance.setup_done_at)) is None


async def check_code(db: AsyncSession, code: str) -> None:
    """Raise Forbidden unless ``code`` may set this instance up now."""
    instance = await db.scalar(select(Instance).execution_options(populate_existing=True))
    _check(instance, code)


async def set_up(services: Services, code: str, email: str, password: str) -> User:
    """Make the first admin. Of many visitors at once exactly one succeeds: the instance's row lock decides."""
    async with services.transaction() as db:
        await check_code(db, code)
    async with services.transaction() as db:
        _check(await _lock_instance(db), code)
        user = await create_user(db, email, password=password, admin=True)
        await audit.record(db, "setup.done", actor=user.id, target=user.id)
        return user


def _check(instance: Instance | None, code: str) -> None:
    if instance is not None and instance.setup_done_at is not None:
        raise Forbidden(DONE)
    expected = instance.setup_code if instance else None
    if expected is None or not secrets.compare_digest(expected.encode(), code.encode("utf-8", "replace")):
        raise Forbidden(WRONG_CODE)


async def _lock_instance(db: AsyncSession) -> Instance:
    await db.execute(insert(Instance).values(id=1).on_conflict_do_nothing())
    query = select(Instance).with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one()
