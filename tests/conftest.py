"""Real PostgreSQL for every test: one embedded server per test process, one migrated database, emptied between
tests by DELETE (tests commit for real, so jobs, notifications and streams are exercised)."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import chatelier.services as services_module
from chatelier.config import Settings
from chatelier.db.cluster import DATABASE
from chatelier.db.embedded import open_embedded
from chatelier.db.engine import conninfo, make_engine
from chatelier.db.migrate import migrate
from chatelier.db.tasks import end_task
from chatelier.log import configure
from chatelier.providers import wire
from chatelier.services import Services, open_services
from chatelier.worker import run_worker
from tests.people import People
from tests.stores import assert_nothing_dangles


def stay_inside(event: str, told: tuple[object, ...]) -> None:
    """Whatever a library of this process connects to has to be on this machine or in its network."""
    if event == "socket.connect" and isinstance(told[1], tuple):
        host = str(told[1][0]).partition("%")[0]
        if not wire.is_private(host):
            raise RuntimeError(f"a test reached outside: {host}")


# No test reaches outside the machine, whatever the shell exports: a call there is an error, in children too.
for name in [name for name in os.environ if name.startswith(("CHATELIER_", "OPENAI_"))]:
    del os.environ[name]
os.environ["CHATELIER_OFFLINE"] = "true"
wire.close_the_way_out(True)
sys.addaudithook(stay_inside)
configure("error")  # tracebacks without the values of variables, which cost seconds
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
EMPTY = "untouched"  # a migrated database that others are copied from
KEEP = ("alembic_version", "procrastinate_version")
# Files that take long beside the stories: they start first, so that no process is left alone with one at the end.
LONG = ("test_openapi.py", "test_local_chat.py", "test_embedded.py", "test_embedded_crashes.py", "test_events.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONG and item.path.parent.name != "stories")


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def house() -> Iterator[Path]:
    """A folder that the database's system user can reach, gone at the end."""
    path = Path(tempfile.mkdtemp(prefix="chatelier-tests-", dir="/var/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def remembered_statements(url: str) -> Iterator[None]:
    """Statements are compiled once for all engines of this process, which takes longer than all else that most tests
    do: an engine knows its statements by its dialect, so all get that of the first, which has met the server."""
    first = make_engine(url)
    asyncio.run(meet(first))

    def make(url: str) -> AsyncEngine:
        made = make_engine(url)
        made.sync_engine.dialect = made.pool._dialect = first.dialect
        made.sync_engine._compiled_cache = first.sync_engine._compiled_cache
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services_module, "make_engine", make)
        yield


async def meet(engine: AsyncEngine) -> None:
    async with engine.connect():
        pass
    await engine.dispose()


@pytest.fixture(scope="session")
def database_url(house: Path) -> Iterator[str]:
    """The address of a migrated database of this test process."""
    server = open_embedded(house / "database", say=lambda _: None)
    with psycopg.connect(server.url, autocommit=True) as connection:
        for setting in FAST:
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
    migrate(server.url)
    with psycopg.connect(server.url, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {EMPTY} TEMPLATE {DATABASE}".encode())
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA kept")
        connection.execute("CREATE TABLE kept.plans AS TABLE plans")  # what every installation begins with
    with remembered_statements(server.url):
        yield server.url
    server.close()


@pytest.fixture(scope="session")
def new_database(database_url: str) -> Callable[[str], str]:
    """``new_database("lan")`` answers the address of one more in the same server: migrated, empty and ready at once."""

    def make(name: str) -> str:
        with psycopg.connect(database_url, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {EMPTY}".encode())
        return database_url.replace(f"///{DATABASE}?", f"///{name}?")

    return make


@pytest.fixture
def clean_database(database_url: str) -> str:
    """The same database without any rows. Triggers are off meanwhile, so the order of tables does not matter."""
    with psycopg.connect(conninfo(database_url)) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        emptied = [f'DELETE FROM "{name}"' for (name,) in rows if name not in KEEP]
        told = ["SET LOCAL session_replication_role = replica", *emptied, "INSERT INTO plans TABLE kept.plans"]
        connection.execute("; ".join(told).encode())  # one question, not fifty
    return database_url


@pytest.fixture
def store(request: pytest.FixtureRequest, clean_database: str, tmp_path: Path) -> Iterator[str]:
    """The address of the object store, or "" for the database alone. A test asks for both with ``BOTH_STORES``; what it
    leaves behind must be named by a row or noted to be deleted."""
    if getattr(request, "param", "database") == "database":
        yield ""
        return
    folder = tmp_path / "objects"
    yield f"file://{folder}"
    if folder.exists():
        assert_nothing_dangles(clean_database, folder)


@pytest.fixture
def settings(clean_database: str, house: Path, store: str) -> Settings:
    """Scripted engines that need no time; a test that wants others asks with ``settings.model_copy``."""
    return Settings(
        data_dir=house / "data",
        database_url=clean_database,
        storage_url=store,
        fake_provider=True,
        image_provider="fake",
        chat_model="fake",
        stop_grace=0.1,
        provider_patience=0,
    )


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    async with open_services(settings) as opened:
        yield opened


@pytest.fixture
async def worker(services: Services) -> AsyncIterator[None]:
    """A real worker in the background of the test."""
    task = asyncio.create_task(run_worker(services))
    yield
    await end_task(task)


@pytest.fixture
def people(services: Services) -> People:
    return People(services)
