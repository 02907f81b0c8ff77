"""Backups in memory, and instances that never were to restore them into."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

from chatelier.config import Settings
from chatelier.db.engine import conninfo
from chatelier.domain.backup import Written, write_backup
from chatelier.domain.backup_file import HEAD, Reader
from chatelier.domain.restore import Restored, restore
from chatelier.domain.restore_key import choose_key
from chatelier.services import open_database

WORDS = "four words of mine"


@contextmanager
def elsewhere(url: str, house: Path) -> Iterator[Settings]:
    """An empty database on this server and a data folder of its own."""
    name = f"elsewhere_{uuid4().hex[:8]}"
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        address = make_url(url).set(database=name).render_as_string(hide_password=False)
        yield Settings(data_dir=house / name, database_url=address, fake_provider=True, image_provider="fake")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


async def packed(settings: Settings, passphrase: str = WORDS, since: datetime | None = None) -> bytes:
    async with open_database(settings, prepare=False) as database:
        written = Written(made_at=datetime.now(UTC))
        pieces = write_backup(database, written, passphrase=passphrase, since=since)
        return b"".join([piece async for piece in pieces])


async def unpacked(
    settings: Settings, *newest_first: bytes, passphrase: str = WORDS, without_key: bool = False
) -> Restored:
    readers = [Reader(io.BytesIO(content)) for content in newest_first]
    key = choose_key(settings, readers[0].head, lambda: passphrase, without=without_key)
    async with open_database(settings, prepare=False) as database:
        return await restore(database, readers, key)


def with_head(backup: bytes, **changed: Any) -> bytes:
    """The same archive under another head."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(backup)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream
            content = stream.read()
            if member.name == HEAD:
                content = json.dumps({**json.loads(content), **changed}).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return out.getvalue()


def ask(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        done = connection.execute(query.encode(), values or None)
        return done.fetchall() if done.description else []


def contents(url: str, table: str) -> list[str]:
    """Every row as text, whatever order its columns were made in."""
    return [str(row) for (row,) in ask(url, f"SELECT to_jsonb(t)::text AS row FROM {table} AS t ORDER BY row")]


def is_untouched(url: str) -> bool:
    return ask(url, "SELECT to_regclass('users')") == [(None,)]
