"""Everything of one person as a zip that is written while it is read: a file of JSON lines for each table, and each
original under its image's id. Flat in memory whatever they own; no connection is held between pages."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chatelier import __version__
from chatelier.db.models import Image
from chatelier.domain.archive import Archive
from chatelier.domain.inventory import INVENTORY, table_of
from chatelier.errors import NotFound
from chatelier.storage.database import open_file

FORMAT = "chatelier-export"
VERSION = 1
PAGE = 500  # rows read at a time
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
Sessions = async_sessionmaker[AsyncSession]


async def write_archive(sessions: Sessions, user_id: UUID) -> AsyncIterator[bytes]:
    """The bytes of the zip. What is in the trash is in it; what is deleted while it is written may be missing."""
    archive = Archive()
    head = {"format": FORMAT, "version": VERSION, "chatelier": __version__, "made_at": datetime.now(UTC).isoformat()}
    async for piece in archive.add("export.json", _once(json.dumps(head).encode()), packed=True):
        yield piece
    for name, held in INVENTORY.items():
        if held.columns:
            async for piece in archive.add(f"{name}.jsonl", _lines(sessions, name, user_id), packed=True):
                yield piece
    async for image_id, media_type in _images(sessions, user_id):
        try:
            file = await open_file(sessions, image_id, "original")
        except NotFound:
            continue
        path = f"images/{image_id}.{EXTENSIONS.get(media_type, 'bin')}"
        async for piece in archive.add(path, file.chunks(), packed=False):
            yield piece
    async for piece in archive.finish():
        yield piece


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _lines(sessions: Sessions, name: str, user_id: UUID) -> AsyncIterator[bytes]:
    held, table = INVENTORY[name], table_of(name)
    columns = [table.c[column] for column in held.columns]
    key = list(table.primary_key)
    last: tuple[Any, ...] | None = None
    while True:
        query = select(*columns).where(held.rows(table, user_id)).order_by(*key).limit(PAGE)
        if last is not None:
            query = query.where(tuple_(*key) > last)
        async with sessions() as db:
            rows = list(await db.execute(query))
        yield "".join(json.dumps(_plain(row._mapping), ensure_ascii=False) + "\n" for row in rows).encode()
        if len(rows) < PAGE:
            return
        last = tuple(rows[-1]._mapping[column] for column in key)


def _plain(row: Any) -> dict[str, Any]:
    return {name: _value(row[name]) for name in row}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value) if isinstance(value, UUID) else value


async def _images(sessions: Sessions, user_id: UUID) -> AsyncIterator[tuple[UUID, str]]:
    last: UUID | None = None
    while True:
        query = select(Image.id, Image.media_type).where(Image.owner_id == user_id).order_by(Image.id).limit(PAGE)
        if last is not None:
            query = query.where(Image.id > last)
        async with sessions() as db:
            rows = list(await db.execute(query))
        for row in rows:
            yield row.id, row.media_type
        if len(rows) < PAGE:
            return
        last = rows[-1].id
