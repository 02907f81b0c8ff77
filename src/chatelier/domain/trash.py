"""The trash: images go there and come back, one or many at a time, and leave it for good after some days.

Whoever changes images of several threads takes the threads' row locks first, in the order of their ids, as every
writer of one thread does; so two of them can meet without a deadlock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, Text, cast, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image, Thread, User, now
from chatelier.db.topics import CHANNEL
from chatelier.domain import audit, search
from chatelier.domain.threads import take_back_current
from chatelier.errors import Invalid, NotFound
from chatelier.services import Services

MOST = 500  # images of one request
BATCH = 200  # images purged in one transaction
log = structlog.get_logger()


async def find_selected(
    db: AsyncSession, user: User, image_ids: Sequence[UUID], *, deleted: bool = False
) -> Sequence[Image]:
    """Those of the user's images that are there (or in the trash), in the order given. NotFound when none is."""
    if not image_ids:
        raise Invalid("Select at least one picture first.", fields={"image_id": "empty"})
    if len(image_ids) > MOST:
        raise Invalid(f"{MOST} pictures are the most at a time. Select fewer.", fields={"image_id": f"at most {MOST}"})
    query = select(Image).where(Image.id.in_(image_ids), Image.owner_id == user.id)
    found = {one.id: one for one in await db.scalars(query.where(_in_trash() if deleted else ~_in_trash()))}
    if not found:
        raise NotFound
    return [found[image_id] for image_id in dict.fromkeys(image_ids) if image_id in found]


async def mark_favourites(db: AsyncSession, images: Sequence[Image], favourite: bool) -> None:
    await _change(db, images, favourite=favourite)


async def trash_images(db: AsyncSession, images: Sequence[Image]) -> None:
    """Hidden everywhere at once; a thread whose current image goes steps back to its newest other one."""
    await _change(db, images, deleted_at=now())
    await take_back_current(db, {image.id for image in images})


async def restore_images(db: AsyncSession, images: Sequence[Image]) -> None:
    await _change(db, images, deleted_at=None)


async def purge_images(db: AsyncSession, user: User, images: Sequence[Image]) -> None:
    """For good, with their files and share links. Only out of the trash."""
    count, size = await _purge(db, user.id, [image.id for image in images])
    await audit.record(db, "image.purge", actor=user.id, target=user.id, images=count, bytes=size)


async def purge_expired(services: Services) -> int:
    """What has been in the trash for longer than its days; an owner and a batch at a time. How many went."""
    days = services.settings.trash_days
    due = Image.deleted_at < now() - func.make_interval(0, 0, 0, days)
    total = 0
    while True:
        async with services.transaction() as db:
            owner_id = await db.scalar(select(Image.owner_id).where(due).order_by(Image.deleted_at).limit(1))
            if owner_id is None:
                return total
            oldest = select(Image.id).where(due, Image.owner_id == owner_id).order_by(Image.deleted_at).limit(BATCH)
            ids = list(await db.scalars(oldest.with_for_update(skip_locked=True)))
            if not ids:  # another process is at it
                return total
            count, size = await _purge(db, owner_id, ids)
            await audit.record(db, "image.purge", target=owner_id, images=count, bytes=size, days=days)
        total += count
        log.info("trash.purged", owner=str(owner_id), images=count, bytes=size)


def _in_trash() -> Any:
    return Image.deleted_at.is_not(None)


async def _change(db: AsyncSession, images: Sequence[Image], **values: Any) -> None:
    """Write it, raise the revision of every thread concerned and of the cards the images stand in."""
    ids = [image.id for image in images]
    threads = select(Thread.id).where(Thread.id.in_({image.thread_id for image in images}))
    locked = list(await db.scalars(threads.order_by(Thread.id).with_for_update()))
    notify = func.pg_notify(CHANNEL, func.concat("thread:", Thread.id))
    touched = update(Thread).where(Thread.id.in_(locked)).values(revision=Thread.revision + 1).returning(notify)
    await db.execute(touched.execution_options(synchronize_session=False))
    await db.execute(update(Image).where(Image.id.in_(ids)).values(**values))
    revision = select(Thread.revision).where(Thread.id == Generation.thread_id).scalar_subquery()
    cards = {image.generation_id for image in images if image.generation_id}
    drawn = update(Generation).where(Generation.id.in_(cards)).values(revision=revision)
    await db.execute(drawn.execution_options(synchronize_session=False))
    for image in images:
        db.expire(image, list(values))
    refreshed = select(Image).where(Image.id.in_(ids)).execution_options(populate_existing=True)
    await db.scalars(refreshed)


async def _purge(db: AsyncSession, owner_id: UUID, ids: Sequence[UUID]) -> tuple[int, int]:
    """How many and how many bytes. Their files go by cascade, and words that nothing else is found by."""
    gone = delete(Image).where(Image.id.in_(ids), Image.owner_id == owner_id, _in_trash())
    lexemes = cast(func.coalesce(func.tsvector_to_array(Image.words), []), ARRAY(Text))
    rows = (await db.execute(gone.returning(Image.stored_bytes, lexemes))).all()
    await search.forget_words(db, owner_id, search.lexemes((row[1] for row in rows), owner_id))
    return len(rows), sum(row[0] for row in rows)
