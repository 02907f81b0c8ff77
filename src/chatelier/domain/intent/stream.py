"""Decisions for a stream of JSON lines, as `chatelier intent --jsonl` reads and writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chatelier.domain.intent.decide import decide
from chatelier.domain.intent.model import Turn
from chatelier.errors import ChatelierError


def run_jsonl(lines: Iterable[str], write: Callable[[str], None]) -> int:
    """Each line `{"id","history":[{"role","kind","text"}...],"text"}` is answered by `{"id","kind","prompt"}`.

    A line that cannot be read is answered by `{"id","error"}` and the stream goes on; a message that is refused is
    chat, with its sentence as `error`. ``write`` gets one line with its line break and should flush. Returns 0.
    """
    for line in lines:
        if line.strip():
            write(json.dumps(_answer(line), ensure_ascii=False) + "\n")
    return 0


def _answer(line: str) -> dict[str, Any]:
    try:
        item = json.loads(line)
    except (ValueError, RecursionError):
        return {"id": None, "error": "This line is not JSON."}
    if not isinstance(item, Mapping):
        return {"id": None, "error": "This line is not a JSON object."}
    key = item.get("id")
    try:
        text, history = _read(item)
    except ValueError as error:
        return {"id": key, "error": str(error)}
    try:
        decision = decide(text, history)
    except ChatelierError as error:
        return {"id": key, "kind": "chat", "prompt": "", "error": error.sentence}
    return {"id": key, "kind": decision.kind, "prompt": decision.prompt}


def _read(item: Mapping[str, Any]) -> tuple[str, list[Turn]]:
    text, history = item.get("text"), item.get("history", [])
    if not isinstance(text, str):
        raise ValueError("text is missing or not a string.")
    if not isinstance(history, list):
        raise ValueError("history is not a list.")
    return text, [_turn(raw) for raw in history]


def _turn(raw: object) -> Turn:
    if not isinstance(raw, Mapping):
        raise ValueError("A turn of the history is not an object.")
    role, kind, text, handle = raw.get("role"), raw.get("kind", "text"), raw.get("text"), raw.get("handle")
    if role not in ("user", "assistant") or kind not in ("text", "image") or not isinstance(text, str):
        raise ValueError("A turn has a role (user or assistant), a kind (text or image) and a text.")
    return Turn(role=role, kind=kind, text=text, handle=handle if isinstance(handle, int) else None)
