"""Where the images lie, how much is handed out a day, and when it is time for an object store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

import structlog
from sqlalchemy import ColumnElement, Date, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Image, ImageFile, Instance, LooseObject, ServedDay, now
from chatelier.db.tasks import end_task
from chatelier.domain import audit
from chatelier.services import Services

FLUSH_SECONDS = 60.0
KEPT_DAYS = 60
WEEK = 7
MANY_BYTES = 10_000_000_000  # in the database
MANY_SERVED = 1_000  # a day
DATABASE, OBJECTS = "database", "objects"
log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Originals and previews in either place. ``served`` and ``served_bytes`` are a day's, on average over those of the
    last seven of which anything is known. ``loose``: objects that wait to be deleted. ``saved``: bytes, by encoding
    originals again."""

    store: str
    in_database: int
    database_bytes: int
    in_objects: int
    object_bytes: int
    loose: int
    served: int
    served_bytes: int
    saved: int

    @property
    def is_time(self) -> bool:
        """There are so many in the database, or so many are handed out of it, that an object store would help."""
        return self.store == DATABASE and bool(self.reasons)

    @property
    def reasons(self) -> list[str]:
        found = []
        if self.database_bytes > MANY_BYTES:
            found.append(f"{gigabytes(self.database_bytes)} of images are in the database")
        if self.in_database and self.served > MANY_SERVED:
            found.append(f"{self.served:,} images a day are handed out")
        return found

    @property
    def gain(self) -> str:
        """What moving would bring."""
        return (
            f"Moving them takes {gigabytes(self.database_bytes)} out of the database and of every backup of it, and "
            f"{self.served:,} reads a day ({gigabytes(self.served_bytes)}) off its connections and its memory. "
            "Thumbnails stay, so the gallery is as fast as before."
        )


def gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 50_000_000 else f"{size / 1e6:,.1f} MB"


async def measure(db: AsyncSession, *, has_objects: bool) -> Standing:
    """Read from indexes alone. ``has_objects``: an object store is configured."""
    rows = (ImageFile.object_key.is_(None), ImageFile.variant != "thumbnail")
    in_database, database_bytes = await _sum(db, *rows)
    in_objects, object_bytes = await _sum(db, ImageFile.object_key.is_not(None))
    served, served_bytes = await _served_a_day(db)
    saved = await db.scalar(select(func.sum(Image.saved_bytes)).where(Image.saved_bytes > 0))
    return Standing(
        store=await chosen_store(db, has_objects=has_objects),
        in_database=in_database,
        database_bytes=database_bytes,
        in_objects=in_objects,
        object_bytes=object_bytes,
        loose=await db.scalar(select(func.count()).select_from(LooseObject)) or 0,
        served=served,
        served_bytes=served_bytes,
        saved=int(saved or 0),
    )


async def _sum(db: AsyncSession, *which: object) -> tuple[int, int]:
    query = select(func.count(), func.coalesce(func.sum(ImageFile.bytes), 0)).where(*which)  # type: ignore[arg-type]
    count, size = (await db.execute(query)).one()
    return count, int(size)


async def _served_a_day(db: AsyncSession) -> tuple[int, int]:
    days = select(ServedDay).where(ServedDay.day > _today() - WEEK)
    found = list(await db.scalars(days))
    count = max(1, len(found))
    return sum(day.images for day in found) // count, sum(day.bytes for day in found) // count


async def chosen_store(db: AsyncSession, *, has_objects: bool) -> str:
    """Where new files go."""
    chosen = await db.scalar(select(Instance.store))
    return DATABASE if not has_objects else chosen or OBJECTS


async def choose_store(db: AsyncSession, store: str) -> None:
    """From now on new files go there, whichever process keeps them."""
    await db.execute(insert(Instance).values(id=1).on_conflict_do_nothing())
    await db.execute(update(Instance).values(store=store))
    await audit.record(db, "images.store", store=store)


async def write_served(services: Services) -> None:
    """Add what this process has handed out to the day's sums."""
    images, size = services.served.take()
    if not images:
        return
    try:
        async with services.transaction() as db:
            added = insert(ServedDay).values(day=_today(), images=images, bytes=size)
            sums = {"images": ServedDay.images + images, "bytes": ServedDay.bytes + size}
            await db.execute(added.on_conflict_do_update(index_elements=["day"], set_=sums))
            await db.execute(delete(ServedDay).where(ServedDay.day < _today() - KEPT_DAYS))
    except SQLAlchemyError:
        log.warning("served.not_written", images=images)


@contextlib.asynccontextmanager
async def served_written_down(services: Services) -> AsyncIterator[None]:
    """Write down every minute meanwhile, and once more at the end, what this process hands out."""
    task = asyncio.create_task(_write_for_ever(services), name="served")
    try:
        yield
    finally:
        await end_task(task)
        await write_served(services)


async def _write_for_ever(services: Services) -> None:
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        await write_served(services)


def _today() -> ColumnElement[date]:
    """The day of UTC, by the database's clock."""
    return cast(func.timezone("UTC", now()), Date)
