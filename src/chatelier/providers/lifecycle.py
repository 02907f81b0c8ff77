"""When a model ends at its seller, and what replaces it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from chatelier.providers.base import ChatProvider, ImageProvider


@dataclass(frozen=True, kw_only=True)
class Ending:
    """``day`` is the first on which it is refused; ``replacement`` is '' where none is known."""

    day: date
    replacement: str = ""

    def __str__(self) -> str:
        then = f", then {self.replacement}" if self.replacement else ""
        return f"until {self.day:%-d %B %Y}{then}"


@runtime_checkable
class Retiring(Protocol):
    """What a provider adds whose models end."""

    def ending_of(self, model: str) -> Ending | None: ...


def ending_of(provider: ImageProvider | ChatProvider, model: str) -> Ending | None:
    return provider.ending_of(model) if isinstance(provider, Retiring) else None
