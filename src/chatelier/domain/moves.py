"""Move the files of a living instance from the database into the object store or back, and check every checksum.

File by file, each in one short transaction that changes its place only where it still lies as it was read; readers
follow the row. Whatever ends this, at whatever point, leaves every file whole in one of the two stores, and a copy
that no row names is noted as loose. Running it again goes on with what is left.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, ColumnElement, Text, any_, cast, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import ImageFile, LooseObject
from chatelier.domain import stores
from chatelier.errors import CannotStart, ImageLost, NotFound, StorageUnavailable
from chatelier.services import Database
from chatelier.storage.database import configured, open_file
from chatelier.storage.outbox import StoredObject, claim, new_object, note, objects_of, sweep_objects

PAGE = 200  # rows read at a time
AT_ONCE = 4  # files in memory
TRIES = 4  # while the store is away, seconds apart
PAUSE_SECONDS = 2.0
T = TypeVar("T")
Report = Callable[[int, int], None]  # files and bytes more
log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class File:
    """One file as its row said when it was found."""

    image_id: UUID
    variant: str
    bytes: int
    sha256: str
    key: str | None

    def __str__(self) -> str:
        return f"{self.variant} of image {self.image_id}"


@dataclass(kw_only=True)
class Moved:
    """``failed`` names what stayed where it was, and why."""

    files: int = 0
    bytes: int = 0
    failed: list[str] = field(default_factory=list)


async def move_images(database: Database, to: str, report: Report = lambda _files, _bytes: None) -> Moved:
    """From now on new files go there, too. Raises CannotStart without an object store, StorageUnavailable when it is
    away for longer than a few tries."""
    _check(database)
    async with database.transaction() as db:
        await stores.choose_store(db, to)
    done = Moved()
    inward = to == stores.OBJECTS
    which = ImageFile.object_key.is_(None) if inward else ImageFile.object_key.is_not(None)
    move = _to_objects if inward else _to_database

    async def one(file: File) -> None:
        if await _patiently(database, lambda: move(database, file)):
            done.files, done.bytes = done.files + 1, done.bytes + file.bytes

    await _each(database, which & (ImageFile.variant != "thumbnail"), one, done, report)
    await sweep_objects(database.sessions)
    return done


async def verify_images(database: Database, report: Report = lambda _files, _bytes: None) -> Moved:
    """Read every file of every image, wherever it lies, and compare its checksum. What is ``failed`` is missing or
    damaged; what is deleted meanwhile is not."""
    done = Moved()

    async def one(file: File) -> None:
        await _patiently(database, lambda: _content(database, file))
        done.files, done.bytes = done.files + 1, done.bytes + file.bytes

    await _each(database, ImageFile.image_id.is_not(None), one, done, report)
    return done


async def find_strays(database: Database) -> list[str]:
    """Keys of objects that neither a row nor a note names, as after a backup was restored. They may be another
    instance's own, so nobody deletes them here. Raises StorageUnavailable."""
    strays: list[str] = []
    async for keys in configured(database.sessions).keys():
        async with database.transaction() as db:
            named: set[str | None] = set()
            for column in (ImageFile.object_key, LooseObject.object_key):
                named.update(await db.scalars(select(column).where(column == any_(cast(keys, ARRAY(Text))))))
        strays += [key for key in keys if key not in named]
    return strays


async def left_to_move(database: Database, to: str) -> tuple[int, int]:
    """Files and bytes that are not there yet. Raises CannotStart without an object store."""
    _check(database)
    async with database.transaction() as db:
        found = await stores.measure(db, has_objects=True)
    inward = to == stores.OBJECTS
    return (found.in_database, found.database_bytes) if inward else (found.in_objects, found.object_bytes)


async def count_all(database: Database) -> tuple[int, int]:
    """Files and bytes of all images, thumbnails too."""
    async with database.transaction() as db:
        count, size = (await db.execute(select(func.count(), func.sum(ImageFile.bytes)))).one()
    return count, int(size or 0)


def _check(database: Database) -> None:
    if objects_of(database.sessions) is None:
        raise CannotStart("There is no object store. Set CHATELIER_STORAGE_URL, here and for every server and worker.")


async def _each(
    database: Database,
    which: ColumnElement[bool],
    work: Callable[[File], Awaitable[None]],
    done: Moved,
    report: Report,
) -> None:
    """A few at a time. A file that cannot be read is written down and does not keep the others waiting."""
    waiting: set[asyncio.Task[None]] = set()

    async def guarded(file: File) -> None:
        try:
            await work(file)
        except NotFound:
            pass  # deleted meanwhile
        except ImageLost as error:
            log.error("images.not_moved", image_id=str(file.image_id), variant=file.variant, reason=error.sentence)
            done.failed.append(f"{file}: {error.sentence}")
        report(1, file.bytes)

    try:
        async with aclosing(_files(database, which)) as files:
            async for file in files:
                while len(waiting) >= AT_ONCE:
                    ready, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                    _raise_first(ready)
                waiting.add(asyncio.create_task(guarded(file)))
        while waiting:
            ready, waiting = await asyncio.wait(waiting)
            _raise_first(ready)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def _raise_first(ready: set[asyncio.Task[None]]) -> None:
    for task in ready:
        task.result()


async def _files(database: Database, which: ColumnElement[bool]) -> AsyncGenerator[File]:
    """In the order of their keys, so that what comes meanwhile is met at most once."""
    key = tuple_(ImageFile.image_id, ImageFile.variant)
    columns = (ImageFile.image_id, ImageFile.variant, ImageFile.bytes, ImageFile.sha256, ImageFile.object_key)
    last: tuple[UUID, str] | None = None
    while True:
        query = select(*columns).where(which).order_by(ImageFile.image_id, ImageFile.variant).limit(PAGE)
        async with database.sessions() as db:
            rows: Sequence[Any] = (await db.execute(query if last is None else query.where(key > last))).all()
        for row in rows:
            yield File(
                image_id=row.image_id,
                variant=row.variant,
                bytes=row.bytes,
                sha256=row.sha256,
                key=row.object_key,
            )
        if len(rows) < PAGE:
            return
        last = (rows[-1].image_id, rows[-1].variant)


async def _to_objects(database: Database, file: File) -> bool:
    """Whether it went: not when it was moved or deleted by somebody else meanwhile. It is read back before its row lets
    go of the only other copy."""
    store = configured(database.sessions)
    content = await _content(database, file)
    copy = await asyncio.to_thread(new_object, content)
    async with database.transaction() as db:
        await note(db, [copy.key])
    await store.put(copy.key, content)
    await _read_back(store.read, copy, len(content))
    values = {"content": None, "object_key": copy.key, "block_sums": copy.sums}
    async with database.transaction() as db:
        if not await claim(db, {file.variant: copy}):
            raise StorageUnavailable
        if not await _set(db, file, values):
            await note(db, [copy.key])
            return False
    return True


async def _to_database(database: Database, file: File) -> bool:
    """The trigger notes the key as loose."""
    content = await _content(database, file)
    async with database.transaction() as db:
        return await _set(db, file, {"content": content, "object_key": None, "block_sums": None})


async def _set(db: AsyncSession, file: File, values: dict[str, Any]) -> bool:
    """Unless the file is gone or lies elsewhere by now."""
    same = ImageFile.object_key.is_(None) if file.key is None else ImageFile.object_key == file.key
    here = (ImageFile.image_id == file.image_id, ImageFile.variant == file.variant, ImageFile.sha256 == file.sha256)
    moved = update(ImageFile).where(*here, same).values(values).returning(ImageFile.image_id)
    return (await db.execute(moved.execution_options(synchronize_session=False))).first() is not None


async def _content(database: Database, file: File) -> bytes:
    """The whole file with its checksum compared. Raises ImageLost."""
    found = await open_file(database.sessions, file.image_id, file.variant)
    if found.variant != file.variant:
        raise NotFound
    content = await found.read()
    if await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest()) != file.sha256:
        raise ImageLost("The checksum of this file is wrong.")
    return content


async def _read_back(read: Any, copy: StoredObject, size: int) -> None:
    at = 0
    while at < size:
        piece = await read(copy.key, size, copy.sums, at, size)
        if not piece:
            raise StorageUnavailable("The image store does not give back what was put there.")
        at += len(piece)


async def _patiently(database: Database, work: Callable[[], Awaitable[T]]) -> T:
    """Again after a pause while the store is away. Where it answers all the same, it is this file: raises ImageLost."""
    for left in reversed(range(TRIES)):
        try:
            return await work()
        except ImageLost:
            raise
        except StorageUnavailable as error:
            if not left:
                await configured(database.sessions).probe()
                raise ImageLost(error.sentence) from error
        await asyncio.sleep(PAUSE_SECONDS)
    raise AssertionError
