"""Files on their way into the object store and out of it, so that neither rows nor objects are ever left dangling.

A key is noted as loose, committed, before its object is put; the transaction that writes the row takes the note back.
Whatever fails in between leaves a note, and triggers note the key of every row that goes. A sweep deletes what is due:
it first marks the notes as doomed, and a row whose note is doomed or gone keeps its bytes in the database instead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chatelier.db.models import Instance, LooseObject, now
from chatelier.errors import StorageUnavailable
from chatelier.storage.objects import Objects, block_sums, new_key
from chatelier.storage.stored import StoredImage

PENDING_MINUTES = 60  # that a file on its way has until its transaction
BATCH = 100
SWEEP_SECONDS = 30.0  # of one round
Sessions = async_sessionmaker[AsyncSession]
log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """Where a file lies in the object store, and the checksums of its blocks."""

    key: str
    sums: bytes


def objects_of(sessions: Sessions) -> Objects | None:
    """The object store that this process was opened with."""
    found = (sessions.kw.get("info") or {}).get("objects")
    return found if isinstance(found, Objects) else None


async def send(sessions: Sessions, stored: StoredImage) -> dict[str, StoredObject]:
    """Put original and preview into the object store, where new files go there; the answer is for ``database.put``.
    Thumbnails stay in the database: a gallery page asks for dozens. Raises StorageUnavailable."""
    files = {"original": stored.content} | ({"preview": stored.preview} if stored.preview else {})
    store = objects_of(sessions)
    if store is None or not await _goes_to_objects(sessions):
        return {}
    sent = await asyncio.to_thread(lambda: {name: new_object(content) for name, content in files.items()})
    async with sessions() as db, db.begin():
        await note(db, [one.key for one in sent.values()])
    for variant, one in sent.items():
        await store.put(one.key, files[variant])  # one that failed may still arrive: it keeps its whole hour
    return sent


def new_object(content: bytes) -> StoredObject:
    """A key that nobody has, with the checksums of what will lie there. Hashes: not for the event loop."""
    return StoredObject(key=new_key(), sums=block_sums(content))


async def _goes_to_objects(sessions: Sessions) -> bool:
    async with sessions() as db:
        return await db.scalar(select(Instance.store)) != "database"


async def note(db: AsyncSession, keys: Iterable[str]) -> None:
    """Before anything is put there."""
    values = {"due_at": now() + func.make_interval(0, 0, 0, 0, 0, PENDING_MINUTES), "doomed": False}
    for key in keys:
        noted = insert(LooseObject).values(object_key=key, **values)
        await db.execute(noted.on_conflict_do_update(index_elements=["object_key"], set_=values))


async def claim(db: AsyncSession, sent: Mapping[str, StoredObject]) -> dict[str, StoredObject]:
    """Those of ``sent`` that a row may name from now on, in the caller's transaction. One whose note a sweep has got
    is noted again, since it may have been put after it was deleted."""
    if not sent:
        return {}
    mine = LooseObject.object_key.in_([one.key for one in sent.values()])
    taken = delete(LooseObject).where(mine, LooseObject.doomed.is_(False)).returning(LooseObject.object_key)
    keys = set(await db.scalars(taken))
    lost = [one.key for one in sent.values() if one.key not in keys]
    await note(db, lost)
    return {variant: one for variant, one in sent.items() if one.key in keys}


async def abandon(sessions: Sessions, sent: Mapping[str, StoredObject]) -> None:
    """What was put is not wanted: the next sweep may have it."""
    async with sessions() as db, db.begin():
        mine = LooseObject.object_key.in_([one.key for one in sent.values()])
        await db.execute(update(LooseObject).where(mine).values(due_at=now()))


async def sweep_objects(sessions: Sessions) -> int:
    """Delete what is due from the store, for half a minute at most; how many went. What fails is tried again."""
    store, total, until = objects_of(sessions), 0, time.monotonic() + SWEEP_SECONDS
    while store is not None and time.monotonic() < until:
        keys = await _doom(sessions)
        if not keys:
            break
        try:
            await store.delete(keys)
        except StorageUnavailable:
            break
        async with sessions() as db, db.begin():
            gone = LooseObject.object_key.in_(keys) & LooseObject.doomed
            await db.execute(delete(LooseObject).where(gone))
        total += len(keys)
    if total:
        log.info("storage.swept", objects=total)
    return total


async def _doom(sessions: Sessions) -> Sequence[str]:
    async with sessions() as db, db.begin():
        due = select(LooseObject.object_key).where(LooseObject.due_at <= now()).order_by(LooseObject.due_at)
        keys = list(await db.scalars(due.limit(BATCH).with_for_update(skip_locked=True)))
        await db.execute(update(LooseObject).where(LooseObject.object_key.in_(keys)).values(doomed=True))
    return keys
