"""What the caller may use and has used."""

from __future__ import annotations

from chatelier.api.schemas import UsageAnswer
from chatelier.web.deps import CurrentUser


async def get_usage(user: CurrentUser) -> UsageAnswer:
    """The caller's plan and its limits. No limit applies yet."""
    return UsageAnswer(plan=user.plan, time_zone=user.time_zone, limits=[])
