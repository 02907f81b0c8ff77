-- What an image can be found by (domain/words.py says how a lexeme looks). NULL: not written yet, the upkeep does it.
ALTER TABLE images ADD COLUMN words TSVECTOR;
-- Bytes of all its files: original, thumbnail, preview.
ALTER TABLE images ADD COLUMN stored_bytes BIGINT DEFAULT 0 NOT NULL;
UPDATE images SET stored_bytes = (SELECT coalesce(sum(bytes), 0) FROM image_files WHERE image_id = images.id);

CREATE INDEX ix_images_words ON images USING gin (words) WITH (fastupdate = off);
CREATE INDEX ix_images_wordless ON images (id) WHERE words IS NULL;
CREATE INDEX ix_images_favourites ON images (owner_id, created_at, id) WHERE favourite AND deleted_at IS NULL;
CREATE INDEX ix_images_largest ON images (owner_id, bytes, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_images_expired ON images (deleted_at) WHERE deleted_at IS NOT NULL;

-- Each word of an owner once: for words that were typed almost right, and for the choices of the filters.
CREATE TABLE image_words (
  owner_id UUID NOT NULL,
  word TEXT COLLATE "C" NOT NULL,
  CONSTRAINT pk_image_words PRIMARY KEY (owner_id, word),
  CONSTRAINT fk_image_words_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE storage_use (
  owner_id UUID NOT NULL,
  bytes BIGINT DEFAULT 0 NOT NULL,
  images BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_storage_use PRIMARY KEY (owner_id),
  CONSTRAINT fk_storage_use_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO storage_use SELECT owner_id, sum(stored_bytes), count(*) FROM images GROUP BY owner_id;

-- By trigger, since images also go by cascade. A user who is being deleted has no row any more: nothing to count.
CREATE FUNCTION count_kept_images() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO storage_use AS known (owner_id, bytes, images)
    SELECT owner_id, sum(stored_bytes), count(*) FROM kept GROUP BY owner_id ORDER BY owner_id
    ON CONFLICT (owner_id) DO UPDATE
    SET bytes = known.bytes + excluded.bytes, images = known.images + excluded.images;
  RETURN NULL;
END $$;
CREATE FUNCTION count_gone_images() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE storage_use AS known SET bytes = known.bytes - less.bytes, images = known.images - less.images
    FROM (SELECT owner_id, sum(stored_bytes) AS bytes, count(*) AS images FROM gone GROUP BY owner_id) AS less
    WHERE known.owner_id = less.owner_id;
  RETURN NULL;
END $$;
CREATE FUNCTION count_changed_image() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE storage_use SET bytes = bytes + NEW.stored_bytes - OLD.stored_bytes WHERE owner_id = NEW.owner_id;
  RETURN NULL;
END $$;
CREATE TRIGGER images_kept AFTER INSERT ON images REFERENCING NEW TABLE AS kept
  FOR EACH STATEMENT EXECUTE FUNCTION count_kept_images();
CREATE TRIGGER images_gone AFTER DELETE ON images REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION count_gone_images();
CREATE TRIGGER images_changed AFTER UPDATE OF stored_bytes ON images
  FOR EACH ROW WHEN (OLD.stored_bytes <> NEW.stored_bytes) EXECUTE FUNCTION count_changed_image();

CREATE TABLE share_links (
  owner_id UUID NOT NULL,
  image_id UUID NOT NULL,
  token_hash BYTEA NOT NULL,
  with_prompt BOOLEAN DEFAULT false NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  revoked_at TIMESTAMP WITH TIME ZONE,
  views BIGINT DEFAULT 0 NOT NULL,
  viewed_at TIMESTAMP WITH TIME ZONE,
  id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
  CONSTRAINT pk_share_links PRIMARY KEY (id),
  CONSTRAINT uq_share_links_token_hash UNIQUE (token_hash),
  CONSTRAINT fk_share_links_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT fk_share_links_image_id_images FOREIGN KEY(image_id) REFERENCES images (id) ON DELETE CASCADE
);
CREATE INDEX ix_share_links_owner_id ON share_links (owner_id);
CREATE INDEX ix_share_links_image_id ON share_links (image_id);
