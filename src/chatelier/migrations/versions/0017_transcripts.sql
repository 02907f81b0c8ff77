-- A program that speaks OpenAI's protocol sends the whole talk each time: its thread is found again by what was said.

ALTER TABLE threads ADD COLUMN instructions TEXT NOT NULL DEFAULT '';
ALTER TABLE threads ADD COLUMN transcript BYTEA;
CREATE INDEX ix_threads_transcript ON threads (owner_id, transcript) WHERE transcript IS NOT NULL;
