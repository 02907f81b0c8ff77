"""The images of a thread that a chat model is shown with a message: the current one and the newest, as small as their
previews and within a budget."""

from __future__ import annotations

from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Image, ImageFile, Message, Thread
from chatelier.domain.token_prices import MOST_IMAGES
from chatelier.errors import ChatelierError
from chatelier.providers.base import ChatImage
from chatelier.services import Services
from chatelier.storage.database import open_file
from chatelier.storage.stored import PREVIEW_SIDE

MOST_BYTES = 4_000_000  # of all together
ONE_MOST = 1_500_000  # an original that is larger is made smaller
log = structlog.get_logger()


async def show_images(services: Services, reply_id: UUID) -> list[ChatImage]:
    """The current one last. What cannot be read is left out: an answer without it is better than none."""
    async with services.transaction() as db:
        found = await _newest(db, reply_id)
    shown: list[ChatImage] = []
    left = MOST_BYTES
    for image in found:
        try:
            one = await _shown(services, image)
        except ChatelierError as error:
            log.info("chat.image_left_out", image_id=str(image.id), reason=error.sentence)
            continue
        left -= len(one.content)
        if left < 0:
            break
        shown.insert(0, one)
    return shown


async def _newest(db: AsyncSession, reply_id: UUID) -> list[Image]:
    """The current image first, then the newest, of the person who owns the thread, without those in the trash."""
    thread = (await db.scalars(select(Thread).join(Message).where(Message.id == reply_id))).one()
    here = select(Image).where(
        Image.thread_id == thread.id, Image.owner_id == thread.owner_id, Image.deleted_at.is_(None)
    )
    is_current = Image.id.is_not_distinct_from(thread.current_image_id)
    return list(await db.scalars(here.order_by(is_current.desc(), Image.handle.desc()).limit(MOST_IMAGES)))


async def _shown(services: Services, image: Image) -> ChatImage:
    label = f"Image #{image.handle}:"
    small = max(image.width, image.height) <= PREVIEW_SIDE and image.bytes <= ONE_MOST
    async with services.transaction() as db:
        media_type = await db.scalar(
            select(ImageFile.media_type).where(ImageFile.image_id == image.id, ImageFile.variant == "preview")
        )
    variant = "preview" if media_type and not small else "original"
    content = await (await open_file(services.sessions, image.id, variant)).read()
    if variant == "preview" and media_type:
        return ChatImage(label=label, content=content, media_type=media_type)
    if small:
        return ChatImage(label=label, content=content, media_type=image.media_type)
    made = await services.decoder.shrink_partial(content, max_side=PREVIEW_SIDE, max_bytes=len(content))
    return ChatImage(label=label, content=made, media_type="image/jpeg")
