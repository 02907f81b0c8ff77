"""Data folders of their own for the tests of the embedded server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatelier.db.embedded import open_embedded
from tests.db.visitors import Visitor, copy, new_place, remove_place, silent


@pytest.fixture
def place() -> Iterator[Path]:
    folder = new_place("place")
    yield folder
    remove_place(folder)


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    """A data folder whose database was made and stopped: to be copied, never to be used."""
    folder = new_place("made")
    open_embedded(folder / "made", say=silent).close()
    yield folder / "made"
    remove_place(folder)


@pytest.fixture
def studio(place: Path, made_once: Path) -> Path:
    """A data folder with a database that is not running."""
    return copy(made_once, place / "studio")


@pytest.fixture
def visitors() -> Iterator[list[Visitor]]:
    """Other processes that came; none outlives the test."""
    came: list[Visitor] = []
    yield came
    for visitor in came:
        visitor.kill()
