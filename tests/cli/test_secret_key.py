from __future__ import annotations

import secrets
import stat
from pathlib import Path

import psycopg
import pytest

from chatelier.config import Settings
from chatelier.db.engine import conninfo
from chatelier.db.models import Base
from chatelier.domain.sealed import SEALED
from chatelier.domain.sealing import seal, unseal
from tests.cli.conftest import Run

SEALED_ROW = "INSERT INTO stored_providers (name, settings, sealed_key, last_four) VALUES (%s, '{}', %s, 'tern')"


@pytest.fixture
def key(run: Run, house: Path, clean_database: str) -> Path:
    """Where the secret key lies, with a provider whose key is sealed under it."""
    assert run("doctor").out
    path = house / "data" / "secret.key"
    add(clean_database, "own", seal(path.read_bytes(), "sk-lantern"))
    return path


def add(url: str, name: str, sealed: bytes) -> None:
    with psycopg.connect(conninfo(url)) as connection:
        connection.execute(SEALED_ROW, (name, sealed))


def sealed(url: str) -> bytes:
    with psycopg.connect(conninfo(url)) as connection:
        row = connection.execute("SELECT sealed_key FROM stored_providers WHERE name = 'own'").fetchone()
    assert row
    return bytes(row[0])


def test_keys_of_providers_are_sealed_anew_and_the_old_key_stays_beside_the_new(
    run: Run, key: Path, clean_database: str
) -> None:
    old = key.read_bytes()
    done = run("secret-key", "rotate")
    assert done.code == 0, done.err
    assert "sealed anew: 1" in done.out
    assert key.read_bytes() != old
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.with_name("secret.key.before-rotation").read_bytes() == old
    assert unseal(key.read_bytes(), sealed(clean_database)) == "sk-lantern"
    assert "BAD" not in run("doctor").out.replace("BAD  Talk", "")


def test_a_key_of_the_settings_is_changed_by_naming_the_old_one(
    run: Run, key: Path, clean_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = secrets.token_urlsafe(48)
    monkeypatch.setenv("CHATELIER_SECRET_KEY", new)
    assert "--old-key-file" in run("secret-key", "rotate").err
    assert run("secret-key", "rotate", "--old-key-file", str(key)).code == 0
    assert unseal(new.encode(), sealed(clean_database)) == "sk-lantern"
    assert "are the same" in run("secret-key", "rotate", "--old-key-file", write(key, new)).err


def write(beside: Path, text: str) -> str:
    path = beside.with_name("named")
    path.write_text(text)
    return str(path)


def test_nothing_changes_while_somebody_runs_or_something_cannot_be_read(
    run: Run, key: Path, clean_database: str, settings: Settings
) -> None:
    old, before = key.read_bytes(), sealed(clean_database)
    with psycopg.connect(conninfo(clean_database), application_name="chatelier-hub"):
        assert "Stop the server and its workers first" in run("secret-key", "rotate").err
    wrong = write(key, secrets.token_urlsafe(48))
    assert "not the one this database was made with" in run("secret-key", "rotate", "--old-key-file", wrong).err
    add(clean_database, "strange", seal(b"another key than ours, of long ago", "sk"))
    assert "a provider named strange" in run("secret-key", "rotate").err
    assert (key.read_bytes(), sealed(clean_database)) == (old, before)


def test_every_sealed_column_is_named_where_keys_change() -> None:
    found = {column for table in Base.metadata.tables.values() for column in table.columns if "seal" in column.name}
    assert found == {model.__table__.c[name] for model, columns in SEALED.items() for name in columns}
