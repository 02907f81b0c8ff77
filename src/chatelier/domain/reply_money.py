"""How an answer in words is settled: by the tokens that its provider counted, else at its ceiling."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, AttemptState
from chatelier.domain import ledger, token_prices
from chatelier.providers import Providers
from chatelier.providers.base import FailureKind, ProviderError

NOBODY_KNOWS = (FailureKind.UNKNOWN, FailureKind.TIMED_OUT)


async def price_of(providers: Providers, attempt: Attempt, model: str, usage: Mapping[str, Any]) -> int:
    """What a whole answer cost, before the transaction that writes it down."""
    chat = providers.chat
    if attempt.free or chat is None:
        return 0
    known = await asyncio.to_thread(token_prices.cost, providers, chat, model, usage)
    return attempt.held_micros if known is None else known


def state_after(error: ProviderError, attempt: Attempt) -> AttemptState:
    """Unknown where it was sent and may have been charged."""
    unsure = error.sent and error.kind in NOBODY_KNOWS and not error.billed and not attempt.free
    return AttemptState.UNKNOWN if unsure else AttemptState.FAILED


async def close_failed(
    db: AsyncSession,
    attempt: Attempt,
    *,
    billed: bool,
    micros: int | None = None,
    excused: bool = True,
    refused: bool = False,
) -> None:
    """``attempt`` has just been closed: an unknown one keeps its hold, a billed one costs ``micros``, or its hold where
    nobody counted, others cost nothing. ``refused``: a door stayed closed, which people see apart from failures."""
    ended = "refused" if refused else "failed" if excused else ""
    if attempt.state == AttemptState.UNKNOWN:
        await ledger.excuse(db, attempt)
    elif billed:
        cost = attempt.held_micros if micros is None else micros
        await ledger.settle(db, None, attempt, images=0, micros=cost, ended=ended)
    else:
        await ledger.release(db, None, attempt, excused=excused, refused=refused, failed=excused)


async def close_stopped(db: AsyncSession, attempt: Attempt, *, was_sent: bool) -> None:
    """The person stopped it. What was sent to a paid model is charged at its ceiling: its answer never comes."""
    await close_failed(db, attempt, billed=was_sent and not attempt.free, excused=False)
