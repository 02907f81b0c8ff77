"""How often the decision is right, on messages written for this purpose.

The files have the format of the development set plus ``split``: rules and odds were tuned on the lines marked "tuned";
nobody looks at the failures of the lines marked "held", only at their number. docs/evaluation.md has the figures, the
floors here are a little below them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import pytest

from tools import evaluation
from tools.evaluation import Row, Score

FLOORS = {  # of the held lines: right, words kept; and talk painted over at most
    "own": (0.98, 0.98, 0.02),
    "set1": (0.96, 0.98, 0.03),
    "set2": (0.95, 0.96, 0.04),
    "set3": (0.92, 0.94, 0.03),
    "set4": (0.95, 0.96, 0.03),
    "set5": (0.93, 0.97, 0.03),
    "set6": (0.90, 0.94, 0.04),
    "set7": (0.97, 0.98, 0.02),
    "set8": (0.96, 0.98, 0.02),
}


@cache
def groups() -> dict[str, list[Row]]:
    return dict(evaluation.grouped(sorted(evaluation.DATA.glob("*.jsonl"))))


@cache
def score(group: str) -> Score:
    return evaluation.scored(groups()[group])


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_the_tuned_messages_are_understood(name: str) -> None:
    tuned = score(f"{name} tuned")
    assert tuned.right / tuned.lines >= 0.98, tuned.wrong
    assert tuned.hijacked / tuned.talk <= 0.01, tuned.wrong
    assert tuned.kept / tuned.words >= 0.95


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_the_held_messages_are_understood(name: str) -> None:
    held = score(f"{name} held")
    lines, talk = held.lines, held.talk
    shares = (held.right / lines, held.kept / held.words, held.hijacked / talk)  # an assertion on ``held`` shows lines
    right, kept, hijacked = FLOORS[name]
    assert lines > 200
    assert shares[0] >= right
    assert shares[1] >= kept
    assert shares[2] <= hijacked


@pytest.mark.parametrize("language", ["es", "fr", "de", "pt", "ja", "zh"])
def test_each_language_is_understood(language: str) -> None:
    rows = [row for row in lines() if f"lang_{language}" in row["tags"] and row["split"] == "tuned"]
    assert len(rows) >= 10
    abroad = evaluation.scored(rows)
    assert abroad.lines - abroad.right <= 1, abroad.wrong


def test_there_are_enough_messages_and_they_differ() -> None:
    assert sum(row["split"] == "held" for row in lines()) >= 2700
    assert sum(1 for _ in lines()) >= 6200
    seen = [(json.dumps(row["history"]), row["text"]) for row in lines()]
    assert len(set(seen)) == len(seen)
    assert all(row["kind"] == "chat" or row["prompt_must_contain"] for row in lines())
    assert {row["kind"] for row in lines()} == {"chat", "generate", "edit"}


def lines() -> Iterator[Row]:
    return (row for rows in groups().values() for row in rows)
