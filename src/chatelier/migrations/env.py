"""Alembic's entry: one connection, given by db/migrate.py, one transaction for everything."""

from alembic import context

from chatelier.db.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
