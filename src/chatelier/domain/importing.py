"""Take an export into an account of this instance: threads, messages, generations and images, all under new ids, in
one transaction, or nothing. Nothing is painted and nothing is charged."""

from __future__ import annotations

import asyncio
import json
import zipfile
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image, Thread, User
from chatelier.domain import audit, marks
from chatelier.domain.export_archive import EXTENSIONS, FORMAT, VERSION
from chatelier.domain.images import MAX_RESULT_BYTES
from chatelier.domain.import_rows import NewIds, Row, image_values, make_generation, make_message, make_thread
from chatelier.errors import ChatelierError, Invalid
from chatelier.services import Services
from chatelier.storage import database, outbox
from chatelier.storage.stored import StoredImage

MAX_LINE = 2_000_000  # bytes of a row
ENCRYPTED = 1  # of the flags of a zip entry
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError),  # another packing
    *(json.JSONDecodeError, UnicodeDecodeError, RecursionError),
    *(IntegrityError, DataError),  # rows that contradict each other, such as two messages at one place
)
DAMAGED = "This is not an archive that `chatelier export` wrote, or it is damaged. Nothing was imported."


@dataclass(kw_only=True)
class Imported:
    """How much came in; ``skipped`` are images without a usable file."""

    threads: int = 0
    messages: int = 0
    images: int = 0
    skipped: int = 0


async def import_archive(services: Services, user: User, path: Path) -> Imported:
    """Raises Invalid for a file that is none of ours."""
    try:
        with await asyncio.to_thread(zipfile.ZipFile, path) as archive:
            return await _Import(services, user, archive).run()
    except UNREADABLE as error:
        raise Invalid(DAMAGED) from error


class _Import:
    def __init__(self, services: Services, user: User, archive: zipfile.ZipFile) -> None:
        self.services, self.user, self.archive = services, user, archive
        self.ids = NewIds()
        self.threads: dict[UUID, Thread] = {}
        self.generations: dict[UUID, tuple[Generation, Row]] = {}
        self.done = Imported()

    async def run(self) -> Imported:
        if any(info.flag_bits & ENCRYPTED for info in self.archive.infolist()):
            raise Invalid(DAMAGED)
        head = [row async for row in self.rows("export.json")]
        if not head or head[0].get("format") != FORMAT or head[0].get("version") != VERSION:
            raise Invalid(DAMAGED)
        async with self.services.transaction() as db:
            await self.add_talk(db)
            await self.add_generations(db)
            await self.add_images(db)
            await self.point(db)
            await marks.mark_user(db, self.user.id)
            await audit.record(db, "import", target=self.user.id, threads=self.done.threads, images=self.done.images)
        return self.done

    async def rows(self, name: str) -> AsyncIterator[Row]:
        """The rows of one table, checked to be JSON objects; none where the table is not in the file."""
        if name not in self.archive.namelist():
            return
        with self.archive.open(name) as lines:
            while line := await asyncio.to_thread(lines.readline, MAX_LINE):
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise Invalid(DAMAGED)
                yield row

    async def add_talk(self, db: AsyncSession) -> None:
        async for row in self.rows("threads.jsonl"):
            thread = make_thread(row, self.ids, self.user.id)
            db.add(thread)
            self.threads[thread.id] = thread
            self.done.threads += 1
        await db.flush()
        async for row in self.rows("messages.jsonl"):
            thread_id = self.ids.find(row.get("thread_id"))
            if thread_id in self.threads:
                db.add(make_message(row, self.ids, thread_id))
                self.done.messages += 1
        await db.flush()

    async def add_generations(self, db: AsyncSession) -> None:
        async for row in self.rows("generations.jsonl"):
            thread_id, message_id = self.ids.find(row.get("thread_id")), self.ids.find(row.get("message_id"))
            if thread_id in self.threads and message_id is not None:
                generation = make_generation(row, self.ids, self.user.id, thread_id, message_id)
                db.add(generation)
                self.generations[generation.id] = (generation, row)
        await db.flush()

    async def add_images(self, db: AsyncSession) -> None:
        async for row in self.rows("images.jsonl"):
            thread_id = self.ids.find(row.get("thread_id"))
            stored = await self.stored(row) if thread_id in self.threads else None
            if stored is None or thread_id is None:
                self.done.skipped += 1
                continue
            generation_id = self.ids.find(row.get("generation_id"))
            image = Image(
                **image_values(row),
                id=self.ids.give(row),
                owner_id=self.user.id,
                thread_id=thread_id,
                generation_id=generation_id if generation_id in self.generations else None,
                origin="upload" if row.get("origin") == "upload" else "generated",
                width=stored.width,
                height=stored.height,
                media_type=stored.media_type,
                bytes=len(stored.content),
                stored_bytes=stored.all_bytes,
                sha256=stored.sha256,
                thumbhash=stored.thumbhash,
            )
            sent = await outbox.send(self.services.sessions, stored)
            db.add(image)
            await db.flush()
            await database.put(db, image.id, stored, sent)
            self.done.images += 1

    async def stored(self, row: Row) -> StoredImage | None:
        """The row's file through the same door as a provider's result: kept as it is only when it is strictly valid."""
        name = f"images/{row.get('id')}.{EXTENSIONS.get(str(row.get('media_type')), 'bin')}"
        try:
            info = self.archive.getinfo(name)
        except KeyError:
            return None
        if info.file_size > MAX_RESULT_BYTES:
            return None
        content = await asyncio.to_thread(_read, self.archive, info)
        try:
            return await self.services.decoder.keep_produced(
                content,
                max_bytes=MAX_RESULT_BYTES,
                max_pixels=self.services.settings.image_pixels,
                source_type="" if row.get("origin") == "upload" else "trainedAlgorithmicMedia",
            )
        except ChatelierError:
            return None

    async def point(self, db: AsyncSession) -> None:
        """What points to images, now that all have their new ids."""
        async for row in self.rows("threads.jsonl"):
            thread = self.threads[self._known(row)]
            thread.current_image_id = self.ids.find(row.get("current_image_id"))
        for generation, row in self.generations.values():
            generation.source_image_ids = self.ids.find_all(row.get("source_image_ids"))
            generation.mask_image_id = self.ids.find(row.get("mask_image_id"))
        await db.flush()

    def _known(self, row: Row) -> UUID:
        found = self.ids.find(row.get("id"))
        assert found is not None
        return found


def _read(archive: zipfile.ZipFile, info: Any) -> bytes:
    with archive.open(info) as entry:
        return entry.read(MAX_RESULT_BYTES + 1)
