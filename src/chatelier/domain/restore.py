"""A backup into an empty instance, in one transaction: all of it, brought to the newest schema, or nothing. What was
under way when the backup was made becomes what restore_care.py says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from chatelier.db import copying
from chatelier.db.copying import CannotFill, Raw
from chatelier.db.engine import is_outage, outage_reason
from chatelier.db.migrate import head as newest
from chatelier.db.migrate import upgrade_within
from chatelier.domain import backup_tables, restore_care
from chatelier.domain.backup_file import DAMAGED, FILES, ROWS, Member, Reader
from chatelier.domain.restore_key import Key
from chatelier.errors import CannotStart, Invalid
from chatelier.ids import parse_id
from chatelier.services import Database

NOT_EMPTY = (
    "There is something here already: a backup is restored only into an empty instance. Choose a new folder with "
    "--data-dir, or a new database with CHATELIER_DATABASE_URL. Nothing was changed."
)
IN_USE = "Chatelier is running on this database. Stop the server and its workers, then restore. Nothing was changed."


@dataclass(kw_only=True)
class Restored:
    """``missing``: images without an original, ``changed``: with one that is not what was stored; both were so in the
    instance. ``stopped``: requests that waited."""

    made_at: str
    people: int = 0
    images: int = 0
    missing: int = 0
    changed: int = 0
    stopped: int = 0
    rows: dict[str, int] = field(default_factory=dict)


async def restore(database: Database, newest_first: Sequence[Reader], key: Key) -> Restored:
    """The first is the backup; those after it are older ones that hold the bytes which it left out (``since``).
    Raises Invalid for a file that cannot be used and CannotStart for a target that cannot."""
    for reader in newest_first:
        _check_head(reader.head)
    try:
        return await _restore(database, newest_first, key)
    except Exception as error:
        if is_outage(error):
            raise CannotStart(f"The database gave up: {outage_reason(error)}. Nothing was restored.") from error
        raise


async def _restore(database: Database, newest_first: Sequence[Reader], key: Key) -> Restored:
    head = newest_first[0].head
    done = Restored(made_at=str(head.get("made_at")))
    async with database.engine.connect() as connection, connection.begin():
        raw = await copying.prepare_to_fill(connection)
        await _make_room(database, connection, raw, str(head["revision"]))
        try:
            for reader in newest_first:
                await _Filling(raw, reader, done, files_only=reader is not newest_first[0]).run()
            await copying.set_sequences(raw, [table["name"] for table in head["tables"]])
            done.people, done.images = done.rows.get("users", 0), done.rows.get("images", 0)
            done.missing = await copying.missing_originals(raw)
            done.changed = await copying.changed_originals(raw)
        except CannotFill as error:
            raise Invalid(DAMAGED) from error
        _check_bytes(newest_first, done)
        await connection.run_sync(upgrade_within, "head")
        async with AsyncSession(connection, expire_on_commit=False) as db:
            done.stopped = await restore_care.settle_down(db, key, made_at=done.made_at)
            await db.flush()
        await key.put_in_place()
    async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("ANALYZE"))
    return done


def _check_head(head: dict[str, Any]) -> None:
    revision, tables = head.get("revision"), head.get("tables")
    if not isinstance(revision, str) or not isinstance(tables, list):
        raise Invalid(DAMAGED)
    if revision > newest():
        raise Invalid(
            f"This backup has schema {revision}, newer than this Chatelier knows ({newest()}). Restore it with the "
            "newer version."
        )
    if not all(isinstance(table, dict) and {"name", "columns"} <= set(table) for table in tables):
        raise Invalid(DAMAGED)


async def _make_room(database: Database, connection: AsyncConnection, raw: Raw, revision: str) -> None:
    """An empty schema of the backup's revision, nobody else at it."""
    found = await copying.revision(raw)
    if found is None and await copying.columns(raw):
        raise CannotStart(NOT_EMPTY)
    if found is not None:
        if await copying.others(raw):
            raise CannotStart(IN_USE)
        tables = [name for name in await copying.columns(raw) if not name.startswith(backup_tables.JOBS)]
        await copying.lock_all(raw, tables)
        for table in tables:
            if table in backup_tables.KEPT - backup_tables.AT_FIRST and await copying.has_rows(raw, table):
                raise CannotStart(NOT_EMPTY)
        if found != revision:
            if database.settings.database_url:
                raise CannotStart(
                    f"This database is empty, but of schema {found}, and the backup is of {revision}. Make a new "
                    "database and give its address as CHATELIER_DATABASE_URL. Nothing was changed."
                )
            await copying.drop_everything(raw)
            found = None
    if found is None:
        await connection.run_sync(upgrade_within, revision)
    there = await copying.columns(raw)
    await copying.empty(raw, [name for name in reversed(list(there)) if name in backup_tables.AT_FIRST])


def _check_bytes(newest_first: Sequence[Reader], done: Restored) -> None:
    """Only a full backup, or one with the older ones that it builds on, brings the bytes of all images."""
    left_out = done.missing - int((newest_first[0].end or {}).get("missing", 0))
    if left_out > 0:
        since = str(newest_first[-1].head.get("since") or newest_first[0].head.get("since"))
        raise Invalid(
            f"The files of {left_out} pictures from before {since[:10]} are in another backup. Name the older one that "
            "this builds on after it, as in: chatelier restore NEWER OLDER. Nothing was restored."
        )


class _Filling:
    """One archive on its way in."""

    def __init__(self, raw: Raw, reader: Reader, done: Restored, *, files_only: bool) -> None:
        self.raw, self.reader, self.done, self.files_only = raw, reader, done, files_only
        self.columns = {str(table["name"]): list(table["columns"]) for table in reader.head["tables"]}
        self.files = 0

    async def run(self) -> None:
        async for batch in self.reader.batches():
            files = [member for member in batch if member.name.startswith(FILES)]
            for member in batch:
                if member.name.startswith(ROWS):
                    await self.add_rows(member)
                elif not member.name.startswith(FILES):
                    raise Invalid(DAMAGED)
            if files:
                await copying.files_in(self.raw, [_file(member) for member in files])
                self.files += len(files)
        end = self.reader.end or {}
        if end.get("files") != self.files or (not self.files_only and not self.counted(end.get("rows"))):
            raise Invalid(DAMAGED)

    async def add_rows(self, member: Member) -> None:
        table = member.name.removeprefix(ROWS).partition("/")[0]
        if table not in self.columns or table not in backup_tables.KEPT:
            raise Invalid(DAMAGED)
        if not self.files_only:
            count = await copying.rows_in(self.raw, table, self.columns[table], member.content)
            self.done.rows[table] = self.done.rows.get(table, 0) + count

    def counted(self, rows: Any) -> bool:
        return isinstance(rows, dict) and {name: n for name, n in rows.items() if n} == self.done.rows


def _file(member: Member) -> dict[str, Any]:
    name, variant, kind = [*member.name.removeprefix(FILES).split("."), "", ""][:3]
    image_id: UUID | None = parse_id(name)
    if image_id is None:
        raise Invalid(DAMAGED)
    return {
        "image_id": image_id,
        "variant": variant,
        "media_type": f"image/{kind}",
        "bytes": len(member.content),
        "sha256": hashlib.sha256(member.content).hexdigest(),
        "content": member.content,
    }
