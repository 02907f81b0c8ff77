-- Masks that are drawn on a picture.

CREATE TABLE masks (
  owner_id UUID NOT NULL,
  thread_id UUID NOT NULL,
  bytes BIGINT NOT NULL,
  content BYTEA NOT NULL,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_masks PRIMARY KEY (id),
  CONSTRAINT fk_masks_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT fk_masks_thread_id_threads FOREIGN KEY(thread_id) REFERENCES threads (id) ON DELETE CASCADE
);
ALTER TABLE masks ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX ix_masks_owner_id ON masks (owner_id);
CREATE INDEX ix_masks_thread_id ON masks (thread_id);

-- They take storage as images do, and go by cascade as these do.
CREATE FUNCTION count_kept_masks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO storage_use AS known (owner_id, bytes) SELECT owner_id, sum(bytes) FROM kept GROUP BY owner_id
    ORDER BY owner_id
    ON CONFLICT (owner_id) DO UPDATE SET bytes = known.bytes + excluded.bytes;
  RETURN NULL;
END $$;
CREATE FUNCTION count_gone_masks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE storage_use AS known SET bytes = known.bytes - less.bytes
    FROM (SELECT owner_id, sum(bytes) AS bytes FROM gone GROUP BY owner_id) AS less
    WHERE known.owner_id = less.owner_id;
  RETURN NULL;
END $$;
CREATE TRIGGER masks_kept AFTER INSERT ON masks REFERENCING NEW TABLE AS kept
  FOR EACH STATEMENT EXECUTE FUNCTION count_kept_masks();
CREATE TRIGGER masks_gone AFTER DELETE ON masks REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION count_gone_masks();
