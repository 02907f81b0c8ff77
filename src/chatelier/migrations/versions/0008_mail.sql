-- Mails, warnings, and thresholds of what all together spend.

ALTER TABLE users ADD COLUMN mail_warnings BOOLEAN DEFAULT true NOT NULL;

CREATE TABLE mails (
  user_id UUID,
  channel TEXT,
  about_id UUID,
  key TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  state TEXT DEFAULT 'waiting' NOT NULL,
  tries BIGINT DEFAULT 0 NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  token UUID,
  lease_until TIMESTAMP WITH TIME ZONE,
  sent_at TIMESTAMP WITH TIME ZONE,
  until TIMESTAMP WITH TIME ZONE,
  dismissed_at TIMESTAMP WITH TIME ZONE,
  detail TEXT DEFAULT '' NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_mails PRIMARY KEY (id),
  CONSTRAINT uq_mails_key UNIQUE (key),
  CONSTRAINT ck_mails_one_address CHECK (num_nonnulls(user_id, channel) = 1),
  CONSTRAINT ck_mails_state CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'unknown', 'shown')),
  CONSTRAINT fk_mails_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT fk_mails_about_id_users FOREIGN KEY(about_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_mails_user ON mails (user_id, created_at);
CREATE INDEX ix_mails_open ON mails (id) WHERE state IN ('waiting', 'sending');
CREATE INDEX ix_mails_about_id ON mails (about_id);

CREATE TABLE usage_marks (
  owner_id UUID NOT NULL,
  marked_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_usage_marks PRIMARY KEY (owner_id),
  CONSTRAINT fk_usage_marks_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE sent_warnings (
  user_id UUID NOT NULL,
  name TEXT NOT NULL,
  period_from TIMESTAMP WITH TIME ZONE NOT NULL,
  level BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_sent_warnings PRIMARY KEY (user_id, name, period_from, level, amount),
  CONSTRAINT fk_sent_warnings_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE thresholds (
  span TEXT NOT NULL,
  micros BIGINT NOT NULL,
  stops BOOLEAN DEFAULT false NOT NULL,
  lifted_on DATE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_thresholds PRIMARY KEY (id),
  CONSTRAINT uq_thresholds_span_micros UNIQUE (span, micros),
  CONSTRAINT ck_thresholds_span CHECK (span IN ('day', 'month')),
  CONSTRAINT ck_thresholds_positive CHECK (micros > 0)
);

CREATE TABLE sent_alerts (
  span TEXT NOT NULL,
  micros BIGINT NOT NULL,
  period_from DATE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_sent_alerts PRIMARY KEY (span, micros, period_from)
);
