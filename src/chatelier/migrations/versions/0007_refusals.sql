-- What an admin does not let through, and how refused requests are counted.

ALTER TABLE instance ADD COLUMN refused_words TEXT DEFAULT '' NOT NULL;
ALTER TABLE instance ADD COLUMN child_safe BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE instance ADD COLUMN refusals_per_hour BIGINT DEFAULT 20 NOT NULL;
ALTER TABLE instance ADD CONSTRAINT ck_instance_refusals_per_hour CHECK (refusals_per_hour > 0);
CREATE INDEX ix_audit_log_refusals ON audit_log (actor_id, created_at) WHERE action = 'request.refused';
