"""What a person gave beside the words of a message, kept with it: options, pictures, a mask. A correction says the same
again, and an open message waits with it until the chat model has read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Image, Mask, Message, User
from chatelier.domain.decisions import Draft
from chatelier.domain.options import Options


def given(draft: Draft) -> dict[str, Any]:
    """Only what there is, as JSON."""
    told = {
        "options": draft.options.to_json(),
        "source_image_ids": [str(image_id) for image_id in draft.source_image_ids],
        "mask_image_id": str(draft.mask_image_id or ""),
        "personal": draft.personal,
        "raw": draft.raw,
    }
    return {name: value for name, value in told.items() if value}


def draft_again(asked: Message, *, intent: str = "auto") -> Draft:
    """The same words with all that came with them."""
    told = (asked.decision or {}).get("given", {})
    return Draft(
        text=asked.text,
        intent=intent,
        options=Options.from_json(told.get("options", {})),
        source_image_ids=tuple(UUID(image_id) for image_id in told.get("source_image_ids", ())),
        mask_image_id=UUID(told["mask_image_id"]) if "mask_image_id" in told else None,
        personal=bool(told.get("personal")),
        raw=bool(told.get("raw")),
    )


async def still_there(db: AsyncSession, user: User, image_ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """Those of the images that have not gone to the trash since, in their order."""
    mine = select(Image.id).where(Image.id.in_(image_ids), Image.owner_id == user.id, Image.deleted_at.is_(None))
    found = set(await db.scalars(mine))
    return tuple(image_id for image_id in image_ids if image_id in found)


async def mask_still_there(db: AsyncSession, user: User, mask_id: UUID | None) -> UUID | None:
    if mask_id is None:
        return None
    drawn = await db.scalar(select(Mask.id).where(Mask.id == mask_id, Mask.owner_id == user.id))
    return drawn or next(iter(await still_there(db, user, (mask_id,))), None)
