"""The schema comes up to date once, whoever starts, and a newer one is refused with a sentence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from chatelier.db.engine import conninfo, parse_url
from chatelier.db.migrate import MIGRATIONS, head, migrate
from chatelier.db.models import Base
from chatelier.errors import CannotStart


@pytest.fixture
def empty_database(database_url: str) -> Iterator[str]:
    """A database of its own without any schema."""
    name = f"empty_{uuid4().hex[:8]}"
    with psycopg.connect(conninfo(database_url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield make_url(database_url).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_four_processes_that_start_together_prepare_the_database_once(empty_database: str) -> None:
    together = threading.Barrier(4)
    did: list[bool] = []

    def start() -> None:
        together.wait()
        did.append(migrate(empty_database))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(did) == [False, False, False, True]


def test_a_schema_newer_than_this_build_is_refused_with_advice(empty_database: str) -> None:
    migrate(empty_database)
    with psycopg.connect(conninfo(empty_database), autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CannotStart, match="newer than this Chatelier knows"):
        migrate(empty_database)


def test_the_migrations_make_just_what_the_models_say(empty_database: str) -> None:
    migrate(empty_database)
    engine = create_engine(parse_url(empty_database))
    with engine.connect() as connection:
        ours = set(Base.metadata.tables)
        options = {"include_name": lambda name, kind, _: kind != "table" or name in ours}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    engine.dispose()
    assert found == []


def test_our_newest_revision_is_alembics() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == head()


def test_a_server_that_is_not_there_is_named_in_a_sentence() -> None:
    with pytest.raises(CannotStart, match="cannot be reached"):
        migrate("postgresql://nobody@127.0.0.1:9/nowhere")


@pytest.mark.parametrize("address", ["mysql://a@b/c", "nonsense", "postgresql//x", ""])
def test_what_is_no_postgresql_address_is_refused(address: str) -> None:
    with pytest.raises(CannotStart, match="CHATELIER_DATABASE_URL"):
        parse_url(address)
