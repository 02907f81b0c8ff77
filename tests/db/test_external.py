"""An external PostgreSQL by its address: nothing is embedded then, and everything else is the same."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from chatelier.config import Settings
from chatelier.db.migrate import migrate
from chatelier.domain import backup_tables
from chatelier.services import Services
from tests.backups import ask, contents, elsewhere, packed, unpacked
from tests.db.visitors import new_place
from tests.people import People

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
PASSWORD = "kept-outside"


@pytest.fixture
def external() -> Iterator[str]:
    """A PostgreSQL of the system's packages on a loopback port, with a password."""
    if not SERVERS:
        pytest.skip("no PostgreSQL server of the system is installed")
    if os.geteuid() != 0:
        pytest.skip("only root can start a server as another user here")
    place = new_place("external")
    shutil.chown(place, "nobody")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (place / "password").write_text(PASSWORD)
    shutil.chown(place / "password", "nobody")
    initdb = [str(SERVERS[0].parent / "initdb"), "-D", f"{place}/data", "-U", "ada", "-A", "scram-sha-256"]
    subprocess.run([*initdb, f"--pwfile={place}/password"], user="nobody", check=True, capture_output=True)
    settings = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-p", str(port), "-k", str(place)]
    server = subprocess.Popen(
        [str(SERVERS[0]), "-D", f"{place}/data", *settings], user="nobody", stderr=subprocess.DEVNULL, cwd="/"
    )
    url = f"postgresql://ada:{PASSWORD}@127.0.0.1:{port}/postgres"
    try:
        wait_for(url)
        yield url
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(place, ignore_errors=True)


def wait_for(url: str) -> None:
    for _ in range(200):
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    pytest.fail("the external server did not start")


def test_accounts_live_in_the_given_database_and_no_server_is_started(external: str, tmp_path: Path) -> None:
    environment = {**os.environ, "CHATELIER_DATABASE_URL": external, "CHATELIER_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-m", "chatelier", "user", "add", "ada@example.org", "--admin", "--password-stdin"]
    done = subprocess.run(command, input="a quiet blue lighthouse", env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(external) as connection:
        assert connection.execute("SELECT email, role FROM users").fetchall() == [("ada@example.org", "admin")]
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_wrong_password_is_a_sentence_that_does_not_repeat_it(external: str, tmp_path: Path) -> None:
    wrong = external.replace(PASSWORD, "guessed-secret")
    environment = {**os.environ, "CHATELIER_DATABASE_URL": wrong, "CHATELIER_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-m", "chatelier", "user", "list"]
    done = subprocess.run(command, env=environment, text=True, capture_output=True)
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert "guessed-secret" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.anyio
async def test_a_backup_goes_from_the_embedded_server_to_another_version_and_back(
    services: Services, people: People, worker: None, settings: Settings, external: str, house: Path
) -> None:
    ada = await people.user("ada")
    await people.finished(ada, await people.says(ada, await people.thread(ada, "Boats"), "/imagine a boat"))
    outside = settings.model_copy(update={"database_url": external, "data_dir": house / "outside"})
    assert (await unpacked(outside, await packed(settings))).images == 1
    versions = {ask(url, "SHOW server_version_num")[0][0][:2] for url in (external, settings.database_url)}
    with elsewhere(settings.database_url, house) as back:
        migrate(back.database_url)
        assert (await unpacked(back, await packed(outside))).images == 1
        for table in {*backup_tables.KEPT, backup_tables.FILES} - {"audit_log", "attempts"}:
            assert contents(back.database_url, table) == contents(settings.database_url, table), table
    assert versions == {SERVERS[0].parent.parent.name, "18"}
