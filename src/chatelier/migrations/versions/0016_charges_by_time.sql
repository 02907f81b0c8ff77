-- PostgreSQL takes an index by two columns for less in step with how rows lie than it is, and plans the count of
-- everybody's last hour anew with each post.
DROP INDEX ix_charges_recent;
CREATE INDEX ix_charges_recent ON charges (counted_at) INCLUDE (attempt_id);
