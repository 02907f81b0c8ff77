"""The stream of `chatelier intent --jsonl`: one answer for each line, whatever the line is."""

from __future__ import annotations

import json
from typing import Any

from chatelier.domain.intent.stream import run_jsonl


def answers(*lines: str) -> list[dict[str, Any]]:
    written: list[str] = []
    assert run_jsonl(lines, written.append) == 0
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in written)
    return [json.loads(line) for line in written]


def test_each_line_is_answered_in_order() -> None:
    history = [{"role": "assistant", "kind": "image", "text": "a fox"}]
    got = answers(
        json.dumps({"id": "1", "history": history, "text": "make it darker"}),
        "",
        json.dumps({"id": "2", "history": [], "text": "hello"}),
        json.dumps({"id": "3", "text": "/draw a fox"}),
    )
    assert got == [
        {"id": "1", "kind": "edit", "prompt": "a fox, darker"},
        {"id": "2", "kind": "chat", "prompt": ""},
        {"id": "3", "kind": "generate", "prompt": "a fox"},
    ]


def test_a_bad_line_is_told_so_and_the_stream_goes_on() -> None:
    got = answers(
        "{not json",
        "[]",
        '{"id": "a"}',
        '{"id": "b", "text": "hi", "history": "x"}',
        '{"id": "c", "text": "hi", "history": [{"role": "robot", "text": "x"}]}',
        '{"id": "d", "text": "hi"}',
    )
    assert [answer["id"] for answer in got] == [None, None, "a", "b", "c", "d"]
    assert ["error" in answer for answer in got] == [True] * 5 + [False]


def test_a_refused_message_is_chat_with_its_sentence() -> None:
    (got,) = answers('{"id": "a", "text": "/imagin a fox"}')
    assert (got["kind"], got["prompt"]) == ("chat", "")
    assert got["error"] == "I don't know /imagin. Did you mean /imagine?"
