"""Money, shares and waits in the words of the page of what was spent."""

from __future__ import annotations

from datetime import date, timedelta

from chatelier.domain.spend.calendar import Calendar, Step
from chatelier.domain.spend.figures import Figures
from chatelier.domain.spend.words import SIGNS, counted, exact
from chatelier.web.words import PROVIDERS

DAY = timedelta(days=1)
__all__ = ["counted", "day", "exact", "on_axis", "period", "provider", "rate", "seconds"]


def on_axis(micros: int, currency: str) -> str:
    """As short as a line of a plot needs it: $0, $0.05, $20, $5k."""
    sign = SIGNS.get(currency, currency + " ")
    if micros >= 10_000_000_000:
        return f"{sign}{micros / 1_000_000_000:g}k"
    return f"{sign}{exact(micros, '').strip().removesuffix('.00')}"


def rate(count: int, figures: Figures) -> str:
    """A part of all requests, in per cent."""
    if not figures.requests:
        return "–"
    share = 100 * count / figures.requests
    return f"{share:.0f} %" if share in (0, 100) or share >= 10 else f"{share:.1f} %"


def seconds(wait: float | None) -> str:
    if wait is None:
        return "–"
    if wait < 120:
        return f"{wait:.1f} s" if wait < 10 else f"{wait:.0f} s"
    return f"{wait / 60:.0f} min" if wait < 7200 else f"{wait / 3600:.0f} h"


def period(number: int, calendar: Calendar) -> str:
    """A row of the table: 3 November 2026; of a week or month that is cut, its days."""
    first = calendar.firsts[number]
    ends = [*calendar.firsts[1:], calendar.last + DAY]
    last = ends[number] - DAY
    if first == last:
        return day(first)
    if calendar.step is Step.MONTH and first.day == 1 and ends[number].day == 1:
        return f"{first:%B %Y}"
    return f"{day(first)} – {day(last)}"


def day(when: date) -> str:
    return f"{when:%-d %b %Y}"


def provider(name: str) -> str:
    return PROVIDERS.get(name, name.capitalize()) if name else "Not recorded"
