"""Connections. One URL, three dialects of it: SQLAlchemy's, libpq's, and Procrastinate's (which is libpq's)."""

from __future__ import annotations

import selectors
from typing import Any, cast

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from chatelier.db.topics import TopicSession
from chatelier.db.writable import as_json, only_writable
from chatelier.errors import CannotStart

KEEPALIVES = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}  # seconds, seconds, tries
POOL_SIZE = 5  # of at most 12 connections a process: jobs 3 + 2 listening, hub 1, leases 1


def parse_url(text: str) -> URL:
    """Any postgres URL as SQLAlchemy's. Raises CannotStart with a sentence for what is none."""
    try:
        url = make_url(text)
    except Exception as error:
        raise CannotStart(
            "CHATELIER_DATABASE_URL is not a database address. Write it as postgresql://user@host/name."
        ) from error
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise CannotStart("CHATELIER_DATABASE_URL must be a PostgreSQL address, as in postgresql://user@host/name.")
    return url.set(drivername="postgresql+psycopg")


def conninfo(text: str) -> str:
    """The same address for psycopg itself, as keywords: a path with a space survives that way."""
    url = parse_url(text)
    parts = url.translate_connect_args(username="user", database="dbname")
    return make_conninfo("", **parts, **{key: str(value) for key, value in url.query.items()})


def make_engine(text: str) -> AsyncEngine:
    engine = create_async_engine(
        parse_url(text),
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=15,
        connect_args={"application_name": "chatelier", **KEEPALIVES},
        json_serializer=as_json,
    )
    only_writable(engine)
    event.listen(engine.sync_engine, "checkout", _replace_closed)
    return engine


def _replace_closed(connection: Any, _record: object, _fairy: object) -> None:
    """Instead of a ping, which is a round trip for each transaction."""
    if is_closed(connection.driver_connection):
        raise InvalidatePoolError


def is_closed(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Whether the server, or the kernel that found it gone (``KEEPALIVES``), has ended this connection that nobody uses
    at the moment: then there is something to read, which nobody asked for."""
    if connection.closed:
        return True
    with selectors.DefaultSelector() as line:
        line.register(connection.fileno(), selectors.EVENT_READ)
        return bool(line.select(0))


def make_sessions(engine: AsyncEngine, **info: object) -> async_sessionmaker[AsyncSession]:
    """``info`` goes with every session: what whoever reads by one needs beside the database."""
    return async_sessionmaker(engine, expire_on_commit=False, sync_session_class=TopicSession, info=info)


def is_outage(error: BaseException) -> bool:
    """Whether the database could not be reached, or had no connection free in time."""
    return isinstance(error, (OperationalError, InterfaceError, PoolTimeout, psycopg.OperationalError))


def is_race(error: BaseException) -> bool:
    """Whether what the code had looked at before has gone or come meanwhile: somebody was quicker."""
    quicker = psycopg.errors.UniqueViolation | psycopg.errors.ForeignKeyViolation
    return isinstance(error, IntegrityError) and isinstance(error.orig, quicker)


def is_unholdable(error: BaseException) -> bool:
    """Whether a value is none that the database can hold, such as a number beyond its type."""
    return isinstance(error, DataError)


def outage_reason(error: BaseException) -> str:
    """The server's own last words, without our statement."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


async def raw_connection(db: AsyncSession) -> psycopg.AsyncConnection[tuple[object, ...]]:
    """The psycopg connection of this transaction: a job deferred on it commits or rolls back with it."""
    return await driver_connection(await db.connection())


async def driver_connection(connection: AsyncConnection) -> psycopg.AsyncConnection[tuple[object, ...]]:
    raw = await connection.get_raw_connection()
    return cast("psycopg.AsyncConnection[tuple[object, ...]]", raw.driver_connection)
