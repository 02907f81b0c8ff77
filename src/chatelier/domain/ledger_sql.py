"""The three statements of the ledger. In each, the charge moves first and everything else follows from the rows that
moved: where nothing did, nothing is entered and no sum changes."""

from __future__ import annotations

from sqlalchemy import text

HOLD = text("""
WITH charge AS (
  INSERT INTO charges (attempt_id, owner_id, subject, held_images, held_micros, images, micros,
                       provider, model, paid, cooling, is_test, plan)
  VALUES (:attempt, :owner, :subject, :images, :micros, :images, :micros, :provider, :model, :paid, :cooling, :is_test,
          (SELECT plan FROM users WHERE id = :owner))
  ON CONFLICT DO NOTHING RETURNING *
),
entry AS (
  INSERT INTO ledger (id, owner_id, attempt_id, kind, images, micros, currency, provider, model, is_test)
  SELECT cast(:entry AS uuid), owner_id, attempt_id, 'hold', images, micros, currency, provider, model, is_test
  FROM charge
),
day AS (
  INSERT INTO instance_days AS day (day, piece, held_images, held_micros)
  SELECT cast(counted_at AT TIME ZONE 'UTC' AS date), get_byte(uuid_send(owner_id), 15) % 16, images, micros
  FROM charge WHERE NOT is_test
  ON CONFLICT (day, piece) DO UPDATE SET held_images = day.held_images + excluded.held_images,
                                         held_micros = day.held_micros + excluded.held_micros
)
SELECT attempt_id FROM charge
""")

CLOSE = text("""
WITH charge AS (
  UPDATE charges SET state = :state, images = :images, micros = :micros, cooling = cooling AND NOT :excused,
    ended = :ended
  WHERE attempt_id = :attempt AND state = 'held' RETURNING *
),
entry AS (
  INSERT INTO ledger (id, owner_id, attempt_id, kind, images, micros, currency, provider, model, is_test)
  SELECT cast(:entry AS uuid), owner_id, attempt_id, cast(:kind AS text), images, micros, currency, provider, model,
         is_test
  FROM charge
),
day AS (
  UPDATE instance_days AS day SET
    held_images = day.held_images - charge.held_images, held_micros = day.held_micros - charge.held_micros,
    images = day.images + charge.images, micros = day.micros + charge.micros
  FROM charge
  WHERE NOT charge.is_test AND day.day = cast(charge.counted_at AT TIME ZONE 'UTC' AS date)
    AND day.piece = get_byte(uuid_send(charge.owner_id), 15) % 16
),
attempt AS (
  UPDATE attempts SET settled_micros = charge.micros FROM charge WHERE attempts.id = charge.attempt_id
),
mark AS (
  INSERT INTO usage_marks (owner_id) SELECT owner_id FROM charge WHERE cast(:kind AS text) = 'settle'
  ON CONFLICT (owner_id) DO UPDATE SET marked_at = chatelier_now()
)
SELECT attempt_id FROM charge
""")

FORGET = text("""
WITH charge AS (
  UPDATE charges SET state = 'settled' WHERE owner_id = :owner AND state = 'held' RETURNING *
),
moved AS (
  SELECT cast(counted_at AT TIME ZONE 'UTC' AS date) AS day, get_byte(uuid_send(owner_id), 15) % 16 AS piece,
         sum(held_images) AS images, sum(held_micros) AS micros
  FROM charge WHERE NOT is_test GROUP BY 1, 2
)
UPDATE instance_days AS day SET
  held_images = day.held_images - moved.images, held_micros = day.held_micros - moved.micros,
  images = day.images + moved.images, micros = day.micros + moved.micros
FROM moved WHERE day.day = moved.day AND day.piece = moved.piece
""")
