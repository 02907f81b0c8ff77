"""Accounts: make, find, change, disable and delete them. Whatever takes rights away also ends sign-ins at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import ApiKey, Instance, Role, SignInSession, Thread, User, now
from chatelier.domain import audit, ledger, texts
from chatelier.domain.events import publish, user_topic
from chatelier.domain.passwords import check_password, hash_password
from chatelier.domain.plans import find_plan
from chatelier.domain.roles import check_admin
from chatelier.domain.spend.sums import leave_sums
from chatelier.domain.traces import forget_traces
from chatelier.errors import Forbidden, Invalid

LONGEST_EMAIL = 254
SHOWN = 100
_EMAIL = re.compile(r"[^\s@<>(),;:\"\\]{1,64}@[^\s@<>(),;:\"\\.]+(\.[^\s@<>(),;:\"\\.]+)*")
MEMBER_PLAN, OWNER_PLAN = "member", "owner"


async def create_user(
    db: AsyncSession, email: str, *, password: str | None, admin: bool = False, plan: str = ""
) -> User:
    """A new account; without a password nobody can sign in to it yet. An admin closes setup. ``plan`` '': the usual
    one of the role."""
    address = check_email(email)
    if password is not None:
        check_password(password, address)
    if await find_user(db, address) is not None:
        raise _taken(address)
    user = User(
        email=address,
        password_hash=await hash_password(password) if password is not None else None,
        role=Role.ADMIN if admin else Role.MEMBER,
        plan=(await find_plan(db, plan or (OWNER_PLAN if admin else MEMBER_PLAN))).name,
    )
    try:
        async with db.begin_nested():
            db.add(user)
    except IntegrityError as error:
        raise _taken(address) from error
    await db.refresh(user)
    if admin:
        await close_setup(db)
    await audit.record(db, "user.create", target=user.id, role=user.role)
    return user


async def find_user(db: AsyncSession, email: str) -> User | None:
    address = normal_email(email)
    if not address.isprintable():
        return None  # PostgreSQL cannot even be asked about NUL or half a surrogate pair
    return (await db.scalars(select(User).where(User.email == address))).one_or_none()


async def list_users(db: AsyncSession) -> Sequence[User]:
    """Everybody, oldest account first."""
    return (await db.scalars(select(User).order_by(User.created_at, User.id))).all()


async def search_users(db: AsyncSession, admin: User, email: str = "") -> tuple[Sequence[User], bool]:
    """For admins: whose address holds these letters, by address, and whether there are more than are shown."""
    check_admin(admin)
    found = select(User).where(User.email.contains(texts.clean(normal_email(email)), autoescape=True))
    people = (await db.scalars(found.order_by(User.email).limit(SHOWN + 1))).all()
    return people[:SHOWN], len(people) > SHOWN


async def change_password(db: AsyncSession, user: User, new: str, *, actor: UUID | None = None) -> None:
    """Set the password. Every sign-in ends and every API key dies: whoever knew the old one may have made them."""
    check_password(new, user.email)
    password_hash = await hash_password(new)
    await db.execute(update(User).where(User.id == user.id).values(password_hash=password_hash))
    await end_sessions(db, user)
    await db.execute(
        update(ApiKey).where(ApiKey.user_id == user.id, ApiKey.revoked_at.is_(None)).values(revoked_at=now())
    )
    await audit.record(db, "user.password", actor=actor, target=user.id)


async def set_role(db: AsyncSession, user: User, role: Role) -> None:
    """Make somebody an admin or a member again, on the plan that is usual for it unless they had another; their
    sign-ins end, so that no session outlives its rights."""
    if role is Role.ADMIN:
        await close_setup(db)
    else:
        await _keep_an_admin(db, user)
    before, after = (MEMBER_PLAN, OWNER_PLAN) if role is Role.ADMIN else (OWNER_PLAN, MEMBER_PLAN)
    plan = case((User.plan == before, after), else_=User.plan)
    await db.execute(update(User).where(User.id == user.id).values(role=role, plan=plan))
    await end_sessions(db, user)
    await audit.record(db, "user.role", target=user.id, role=role)


async def disable_user(db: AsyncSession, user: User) -> None:
    """Nobody signs in to a disabled account and its API keys are refused; what it holds stays."""
    await _keep_an_admin(db, user)
    await db.execute(update(User).where(User.id == user.id).values(disabled_at=func.coalesce(User.disabled_at, now())))
    await end_sessions(db, user)
    await audit.record(db, "user.disable", target=user.id)


async def enable_user(db: AsyncSession, user: User) -> None:
    await db.execute(update(User).where(User.id == user.id).values(disabled_at=None))
    publish(db, user_topic(user.id))
    await audit.record(db, "user.enable", target=user.id)


async def delete_user(db: AsyncSession, user: User) -> None:
    """Remove the account and everything it owns: threads, images, keys, sign-ins. There is no way back.
    Threads are locked first, in the order in which everything else takes locks."""
    await db.execute(select(Thread.id).where(Thread.owner_id == user.id).order_by(Thread.id).with_for_update())
    await _keep_an_admin(db, user)
    await ledger.forget_holds(db, user.id)
    await leave_sums(db, user.id)
    await forget_traces(db, user.id)
    await db.execute(delete(User).where(User.id == user.id))
    publish(db, user_topic(user.id))
    await audit.record(db, "user.delete", target=user.id)


async def end_sessions(db: AsyncSession, user: User) -> None:
    """Sign the user out everywhere; every process forgets its cached sign-ins when this commits."""
    await db.execute(delete(SignInSession).where(SignInSession.user_id == user.id))
    publish(db, user_topic(user.id))


async def close_setup(db: AsyncSession) -> None:
    """From now on the setup code is worth nothing, even if no server ever ran here."""
    await db.execute(insert(Instance).values(id=1).on_conflict_do_nothing())
    await db.execute(
        update(Instance).values(setup_code=None, setup_done_at=func.coalesce(Instance.setup_done_at, now()))
    )


def normal_email(email: str) -> str:
    return email.strip().lower()


def check_email(email: str) -> str:
    """The address as it is kept. Raises Invalid for what is none; a local name such as ada@home is one."""
    address = normal_email(email)
    if len(address) > LONGEST_EMAIL or not address.isprintable() or not _EMAIL.fullmatch(address):
        sentence = "This is not an e-mail address. Write it like ada@example.org."
        raise Invalid(sentence, fields={"email": sentence})
    return address


def _taken(address: str) -> Invalid:
    sentence = f"There is already an account for {address}."
    return Invalid(sentence, fields={"email": sentence})


async def _keep_an_admin(db: AsyncSession, user: User) -> None:
    """Refuse to take away the last admin who can sign in. The instance's row lock lets one such change in at a time."""
    await db.execute(select(Instance.id).with_for_update())
    others = await db.scalar(
        select(func.count()).where(User.role == Role.ADMIN, User.disabled_at.is_(None), User.id != user.id)
    )
    is_admin = await db.scalar(select(User.role == Role.ADMIN).where(User.id == user.id, User.disabled_at.is_(None)))
    if is_admin and not others:
        raise Forbidden(f"{user.email} is the only admin. Make another one first: chatelier user role EMAIL admin.")
