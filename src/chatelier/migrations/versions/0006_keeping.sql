-- Archives that people ask for of their own data.

CREATE TABLE exports (
  user_id UUID NOT NULL,
  state TEXT DEFAULT 'waiting' NOT NULL,
  run UUID,
  runs BIGINT DEFAULT 0 NOT NULL,
  lease_until TIMESTAMP WITH TIME ZONE NOT NULL,
  bytes BIGINT DEFAULT 0 NOT NULL,
  link_hash BYTEA,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_exports PRIMARY KEY (id),
  CONSTRAINT uq_exports_link_hash UNIQUE (link_hash),
  CONSTRAINT ck_exports_state CHECK (state IN ('waiting', 'ready', 'failed')),
  CONSTRAINT fk_exports_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_exports_user_id ON exports (user_id);

CREATE TABLE export_pieces (
  export_id UUID NOT NULL,
  number BIGINT NOT NULL,
  content BYTEA NOT NULL,
  CONSTRAINT pk_export_pieces PRIMARY KEY (export_id, number),
  CONSTRAINT fk_export_pieces_export_id_exports FOREIGN KEY(export_id) REFERENCES exports (id) ON DELETE CASCADE
);
ALTER TABLE export_pieces ALTER COLUMN content SET STORAGE EXTERNAL;
