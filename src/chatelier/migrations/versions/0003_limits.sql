-- Plans, limits, and what each attempt counts for.

CREATE TABLE plans (
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  position BIGINT NOT NULL,
  offered BOOLEAN DEFAULT false NOT NULL,
  limits JSONB DEFAULT '{}' NOT NULL,
  CONSTRAINT pk_plans PRIMARY KEY (name)
);
INSERT INTO plans (name, label, position, offered, limits) VALUES
  ('free', 'Free', 10, false, '{"simultaneous": 1, "cooldown_seconds": 30, "images_per_hour": 10, "images_per_day": 50, "images_per_month": 200, "money_per_month": 5000000}'),
  ('member', 'Member', 20, false, '{"simultaneous": 2, "money_per_month": 5000000, "paid_only": true}'),
  ('premium', 'Premium', 30, true, '{"simultaneous": 3, "images_per_day": 100, "images_per_month": 2000, "money_per_month": 100000000}'),
  ('owner', 'Owner', 40, false, '{"money_per_month": 20000000}');

-- A name could be anything before there were plans; admins get the plan that is meant for them.
UPDATE users SET plan = 'member' WHERE plan NOT IN (SELECT name FROM plans);
UPDATE users SET plan = 'owner' WHERE role = 'admin' AND plan = 'member';
ALTER TABLE users ADD COLUMN limits JSONB DEFAULT '{}' NOT NULL;
ALTER TABLE users ADD COLUMN zone_chosen BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE users ADD CONSTRAINT fk_users_plan_plans FOREIGN KEY (plan) REFERENCES plans (name);
ALTER TABLE instance ADD COLUMN limits JSONB DEFAULT '{}' NOT NULL;

CREATE TABLE zone_changes (
  user_id UUID NOT NULL,
  day_from TIMESTAMP WITH TIME ZONE NOT NULL,
  day_until TIMESTAMP WITH TIME ZONE NOT NULL,
  month_from TIMESTAMP WITH TIME ZONE NOT NULL,
  month_until TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_zone_changes PRIMARY KEY (user_id),
  CONSTRAINT fk_zone_changes_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE upgrade_requests (
  user_id UUID NOT NULL,
  plan TEXT NOT NULL,
  note TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT 'open' NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  decided_by UUID,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_upgrade_requests PRIMARY KEY (id),
  CONSTRAINT ck_upgrade_requests_state CHECK (state IN ('open', 'approved', 'declined')),
  CONSTRAINT fk_upgrade_requests_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT fk_upgrade_requests_plan_plans FOREIGN KEY(plan) REFERENCES plans (name),
  CONSTRAINT fk_upgrade_requests_decided_by_users FOREIGN KEY(decided_by) REFERENCES users (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX ix_upgrade_requests_open ON upgrade_requests (user_id) WHERE state = 'open';
CREATE INDEX ix_upgrade_requests_user_id ON upgrade_requests (user_id);

-- What was spent stays spent when a thread, and with it an attempt, is gone.
ALTER TABLE ledger DROP CONSTRAINT fk_ledger_attempt_id_attempts;

CREATE TABLE charges (
  attempt_id UUID NOT NULL,
  owner_id UUID NOT NULL,
  subject TEXT NOT NULL,
  state TEXT DEFAULT 'held' NOT NULL,
  held_images BIGINT NOT NULL,
  held_micros BIGINT NOT NULL,
  images BIGINT NOT NULL,
  micros BIGINT NOT NULL,
  currency TEXT DEFAULT 'USD' NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  paid BOOLEAN NOT NULL,
  cooling BOOLEAN NOT NULL,
  is_test BOOLEAN NOT NULL,
  counted_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_charges PRIMARY KEY (attempt_id),
  CONSTRAINT ck_charges_subject CHECK (subject IN ('picture', 'reply')),
  CONSTRAINT ck_charges_state CHECK (state IN ('held', 'settled', 'released', 'refused')),
  CONSTRAINT ck_charges_positive CHECK (held_images >= 0 AND held_micros >= 0 AND images >= 0 AND micros >= 0),
  CONSTRAINT fk_charges_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_charges_owner ON charges (owner_id, counted_at) WHERE NOT is_test;
CREATE INDEX ix_charges_recent ON charges (counted_at) WHERE NOT is_test;

CREATE TABLE instance_days (
  day DATE NOT NULL,
  piece BIGINT NOT NULL,
  held_images BIGINT DEFAULT 0 NOT NULL,
  held_micros BIGINT DEFAULT 0 NOT NULL,
  images BIGINT DEFAULT 0 NOT NULL,
  micros BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_instance_days PRIMARY KEY (day, piece),
  CONSTRAINT ck_instance_days_positive CHECK (held_images >= 0 AND held_micros >= 0 AND images >= 0 AND micros >= 0)
);

-- What the ledger holds already.
INSERT INTO charges (attempt_id, owner_id, subject, state, held_images, held_micros, images, micros, currency,
                     provider, model, paid, cooling, is_test, counted_at)
SELECT held.attempt_id, held.owner_id, 'picture',
       CASE closed.kind WHEN 'settle' THEN 'settled' WHEN 'release' THEN 'released' ELSE 'held' END,
       held.images, held.micros, coalesce(closed.images, held.images), coalesce(closed.micros, held.micros),
       held.currency, held.provider, held.model, NOT attempts.free, false, held.is_test, held.created_at
FROM ledger held JOIN attempts ON attempts.id = held.attempt_id
LEFT JOIN ledger closed ON closed.attempt_id = held.attempt_id AND closed.kind IN ('settle', 'release')
WHERE held.kind = 'hold';
INSERT INTO instance_days (day, piece, held_images, held_micros, images, micros)
SELECT (counted_at AT TIME ZONE 'UTC')::date, get_byte(uuid_send(owner_id), 15) % 16,
       coalesce(sum(images) FILTER (WHERE state = 'held'), 0), coalesce(sum(micros) FILTER (WHERE state = 'held'), 0),
       coalesce(sum(images) FILTER (WHERE state = 'settled'), 0),
       coalesce(sum(micros) FILTER (WHERE state = 'settled'), 0)
FROM charges WHERE NOT is_test GROUP BY 1, 2;

CREATE INDEX ix_generations_active ON generations (owner_id) WHERE status IN ('queued', 'running');
CREATE INDEX ix_images_stored ON images (owner_id) INCLUDE (bytes);

-- The first instant of a calendar day. Midnight may not exist (then the day begins at one o'clock) or come twice
-- (then the earlier one counts; PostgreSQL itself would take the later).
CREATE FUNCTION chatelier_day_start(day date, zone text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(min(t) FILTER (WHERE (t AT TIME ZONE zone)::date = day), day::timestamp AT TIME ZONE zone)
  FROM (SELECT day::timestamp AT TIME ZONE zone - step AS t
        FROM unnest(ARRAY[interval '0', interval '30 min', interval '1 hour', interval '2 hours']) AS step) AS found
$$;
