-- Failed sign-ins of the last minutes, under keyed hashes of networks and accounts.

CREATE TABLE failed_sign_ins (
  key BYTEA NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_failed_sign_ins PRIMARY KEY (id)
);
CREATE INDEX ix_failed_sign_ins_key ON failed_sign_ins (key, created_at);
