"""Masks: which part of a picture an edit may change. They are drawn on the picture, or brought as a file."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Image, Mask, Thread, User
from chatelier.domain.images import find_image
from chatelier.domain.quotas.admit import admit
from chatelier.domain.quotas.judge import Ask
from chatelier.domain.threads import find_thread
from chatelier.errors import Invalid, NotFound
from chatelier.ids import new_id
from chatelier.services import Services

NOTHING = "Nothing is marked. Mark the part that may change first."


class MaskGone(Exception):
    """An uploaded mask went to the trash before it was used."""


@dataclass(frozen=True, kw_only=True)
class Marked:
    """The image, and the part of it that may change, checked and of its size."""

    image: Image
    mask: bytes


async def read_mask(services: Services, user: User, image_id: UUID | None, content: bytes) -> Marked:
    """Decodes, and keeps nothing yet. Raises NotFound, Invalid, TooLarge and UnsupportedImage."""
    async with services.transaction() as db:
        image = await find_image(db, user, image_id)
    if not content:
        raise Invalid(NOTHING, fields={"mask": "empty"})
    settings = services.settings
    mask = await services.decoder.keep_mask(
        content,
        max_bytes=settings.upload_bytes,
        max_pixels=settings.image_pixels,
        width=image.width,
        height=image.height,
    )
    return Marked(image=image, mask=mask)


async def keep_mask(db: AsyncSession, user: User, thread: Thread, mask: bytes) -> UUID:
    """Lasts as long as the thread. Raises LimitReached when the user's storage is full."""
    await admit(db, user.id, Ask(stores=len(mask)))
    row = Mask(id=new_id(), owner_id=user.id, thread_id=thread.id, bytes=len(mask), content=mask)
    db.add(row)
    await db.flush()
    return row.id


async def home_of(db: AsyncSession, user: User, image: Image) -> Thread | None:
    """The thread of the image, locked; None where that was deleted and the image kept."""
    try:
        return await find_thread(db, user, image.thread_id, lock=True)
    except NotFound:
        return None


async def find_mask(db: AsyncSession, user: User, mask_id: UUID | None) -> UUID | None:
    """The id of the user's own mask, drawn or uploaded as an image. Raises NotFound."""
    if mask_id is None:
        return None
    drawn = await db.scalar(select(Mask.id).where(Mask.id == mask_id, Mask.owner_id == user.id))
    return drawn or (await find_image(db, user, mask_id)).id


async def read_drawn(db: AsyncSession, owner_id: UUID, mask_id: UUID) -> bytes | None:
    """What was drawn; None for a mask that is an uploaded image."""
    return await db.scalar(select(Mask.content).where(Mask.id == mask_id, Mask.owner_id == owner_id))
