"""PostgreSQL: schema, connections, jobs, notifications, the embedded server. Knows nothing of the domain."""
