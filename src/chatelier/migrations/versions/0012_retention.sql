-- Entries of the audit log that still hold a network address, to be found when its days are over.
CREATE INDEX ix_audit_log_addresses ON audit_log (created_at) WHERE details ? 'address';
