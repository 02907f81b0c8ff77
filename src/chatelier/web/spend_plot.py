"""Plots as the numbers of an SVG: bars on a scale that people can read. Pure; the template only writes them down.
Drawn twice, for wide windows and for narrow ones, so that letters keep their size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from chatelier.domain.spend.calendar import Calendar, Step

TOP, FOOT, RIGHT = 14.0, 30.0, 6.0
LETTER = 7.2  # about the width of one, in the plot's units
LINES = 4  # at most, above the base


@dataclass(frozen=True, kw_only=True)
class Mark:
    at: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Series:
    """One path for all bars of a kind; ``kind`` is its class."""

    kind: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Plot:
    kind: str
    width: float
    height: float
    left: float
    right: float
    base: float
    lines: Sequence[Mark]
    names: Sequence[Mark]
    series: Sequence[Series]


Kinds = Sequence[tuple[str, Sequence[int]]]


def plots(calendar: Calendar, kinds: Kinds, words: Callable[[int], str], *, whole: bool = False) -> list[Plot]:
    """Bars stacked in the order of ``kinds``, for a wide and for a narrow window; none where every bar is empty.
    ``whole``: of things that come whole, so that no line stands at half of one."""
    if not any(any(values) for _, values in kinds):
        return []
    sizes = (("wide", 880.0, 240.0), ("narrow", 340.0, 220.0))
    return [_plot(kind, width, height, calendar, kinds, words, whole) for kind, width, height in sizes]


def _plot(
    kind: str,
    width: float,
    height: float,
    calendar: Calendar,
    kinds: Kinds,
    words: Callable[[int], str],
    whole: bool,
) -> Plot:
    most = max(map(sum, zip(*(values for _, values in kinds), strict=True)))
    step = nice_step(most, whole=whole)
    values = [step * number for number in range(-(-most // step) + 1)]
    left = max(len(words(value)) for value in values) * LETTER + 10
    base, right = height - FOOT, width - RIGHT
    scale = (base - TOP) / values[-1]
    room = (right - left) / len(calendar.firsts)
    return Plot(
        kind=kind,
        width=width,
        height=height,
        left=round(left, 1),
        right=right,
        base=base,
        lines=[Mark(at=round(base - value * scale, 1), words=words(value)) for value in values],
        names=_names(calendar, left, room, width),
        series=_bars(kinds, left, base, room, scale),
    )


def nice_step(most: int, *, whole: bool = False) -> int:
    """The distance of the lines: 1, 2 or 5 times a power of ten, so that few lines reach above ``most``."""
    least = max(1, -(-most // LINES)) if whole else max(1.0, most / LINES)
    power = 10 ** math.floor(math.log10(least))
    return next(int(power * times) for times in (1, 2, 5, 10) if power * times >= least)


def _bars(kinds: Kinds, left: float, base: float, room: float, scale: float) -> list[Series]:
    """What is too low to be seen is drawn as a hair, so that something is told from nothing."""
    width = min(36.0, max(1.0, room * 0.72))
    below = [base] * len(kinds[0][1])
    found = []
    for kind, values in kinds:
        path = []
        for number, value in enumerate(values):
            if not value:
                continue
            height = max(1.0, value * scale)
            start = left + room * (number + 0.5) - width / 2
            path.append(f"M{start:.1f} {below[number]:.1f}v{-height:.1f}h{width:.1f}v{height:.1f}z")
            below[number] -= height
        found.append(Series(kind=kind, path="".join(path)))
    return found


def _names(calendar: Calendar, left: float, room: float, width: float) -> list[Mark]:
    """Below the bars, so many as there is room for, none of them over the edge."""
    written = [name(first, calendar) for first in calendar.firsts]
    longest = max(map(len, written)) * LETTER
    every = max(1, math.ceil((longest + 14) / room))
    middles = ((number, left + room * (number + 0.5)) for number in range(0, len(written), every))
    return [Mark(at=round(min(at, width - longest / 2), 1), words=written[number]) for number, at in middles]


def name(first: date, calendar: Calendar) -> str:
    """3 Nov; of a month, which may begin late, Nov 2026."""
    return f"{first:%b %Y}" if calendar.step is Step.MONTH else f"{first:%-d %b}"
