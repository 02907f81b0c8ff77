"""What a measure tells: a figure, its budget, and the reference it stands beside."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """``ok`` is None where a figure only informs."""

    what: str
    value: str
    budget: str = ""
    ok: bool | None = None

    def line(self) -> str:
        mark = {True: "ok", False: "OVER", None: ""}[self.ok]
        return f"{self.what:<58} {self.value:>24}   {self.budget:<22} {mark}"


def at_most(what: str, value: float, limit: float, unit: str, *, digits: int = 2) -> Figure:
    return Figure(
        what=what, value=f"{value:.{digits}f} {unit}", budget=f"<= {limit:g} {unit}".strip(), ok=value <= limit
    )


def at_least(what: str, value: float, limit: float, unit: str, *, digits: int = 2) -> Figure:
    return Figure(
        what=what, value=f"{value:.{digits}f} {unit}", budget=f">= {limit:g} {unit}".strip(), ok=value >= limit
    )


def told(what: str, value: str) -> Figure:
    return Figure(what=what, value=value)


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
