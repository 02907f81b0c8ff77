"""A backup of the whole instance as a stream of bytes, of one moment while everybody goes on, flat in memory.
What is in it says backup_tables.py, its form backup_file.py."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chatelier import __version__
from chatelier.db import copying
from chatelier.db.copying import File, Raw
from chatelier.db.migrate import head as newest
from chatelier.domain import backup_tables
from chatelier.domain.backup_file import FILES, FORMAT, HEAD, ROWS, VERSION, Writer
from chatelier.domain.sealing import seal_under
from chatelier.errors import CannotStart, ImageLost, NotFound
from chatelier.services import Database, find_secret_key, fingerprint_of
from chatelier.storage.database import open_file

GATHERED = 1024 * 1024  # bytes handed on together
CLOCKS_DIFFER = timedelta(hours=1)  # the ids of images are of the clocks of many machines


@dataclass(kw_only=True)
class Written:
    """How much is in it. ``lost``: files that are missing or damaged in the object store. ``with_key``: the secret key
    is. ``needs_key``: something in it is sealed under one."""

    made_at: datetime
    revision: str = ""
    people: int = 0
    images: int = 0
    files: int = 0
    lost: int = 0
    bytes: int = 0
    with_key: bool = False
    needs_key: bool = False


async def write_backup(
    database: Database, written: Written, *, passphrase: str = "", since: datetime | None = None
) -> AsyncIterator[bytes]:
    """The archive's bytes; ``written`` is filled on the way. ``since``: of older images only the rows, without bytes.
    Raises CannotStart for a schema that this version cannot read, StorageUnavailable while the object store is away."""
    async with copying.one_moment(database.url) as connection:
        tables = await _tables(connection, written)
        key = await _sealed(database, connection, written, passphrase)
        writer, gathered = Writer(), bytearray()
        async for piece in _archive(database, connection, writer, tables, written, key, since):
            gathered += piece
            if len(gathered) >= GATHERED:
                yield bytes(gathered)
                gathered.clear()
        written.bytes = writer.checksum.bytes
        yield bytes(gathered)


async def _tables(connection: Raw, written: Written) -> dict[str, list[str]]:
    found = await copying.revision(connection)
    if found is None:
        raise CannotStart("There is nothing to back up yet. Start Chatelier once, or check --data-dir and --config.")
    if found > newest():
        raise CannotStart(
            f"This database has schema {found}, newer than this Chatelier knows ({newest()}). Back it up with the "
            "newer version."
        )
    written.revision = found
    columns = await copying.columns(connection)
    backup_tables.check_known(columns)
    return {name: columns[name] for name in columns if name in backup_tables.KEPT}


async def _sealed(
    database: Database, connection: Raw, written: Written, passphrase: str
) -> tuple[str | None, dict[str, str | int] | None]:
    """The fingerprint of the secret key, and the key itself under the passphrase."""
    fingerprint = await copying.read_value(connection, "SELECT secret_fingerprint FROM instance")
    written.needs_key = fingerprint is not None
    secret = await asyncio.to_thread(find_secret_key, database.settings)
    if secret is None or fingerprint_of(secret) != fingerprint:
        if passphrase and fingerprint is not None:
            raise CannotStart(
                "The secret key here is not the one of this database, so it cannot go into the backup. Set "
                "CHATELIER_SECRET_KEY as the server has it, or say --without-key."
            )
        return fingerprint, None
    if not passphrase:
        return fingerprint, None
    written.with_key = True
    return fingerprint, await asyncio.to_thread(seal_under, passphrase, secret)


async def _archive(
    database: Database,
    connection: Raw,
    writer: Writer,
    tables: dict[str, list[str]],
    written: Written,
    key: tuple[str | None, dict[str, str | int] | None],
    since: datetime | None,
) -> AsyncIterator[bytes]:
    head = {
        "format": FORMAT,
        "version": VERSION,
        "chatelier": __version__,
        "made_at": written.made_at.isoformat(),
        "revision": written.revision,
        "since": since.isoformat() if since else None,
        "fingerprint": key[0],
        "secret_key": key[1],
        "tables": [{"name": name, "columns": columns} for name, columns in tables.items()],
    }
    async for piece in writer.add(HEAD, json.dumps(head, indent=1).encode()):
        yield piece
    counts: dict[str, int] = {}
    for name, columns in tables.items():
        counts[name], number = 0, 0
        async for count, rows in copying.rows_out(connection, name, columns):
            counts[name], number = counts[name] + count, number + 1
            async for piece in writer.add(f"{ROWS}{name}/{number:06}.copy", rows):
                yield piece
    written.people, written.images = counts.get("users", 0), counts.get("images", 0)
    missing = await copying.missing_originals(connection)
    async for file in copying.files_out(connection, first_id(since)):
        content = file.content if file.content is not None else await _from_objects(database, file)
        if content is None:
            written.lost, missing = written.lost + 1, missing + (file.variant == "original")
            continue
        written.files += 1
        async for piece in writer.add(_path(file), content):
            yield piece
    async for piece in writer.end(rows=counts, files=written.files, missing=missing):
        yield piece


def first_id(since: datetime | None) -> UUID:
    """Ids begin with their time (RFC 9562). By it and not by ``created_at``, which an import brings along."""
    if since is None:
        return UUID(int=0)
    milliseconds = int((since.astimezone(UTC) - CLOCKS_DIFFER).timestamp() * 1000)
    return UUID(int=max(milliseconds, 0) << 80)


def _path(file: File) -> str:
    return f"{FILES}{file.image_id}.{file.variant}.{file.media_type.removeprefix('image/')}"


async def _from_objects(database: Database, file: File) -> bytes | None:
    """A file whose bytes lie in the object store; None where it is missing there, or deleted since this moment."""
    try:
        return await (await open_file(database.sessions, file.image_id, file.variant)).read()
    except (NotFound, ImageLost):
        return None
