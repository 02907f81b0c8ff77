"""What the caller may use and has used."""

from __future__ import annotations

from chatelier.api.schemas import Limit, UsageAnswer
from chatelier.domain.quotas.report import report
from chatelier.web.deps import CurrentUser, Db


async def get_usage(user: CurrentUser, db: Db) -> UsageAnswer:
    """The caller's plan and its limits: what is used, held and left, and when some comes back."""
    found = await report(db, user.id)
    standing = found.standing
    limits = [Limit.model_validate(one, from_attributes=True) for one in found.limits]
    return UsageAnswer(plan=standing.plan, time_zone=standing.time_zone, limits=limits)
