"""Do the books agree? Once a night, and whenever the doctor is asked: the ledger against what is counted for limits,
what is held against what is under way, and the sums against what they sum. They move in the same statements, so any
difference is a fault of ours, or somebody wrote into the database."""

from __future__ import annotations

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import NightlyCheck
from chatelier.domain import audit, letters
from chatelier.domain.alerts import alert
from chatelier.domain.spend.sums import filled
from chatelier.services import Services

NAME = "books"
HOUR = 3  # of UTC, from which a night's check is due
log = structlog.get_logger()

# Every charge of somebody who is here: one hold, and once it is closed one end, over the same amounts; and no entry
# without its charge.
LEDGER = """
SELECT count(*) FROM (
  SELECT attempt_id, count(*) AS entries, count(*) FILTER (WHERE kind = 'hold') AS holds,
         sum(images) FILTER (WHERE kind = 'hold') AS held_images,
         sum(micros) FILTER (WHERE kind = 'hold') AS held_micros,
         sum(images) FILTER (WHERE kind <> 'hold') AS images, sum(micros) FILTER (WHERE kind <> 'hold') AS micros,
         bool_or(kind = 'settle') AS settled
  FROM ledger GROUP BY attempt_id
) AS entered
FULL JOIN (SELECT * FROM charges WHERE owner_id IS NOT NULL) AS counted ON counted.attempt_id = entered.attempt_id
WHERE counted.attempt_id IS NULL OR entered.attempt_id IS NULL OR NOT (
  holds = 1 AND entered.held_images = counted.held_images AND entered.held_micros = counted.held_micros
  AND entries = CASE counted.state WHEN 'held' THEN 1 ELSE 2 END AND settled = (counted.state = 'settled')
  AND (counted.state = 'held' OR (entered.images = counted.images AND entered.micros = counted.micros)))
"""
DAYS = """
SELECT count(*) FROM (
  SELECT day, sum(held_images) AS held_images, sum(held_micros) AS held_micros, sum(images) AS images,
         sum(micros) AS micros FROM instance_days GROUP BY day
) AS days
FULL JOIN (
  SELECT cast(counted_at AT TIME ZONE 'UTC' AS date) AS day,
         coalesce(sum(images) FILTER (WHERE state = 'held'), 0) AS held_images,
         coalesce(sum(micros) FILTER (WHERE state = 'held'), 0) AS held_micros,
         coalesce(sum(images) FILTER (WHERE state = 'settled'), 0) AS images,
         coalesce(sum(micros) FILTER (WHERE state = 'settled'), 0) AS micros
  FROM charges WHERE NOT is_test GROUP BY 1
) AS counted ON counted.day = days.day
WHERE (coalesce(days.held_images, 0), coalesce(days.held_micros, 0), coalesce(days.images, 0), coalesce(days.micros, 0))
  IS DISTINCT FROM (coalesce(counted.held_images, 0), coalesce(counted.held_micros, 0), coalesce(counted.images, 0),
                    coalesce(counted.micros, 0))
"""
HELD = """
SELECT count(*) FROM (SELECT * FROM charges WHERE NOT summed AND state = 'held') AS counted
LEFT JOIN attempts ON attempts.id = counted.attempt_id
WHERE attempts.id IS NULL OR attempts.state NOT IN ('prepared', 'sent', 'unknown')
"""
SUMS = """
SELECT count(*)
FROM (VALUES ('day', false), ('day', true), ('month', false), ('month', true), ('quarter', true)) AS of (span, shared)
LEFT JOIN (
  SELECT span, shared, sum(requests) AS requests, sum(images) AS images, sum(micros) AS micros FROM (
    SELECT span, owner_id = {everybody} AS shared, requests, images, micros FROM spend_sums WHERE NOT is_test
    UNION ALL SELECT 'quarter', true, requests, images, micros FROM spend_quarters WHERE owner_id = {everybody}
  ) AS kept GROUP BY span, shared
) AS sums USING (span, shared),
(SELECT count(*) AS requests, coalesce(sum(images) FILTER (WHERE state = 'settled'), 0) AS images,
        coalesce(sum(micros) FILTER (WHERE state = 'settled'), 0) AS micros
 FROM charges WHERE summed AND NOT is_test) AS counted
WHERE (coalesce(sums.requests, 0), coalesce(sums.images, 0), coalesce(sums.micros, 0))
  <> (counted.requests, counted.images, counted.micros)
"""
PEOPLE = """
SELECT count(*) FROM (
  SELECT owner_id FROM (
    SELECT owner_id, sum(requests) AS requests, sum(micros) AS micros FROM spend_sums
    WHERE span = 'month' AND NOT is_test AND owner_id NOT IN ({left}, {everybody}) GROUP BY 1
    UNION ALL
    SELECT owner_id, sum(requests), sum(micros) FROM spend_quarters WHERE owner_id <> {everybody} GROUP BY 1
    UNION ALL
    SELECT owner_id, count(*), coalesce(sum(micros) FILTER (WHERE state = 'settled'), 0) FROM charges
    WHERE summed AND NOT is_test AND owner_id IS NOT NULL GROUP BY 1
  ) AS books GROUP BY owner_id
  HAVING count(*) <> 3 OR min(requests) <> max(requests) OR min(micros) <> max(micros)
) AS people
"""
QUESTIONS = (
    (LEDGER, "{} attempts count for something else than their ledger entries say"),
    (DAYS, "{} days count something else for all people together than their attempts"),
    (HELD, "{} attempts that are over still hold money or images"),
    (SUMS, "{} of the sums of the dashboard are not what they sum"),
    (PEOPLE, "{} people have other sums on the dashboard than their attempts"),
)
# Whoever raises the row does the night's check; the others find it done. All of it at once, so that nothing moves
# between the questions.
DUE = text("""
INSERT INTO nightly_checks AS known (name) VALUES (:name)
ON CONFLICT (name) DO UPDATE SET checked_at = excluded.checked_at
WHERE known.checked_at < date_trunc('day', (chatelier_now() - make_interval(hours => :hour)) AT TIME ZONE 'UTC')
                         AT TIME ZONE 'UTC' + make_interval(hours => :hour)
RETURNING name
""")


async def find_drift(db: AsyncSession) -> list[str]:
    """A sentence for each disagreement; none where all is well."""
    every = "SELECT " + ", ".join(f"({filled(question)})" for question, _ in QUESTIONS)
    found = (await db.execute(text(every))).one()
    return [words.format(count) for count, (_, words) in zip(found, QUESTIONS, strict=True) if count]


async def check_books(services: Services) -> list[str] | None:
    """The night's check, by one process; None where it is not due or done. What it finds goes into the log and the
    audit log, to the admins by mail and alert, and stands on the dashboard."""
    async with services.transaction() as db:
        if (await db.execute(DUE, {"name": NAME, "hour": HOUR})).first() is None:
            return None
        found = await find_drift(db)
        check = await db.get_one(NightlyCheck, NAME)
        check.findings = found
        if found:
            await audit.record(db, "spend.drift", target=NAME, findings=found)
            key = f"drift:{check.checked_at:%Y-%m-%d}"
            await alert(db, services.settings.alert_urls, letters.drift(found), key=key)
    if found:
        log.error("spend.drift", findings=found)
    return found


async def last_check(db: AsyncSession) -> NightlyCheck | None:
    return await db.get(NightlyCheck, NAME)
