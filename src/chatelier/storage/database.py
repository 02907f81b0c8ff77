"""Image files as rows, with their bytes in the row or, where it has a key, in the object store. Lists never come here;
reads go in pieces, and no connection is held while a slow reader takes its time."""

from __future__ import annotations

import asyncio
import builtins
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chatelier.db.engine import raw_connection
from chatelier.db.models import ImageFile, PartialFrame
from chatelier.errors import ImageLost, NotFound, StorageUnavailable
from chatelier.storage.objects import Objects
from chatelier.storage.outbox import StoredObject, claim, objects_of
from chatelier.storage.stored import StoredImage

CHUNK = 256 * 1024
READERS = 3  # of the pool's connections, so that whoever downloads leaves some to pages
VARIANTS = ("original", "thumbnail", "preview")
Sessions = async_sessionmaker[AsyncSession]
log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """One file, described; ``chunks`` reads it. ``sha256`` is lower-case hex and serves as the ETag. ``object`` is
    where its bytes lay when it was opened, None for the row; reading follows a file that is moved meanwhile."""

    image_id: UUID
    variant: str
    media_type: str
    bytes: int
    sha256: str
    sessions: Sessions
    object: StoredObject | None = None

    async def chunks(self, start: int = 0, end: int | None = None) -> AsyncIterator[builtins.bytes]:
        """The bytes from ``start`` up to but without ``end``, at most 512 KiB at a time. Raises NotFound when the file
        is deleted meanwhile, StorageUnavailable when its store cannot be read or gives back something else."""
        stop = self.bytes if end is None else min(end, self.bytes)
        file = self
        while start < stop:
            piece = await file._piece(start, stop)
            if not piece:
                file = await file._followed()
                continue
            yield piece
            start += len(piece)

    async def read(self) -> builtins.bytes:
        """The whole file, for an engine that needs it."""
        return b"".join([piece async for piece in self.chunks()])

    async def _piece(self, start: int, stop: int) -> builtins.bytes | None:
        if self.object is not None:
            store = configured(self.sessions)
            return await store.read(self.object.key, self.bytes, self.object.sums, start, stop)
        async with _turn(self.sessions), self.sessions() as db:
            return await _read(db, self.image_id, self.variant, start, min(CHUNK, stop - start))

    async def _followed(self) -> StoredFile:
        """The same file where it lies now."""
        now = await open_file(self.sessions, self.image_id, self.variant)
        if now.object == self.object:
            log.error("storage.missing", image_id=str(self.image_id), variant=self.variant)
            raise ImageLost
        return now


def configured(sessions: Sessions) -> Objects:
    """The object store. Raises StorageUnavailable where none is configured."""
    store = objects_of(sessions)
    if store is None:
        log.error("storage.not_configured")
        raise StorageUnavailable("The image store of this picture is not configured here. Ask the admin to look.")
    return store


async def put(
    db: AsyncSession, image_id: UUID, stored: StoredImage, sent: Mapping[str, StoredObject] | None = None
) -> None:
    """Keep the original and what was derived from it, in the caller's transaction; those that ``outbox.send`` has put
    into the object store by their keys."""
    files = {"original": (stored.media_type, stored.content), "thumbnail": ("image/webp", stored.thumbnail)}
    if stored.preview:
        files["preview"] = (stored.preview_type, stored.preview)
    claimed = await claim(db, sent or {})
    for variant, (media_type, content) in files.items():
        there = claimed.get(variant)
        db.add(
            ImageFile(
                image_id=image_id,
                variant=variant,
                media_type=media_type,
                bytes=len(content),
                sha256=stored.sha256 if variant == "original" else hashlib.sha256(content).hexdigest(),
                content=None if there else content,
                object_key=there.key if there else None,
                block_sums=there.sums if there else None,
            )
        )
    await db.flush()


async def open_file(sessions: Sessions, image_id: UUID, variant: str) -> StoredFile:
    """The file of this variant, or of the original where it was small enough to need none. NotFound else."""
    columns = (ImageFile.variant, ImageFile.media_type, ImageFile.bytes, ImageFile.sha256)
    wanted = select(*columns, ImageFile.object_key, ImageFile.block_sums)
    wanted = wanted.where(ImageFile.image_id == image_id, ImageFile.variant.in_((variant, "original")))
    async with sessions() as db:
        rows = {row.variant: row for row in await db.execute(wanted)}
    row = rows.get(variant) or rows.get("original")
    if row is None or variant not in VARIANTS:
        raise NotFound
    return StoredFile(
        image_id=image_id,
        variant=row.variant,
        media_type=row.media_type,
        bytes=row.bytes,
        sha256=row.sha256,
        sessions=sessions,
        object=StoredObject(key=row.object_key, sums=row.block_sums) if row.object_key else None,
    )


async def read_partial(sessions: Sessions, generation_id: UUID) -> tuple[str, int, bytes] | None:
    """Media type, number and bytes of the newest partial image of a running generation."""
    async with sessions() as db:
        frame = await db.get(PartialFrame, generation_id)
    return (frame.media_type, frame.number, frame.content) if frame else None


def _turn(sessions: Sessions) -> asyncio.Semaphore:
    """First come, first served. The pool is not: who gives a connection back and asks again gets it before those who
    wait, and among hundreds of downloads some never had their turn before its time was up."""
    turn = sessions.kw["info"].setdefault("reading", asyncio.Semaphore(READERS))
    return cast(asyncio.Semaphore, turn)


async def _read(db: AsyncSession, image_id: UUID, variant: str, start: int, size: int) -> bytes:
    """Over a binary cursor: the text form of bytea would be twice as long and be decoded on the event loop."""
    await db.connection(execution_options={"isolation_level": "AUTOCOMMIT"})  # one statement needs no BEGIN
    connection = await raw_connection(db)
    cursor = connection.cursor(binary=True)
    await cursor.execute(
        "SELECT substring(content FROM %s FOR %s) FROM image_files WHERE image_id = %s AND variant = %s",
        (start + 1, size, image_id, variant),
    )
    row = await cursor.fetchone()
    return bytes(row[0]) if row and isinstance(row[0], bytes) else b""
