"""From what was judged to a generation, for a message and for a reply that turned into a picture."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Message, User
from chatelier.domain import preferences
from chatelier.domain.decisions import Draft, Judged
from chatelier.domain.generations.request import request_generation
from chatelier.domain.images import find_image
from chatelier.domain.intent import Decision, Intent
from chatelier.providers import Providers
from chatelier.providers.base import Kind


async def request_painting(
    db: AsyncSession, providers: Providers, user: User, reply: Message, draft: Draft, judged: Judged
) -> Generation:
    """Queue the picture that ``reply`` will show, and remember what was asked for in so many words."""
    decision = judged.decision
    generation = await request_generation(
        db,
        providers,
        reply,
        owner=user,
        kind=_kind(decision),
        prompt=decision.prompt,
        instruction=decision.instruction or draft.text,
        subject=decision.subject,
        options=judged.options,
        sources=judged.sources,
        waits_for=judged.waits_for,
        mask_image_id=await _mask(db, user, draft),
    )
    if draft.personal:
        await preferences.learn(db, user, decision.options.merged(draft.options))
    return generation


def _kind(decision: Decision) -> Kind:
    if decision.kind is Intent.GENERATE:
        return Kind.GENERATE
    return Kind.VARIATION if decision.variation else Kind.EDIT


async def _mask(db: AsyncSession, user: User, draft: Draft) -> UUID | None:
    if draft.mask_image_id is None:
        return None
    return (await find_image(db, user, draft.mask_image_id)).id
