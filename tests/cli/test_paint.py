from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_a_picture_is_painted_without_server_or_database(tmp_path: Path) -> None:
    program = (
        "import sys; from chatelier.cli import app\n"
        "app(standalone_mode=False)\n"
        "print([name for name in ('sqlalchemy', 'psycopg', 'fastapi') if name in sys.modules], file=sys.stderr)"
    )
    words = [
        "paint",
        "three red cats and a zorbl",
        "-o",
        str(tmp_path / "cats.png"),
        "--size",
        "512x256",
        "--seed",
        "7",
    ]
    done = subprocess.run([sys.executable, "-c", program, *words, "--json"], capture_output=True, text=True, check=True)
    details = json.loads(done.stdout)
    assert (details["size"], details["seed"], details["not_understood"]) == ("512x256", 7, ["zorbl"])
    assert done.stderr.strip() == "[]"
    content = (tmp_path / "cats.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert b"algorithmicMedia" in content


def test_the_same_seed_paints_the_same(run: Run, tmp_path: Path) -> None:
    pictures = []
    for number in range(2):
        place = tmp_path / f"{number}.png"
        told = run("paint", "a lighthouse at sunset", "-o", str(place), "--seed", "3", "--size", "256x256")
        assert told.code == 0
        assert "lighthouse" in told.out
        pictures.append(place.read_bytes())
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((" ", "-o", "a.png"), "Say what to paint"),
        (("a cat", "-o", "a.jpg"), "a.png"),
        (("a cat", "-o", "/nowhere/a.png"), "cannot be written"),
        (("a cat", "-o", "a.png", "--size", "9x9"), "256 to 2048"),
        (("a cat", "-o", "a.png", "--size", "wide"), "is not a size"),
    ],
)
def test_what_cannot_be_painted_is_a_sentence(run: Run, words: tuple[str, ...], part: str) -> None:
    refused = run("paint", *words)
    assert refused.code == 1
    assert part in refused.err
    assert not Path("a.png").exists()


def test_a_seed_out_of_range_is_not_understood(run: Run) -> None:
    assert run("paint", "a cat", "-o", "a.png", "--seed", str(2**32)).code == 2


def test_intent_says_how_it_is_used(run: Run) -> None:
    refused = run("intent")
    assert refused.code == 1
    assert "--jsonl" in refused.err
