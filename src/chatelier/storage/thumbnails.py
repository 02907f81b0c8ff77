"""Thumbnails as a page of the gallery asks for them: dozens at once. Whose they are is asked of the database each time,
bytes only where they are not in memory. While one statement is under way further questions gather and go together, so
a page takes a few statements over one connection however many pictures it shows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chatelier.db.engine import driver_connection
from chatelier.storage.cache import SmallFile, SmallFiles

MOST = 32  # questions of one statement
LANES = 2  # connections
KEEP_SECONDS = 0.05  # a connection without questions
CROWD = 16  # questions that wait before the second one is taken
READ = b"""
SELECT asked.n, f.media_type, f.sha256, f.content,
  CASE WHEN asked.whole THEN left(coalesce(nullif(i.prompt, ''), i.alt_text), 1000) END, i.handle
FROM unnest(%s::uuid[], %s::uuid[], %s::boolean[], %s::boolean[])
  WITH ORDINALITY AS asked (image_id, owner_id, deleted, whole, n)
JOIN images AS i
  ON i.id = asked.image_id AND i.owner_id = asked.owner_id AND (i.deleted_at IS NOT NULL) = asked.deleted
LEFT JOIN image_files AS f ON asked.whole AND f.image_id = i.id AND f.variant = 'thumbnail'
"""
Row = tuple[str | None, str, bytes, str, int]  # media type, sha256, content, words, handle
Name = Callable[[str, int, str], str]  # from words, handle and media type to what it is saved as


@dataclass(frozen=True, kw_only=True, eq=False)
class _Question:
    """``deleted``: the image is in the trash. ``whole``: with its bytes, not only whether it is there."""

    image_id: UUID
    owner_id: UUID
    deleted: bool
    whole: bool
    answer: asyncio.Future[Row | None] = field(repr=False)


class Thumbnails:
    """``cached`` are those in memory, at most ``max_bytes`` of them."""

    def __init__(self, engine: AsyncEngine, max_bytes: int) -> None:
        self.cached = SmallFiles(max_bytes)
        self._engine = engine
        self._waiting: list[_Question] = []
        self._asked = asyncio.Event()
        self._lanes: set[asyncio.Task[None]] = set()

    async def find(self, owner_id: UUID, image_id: UUID, named: Name, *, deleted: bool = False) -> SmallFile | None:
        """The owner's thumbnail, of what is not in the trash or only there. None for anybody else's."""
        file = self.cached.get(image_id)
        row = await self._ask(owner_id, image_id, deleted=deleted, whole=file is None)
        if row is None or file is not None:
            return file if row else None
        media_type, sha256, content, words, handle = row
        if media_type is None:
            return None
        name = named(words, handle, media_type)
        file = SmallFile(media_type=media_type, sha256=sha256, content=bytes(content), name=name)
        self.cached.put(image_id, file)
        return file

    async def close(self) -> None:
        for lane in self._lanes:
            lane.cancel()
        await asyncio.gather(*self._lanes, return_exceptions=True)

    async def _ask(self, owner_id: UUID, image_id: UUID, *, deleted: bool, whole: bool) -> Row | None:
        answer: asyncio.Future[Row | None] = asyncio.get_running_loop().create_future()
        asked = _Question(image_id=image_id, owner_id=owner_id, deleted=deleted, whole=whole, answer=answer)
        self._waiting.append(asked)
        self._asked.set()
        if not self._lanes or (len(self._lanes) < LANES and len(self._waiting) >= CROWD):
            lane = asyncio.create_task(self._work(), name="thumbnails")
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return await answer

    async def _work(self) -> None:
        """Until nobody waits. It leaves ``_lanes`` in the same turn of the loop as the last look: no question is left
        behind. What fails takes along the questions of its statement; the others are asked over a new connection."""
        here = asyncio.current_task()
        while self._waiting:
            asked: list[_Question] = []
            try:
                async with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                    while self._waiting or await self._more():
                        asked, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                        await _answer(connection, asked)
                        asked = []
            except BaseException as error:
                if not asked:  # there is no connection to be had
                    asked, self._waiting = self._waiting, []
                _refuse(asked, error)
                if not isinstance(error, Exception):
                    raise
        if here is not None:
            self._lanes.discard(here)

    async def _more(self) -> bool:
        """Whether somebody asks soon. A browser sends its next questions when it has the answers to six, and taking
        a connection costs more than most statements."""
        self._asked.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KEEP_SECONDS):
                await self._asked.wait()
            await asyncio.sleep(0)  # for those that came with it
        return bool(self._waiting)


async def _answer(connection: AsyncConnection, asked: list[_Question]) -> None:
    """Past the ORM and without a transaction."""
    cursor = (await driver_connection(connection)).cursor(binary=True)
    ids, owners = [one.image_id for one in asked], [one.owner_id for one in asked]
    await cursor.execute(READ, (ids, owners, [one.deleted for one in asked], [one.whole for one in asked]))
    found: dict[int, Row] = {number: row for number, *row in await cursor.fetchall()}  # type: ignore[misc]
    for number, one in enumerate(asked, start=1):
        if not one.answer.done():  # who asked may have left
            one.answer.set_result(found.get(number))


def _refuse(asked: list[_Question], error: BaseException) -> None:
    for one in asked:
        if one.answer.done():
            continue
        if isinstance(error, Exception):
            one.answer.set_exception(error)
        else:
            one.answer.cancel()
