"""Signing in and out. A sign-in session is a random token that the browser keeps and we know only as its hash."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import SignInSession, User, now
from chatelier.domain import audit
from chatelier.domain.credentials import digest, find_owner, new_token
from chatelier.domain.events import publish, user_topic
from chatelier.domain.passwords import matches
from chatelier.domain.throttle import sign_ins
from chatelier.domain.throttle.networks import network_of
from chatelier.domain.users import change_password, find_user
from chatelier.errors import Forbidden, Invalid, Unauthenticated

if TYPE_CHECKING:
    from chatelier.services import Services

SLIDE_EVERY = timedelta(hours=1)  # how often the end of a session in use is moved on
WRONG = "The address or the password is not right. Check both and try again."
WRONG_CURRENT = "The current password is not right. Check it and try again."
DISABLED = "This account is disabled. Ask the admin of this Chatelier."


async def sign_in(
    services: Services, email: str, password: str, *, address: str = "", old_token: str | None = None
) -> tuple[User, str]:
    """Check the password and open a session: the user and the token for the cookie. ``address`` is the visitor's
    network address, ``old_token`` a session of the same browser, which ends. Raises Unauthenticated with the same
    sentence, after the same time, for an unknown account and a wrong password; TooMany after repeated failures."""
    user = await _verify(services, email, password, address)
    if user.disabled_at is not None:
        raise Forbidden(DISABLED)
    async with services.transaction() as db:
        if old_token:
            await sign_out(db, old_token)
        token = await open_session(db, user, days=services.settings.session_days)
        await audit.record(db, "sign_in.ok", actor=user.id, target=user.id, address=address)
    return user, token


async def open_session(db: AsyncSession, user: User, *, days: int) -> str:
    """A new session for somebody who has just proved who they are; returns its token."""
    token = new_token()
    await db.execute(delete(SignInSession).where(SignInSession.user_id == user.id, SignInSession.expires_at < now()))
    db.add(SignInSession(user_id=user.id, token_hash=digest(token), expires_at=_end(days)))
    await db.flush()
    return token


async def find_session(services: Services, token: str) -> User | None:
    """Whose session this is, or None: unknown, over, signed out or its user disabled. Cached for 30 seconds at most."""
    days = services.settings.session_days

    async def load(key: bytes) -> User | None:
        async with services.transaction() as db:
            return await _load_user(db, key, days)

    return await find_owner(services, token, load)


async def sign_out(db: AsyncSession, token: str) -> None:
    """End this one session; nothing happens when it is over already."""
    ended = await db.execute(
        delete(SignInSession).where(SignInSession.token_hash == digest(token)).returning(SignInSession.user_id)
    )
    for user_id in ended.scalars():
        publish(db, user_topic(user_id))


async def replace_password(services: Services, user: User, current: str, new: str, *, address: str = "") -> str:
    """Change one's own password and return the token of a new session: all older ones and all API keys are dead."""
    await confirm_password(services, user, current, address=address)
    async with services.transaction() as db:
        await change_password(db, user, new, actor=user.id)
        return await open_session(db, user, days=services.settings.session_days)


async def confirm_password(services: Services, user: User, password: str, *, address: str = "") -> None:
    """Whoever is signed in shows that they are still the same person. Raises Invalid, or TooMany after failures."""
    try:
        await _verify(services, user.email, password, address)
    except Unauthenticated as error:
        raise Invalid(WRONG_CURRENT, fields={"current": WRONG_CURRENT}) from error


async def _verify(services: Services, email: str, password: str, address: str) -> User:
    network = network_of(address)
    async with sign_ins.turn_of(services, network):
        async with services.transaction() as db:
            tried = await sign_ins.begin(db, sign_ins.keys_of(services.secret_key, email, network))
            user = await find_user(db, email)
        if await matches(password, user.password_hash if user else None) and user:
            async with services.transaction() as db:
                await sign_ins.succeed(db, tried)
            return user
        async with services.transaction() as db:
            await audit.record(db, "sign_in.failed", target=user.id if user else "", address=address)
        raise Unauthenticated(WRONG)


async def _load_user(db: AsyncSession, key: bytes, days: int) -> User | None:
    old = SignInSession.seen_at < now() - SLIDE_EVERY
    found = await db.execute(
        select(User, old)
        .join(SignInSession, SignInSession.user_id == User.id)
        .where(SignInSession.token_hash == key, SignInSession.expires_at > now(), User.disabled_at.is_(None))
    )
    row = found.one_or_none()
    if row is None:
        return None
    user: User = row[0]
    if row[1]:
        await db.execute(
            update(SignInSession).where(SignInSession.token_hash == key).values(seen_at=now(), expires_at=_end(days))
        )
    return user


def _end(days: int) -> Any:
    return now() + timedelta(days=days)
