"""The first schema: Procrastinate's tables, then ours (0001_initial.sql)."""

from pathlib import Path

from alembic import op

from chatelier.db import queue

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Both scripts hold many statements and percent signs, so they go to psycopg as they are."""
    cursor = op.get_bind().connection.cursor()
    cursor.execute(queue.schema())
    cursor.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
