"""Let a request in, or say why not, in the transaction that will hold what it takes.

The rows that decide are locked first and counted after: whoever comes second waits, and then counts the first.
Lock order: the thread (``touch``), then the instance's row (only where it has limits), then the user's row, then
charges and the day's sums (domain/ledger.py). Ending an attempt takes neither instance nor user.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.domain.quotas import judge, words
from chatelier.domain.quotas.judge import Ask, Refusal
from chatelier.domain.quotas.limits import read
from chatelier.domain.quotas.standing import Standing, read_standing
from chatelier.domain.quotas.usage import Usage, comes_back, read_usages
from chatelier.domain.spending import Reached, read_pause
from chatelier.errors import (
    BudgetExceeded,
    CoolingDown,
    Forbidden,
    LimitReached,
    PaidPaused,
    PriceUnknown,
    TooManyAtOnce,
)

ERRORS: dict[str, type[LimitReached]] = {
    "budget_exceeded": BudgetExceeded,
    "cooldown": CoolingDown,
    "concurrency": TooManyAtOnce,
}
OWN = text("SELECT id FROM users WHERE id = :owner FOR NO KEY UPDATE")
# The instance first: a row of users is locked once it has passed the condition, for which the instance's is read.
BOTH = text("""
WITH house AS (SELECT id FROM instance FOR NO KEY UPDATE)
SELECT id FROM users WHERE id = :owner AND (SELECT count(*) FROM house) >= 0 FOR NO KEY UPDATE
""")
LARGER = text("SELECT label, limits FROM plans WHERE offered AND position > :position ORDER BY position")
SLIDING = ("images_per_hour", "messages_per_minute")
Offer = tuple[str, str, Ask]  # provider/model, its name for people, and what it would take


async def admit(db: AsyncSession, owner_id: UUID, ask: Ask, *, offers: Iterable[Offer] = ()) -> None:
    """Raises LimitReached, Forbidden or PriceUnknown; returns while nothing is in the way, holding the locks under
    which the caller writes down what it takes."""
    standing = await read_standing(db, owner_id)
    judge.check_allowed(standing.limits, ask)
    judge.check_allowed(standing.shared, ask)
    if ask.spends and standing.may_pause and (pause := await read_pause(db)) is not None:
        raise _paused(pause, standing, offers)
    own, shared = judge.concerns(standing.limits, ask), judge.concerns(standing.shared, ask)
    if not (own or shared):
        return
    await db.execute(BOTH if shared else OWN, {"owner": owner_id})
    usages = await read_usages(db, standing, own=own, shared=shared)
    refusal = judge.worst(await _in_the_way(db, standing, usages, ask))
    if refusal is not None:
        raise await _error(db, standing, usages, refusal, ask, offers)


async def take_turn(db: AsyncSession, owner_id: UUID) -> None:
    """Lock what ``admit`` may lock, for a transaction that ends one attempt before it asks for the next."""
    await db.execute(BOTH, {"owner": owner_id})


async def _in_the_way(db: AsyncSession, standing: Standing, usages: tuple[Usage, Usage], ask: Ask) -> list[Refusal]:
    """Every refusal, each with the moment from which asking again can succeed."""
    found = _refusals(standing, usages, ask)
    return [await _with_moment(db, standing, refusal) if refusal.name in SLIDING else refusal for refusal in found]


def _refusals(standing: Standing, usages: tuple[Usage, Usage], ask: Ask) -> list[Refusal]:
    own, shared = usages
    return [
        *judge.refusals(standing.limits, own, ask, standing.now),
        *judge.refusals(standing.shared, shared, ask, standing.now, shared=True),
    ]


async def _with_moment(db: AsyncSession, standing: Standing, refusal: Refusal) -> Refusal:
    if refusal.is_hopeless:
        return refusal
    moment = await comes_back(db, standing, refusal.name, refusal.missing, shared=refusal.shared)
    return refusal.until(moment)


async def _error(
    db: AsyncSession,
    standing: Standing,
    usages: tuple[Usage, Usage],
    refusal: Refusal,
    wanted: Ask,
    offers: Iterable[Offer],
) -> LimitReached:
    error = ERRORS.get(refusal.code, LimitReached)(
        words.sentence(refusal, standing.now, standing.time_zone),
        code=refusal.code,
        retry_after=refusal.seconds(standing.now),
        limit=refusal.limit,
        used=refusal.taken,
        resets_at=refusal.resets_at,
    )
    error.offers = _two(wanted.provider, (one for one in offers if _fits(standing, usages, one[2])))
    error.upgrade = "" if refusal.shared else await _larger_plan(db, standing, refusal)
    return error


def _paused(pause: Reached, standing: Standing, offers: Iterable[Offer]) -> PaidPaused:
    seconds = -int((standing.now - pause.ends) // timedelta(seconds=1))
    error = PaidPaused(words.paused(pause.ends), retry_after=seconds, resets_at=pause.ends)
    error.offers = tuple((value, label) for value, label, ask in offers if not ask.spends)[:1]
    return error


def _two(provider: str, offers: Iterable[Offer]) -> tuple[tuple[str, str], ...]:
    """The first, and beside it the first of the provider that was asked for."""
    found: list[Offer] = []
    for offer in offers:
        is_own = offer[2].provider == provider
        if not found or is_own:
            found.append(offer)
        if is_own:
            break
    return tuple((value, label) for value, label, _ in found)


def _fits(standing: Standing, usages: tuple[Usage, Usage], ask: Ask) -> bool:
    """Whether there is room for something else, by what was just counted."""
    try:
        judge.check_allowed(standing.limits, ask)
        judge.check_allowed(standing.shared, ask)
    except (Forbidden, PriceUnknown):
        return False
    return not _refusals(standing, usages, ask)


async def _larger_plan(db: AsyncSession, standing: Standing, refusal: Refusal) -> str:
    """What the next plan that people may ask for has more of: "Premium has 100 a day"."""
    for plan in await db.execute(LARGER, {"position": standing.position}):
        has = read(plan.limits).of(refusal.name)
        more = has is None or (has < refusal.limit if refusal.name == "cooldown_seconds" else has > refusal.limit)
        if more:
            return f"{plan.label} has {words.of_plan(refusal.name, has)}"
    return ""
