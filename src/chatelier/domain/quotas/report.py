"""What people may use, have used and have left: for the account page, for programs, and by the composer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.domain.quotas import words
from chatelier.domain.quotas.limits import COUNTED, NAMES
from chatelier.domain.quotas.standing import Standing, read_standing
from chatelier.domain.quotas.usage import Meter, Usage, own_usage

BY_THE_COMPOSER = ("images_per_hour", "images_per_day", "images_per_month", "money_per_day", "money_per_month")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One limit as it stands. ``remaining`` never falls below 0, ``used`` and ``held`` may exceed ``limit``. Of a
    cooldown, ``used`` is the seconds still to wait."""

    name: str
    unit: str
    limit: int
    used: int
    held: int
    remaining: int
    resets_at: datetime | None

    @property
    def left(self) -> str:
        if NAMES[self.name].unit == "seconds":
            return f"wait {self.used} s" if self.used else "none to wait for"
        return words.left_words(self.name, self.limit, self.remaining)


@dataclass(frozen=True, kw_only=True)
class Report:
    standing: Standing
    limits: Sequence[Shown]


async def report(db: AsyncSession, owner_id: UUID) -> Report:
    standing = await read_standing(db, owner_id)
    wanted = [line.name for line in COUNTED if standing.limits.of(line.name) is not None]
    usage = await own_usage(db, standing) if wanted else Usage()
    return Report(standing=standing, limits=[_shown(standing, usage, name) for name in wanted])


async def left_by_the_composer(db: AsyncSession, owner_id: UUID) -> str:
    """The limit that is nearest, in words; '' where the plan has none. Money is told of once some is spent."""
    found = [one for one in (await report(db, owner_id)).limits if one.name in BY_THE_COMPOSER]
    told = [one for one in found if one.unit != "micros" or one.used or one.held]
    if not told:
        return ""
    return min(told, key=lambda one: one.remaining / one.limit if one.limit else 0.0).left


def _shown(standing: Standing, usage: Usage, name: str) -> Shown:
    limit, meter = standing.limits.of(name) or 0, usage.of(name)
    if name == "cooldown_seconds":
        meter = _cooldown(standing, usage, limit)
    return Shown(
        name=name,
        unit=NAMES[name].unit,
        limit=limit,
        used=meter.used,
        held=meter.held,
        remaining=words.remaining(limit, meter),
        resets_at=meter.resets_at,
    )


def _cooldown(standing: Standing, usage: Usage, limit: int) -> Meter:
    if usage.cooling_since is None:
        return Meter()
    until = usage.cooling_since + timedelta(seconds=limit)
    waits = -int((standing.now - until) // timedelta(seconds=1))
    return Meter(used=waits, resets_at=until) if waits > 0 else Meter()
