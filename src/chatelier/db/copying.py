"""Whole tables out of a database and into another one, by COPY. Out: of one moment, while others go on writing.
Rows travel as text that any PostgreSQL reads; what the columns are says the catalog, not our models, so that a
schema of any age can be copied."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy.ext.asyncio import AsyncConnection

from chatelier.db.engine import conninfo, driver_connection
from chatelier.db.migrate import LOCK_KEY, check_server, unreachable

PIECE = 1024 * 1024  # bytes, and then up to the end of the row
SAME_EVERYWHERE = (
    "TimeZone = 'UTC'",
    "DateStyle = 'ISO, YMD'",
    "extra_float_digits = 1",
    "bytea_output = 'hex'",
    "statement_timeout = 0",
    "idle_in_transaction_session_timeout = 0",
)
Raw = psycopg.AsyncConnection[Any]

COLUMNS = """
SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
  AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum
"""
POINTS_TO = """
SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conrelid <> confrelid
"""
FILES = """
COPY (SELECT image_id, variant, media_type, bytes, content FROM image_files WHERE image_id >= '{}')
TO STDOUT (FORMAT binary)
"""
FILE_TYPES = ("uuid", "text", "text", "int8", "bytea")
KEEP_FILE = """
INSERT INTO image_files (image_id, variant, media_type, bytes, sha256, content)
SELECT %(image_id)s, %(variant)s, %(media_type)s, %(bytes)s, %(sha256)s, %(content)b
WHERE EXISTS (SELECT FROM images WHERE id = %(image_id)s) ON CONFLICT DO NOTHING
"""
WITHOUT_ORIGINAL = """
SELECT count(*) FROM images AS i
WHERE NOT EXISTS (SELECT FROM image_files AS f WHERE f.image_id = i.id AND f.variant = 'original')
"""
CHANGED_ORIGINAL = """
SELECT count(*) FROM images AS i
WHERE EXISTS (SELECT FROM image_files AS f WHERE f.image_id = i.id AND f.variant = 'original' AND f.sha256 <> i.sha256)
"""
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'chatelier%'
"""
SEQUENCES = """
SELECT s.oid::regclass::text, t.relname, a.attname
FROM pg_class AS s
JOIN pg_depend AS d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class AS t ON t.oid = d.refobjid JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE s.relkind = 'S' AND t.relnamespace = current_schema()::regnamespace AND t.relname = ANY(%s)
"""


@dataclass(frozen=True, kw_only=True)
class File:
    """The bytes of one variant of an image; None: they are not in the database."""

    image_id: UUID
    variant: str
    media_type: str
    bytes: int
    content: builtins.bytes | None


class CannotFill(Exception):
    """What was to come in does not fit: other columns, no rows, somebody pointed to who is not there."""


@asynccontextmanager
async def one_moment(url: str) -> AsyncIterator[Raw]:
    """A connection that sees the database as it is now, however long it reads. No schema changes meanwhile.
    Raises CannotStart where it cannot be reached, also in between."""
    try:
        connection = await psycopg.AsyncConnection.connect(
            conninfo(url), autocommit=True, application_name="chatelier-backup", connect_timeout=10
        )
    except psycopg.OperationalError as error:
        raise unreachable(error) from error
    try:
        async with connection:
            await _begin(connection)
            yield connection
    except psycopg.OperationalError as error:
        raise unreachable(error) from error


async def _begin(connection: Raw) -> None:
    # Before the transaction: its first statement decides what it sees.
    await connection.execute("SELECT pg_advisory_lock_shared(%s)", (LOCK_KEY,))
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await _speak_plainly(connection)


async def revision(connection: Raw) -> str | None:
    """Of the schema; None: there is none."""
    there = await (await connection.execute("SELECT to_regclass('alembic_version')")).fetchone()
    if not there or there[0] is None:
        return None
    row = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchone()
    return str(row[0]) if row else None


async def columns(connection: Raw) -> dict[str, list[str]]:
    """Of every table, in the order in which they can be filled: whoever is pointed to comes first."""
    found: dict[str, list[str]] = {}
    for table, column in await (await connection.execute(COLUMNS)).fetchall():
        found.setdefault(str(table), []).append(str(column))
    order: dict[str, set[str]] = {table: set() for table in found}
    for table, pointed_to in await (await connection.execute(POINTS_TO)).fetchall():
        order[str(table)].add(str(pointed_to))
    return {table: found[table] for table in TopologicalSorter(order).static_order()}


async def missing_originals(connection: Raw) -> int:
    """How many images have no file any more."""
    return int(await read_value(connection, WITHOUT_ORIGINAL))


async def changed_originals(connection: Raw) -> int:
    """How many have one that is not what was once stored, by its checksum."""
    return int(await read_value(connection, CHANGED_ORIGINAL))


async def read_value(connection: Raw, query: str) -> Any:
    row = await (await connection.execute(query.encode())).fetchone()
    return row[0] if row else None


async def rows_out(connection: Raw, table: str, names: Sequence[str]) -> AsyncIterator[tuple[int, bytes]]:
    """Pieces of about 1 MiB, each of whole rows, and how many."""
    query = SQL("COPY {} ({}) TO STDOUT (ENCODING 'UTF8')").format(Identifier(table), _names(names))
    piece, count = bytearray(), 0
    async with connection.cursor() as cursor, cursor.copy(query) as copy:
        async for row in copy:
            piece += row
            count += 1
            if len(piece) >= PIECE:
                yield count, bytes(piece)
                piece, count = bytearray(), 0
    if count:
        yield count, bytes(piece)


async def files_out(connection: Raw, since: UUID) -> AsyncIterator[File]:
    """Of the images with this id and later ones, one at a time."""
    async with connection.cursor() as cursor, cursor.copy(FILES.format(since).encode()) as copy:
        copy.set_types(FILE_TYPES)
        async for image_id, variant, media_type, size, content in copy.rows():
            yield File(image_id=image_id, variant=variant, media_type=media_type, bytes=size, content=content)


async def prepare_to_fill(connection: AsyncConnection) -> Raw:
    """The driver's connection of this transaction, for the verbs below."""
    raw = await driver_connection(connection)
    check_server(raw.info.server_version)
    await raw.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK_KEY,))
    await _speak_plainly(raw)
    return raw


async def others(connection: Raw) -> int:
    """How many other connections of ours there are."""
    return int(await read_value(connection, OTHERS) or 0)


async def lock_all(connection: Raw, tables: Sequence[str]) -> None:
    """Nobody reads or writes them before this transaction ends."""
    for table in tables:
        await connection.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(Identifier(table)))


async def has_rows(connection: Raw, table: str) -> bool:
    found = await connection.execute(SQL("SELECT EXISTS (SELECT FROM {})").format(Identifier(table)))
    row = await found.fetchone()
    return bool(row and row[0])


async def empty(connection: Raw, tables: Sequence[str]) -> None:
    for table in tables:
        await connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))


async def drop_everything(connection: Raw) -> None:
    """Only where the whole database is ours: the embedded one."""
    await connection.execute("DROP SCHEMA public CASCADE")
    await connection.execute("CREATE SCHEMA public")


async def rows_in(connection: Raw, table: str, names: Sequence[str], piece: bytes) -> int:
    """How many came in. Raises CannotFill."""
    query = SQL("COPY {} ({}) FROM STDIN (ENCODING 'UTF8')").format(Identifier(table), _names(names))
    with _fitting():
        async with connection.cursor() as cursor:
            async with cursor.copy(query) as copy:
                await copy.write(piece)
            return cursor.rowcount


async def files_in(connection: Raw, files: Sequence[Mapping[str, Any]]) -> int:
    """Those whose image is there and that are not there themselves; how many. Raises CannotFill."""
    with _fitting():
        async with connection.cursor() as cursor:
            await cursor.executemany(KEEP_FILE.encode(), files)
            return cursor.rowcount


async def set_sequences(connection: Raw, tables: Sequence[str]) -> None:
    """Behind the highest number that came in."""
    for sequence, table, column in await (await connection.execute(SEQUENCES, (list(tables),))).fetchall():
        query = SQL("SELECT setval(%s::regclass, greatest(max({}), 1), max({}) IS NOT NULL) FROM {}")
        names = (Identifier(column), Identifier(column), Identifier(table))
        await connection.execute(query.format(*names), (sequence,))


@contextmanager
def _fitting() -> Iterator[None]:
    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError) as error:
        raise CannotFill(str(error)) from error


async def _speak_plainly(connection: Raw) -> None:
    for setting in SAME_EVERYWHERE:
        await connection.execute(f"SET LOCAL {setting}".encode())


def _names(names: Sequence[str]) -> Any:
    return SQL(", ").join(map(Identifier, names))
