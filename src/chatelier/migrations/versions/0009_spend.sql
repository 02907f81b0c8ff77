-- Sums of what was spent, and charges that outlive their owner without a name.

-- The plan somebody was on, how it ended where that was not well, and whether it stands in the sums below.
ALTER TABLE charges ADD COLUMN plan TEXT DEFAULT '' NOT NULL;
ALTER TABLE charges ADD COLUMN ended TEXT DEFAULT '' NOT NULL;
ALTER TABLE charges ADD CONSTRAINT ck_charges_ended CHECK (ended IN ('', 'failed', 'refused'));
ALTER TABLE charges ADD COLUMN summed BOOLEAN DEFAULT false NOT NULL;
UPDATE charges SET plan = users.plan FROM users WHERE users.id = charges.owner_id;
UPDATE charges SET ended = 'refused' WHERE state = 'refused';
UPDATE charges SET ended = 'failed' FROM attempts
LEFT JOIN generations ON generations.id = attempts.generation_id LEFT JOIN messages ON messages.id = attempts.message_id
WHERE attempts.id = charges.attempt_id AND attempts.state = 'failed' AND charges.state IN ('settled', 'released')
  AND (generations.status = 'failed' OR messages.status = 'failed');

-- Money that left the house stays spent when the person leaves.
ALTER TABLE charges ALTER COLUMN owner_id DROP NOT NULL;
ALTER TABLE charges DROP CONSTRAINT fk_charges_owner_id_users;
ALTER TABLE charges ADD CONSTRAINT fk_charges_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE SET NULL;

-- What people spent who left before: known only as the difference between the days' sums and everybody's charges.
INSERT INTO charges (attempt_id, owner_id, subject, state, held_images, held_micros, images, micros, provider, model,
                     paid, cooling, is_test, counted_at)
SELECT gen_random_uuid(), NULL, 'picture', 'settled', left_over.images, left_over.micros, left_over.images,
       left_over.micros, '', '', true, false, false, left_over.day::timestamp AT TIME ZONE 'UTC'
FROM (
  SELECT days.day, greatest(0, days.images - coalesce(known.images, 0)) AS images,
         greatest(0, days.micros - coalesce(known.micros, 0)) AS micros
  FROM (SELECT day, sum(images)::bigint AS images, sum(micros)::bigint AS micros FROM instance_days GROUP BY 1) AS days
  LEFT JOIN (
    SELECT (counted_at AT TIME ZONE 'UTC')::date AS day, sum(images)::bigint AS images, sum(micros)::bigint AS micros
    FROM charges WHERE state = 'settled' AND NOT is_test GROUP BY 1
  ) AS known ON known.day = days.day
) AS left_over WHERE left_over.images > 0 OR left_over.micros > 0;

DROP INDEX ix_charges_owner;
DROP INDEX ix_charges_recent;
CREATE INDEX ix_charges_owner ON charges (owner_id, counted_at);
CREATE INDEX ix_charges_recent ON charges (counted_at, attempt_id);
CREATE INDEX ix_charges_fresh ON charges (counted_at) WHERE NOT summed;

-- Where days and months of every zone can be put together: all zones are whole quarters of an hour from UTC.
CREATE TABLE spend_quarters (
  begins TIMESTAMP WITH TIME ZONE NOT NULL,
  requests BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  answers BIGINT NOT NULL,
  images BIGINT NOT NULL,
  micros BIGINT NOT NULL,
  CONSTRAINT pk_spend_quarters PRIMARY KEY (begins)
);

-- Days and months of UTC. The owner 0 stands for all who left.
CREATE TABLE spend_sums (
  span TEXT NOT NULL,
  begins DATE NOT NULL,
  owner_id UUID NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  plan TEXT NOT NULL,
  is_test BOOLEAN NOT NULL,
  requests BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  answers BIGINT NOT NULL,
  images BIGINT NOT NULL,
  micros BIGINT NOT NULL,
  ceiling_micros BIGINT NOT NULL,
  over_micros BIGINT NOT NULL,
  CONSTRAINT pk_spend_sums PRIMARY KEY (span, begins, owner_id, provider, model, plan, is_test),
  CONSTRAINT ck_spend_sums_span CHECK (span IN ('day', 'month'))
);
CREATE INDEX ix_spend_sums_owner ON spend_sums (owner_id, span, begins);

-- When something that is done once a night was done last, and what it found.
CREATE TABLE nightly_checks (
  name TEXT NOT NULL,
  checked_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  findings JSONB DEFAULT '[]' NOT NULL,
  CONSTRAINT pk_nightly_checks PRIMARY KEY (name)
);
