"""What is known of chat models: data/chat_models.json. No model name is in code."""

from __future__ import annotations

import json
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from chatelier.providers.lifecycle import Ending

SOME_TOKENS = 7000  # an image's, at most, for a model that nothing is known of


def preferred(host: str) -> list[str]:
    """Which models to take of a server that lists many, the first that it has."""
    return list(_data()["preferred"].get(host, []))


def image_tokens(model: str) -> int:
    """How much one image of at most 1024 pixels may count for; 0: nothing says that it sees any."""
    name = model.rpartition("/")[2].lower()
    return next((int(tokens) for pattern, tokens in _data()["sees"].items() if fnmatchcase(name, pattern)), 0)


def ending_of(host: str, model: str) -> Ending | None:
    """When a server is known to give a model up."""
    ends: dict[str, list[str]] = _data()["ends"].get(host, {})
    found = next((told for pattern, told in ends.items() if fnmatchcase(model.lower(), pattern)), None)
    return Ending(day=date.fromisoformat(found[0]), replacement=found[1]) if found else None


def known_window(model: str) -> int:
    """How many tokens question and answer may have together; 0: nobody knows. A dated name stands for its model."""
    name = model.rpartition("/")[2].lower()
    return next((int(tokens) for pattern, tokens in _data()["windows"].items() if fnmatchcase(name, pattern)), 0)


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "chat_models.json").read_text())
    return found
