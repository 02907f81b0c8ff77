"""Bring the schema up to date, once even when many processes start. Alembic is imported only when there is
something to do: a start with a current schema must stay quick."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy import Connection, create_engine

from chatelier.db.engine import conninfo, parse_url
from chatelier.errors import CannotStart

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
LOCK_KEY = 0x43484154  # "CHAT": the advisory lock under which a schema changes


def head() -> str:
    """The newest revision shipped: versions are files named 0001_what.py, and a guard test holds them in line."""
    return max(path.stem.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def current(connection: psycopg.Connection[tuple[object, ...]]) -> str | None:
    """The revision of this database, or None when it is empty."""
    found = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if not found or found[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def migrate(url: str, *, say: Callable[[str], None] = lambda _: None) -> bool:
    """Apply what is missing; True when something was. Raises CannotStart for a schema newer than this build."""
    try:
        with psycopg.connect(conninfo(url), autocommit=True, connect_timeout=10) as connection:
            if _is_current(connection):
                return False
            connection.execute("SELECT pg_advisory_lock(%s)", (LOCK_KEY,))
            if _is_current(connection):  # another process did it while we waited
                return False
            say("Preparing the database…")
            _upgrade(url)
            return True
    except psycopg.OperationalError as error:
        raise unreachable(error) from error


def unreachable(error: psycopg.OperationalError) -> CannotStart:
    reason = str(error).strip().splitlines()[-1]
    return CannotStart(f"The database cannot be reached: {reason}. Check CHATELIER_DATABASE_URL.")


def check_server(version: int) -> None:
    """``version`` as libpq says it: 180004. Raises CannotStart for one that is too old."""
    if version < 140000:
        raise CannotStart(f"PostgreSQL {version // 10000} is too old. Chatelier needs PostgreSQL 14 or newer.")


def _is_current(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    check_server(connection.info.server_version)
    found, newest = current(connection), head()
    if found is not None and found > newest:
        raise CannotStart(
            f"This database has schema {found}, newer than this Chatelier knows ({newest}). "
            "Start the newer version of Chatelier, or restore a backup made before the upgrade."
        )
    return found == newest


def _upgrade(url: str) -> None:
    engine = create_engine(parse_url(url))
    try:
        with engine.begin() as connection:
            upgrade_within(connection, "head")
    finally:
        engine.dispose()


def upgrade_within(connection: Connection, revision: str) -> None:
    """Up to this revision, in the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
