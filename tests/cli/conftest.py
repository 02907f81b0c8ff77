"""The command line as it is typed, on the tests' database and once as a process of its own."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatelier.cli import main


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(clean_database: str, house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("user", "list")`` answers what a shell would see."""
    monkeypatch.setenv("CHATELIER_DATABASE_URL", clean_database)
    monkeypatch.setenv("CHATELIER_DATA_DIR", str(house / "data"))
    monkeypatch.setenv("CHATELIER_FAKE_PROVIDER", "true")
    monkeypatch.setenv("CHATELIER_IMAGE_PROVIDER", "fake")
    monkeypatch.setenv("CHATELIER_CHAT_MODEL", "fake")

    def run(*words: str, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "argv", ["chatelier", *words])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        heard = capsys.readouterr()
        return Result(code, heard.out, heard.err)

    return run
