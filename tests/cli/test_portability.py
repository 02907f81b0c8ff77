from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Run

GOOD = "correct horse battery\n"


@pytest.fixture
def ada(run: Run) -> str:
    assert run("user", "add", "ada@example.org", "--password-stdin", stdin=GOOD).code == 0
    return "ada@example.org"


def test_everything_of_ada_goes_into_a_private_file_and_comes_back(run: Run, ada: str, tmp_path: Path) -> None:
    file = tmp_path / "ada.zip"
    done = run("export", ada, str(file))
    assert done.code == 0, done.err
    assert f"everything that {ada} has" in done.out
    assert zipfile.ZipFile(file).testzip() is None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    back = run("import", str(file), ada)
    assert back.code == 0, back.err
    assert "0 threads, 0 messages and 0 images more" in back.out


def test_refusals_are_sentences_and_leave_nothing(run: Run, ada: str, tmp_path: Path) -> None:
    assert "no account" in run("export", "ben@example.org", str(tmp_path / "ben.zip")).err
    refused = run("export", ada, str(tmp_path / "nowhere" / "ada.zip"))
    assert refused.code == 1
    assert "cannot be written" in refused.err
    assert "is not there" in run("import", str(tmp_path / "none.zip"), ada).err
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"no zip")
    assert "Nothing was imported" in run("import", str(bad), ada).err
    assert list(tmp_path.iterdir()) == [bad]
