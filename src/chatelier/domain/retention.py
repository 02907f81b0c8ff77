"""What is forgotten by itself when its days are over: network addresses in the audit log, and sign-ins that ran out of
people who did not come back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, literal_column, update

from chatelier.db.models import AuditEntry, SignInSession, now
from chatelier.services import Services


async def forget_expired(services: Services) -> None:
    due = AuditEntry.created_at < now() - timedelta(days=services.settings.address_days)
    without = AuditEntry.details.op("-")("address")
    held = AuditEntry.details.has_key(literal_column("'address'"))  # as the index says it
    async with services.transaction() as db:
        await db.execute(update(AuditEntry).where(held, due).values(details=without))
        await db.execute(delete(SignInSession).where(SignInSession.expires_at < now()))
