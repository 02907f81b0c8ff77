"""Sums of closed charges, so that a page over a year does not read a million rows.

A closed charge never changes again. Moving it into the sums and marking it is one statement; whoever reads adds the
few that are not marked in the same statement. So nothing is late, nothing is counted twice, and losing a round of
this loses nothing. One process does it at a time, which keeps its locks in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.services import Services

log = structlog.get_logger()

LOCK_KEY = 0x5350454E  # "SPEN"
BATCH = 5_000
BATCHES = 5  # a round: years of charges from before there were sums keep nothing else waiting
LEFT = UUID(int=0)  # the owner of what people spent who left
EVERYBODY = UUID(int=1)  # the owner of what all spent together

# What one charge adds to each column of the sums.
ADDS = """
  1 AS requests, (ended = 'failed')::int AS failed, (ended = 'refused')::int AS refused,
  (subject = 'reply' AND state = 'settled' AND ended = '')::int AS answers,
  CASE state WHEN 'settled' THEN images ELSE 0 END AS images,
  CASE state WHEN 'settled' THEN micros ELSE 0 END AS micros,
  CASE state WHEN 'settled' THEN held_micros ELSE 0 END AS ceiling_micros,
  CASE state WHEN 'settled' THEN greatest(0, micros - held_micros) ELSE 0 END AS over_micros
"""
SHORT = ("requests", "failed", "refused", "answers", "images", "micros")
LONG = (*SHORT, "ceiling_micros", "over_micros")


def added(columns: Sequence[str]) -> str:
    return ", ".join(f"sum({name})::bigint AS {name}" for name in columns)


def _raised(columns: Sequence[str]) -> str:
    return ", ".join(f"{name} = known.{name} + excluded.{name}" for name in columns)


def filled(statement: str, **more: str) -> str:
    """A statement with the lists of columns in their places."""
    lists = {"adds": ADDS, "short": ", ".join(SHORT), "long": ", ".join(LONG), "left": f"'{LEFT}'::uuid"}
    lists["everybody"] = f"'{EVERYBODY}'::uuid"
    lists |= {"added_short": added(SHORT), "added_long": added(LONG)}
    return statement.format(**lists, raised_short=_raised(SHORT), raised_long=_raised(LONG), **more)


SUM_UP = """
WITH batch AS MATERIALIZED (  -- once: as a subquery it may be asked for each row, and move more than a batch
  SELECT attempt_id FROM charges WHERE NOT summed AND state <> 'held'
  ORDER BY counted_at LIMIT :batch FOR UPDATE SKIP LOCKED
),
moved AS (
  UPDATE charges SET summed = true FROM batch WHERE charges.attempt_id = batch.attempt_id
  RETURNING counted_at, coalesce(owner_id, {left}) AS owner_id, provider, model, plan, is_test, {adds}
),
quarters AS (
  INSERT INTO spend_quarters AS known (owner_id, begins, {short})
  SELECT whose, date_bin('15 minutes', counted_at, 'epoch'), {added_short}
  FROM moved, unnest(ARRAY[owner_id, {everybody}]) AS whose WHERE NOT is_test AND whose <> {left} GROUP BY 1, 2
  ON CONFLICT (owner_id, begins) DO UPDATE SET {raised_short}
),
sums AS (
  INSERT INTO spend_sums AS known (span, begins, owner_id, provider, model, plan, is_test, {long})
  SELECT span, date_trunc(span, counted_at AT TIME ZONE 'UTC')::date, whose, provider, model, plan, is_test,
         {added_long}
  FROM moved, unnest(ARRAY['day', 'month']) AS span, unnest(ARRAY[owner_id, {everybody}]) AS whose
  GROUP BY 1, 2, 3, 4, 5, 6, 7
  ON CONFLICT (span, begins, owner_id, provider, model, plan, is_test) DO UPDATE SET {raised_long}
)
SELECT count(*) FROM moved
"""
LEFT_OVER = "SELECT count(*) FROM charges WHERE NOT summed AND state <> 'held'"
LEAVE = """
WITH gone AS (DELETE FROM spend_sums WHERE owner_id = :owner RETURNING *)
INSERT INTO spend_sums AS known (span, begins, owner_id, provider, model, plan, is_test, {long})
SELECT span, begins, {left}, provider, model, plan, is_test, {long} FROM gone
ON CONFLICT (span, begins, owner_id, provider, model, plan, is_test) DO UPDATE SET {raised_long}
"""
FORGET = "DELETE FROM spend_quarters WHERE owner_id = :owner"
# Under another number: nothing outside, as a provider's log, leads from what is left to the person.
UNNAME = "UPDATE charges SET owner_id = NULL, attempt_id = gen_random_uuid() WHERE owner_id = :owner"


async def sum_up(services: Services) -> int:
    """Closed charges that are not yet in the sums, oldest first, each batch in a transaction of its own: whatever ends
    a round in the middle, the next one goes on from there. How many there were."""
    total = 0
    for _ in range(BATCHES):
        moved = await _sum_batch(services)
        total += moved
        if moved < BATCH:
            return total
    async with services.transaction() as db:
        log.info("spend.summing", summed=total, left=await db.scalar(text(LEFT_OVER)))
    return total


async def _sum_batch(services: Services) -> int:
    async with services.transaction() as db:
        mine = await db.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        return int(await db.scalar(text(filled(SUM_UP)), {"batch": BATCH}) or 0) if mine else 0


async def leave_sums(db: AsyncSession, owner_id: UUID) -> None:
    """Before an account goes: what it spent stays in the sums, by nobody's name."""
    await db.execute(select(text("pg_advisory_xact_lock(:key)")), {"key": LOCK_KEY})
    await db.execute(text(UNNAME), {"owner": owner_id})
    await db.execute(text(FORGET), {"owner": owner_id})
    await db.execute(text(filled(LEAVE)), {"owner": owner_id})
