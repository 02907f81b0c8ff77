from __future__ import annotations

import stat
from pathlib import Path

import pytest

from chatelier.cli import backup
from tests.cli.conftest import Run

GOOD = "correct horse battery\n"


@pytest.fixture
def ada(run: Run) -> str:
    assert run("user", "add", "ada@example.org", "--password-stdin", stdin=GOOD).code == 0
    assert run("doctor").out  # the secret key is made and its fingerprint kept
    return "ada@example.org"


def test_a_backup_is_a_private_file_and_says_loudly_when_the_secret_key_is_not_in_it(
    run: Run, ada: str, tmp_path: Path
) -> None:
    file = tmp_path / "all.tar"
    done = run("backup", str(file))
    assert (done.code, done.out) == (0, ""), done.err
    assert "Accounts: 1, pictures: 0" in done.err
    assert "The secret key is NOT in this backup" in done.err
    assert "secret.key beside it" in done.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    words = tmp_path / "words"
    words.write_text("four words of mine\nand a second line\n")
    assert "is in it under the passphrase" in run("backup", str(file), "--passphrase-file", str(words)).err
    assert "NOT" in run("backup", str(file), "--passphrase-file", str(words), "--without-key").err


def test_refusals_are_sentences_and_leave_nothing(
    run: Run, ada: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, file = tmp_path / "words", tmp_path / "all.tar"
    words.write_text("short")
    assert "too short" in run("backup", str(file), "--passphrase-file", str(words)).err
    assert "cannot be read from" in run("backup", str(file), "--passphrase-file", str(tmp_path / "none")).err
    assert "is no date" in run("backup", str(file), "--since", "last week").err
    assert "cannot be written" in run("backup", str(tmp_path / "nowhere" / "all.tar")).err
    assert "cannot be read" in run("restore", str(file)).err
    assert "not a whole backup" in run("restore", str(words)).err
    assert list(tmp_path.iterdir()) == [words]
    run("backup", str(file))
    assert "There is something here already" in run("restore", str(file)).err
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "does not go to a terminal" in run("backup", str(backup.PIPE)).err


def test_a_sealed_key_without_a_passphrase_is_refused_with_three_ways_on(
    run: Run, ada: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "all.tar"
    monkeypatch.setenv("CHATELIER_BACKUP_PASSPHRASE", "four words of mine")
    assert "under the passphrase" in run("backup", str(file)).err
    monkeypatch.delenv("CHATELIER_BACKUP_PASSPHRASE")
    monkeypatch.setenv("CHATELIER_DATA_DIR", str(tmp_path / "new"))
    refused = run("restore", str(file))
    assert refused.code == 1
    for way in ("CHATELIER_BACKUP_PASSPHRASE", "--passphrase-file", "--without-key"):
        assert way in refused.err
