-- The first schema. Procrastinate's tables are made before it, by the library's own script.

CREATE FUNCTION chatelier_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';

CREATE TABLE audit_log (
  actor_id UUID,
  action TEXT NOT NULL,
  target TEXT DEFAULT '' NOT NULL,
  details JSONB,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_audit_log PRIMARY KEY (id)
);

CREATE TABLE instance (
  id BIGINT DEFAULT 1 NOT NULL,
  setup_code TEXT,
  setup_done_at TIMESTAMP WITH TIME ZONE,
  secret_fingerprint TEXT,
  CONSTRAINT pk_instance PRIMARY KEY (id),
  CONSTRAINT ck_instance_single CHECK (id = 1)
);

CREATE TABLE users (
  email TEXT NOT NULL,
  password_hash TEXT,
  role TEXT DEFAULT 'member' NOT NULL,
  plan TEXT DEFAULT 'member' NOT NULL,
  time_zone TEXT DEFAULT 'UTC' NOT NULL,
  preferences JSONB DEFAULT '{}' NOT NULL,
  disabled_at TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_users PRIMARY KEY (id),
  CONSTRAINT uq_users_email UNIQUE (email),
  CONSTRAINT ck_users_email_lower CHECK (email = lower(email)),
  CONSTRAINT ck_users_role CHECK (role IN ('member', 'admin'))
);

CREATE TABLE api_keys (
  user_id UUID NOT NULL,
  name TEXT DEFAULT '' NOT NULL,
  token_hash BYTEA NOT NULL,
  last_four TEXT NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  revoked_at TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_api_keys PRIMARY KEY (id),
  CONSTRAINT uq_api_keys_token_hash UNIQUE (token_hash),
  CONSTRAINT fk_api_keys_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_api_keys_user_id ON api_keys (user_id);

CREATE TABLE idempotency_keys (
  user_id UUID NOT NULL,
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,
  answer JSONB,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, scope, key),
  CONSTRAINT fk_idempotency_keys_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);

CREATE TABLE sign_in_sessions (
  user_id UUID NOT NULL,
  token_hash BYTEA NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_sign_in_sessions PRIMARY KEY (id),
  CONSTRAINT uq_sign_in_sessions_token_hash UNIQUE (token_hash),
  CONSTRAINT fk_sign_in_sessions_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_sign_in_sessions_user_id ON sign_in_sessions (user_id);

CREATE TABLE threads (
  owner_id UUID NOT NULL,
  title TEXT DEFAULT '' NOT NULL,
  titled_by TEXT DEFAULT 'first_message' NOT NULL,
  pinned BOOLEAN DEFAULT false NOT NULL,
  current_image_id UUID,
  revision BIGINT DEFAULT 0 NOT NULL,
  last_position BIGINT DEFAULT 0 NOT NULL,
  last_handle BIGINT DEFAULT 0 NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  deleted_at TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_threads PRIMARY KEY (id),
  CONSTRAINT fk_threads_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_threads_list ON threads (owner_id, pinned, updated_at, id) WHERE deleted_at IS NULL;

CREATE TABLE messages (
  thread_id UUID NOT NULL,
  position BIGINT NOT NULL,
  role TEXT NOT NULL,
  text TEXT DEFAULT '' NOT NULL,
  html TEXT DEFAULT '' NOT NULL,
  status TEXT DEFAULT 'complete' NOT NULL,
  reply_to UUID,
  decision JSONB,
  suggestion TEXT DEFAULT '' NOT NULL,
  note TEXT DEFAULT '' NOT NULL,
  error JSONB,
  revision BIGINT DEFAULT 0 NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_messages PRIMARY KEY (id),
  CONSTRAINT uq_messages_thread_id_position UNIQUE (thread_id, position),
  CONSTRAINT ck_messages_role CHECK (role IN ('user', 'assistant')),
  CONSTRAINT ck_messages_status CHECK (status IN ('streaming', 'complete', 'failed', 'stopped')),
  CONSTRAINT fk_messages_thread_id_threads FOREIGN KEY(thread_id) REFERENCES threads (id) ON DELETE CASCADE
);
CREATE INDEX ix_messages_revision ON messages (thread_id, revision);

CREATE TABLE generations (
  owner_id UUID NOT NULL,
  thread_id UUID NOT NULL,
  message_id UUID NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT DEFAULT '' NOT NULL,
  instruction TEXT DEFAULT '' NOT NULL,
  prompt TEXT NOT NULL,
  revised_prompt TEXT,
  options JSONB DEFAULT '{}' NOT NULL,
  source_image_ids JSONB DEFAULT '[]' NOT NULL,
  mask_image_id UUID,
  waits_for UUID,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  seed BIGINT NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  status TEXT DEFAULT 'queued' NOT NULL,
  stage TEXT DEFAULT 'queued' NOT NULL,
  progress BIGINT DEFAULT 10 NOT NULL,
  partials BIGINT DEFAULT 0 NOT NULL,
  note TEXT DEFAULT '' NOT NULL,
  error JSONB,
  details JSONB,
  retry_of UUID,
  is_test BOOLEAN DEFAULT false NOT NULL,
  estimate_micros BIGINT,
  amount_micros BIGINT,
  currency TEXT DEFAULT 'USD' NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  revision BIGINT DEFAULT 0 NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_generations PRIMARY KEY (id),
  CONSTRAINT uq_generations_message_id UNIQUE (message_id),
  CONSTRAINT ck_generations_status CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown')),
  CONSTRAINT ck_generations_progress CHECK (progress BETWEEN 0 AND 100),
  CONSTRAINT fk_generations_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT fk_generations_thread_id_threads FOREIGN KEY(thread_id) REFERENCES threads (id) ON DELETE CASCADE,
  CONSTRAINT fk_generations_message_id_messages FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
CREATE INDEX ix_generations_main_source ON generations ((source_image_ids ->> 0));
CREATE INDEX ix_generations_owner_id ON generations (owner_id);
CREATE INDEX ix_generations_revision ON generations (thread_id, revision);
CREATE INDEX ix_generations_waits_for ON generations (waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX ix_generations_waiting ON generations (id) WHERE status IN ('queued', 'running');

CREATE TABLE attempts (
  generation_id UUID,
  message_id UUID,
  number BIGINT NOT NULL,
  token UUID NOT NULL,
  state TEXT DEFAULT 'prepared' NOT NULL,
  lease_until TIMESTAMP WITH TIME ZONE,
  job_id BIGINT,
  sent_at TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  free BOOLEAN NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  provider_request_id TEXT,
  detail TEXT DEFAULT '' NOT NULL,
  held_micros BIGINT DEFAULT 0 NOT NULL,
  settled_micros BIGINT,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_attempts PRIMARY KEY (id),
  CONSTRAINT uq_attempts_generation_id_number UNIQUE (generation_id, number),
  CONSTRAINT uq_attempts_message_id_number UNIQUE (message_id, number),
  CONSTRAINT ck_attempts_one_subject CHECK (num_nonnulls(generation_id, message_id) = 1),
  CONSTRAINT ck_attempts_state CHECK (state IN ('prepared', 'sent', 'succeeded', 'failed', 'unknown')),
  CONSTRAINT fk_attempts_generation_id_generations FOREIGN KEY(generation_id) REFERENCES generations (id) ON DELETE CASCADE,
  CONSTRAINT fk_attempts_message_id_messages FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
CREATE INDEX ix_attempts_open ON attempts (id) WHERE state IN ('prepared', 'sent');
CREATE INDEX ix_attempts_unknown ON attempts (sent_at) WHERE state = 'unknown';

CREATE TABLE images (
  owner_id UUID NOT NULL,
  thread_id UUID NOT NULL,
  generation_id UUID,
  origin TEXT NOT NULL,
  handle BIGINT NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  media_type TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  thumbhash BYTEA NOT NULL,
  alt_text TEXT DEFAULT '' NOT NULL,
  instruction TEXT DEFAULT '' NOT NULL,
  prompt TEXT DEFAULT '' NOT NULL,
  seed BIGINT,
  recipe JSONB,
  details JSONB,
  favourite BOOLEAN DEFAULT false NOT NULL,
  deleted_at TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_images PRIMARY KEY (id),
  CONSTRAINT uq_images_thread_id_handle UNIQUE (thread_id, handle),
  CONSTRAINT ck_images_origin CHECK (origin IN ('generated', 'upload')),
  CONSTRAINT fk_images_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT fk_images_thread_id_threads FOREIGN KEY(thread_id) REFERENCES threads (id) ON DELETE CASCADE,
  CONSTRAINT fk_images_generation_id_generations FOREIGN KEY(generation_id) REFERENCES generations (id) ON DELETE CASCADE
);
CREATE INDEX ix_images_gallery ON images (owner_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_images_generation_id ON images (generation_id);
CREATE INDEX ix_images_thread_id ON images (thread_id);
CREATE INDEX ix_images_trash ON images (owner_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE partial_frames (
  generation_id UUID NOT NULL,
  media_type TEXT NOT NULL,
  number BIGINT NOT NULL,
  content BYTEA NOT NULL,
  CONSTRAINT pk_partial_frames PRIMARY KEY (generation_id),
  CONSTRAINT fk_partial_frames_generation_id_generations FOREIGN KEY(generation_id) REFERENCES generations (id) ON DELETE CASCADE
);

CREATE TABLE image_files (
  image_id UUID NOT NULL,
  variant TEXT NOT NULL,
  media_type TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  content BYTEA NOT NULL,
  CONSTRAINT pk_image_files PRIMARY KEY (image_id, variant),
  CONSTRAINT ck_image_files_variant CHECK (variant IN ('original', 'thumbnail', 'preview')),
  CONSTRAINT fk_image_files_image_id_images FOREIGN KEY(image_id) REFERENCES images (id) ON DELETE CASCADE
);

CREATE TABLE ledger (
  owner_id UUID NOT NULL,
  attempt_id UUID NOT NULL,
  kind TEXT NOT NULL,
  images BIGINT DEFAULT 0 NOT NULL,
  micros BIGINT DEFAULT 0 NOT NULL,
  currency TEXT DEFAULT 'USD' NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  is_test BOOLEAN DEFAULT false NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_ledger PRIMARY KEY (id),
  CONSTRAINT uq_ledger_attempt_id_kind UNIQUE (attempt_id, kind),
  CONSTRAINT ck_ledger_kind CHECK (kind IN ('hold', 'settle', 'release')),
  CONSTRAINT ck_ledger_positive CHECK (micros >= 0 AND images >= 0),
  CONSTRAINT fk_ledger_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT fk_ledger_attempt_id_attempts FOREIGN KEY(attempt_id) REFERENCES attempts (id) ON DELETE CASCADE
);
CREATE INDEX ix_ledger_owner ON ledger (owner_id, created_at);

-- Images are compressed already: stored outside the row, uncompressed, so that a part can be read alone.
ALTER TABLE image_files ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE partial_frames ALTER COLUMN content SET STORAGE EXTERNAL;
