"""HTTP in, HTML out. No SQL and no provider calls here."""
