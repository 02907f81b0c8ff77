"""Whether a request fits: pure, by limits and usage alone. All limits stand or fall together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chatelier.domain.quotas.limits import Limits
from chatelier.domain.quotas.usage import Usage
from chatelier.errors import Forbidden, PriceUnknown

CODES = {
    "simultaneous": "concurrency",
    "cooldown_seconds": "cooldown",
    "money_per_day": "budget_exceeded",
    "money_per_month": "budget_exceeded",
    "messages_per_minute": "rate_limited",
}
LONG_AGO = datetime.min.replace(tzinfo=UTC)
BUSY_SECONDS = 5  # nobody knows when a running generation ends


@dataclass(frozen=True, kw_only=True)
class Ask:
    """``micros`` is the ceiling of its price, None when nobody knows one. ``paid``: by an engine that is not free.
    ``is_test``: counted apart, so nothing binds it."""

    images: int = 0
    micros: int | None = 0
    paid: bool = False
    messages: int = 0
    stores: int = 0
    provider: str = ""
    model: str = ""
    size: str = ""
    is_test: bool = False

    @property
    def spends(self) -> bool:
        """Whether it costs the operator anything, counted or as a test; the scripted engines only say so."""
        return self.paid and self.provider != "fake"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The limit that is in the way. ``resets_at`` None: waiting alone does not help, or nobody knows how long."""

    name: str
    limit: int
    taken: int
    asked: int
    resets_at: datetime | None = None
    shared: bool = False

    @property
    def code(self) -> str:
        return CODES.get(self.name, "quota_exceeded")

    @property
    def missing(self) -> int:
        """How much has to come back before it fits."""
        return self.taken + self.asked - self.limit

    @property
    def is_hopeless(self) -> bool:
        return self.asked > self.limit or self.name == "storage_bytes"

    def until(self, moment: datetime | None) -> Refusal:
        return replace(self, resets_at=moment)

    def seconds(self, now: datetime) -> int:
        """Whole seconds after which asking again can help, at least 1."""
        if self.resets_at is None:
            return BUSY_SECONDS
        return max(1, -int((now - self.resets_at) // timedelta(seconds=1)))


def concerns(limits: Limits, ask: Ask) -> bool:
    """Whether anything has to be counted for this request."""
    return any(limits.of(name) is not None for name, asked in _amounts(limits, ask) if asked)


def check_allowed(limits: Limits, ask: Ask) -> None:
    """Raises Forbidden for what the limits exclude, PriceUnknown where money is capped and nobody knows the price."""
    if ask.is_test:
        return
    for name, wanted in (("providers", ask.provider), ("models", ask.model), ("sizes", ask.size)):
        allowed = getattr(limits, name)
        if ask.images and allowed is not None and wanted not in allowed:
            raise Forbidden(f"Your plan does not include {wanted}. It includes {', '.join(allowed)}.")
    most = limits.images_per_request
    if most is not None and ask.images > most:
        raise Forbidden(f"Your plan makes at most {most} image{'' if most == 1 else 's'} in one request.")
    if ask.micros is None and limits.caps_money:
        raise PriceUnknown


def refusals(limits: Limits, usage: Usage, ask: Ask, now: datetime, *, shared: bool = False) -> list[Refusal]:
    """Every limit that is in the way."""
    return list(_refusals(limits, usage, ask, now, shared=shared))


def worst(found: list[Refusal]) -> Refusal | None:
    """What to tell: what waiting does not mend, else what takes longest, so that who waits as told is let in."""
    if not found:
        return None
    return max(found, key=lambda one: (one.is_hopeless, one.resets_at is not None, one.resets_at or LONG_AGO))


def _refusals(limits: Limits, usage: Usage, ask: Ask, now: datetime, *, shared: bool) -> Iterator[Refusal]:
    for name, asked in _amounts(limits, ask):
        limit, meter = limits.of(name), usage.of(name)
        if not asked or limit is None:
            continue
        if name == "cooldown_seconds":
            until = usage.cooling_since + timedelta(seconds=limit) if usage.cooling_since else now
            if until > now:
                yield Refusal(name=name, limit=limit, taken=limit, asked=0, resets_at=until, shared=shared)
        elif meter.taken + asked > limit:
            yield Refusal(
                name=name, limit=limit, taken=meter.taken, asked=asked, resets_at=meter.resets_at, shared=shared
            )


def _amounts(limits: Limits, ask: Ask) -> list[tuple[str, int]]:
    """How much of each limit the request takes; 0 of what does not bind it."""
    if ask.is_test:
        return []
    images = ask.images if ask.paid or not limits.paid_only else 0
    one = 1 if images else 0
    return [
        ("simultaneous", one),
        ("cooldown_seconds", one),
        ("images_per_hour", images),
        ("images_per_day", images),
        ("images_per_month", images),
        ("money_per_day", ask.micros or 0),
        ("money_per_month", ask.micros or 0),
        ("messages_per_minute", ask.messages),
        ("storage_bytes", ask.stores or (1 if ask.images else 0)),
    ]
