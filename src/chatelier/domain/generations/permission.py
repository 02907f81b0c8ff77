"""Whether the owner may still have what was asked for: limits, plans and accounts change while jobs wait."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation
from chatelier.domain import sentences
from chatelier.domain.moderation import DoorClosed
from chatelier.domain.options import Options
from chatelier.domain.quotas import judge
from chatelier.domain.quotas.standing import read_standing
from chatelier.errors import Forbidden, PriceUnknown
from chatelier.providers.base import Capabilities


async def check_permission(db: AsyncSession, generation: Generation, can: Capabilities) -> None:
    """In the transaction that marks the attempt as sent. What was counted when it was asked for is not counted again.
    Raises DoorClosed."""
    standing = await read_standing(db, generation.owner_id)
    if standing.is_disabled:
        raise DoorClosed(sentences.NOT_ALLOWED)
    ask = judge.Ask(
        images=Options.from_json(generation.options).n or 1,
        micros=generation.estimate_micros,
        paid=not can.free,
        provider=generation.provider,
        model=generation.model,
        size=f"{generation.width}x{generation.height}",
        is_test=generation.is_test,
    )
    try:
        judge.check_allowed(standing.limits, ask)
        judge.check_allowed(standing.shared, ask)
    except (Forbidden, PriceUnknown) as error:
        raise DoorClosed(replace(sentences.NOT_ALLOWED, message=f"{error.sentence} Nothing was charged.")) from None
