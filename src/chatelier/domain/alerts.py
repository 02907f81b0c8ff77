"""Tell admins that all people together have spent what a threshold says: by mail, and at the operator's own addresses
(apprise). Once for a threshold and period, decided by a unique row in the transaction that writes the mails."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import SentAlert, User
from chatelier.domain import letters, mails
from chatelier.domain.alert_channels import channels
from chatelier.domain.letters import TEST_ALERT, Letter
from chatelier.domain.roles import check_admin
from chatelier.domain.spending import Reached, list_thresholds
from chatelier.ids import new_id
from chatelier.services import Services


async def look_at_spending(services: Services) -> None:
    """One round of every worker's sweep; where nothing is new it only reads. The periods before count as well: what was
    asked for before midnight may be settled after it, and counts in its own day."""
    async with services.transaction() as db:
        standing = [*await list_thresholds(db, back=1), *await list_thresholds(db)]
        reached = [one for one in standing if one.is_reached]
        if not reached:
            return
        told = {(one.span, one.micros, one.period_from) for one in await db.scalars(select(SentAlert))}
    for one in reached:
        if (one.span, one.micros, one.begins) not in told:
            await _raise(services, one)


async def _raise(services: Services, one: Reached) -> None:
    row = insert(SentAlert).values(span=one.span, micros=one.micros, period_from=one.begins)
    async with services.transaction() as db:
        if (await db.execute(row.on_conflict_do_nothing().returning(SentAlert.span))).first() is None:
            return
        key = f"alert:{one.span}:{one.micros}:{one.begins}"
        await alert(db, services.settings.alert_urls, letters.spending(one), key=key)


async def alert(db: AsyncSession, urls: tuple[str, ...], letter: Letter, *, key: str) -> None:
    """To every admin and every alert address, once for a ``key``."""
    await mails.write_to_admins(db, letter, key=key)
    await _write_to_channels(db, urls, letter, key)


async def write_test(db: AsyncSession, urls: tuple[str, ...], admin: User) -> None:
    """To every alert address. Raises Forbidden."""
    check_admin(admin)
    await _write_to_channels(db, urls, TEST_ALERT, f"test-alert:{new_id()}")


async def _write_to_channels(db: AsyncSession, urls: tuple[str, ...], letter: Letter, key: str) -> None:
    for channel in channels(urls):
        await mails.write_to_channel(db, letter, channel=channel, key=key)
