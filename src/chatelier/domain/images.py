"""Images: keep what was produced or uploaded, find through the owner, describe, favourite."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image, StorageUse, Thread, User, now
from chatelier.domain import marks, search, texts
from chatelier.domain.quotas.admit import admit
from chatelier.domain.quotas.judge import Ask
from chatelier.domain.threads import create_thread, find_thread, take_handles, touch_by_id
from chatelier.errors import ChatelierError, NotFound, StorageUnavailable
from chatelier.ids import new_id
from chatelier.providers.base import ProducedImage
from chatelier.services import Services
from chatelier.storage import database, outbox
from chatelier.storage.stored import StoredImage

MAX_RESULT_BYTES = 60_000_000
MOST_HANDLES = 50  # images that are looked up at once
Place = Callable[[AsyncSession], Awaitable[Thread]]  # where an upload goes, in the transaction that keeps it
log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An image that passed the door, with what its maker told about it; not in the database yet. ``sent``: what of it
    lies in the object store already, where no row names it yet."""

    stored: StoredImage
    sent: Mapping[str, outbox.StoredObject] = field(default_factory=dict)
    seed: int | None = None
    recipe: Mapping[str, Any] | None = None
    details: Mapping[str, Any] | None = None
    alt_text: str = ""


async def keep_produced(services: Services, produced: ProducedImage, source_type: str) -> Kept:
    """Check and clean a provider's bytes, off the event loop; ``source_type`` is IPTC's word for what made them.
    Where the object store is away its bytes will go to the database: it may have been paid for.
    Raises UnsupportedImage or TooLarge."""
    stored = await services.decoder.keep_produced(
        produced.content,
        max_bytes=MAX_RESULT_BYTES,
        max_pixels=services.settings.image_pixels,
        source_type=source_type,
        smaller=services.settings.smaller_originals,
    )
    try:
        sent = await outbox.send(services.sessions, stored)
    except (StorageUnavailable, SQLAlchemyError):  # of a database that is away, its transaction knows more
        log.warning("storage.kept_in_database", bytes=stored.all_bytes)
        sent = {}
    return Kept(
        stored=stored,
        sent=sent,
        seed=produced.seed,
        recipe=produced.recipe,
        details=produced.details,
        alt_text=produced.alt_text,
    )


async def add_images(db: AsyncSession, generation: Generation, kept: Sequence[Kept], *, trashed: bool) -> list[Image]:
    """Rows and files of a generation's images, with the thread's next handles; unless they go to the trash, the first
    is what the thread shows from now on. Caller holds the thread's lock."""
    ids = [new_id() for _ in kept]
    current = None if trashed else ids[0]
    handles, title = await take_handles(db, generation.thread_id, len(kept), current=current)
    images = []
    for index, (image_id, handle, one) in enumerate(zip(ids, handles, kept, strict=True)):
        image = _row(one, image_id, generation.owner_id, generation.thread_id, handle, "generated")
        image.generation_id = generation.id
        image.instruction, image.prompt = generation.instruction, generation.prompt
        image.description = generation.description
        image.seed = one.seed if one.seed is not None else (generation.seed + index) % 2**32
        image.alt_text = (one.alt_text or generation.meant)[: texts.MAX_ALT_TEXT]
        image.deleted_at = now() if trashed else None
        images.append(image)
    await search.write_words(db, images, generation, title)
    for image, one in zip(images, kept, strict=True):
        db.add(image)
        await db.flush()
        await database.put(db, image.id, one.stored, one.sent)
    return images


async def keep_upload(services: Services, user: User, thread_id: UUID | None, content: bytes) -> Image:
    """Re-encode and keep an uploaded image in the user's thread. Raises LimitReached when their storage is full,
    StorageUnavailable when the object store is away."""
    async with services.transaction() as db:
        await find_thread(db, user, thread_id)
    return await _keep_upload(services, user, content, lambda db: find_thread(db, user, thread_id, lock=True))


async def keep_first_upload(services: Services, user: User, content: bytes) -> Image:
    """The same in a thread of its own, which is there only if the image is."""
    return await _keep_upload(services, user, content, lambda db: create_thread(db, user))


async def _keep_upload(services: Services, user: User, content: bytes, place: Place) -> Image:
    stored = await services.decoder.keep_upload(
        content,
        max_bytes=services.settings.upload_bytes,
        max_pixels=services.settings.image_pixels,
        smaller=services.settings.smaller_originals,
    )
    kept = Kept(stored=stored, sent=await outbox.send(services.sessions, stored))
    try:
        async with services.transaction() as db:
            return await _add_upload(db, user, await place(db), kept)
    except ChatelierError:
        await outbox.abandon(services.sessions, kept.sent)
        raise


async def _add_upload(db: AsyncSession, user: User, thread: Thread, kept: Kept) -> Image:
    await touch_by_id(db, thread.id)
    await admit(db, user.id, Ask(stores=len(kept.stored.content)))
    image_id = new_id()
    (handle,), title = await take_handles(db, thread.id, 1, current=image_id)
    image = _row(kept, image_id, user.id, thread.id, handle, "upload")
    await search.write_words(db, [image], None, title)
    db.add(image)
    await db.flush()
    await database.put(db, image.id, kept.stored, kept.sent)
    await marks.mark_user(db, user.id)
    await db.refresh(image)
    return image


def _row(kept: Kept, image_id: UUID, owner_id: UUID, thread_id: UUID, handle: int, origin: str) -> Image:
    stored = kept.stored
    return Image(
        id=image_id,
        owner_id=owner_id,
        thread_id=thread_id,
        origin=origin,
        handle=handle,
        width=stored.width,
        height=stored.height,
        media_type=stored.media_type,
        bytes=len(stored.content),
        stored_bytes=stored.all_bytes,
        saved_bytes=stored.saved_bytes,
        sha256=stored.sha256,
        thumbhash=stored.thumbhash,
        seed=kept.seed,
        recipe=dict(kept.recipe) if kept.recipe is not None else None,
        details=dict(kept.details) if kept.details else None,
    )


async def find_image(db: AsyncSession, user: User, image_id: UUID | None, *, deleted: bool | None = False) -> Image:
    """The user's own image. ``deleted``: False not in the trash, True only there, None either. NotFound else."""
    query = select(Image).where(Image.id == image_id, Image.owner_id == user.id)
    if deleted is not None:
        query = query.where(Image.deleted_at.is_not(None) if deleted else Image.deleted_at.is_(None))
    image = await db.scalar(query)
    if image is None:
        raise NotFound
    return image


async def find_handle(db: AsyncSession, user: User, thread: Thread, handle: int) -> Image | None:
    """The image #handle of the user's thread, unless it is in the trash or never was."""
    query = select(Image).where(Image.thread_id == thread.id, Image.owner_id == user.id, Image.handle == handle)
    return await db.scalar(query.where(Image.deleted_at.is_(None)))


async def find_handles(
    db: AsyncSession, user: User, thread: Thread, handles: Sequence[int] | None = None
) -> dict[int, Image]:
    """The images of the user's thread by handle, without those in the trash: these, or the newest ones."""
    query = select(Image).where(Image.thread_id == thread.id, Image.owner_id == user.id, Image.deleted_at.is_(None))
    if handles is not None:
        query = query.where(Image.handle.in_(handles))
    return {image.handle: image for image in await db.scalars(query.order_by(Image.handle.desc()).limit(MOST_HANDLES))}


async def storage_used(db: AsyncSession, user: User) -> int:
    """Bytes of all files of the user's images, those in the trash too. One row is read, whatever there is."""
    return await db.scalar(select(StorageUse.bytes).where(StorageUse.owner_id == user.id)) or 0


async def change_image(
    db: AsyncSession, image: Image, *, favourite: bool | None = None, alt_text: str | None = None
) -> None:
    if favourite is not None:
        image.favourite = favourite
    if alt_text is not None:
        image.alt_text = texts.line(alt_text, name="alt_text", longest=texts.MAX_ALT_TEXT)
    await _redraw(db, image)
    if alt_text is not None:
        await search.write_description(db, image)


async def _redraw(db: AsyncSession, image: Image) -> None:
    """Write the change, and let open pages of its thread draw the card again. The thread's lock comes first."""
    with db.no_autoflush:
        revision = await touch_by_id(db, image.thread_id)
    await db.flush()
    await db.execute(update(Generation).where(Generation.id == image.generation_id).values(revision=revision))
    await db.refresh(image)
