"""Send one mail: claim it, speak with the server as far as the address, commit ``sending``, hand the text over, write
down what the server said. Whatever happened in between, a mail whose text may have gone out is never sent again by
itself: its lease runs out, and its outcome is unknown."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.config import Settings
from chatelier.db.models import Mail, MailState, SentAlert, SentWarning, User, now
from chatelier.domain import mails
from chatelier.domain.alert_channels import channels, post
from chatelier.domain.smtp import NotTaken, Unsure, compose, converse
from chatelier.ids import new_id
from chatelier.services import Services

LEASE_SECONDS = 240  # longer than every answer of the server may take together, before its text and after
BACKOFF = (60, 300, 900, 3600, 10_800, 21_600, 43_200)  # seconds between tries
LOST_SECONDS = 30  # after which a due mail without a worker is taken up again
STALE_DAYS = 2  # after which nothing is sent any more; what an old backup brings back was sent long ago
KEEP_DAYS = 90
KEEP_MARKS_DAYS = 100  # longer than any period, so that nobody is told twice
log = structlog.get_logger()


async def run_mail(services: Services, mail_id: UUID) -> None:
    """The job. Running it twice is harmless: only one claim succeeds."""
    async with services.transaction() as db:
        mail = await _claim(db, mail_id)
        recipient = await _recipient(db, mail) if mail is not None else None
    if mail is None:
        return
    if mail.channel is None and services.settings.mail_server is None:
        await _note(services, mail, MailState.SHOWN)
        return
    try:
        sent = await (_post(services, mail) if mail.channel else _send(services, mail, recipient))
    except NotTaken as error:
        await _try_again(services, mail, error)
    except Unsure as error:
        await _note(services, mail, MailState.UNKNOWN, str(error))
    else:
        if sent:
            await _note(services, mail, MailState.SENT)


async def _claim(db: AsyncSession, mail_id: UUID) -> Mail | None:
    free = or_(Mail.lease_until.is_(None), Mail.lease_until < now())
    claim = update(Mail).where(Mail.id == mail_id, Mail.state == MailState.WAITING, free)
    claim = claim.values(token=new_id(), lease_until=_in(LEASE_SECONDS), tries=Mail.tries + 1)
    return await db.scalar(claim.returning(Mail))


async def _recipient(db: AsyncSession, mail: Mail) -> str | None:
    return await db.scalar(select(User.email).where(User.id == mail.user_id, User.disabled_at.is_(None)))


async def _post(services: Services, mail: Mail) -> bool:
    """To an alert address. Raises NotTaken or Unsure. False: somebody else has it."""
    url = channels(services.settings.alert_urls).get(mail.channel or "")
    if url is None:
        raise NotTaken("this alert address is no longer set", for_good=True)
    if not await _mark_sending(services, mail):
        return False
    await post(url, mail.subject, mail.text)
    return True


async def _send(services: Services, mail: Mail, recipient: str | None) -> bool:
    """By SMTP. Raises NotTaken or Unsure. False: somebody else has it."""
    if recipient is None:
        raise NotTaken("the account is disabled", for_good=True)
    settings = services.settings
    server, sender = settings.mail_server, settings.sender
    assert server is not None
    text = f"{mail.text}\n\n{_foot(settings)}"
    message = compose(sender=sender, recipient=recipient, subject=mail.subject, text=text, name=str(mail.id))
    async with converse(server) as conversation:
        await conversation.address(sender[1], recipient)
        if not await _mark_sending(services, mail):
            return False
        await conversation.hand_over(message)
    return True


def _foot(settings: Settings) -> str:
    where = f" at {settings.base_url}" if settings.base_url else ""
    return f"-- \nChatelier{where}. What is mailed to you stands on your account page."


async def _mark_sending(services: Services, mail: Mail) -> bool:
    """Committed before the text goes out."""
    async with services.transaction() as db:
        ours = (Mail.id == mail.id, Mail.token == mail.token, Mail.state == MailState.WAITING)
        begun = update(Mail).where(*ours).values(state=MailState.SENDING, lease_until=_in(LEASE_SECONDS))
        return (await db.execute(begun.returning(Mail.id))).first() is not None


async def _note(services: Services, mail: Mail, state: MailState, detail: str = "") -> None:
    """How it ended; also where a sweep has given it up meanwhile."""
    ours = (Mail.id == mail.id, Mail.token == mail.token, Mail.state.not_in((MailState.SENT, MailState.FAILED)))
    values = {"state": state, "detail": detail, "lease_until": None}
    values |= {"sent_at": now()} if state is MailState.SENT else {}
    async with services.transaction() as db:
        await db.execute(update(Mail).where(*ours).values(**values))
    log.info("mail.ended", mail_id=str(mail.id), state=state, detail=detail)


async def _try_again(services: Services, mail: Mail, error: NotTaken) -> None:
    if error.for_good or mail.tries > len(BACKOFF):
        await _note(services, mail, MailState.FAILED, error.detail)
        return
    seconds = BACKOFF[mail.tries - 1]
    values = {"state": MailState.WAITING, "detail": error.detail, "lease_until": None, "due_at": _in(seconds)}
    async with services.transaction() as db:
        ours = update(Mail).where(Mail.id == mail.id, Mail.token == mail.token).values(**values, token=None)
        if (await db.execute(ours.returning(Mail.id))).first() is not None:
            await mails.defer(db, mail.id, seconds=seconds)
    log.info("mail.postponed", mail_id=str(mail.id), seconds=seconds, detail=error.detail)


async def sweep_mails(services: Services) -> None:
    """Mails whose worker is gone: what may have gone out is unknown, the rest gets a fresh job."""
    expired = Mail.lease_until < now()
    lost = and_(Mail.lease_until.is_(None), Mail.due_at < _in(-LOST_SECONDS))
    gone = {"state": MailState.UNKNOWN, "lease_until": None, "detail": "the worker vanished while it was sent"}
    given_up = {"state": MailState.FAILED, "lease_until": None, "detail": "it could not be sent, time after time"}
    async with services.transaction() as db:
        under_way = select(Mail.id).where(Mail.state.in_((MailState.WAITING, MailState.SENDING))).limit(1)
        if await db.scalar(under_way) is None:
            return
        await db.execute(update(Mail).where(Mail.state == MailState.SENDING, expired).values(**gone))
        waiting = Mail.state == MailState.WAITING
        too_late = or_(and_(expired, Mail.tries > len(BACKOFF)), Mail.created_at < _days_ago(STALE_DAYS))
        await db.execute(update(Mail).where(waiting, too_late).values(**given_up))
        again = update(Mail).where(waiting, or_(expired, lost)).values(lease_until=None, token=None, due_at=now())
        for mail_id in list(await db.scalars(again.returning(Mail.id))):
            await mails.defer(db, mail_id)


async def forget_old_mails(services: Services) -> None:
    """What is over for long goes, and so do the marks of what people were told in periods that are over."""
    over = Mail.state.not_in((MailState.WAITING, MailState.SENDING))
    async with services.transaction() as db:
        await db.execute(delete(Mail).where(over, Mail.created_at < _days_ago(KEEP_DAYS)))
        await db.execute(delete(SentWarning).where(SentWarning.created_at < _days_ago(KEEP_MARKS_DAYS)))
        await db.execute(delete(SentAlert).where(SentAlert.created_at < _days_ago(KEEP_MARKS_DAYS)))


def _in(seconds: int) -> object:
    return now() + timedelta(seconds=seconds)


def _days_ago(days: int) -> object:
    return now() - timedelta(days=days)
