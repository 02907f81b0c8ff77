"""The JSON door: /api/v1. No SQL and no provider calls here."""
