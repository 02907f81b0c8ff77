"""What people read about limits: why a request has to wait, and what is left."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from chatelier.domain.quotas.judge import Refusal
from chatelier.domain.quotas.limits import COUNTED, LISTED, NAMES, Limits
from chatelier.domain.quotas.usage import Meter

SPANS = {"hour": "this hour", "day": "today", "month": "this month", "minute": "this minute"}
OFTEN = {"hour": "an hour", "day": "a day", "month": "a month", "minute": "a minute"}
TALK_GOES_ON = "You can go on talking."


def sentence(refusal: Refusal, now: datetime, zone: str) -> str:
    """Why, and what helps."""
    if refusal.shared:
        return f"Everybody here together has reached a limit: {_shared(refusal)}. {_later(refusal, now, 'UTC')}"
    match refusal.name:
        case "cooldown_seconds":
            return f"Please wait {wait_words(refusal.seconds(now))} before the next picture."
        case "simultaneous":
            return _busy(refusal)
        case "messages_per_minute":
            return f"{refusal.limit} messages a minute are what your plan has. {_later(refusal, now, zone)}"
        case "storage_bytes":
            return f"Your {amount(refusal.name, refusal.limit)} of storage are full. Delete pictures you do not need."
    left = left_words(refusal.name, refusal.limit, max(0, refusal.limit - refusal.taken))
    if refusal.is_hopeless:
        return f"That is more than your plan has: {amount(refusal.name, refusal.limit)} {_often(refusal.name)}."
    wanted = f", and this takes {amount(refusal.name, refusal.asked)}" if refusal.limit > refusal.taken else ""
    return f"{left}{wanted}. {_later(refusal, now, zone)} {TALK_GOES_ON}"


def paused(until: datetime) -> str:
    """Why engines that cost something do nothing now."""
    return (
        "Engines that cost something are paused: all people here together have reached a spending limit. Free ones go "
        f"on. The pause ends on {until:%-d %B at %H:%M} UTC, or when an admin lifts it."
    )


def left_words(name: str, limit: int, left: int) -> str:
    """3 of 10 left this hour."""
    return f"{amount(name, left, short=True)} of {amount(name, limit, short=True)} left{_span(name)}"


def amount(name: str, number: int, *, short: bool = False) -> str:
    match NAMES[name].unit:
        case "micros":
            return f"${number / 1_000_000:.2f}" if number % 10_000 == 0 else f"${number / 1_000_000:.3f}"
        case "bytes":
            return f"{number / 1_000_000_000:.1f} GB" if number >= 10**9 else f"{number / 1_000_000:.0f} MB"
        case unit:
            return str(number) if short else f"{number} {unit[:-1] if number == 1 else unit}"


def of_plan(name: str, limit: int | None) -> str:
    """100 a day, for the plan that has more."""
    if name == "cooldown_seconds":
        return f"{limit} seconds between images" if limit else "no waiting between images"
    if limit is None:
        return f"no limit on {NAMES[name].words}"
    return f"{amount(name, limit, short=True)} {_often(name)}"


def summary(limits: Limits) -> str:
    """A plan in one line: 1 at a time · 10 an hour · $5.00 a month."""
    parts = [of_plan(line.name, limit) for line in COUNTED if (limit := limits.of(line.name)) is not None]
    parts += [f"{name}: {', '.join(getattr(limits, name))}" for name in LISTED if getattr(limits, name) is not None]
    if limits.paid_only and parts:
        parts.append("images limited on paid engines only")
    return " · ".join(parts) or "no limits"


def wait_words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{-(-minutes // 60)} hours"


def moment(when: datetime, now: datetime, zone: str) -> str:
    """At 14:05, or on 3 May at 14:05, by the clock of this zone."""
    local, today = when.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M}" if local.second == 0 else f"{local:%H:%M:%S}"
    return f"at {clock}" if local.date() == today.date() else f"on {local:%-d %B} at {clock}"


def remaining(limit: int, meter: Meter) -> int:
    return max(0, limit - meter.taken)


def _later(refusal: Refusal, now: datetime, zone: str) -> str:
    if refusal.resets_at is None:
        return "Try again in a moment."
    seconds = refusal.seconds(now)
    if seconds < 600:
        return f"Please wait {wait_words(seconds)}."
    where = "" if zone != "UTC" else " UTC"
    return f"More comes back {moment(refusal.resets_at, now, zone)}{where}."


def _busy(refusal: Refusal) -> str:
    if refusal.limit == 0:
        return "Your plan makes no pictures at the moment. Ask an admin."
    are = "picture is" if refusal.limit == 1 else f"{refusal.limit} pictures are"
    one = "One" if refusal.limit == 1 else "Your"
    return f"{one} {are} being painted, as many as your plan makes at a time. Wait until one is done, or stop it."


def _shared(refusal: Refusal) -> str:
    taken = amount(refusal.name, refusal.taken, short=True)
    return f"{taken} of {amount(refusal.name, refusal.limit)}{_span(refusal.name)}"


def _span(name: str) -> str:
    return f" {SPANS[NAMES[name].span]}" if NAMES[name].span else ""


def _often(name: str) -> str:
    if name == "simultaneous":
        return "at a time"
    return OFTEN.get(NAMES[name].span, NAMES[name].words)
