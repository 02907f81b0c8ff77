"""What a scripted fake is told to do wrong, and the record of what it was asked.

Words in double square brackets in the text of a request are its script: ``a cat [[slow 3]] [[truncated]]``.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chatelier.ids import new_id
from chatelier.providers.base import FailureKind, ProviderError

_MARK = re.compile(r"\[\[\s*([\w-]+)\s*([^\]]*?)\s*\]\]")

Script = Mapping[str, str] | Callable[[str], str]


class Faults:
    """The marks of one request: ``'slow' in faults``, ``faults.number('slow', 3)``, ``faults.word('wrong-type')``."""

    def __init__(self, text: str) -> None:
        self._given = dict(_MARK.findall(text))

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def __bool__(self) -> bool:
        return bool(self._given)

    def word(self, name: str, default: str = "") -> str:
        return self._given.get(name) or default

    def number(self, name: str, default: float) -> float:
        try:
            return float(self._given.get(name) or default)
        except ValueError:
            return default


def without_marks(text: str) -> str:
    return " ".join(_MARK.sub(" ", text).split())


def faults_of(text: str, script: Script | None) -> Faults:
    """The marks in ``text``, and those that ``script`` adds: a function of the text, or marks by a part of the text."""
    if callable(script):
        return Faults(text + script(text))
    return Faults(text + "".join(marks for part, marks in (script or {}).items() if part in text))


class Failures:
    """The failures that both fakes share. ``[[flaky]]`` fails once for each text, then works."""

    def __init__(self) -> None:
        self._failed: set[str] = set()

    def refuse(self, faults: Faults) -> None:
        """Raise what a real engine would say before it starts to work."""
        if "429" in faults:
            wait = faults.number("429", 7)
            raise ProviderError(FailureKind.RATE_LIMITED, "scripted 429", sent=False, retry_after=wait)
        if "refuse" in faults:
            raise ProviderError(FailureKind.REFUSED, "scripted refusal", request_id="fake-refused")
        if "bad-request" in faults:
            raise ProviderError(FailureKind.BAD_REQUEST, "scripted 400", sent=False)
        if "unreachable" in faults:
            raise ProviderError(FailureKind.UNAVAILABLE, "scripted connection refused", sent=False)

    def break_off(self, text: str, faults: Faults) -> None:
        """Raise what happens after work was done."""
        once = "flaky" in faults and text not in self._failed
        if "500" in faults or once:
            self._failed.add(text)
            raise ProviderError(FailureKind.UNAVAILABLE, "scripted 500", request_id="fake-500")
        if "dies" in faults:
            raise ProviderError(FailureKind.UNKNOWN, "scripted broken connection")


class Journal:
    """One line of JSON for the start and one for the end of each call, on disk before the call goes on, so that
    other processes can count calls even after a kill. Without a path nothing is written."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def start(self, **told: Any) -> str:
        call = str(new_id())
        self._write({"event": "call", "call": call, **told})
        return call

    def end(self, call: str, outcome: str) -> None:
        self._write({"event": "end", "call": call, "outcome": outcome})

    def _write(self, line: dict[str, Any]) -> None:
        if self.path is None:
            return
        line |= {"pid": os.getpid(), "at": time.time()}
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, json.dumps(line).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_journal(path: Path) -> list[dict[str, Any]]:
    """All lines so far, oldest first; none when nothing was called."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
