"""What a deleted account leaves outside its own rows: waiting and running jobs, and the audit log."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db import queue
from chatelier.db.models import Attempt, AttemptState, AuditEntry
from chatelier.domain.inventory import INVENTORY, table_of


async def forget_traces(db: AsyncSession, user_id: UUID) -> None:
    """Before the rows go: stop what still runs for them, and take addresses and details out of the audit log."""
    theirs = INVENTORY["attempts"].rows(table_of("attempts"), user_id)
    open_states = (AttemptState.PREPARED, AttemptState.SENT)
    jobs = select(Attempt.job_id).where(theirs, Attempt.state.in_(open_states), Attempt.job_id.is_not(None))
    for job_id in list(await db.scalars(jobs)):
        if job_id is not None:
            await queue.cancel(db, job_id)
    about = INVENTORY["audit_log"].rows(table_of("audit_log"), user_id)
    await db.execute(update(AuditEntry).where(about).values(details=None))
