"""Rows for spreadsheets, which take a cell that begins with one of a few signs for a formula and run it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HEAD = (
    "person",
    "time_utc",
    "time_local",
    "plan",
    "kind",
    "provider",
    "model",
    "state",
    "ended",
    "paid",
    "test",
    "images",
    "amount",
    "amount_micros",
    "held_images",
    "held",
    "held_micros",
    "currency",
)


def lines(rows: Sequence[Sequence[object]], *, named: bool) -> str:
    """As CSV, with or without the first column, which says who it was."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([safe(cell) for cell in (row if named else row[1:])] for row in rows)
    return out.getvalue()


def cells(row: Any, zone: str) -> tuple[object, ...]:
    """One attempt: what it counts for now, and what was set aside for it."""
    return (
        row.person,
        row.counted_at.astimezone(UTC).isoformat(),
        row.counted_at.astimezone(ZoneInfo(zone)).isoformat(),
        row.plan,
        row.subject,
        row.provider,
        row.model,
        row.state,
        row.ended,
        _yes(row.paid),
        _yes(row.is_test),
        row.images,
        decimal(row.micros),
        row.micros,
        row.held_images,
        decimal(row.held_micros),
        row.held_micros,
        row.currency,
    )


def decimal(micros: int) -> str:
    """All six digits, with a point whatever the language: 0.040000."""
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def safe(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _yes(value: bool) -> str:
    return "yes" if value else "no"
