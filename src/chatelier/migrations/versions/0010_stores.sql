-- A file's bytes are in its row, or in the object store under the row's key. block_sums: SHA-256 of each 256 KiB.
ALTER TABLE image_files ALTER COLUMN content DROP NOT NULL;
ALTER TABLE image_files ADD COLUMN object_key TEXT;
ALTER TABLE image_files ADD COLUMN block_sums BYTEA;
ALTER TABLE image_files ADD CONSTRAINT ck_image_files_place
  CHECK ((content IS NULL) = (object_key IS NOT NULL) AND (object_key IS NULL) = (block_sums IS NULL));
-- Each file is in one of the two: a move finds what is left, and sums of bytes read indexes alone.
CREATE INDEX ix_image_files_in_rows ON image_files (image_id, variant) INCLUDE (bytes)
  WHERE object_key IS NULL AND variant <> 'thumbnail';
CREATE INDEX ix_image_files_in_objects ON image_files (image_id, variant) INCLUDE (bytes) WHERE object_key IS NOT NULL;
-- Where new files go: 'database' or 'objects'; NULL: to the object store where one is configured.
ALTER TABLE instance ADD COLUMN store TEXT CONSTRAINT ck_instance_store CHECK (store IN ('database', 'objects'));

-- Keys that no row names: noted before an object is put, taken back in the transaction of its row, and noted again by
-- trigger when that row goes. What is due is deleted from the store; doomed: that may be under way, too late to claim.
CREATE TABLE loose_objects (
  object_key TEXT NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  doomed BOOLEAN DEFAULT false NOT NULL,
  CONSTRAINT pk_loose_objects PRIMARY KEY (object_key)
);
CREATE INDEX ix_loose_objects_due_at ON loose_objects (due_at);

-- By trigger, since files also go by cascade. Ten minutes let those who read it now, or back it up, come to their end.
CREATE FUNCTION note_loose_object() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO loose_objects (object_key, due_at) VALUES (OLD.object_key, chatelier_now() + interval '10 minutes')
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER image_files_gone AFTER DELETE ON image_files
  FOR EACH ROW WHEN (OLD.object_key IS NOT NULL) EXECUTE FUNCTION note_loose_object();
CREATE TRIGGER image_files_moved AFTER UPDATE OF object_key ON image_files
  FOR EACH ROW WHEN (OLD.object_key IS NOT NULL AND NEW.object_key IS DISTINCT FROM OLD.object_key)
  EXECUTE FUNCTION note_loose_object();

-- Originals and previews handed out on a day of UTC, counted in memory and added once a minute.
CREATE TABLE served_days (
  day DATE NOT NULL,
  images BIGINT DEFAULT 0 NOT NULL,
  bytes BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_served_days PRIMARY KEY (day)
);

-- Bytes that encoding an original again without loss has saved.
ALTER TABLE images ADD COLUMN saved_bytes BIGINT DEFAULT 0 NOT NULL;
CREATE INDEX ix_images_saved ON images (saved_bytes) WHERE saved_bytes > 0;
