"""The outbox: mails are written in the transaction of what they tell of, with the job that sends them
(domain/mailing.py). Where no mail server is set, they become notices in the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from chatelier.db import queue
from chatelier.db.models import Mail, MailState, Role, User, now
from chatelier.domain.letters import TEST, Letter
from chatelier.domain.roles import check_admin
from chatelier.errors import NotFound
from chatelier.ids import new_id

MAIL = "mail"
NOTICES = 10  # that wait in a page at most
TROUBLES = 20
_TOLD_IN_THE_PAGE = (MailState.SHOWN, MailState.FAILED, MailState.UNKNOWN)


async def write(
    db: AsyncSession,
    letter: Letter,
    *,
    to: UUID,
    key: str,
    about: UUID | None = None,
    until: datetime | None = None,
) -> None:
    """``key`` says what it is about: a mail with the same one exists once. ``about``: whom it tells of, when that is
    not its reader; it goes with their account. ``until``: how long it is worth showing as a notice."""
    await _write(db, letter, key=key, user_id=to, about_id=about, until=until)


async def write_to_admins(db: AsyncSession, letter: Letter, *, key: str, about: UUID | None = None) -> None:
    """One for each of them; ``key`` is completed by whom it goes to."""
    admins = select(User.id).where(User.role == Role.ADMIN, User.disabled_at.is_(None)).order_by(User.id)
    for admin_id in list(await db.scalars(admins)):
        await write(db, letter, to=admin_id, key=f"{key}:{admin_id}", about=about)


async def write_to_channel(db: AsyncSession, letter: Letter, *, channel: str, key: str) -> None:
    """To one of the operator's alert addresses, named by its fingerprint."""
    await _write(db, letter, key=f"{key}:{channel}", channel=channel)


async def write_test(db: AsyncSession, admin: User) -> None:
    """Raises Forbidden."""
    check_admin(admin)
    await write(db, TEST, to=admin.id, key=f"test:{new_id()}")


async def newest_test(db: AsyncSession, admin: User) -> Mail | None:
    """The admin's last test mail, however it went."""
    mine = select(Mail).where(Mail.user_id == admin.id, Mail.key.startswith("test:"))
    return await db.scalar(mine.order_by(Mail.created_at.desc(), Mail.id.desc()).limit(1))


async def list_troubled(db: AsyncSession, admin: User) -> Sequence[Mail]:
    """What is not delivered, or not yet, the newest first, with whom it is for."""
    check_admin(admin)
    wrong = (MailState.FAILED, MailState.UNKNOWN)
    query = select(Mail).where(Mail.state.in_(wrong) | ((Mail.state == MailState.WAITING) & (Mail.detail != "")))
    query = query.options(selectinload(Mail.user)).order_by(Mail.created_at.desc(), Mail.id.desc())
    return (await db.scalars(query.limit(TROUBLES))).all()


async def list_notices(db: AsyncSession, user: User) -> Sequence[Mail]:
    """What could not be mailed to this user, until they send it away."""
    mine = select(Mail).where(Mail.user_id == user.id, Mail.state.in_(_TOLD_IN_THE_PAGE), Mail.dismissed_at.is_(None))
    mine = mine.where(or_(Mail.until.is_(None), Mail.until > now()))
    return (await db.scalars(mine.order_by(Mail.created_at.desc(), Mail.id.desc()).limit(NOTICES))).all()


async def dismiss_notice(db: AsyncSession, user: User, mail_id: UUID | None) -> None:
    """Raises NotFound."""
    mine = update(Mail).where(Mail.id == mail_id, Mail.user_id == user.id).values(dismissed_at=now())
    if (await db.execute(mine.returning(Mail.id))).first() is None:
        raise NotFound


async def _write(db: AsyncSession, letter: Letter, **values: object) -> None:
    row = insert(Mail).values(id=new_id(), subject=letter.subject, text=letter.text, **values)
    written = await db.scalar(row.on_conflict_do_nothing(index_elements=[Mail.key]).returning(Mail.id))
    if written is not None:
        await defer(db, written)


async def defer(db: AsyncSession, mail_id: UUID, *, seconds: float = 0) -> None:
    await queue.defer(db, queue.MAILS, MAIL, seconds=seconds, mail_id=str(mail_id))
