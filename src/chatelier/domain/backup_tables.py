"""What becomes of every table in a backup. A table that is in neither list fails a test, and a backup of it is refused:
whoever adds one decides here."""

from __future__ import annotations

from collections.abc import Iterable

from chatelier.errors import CannotStart

FILES = "image_files"  # their bytes, each a file of its own in the archive

# Whole. In which order says the database.
KEPT = frozenset(
    (
        "api_keys",
        "attempts",
        "audit_log",
        "charges",
        "generations",
        "idempotency_keys",
        "image_words",
        "images",
        "instance",
        "instance_days",
        "ledger",
        "masks",
        "messages",
        "plans",
        "sent_alerts",
        "sent_warnings",
        "share_links",
        "spend_quarters",
        "spend_sums",
        "stored_providers",
        "thresholds",
        "threads",
        "upgrade_requests",
        "users",
        "zone_changes",
    )
)
LEFT_OUT = {
    "alembic_version": "the archive's head names the revision",
    "export_pieces": "archives of at most 72 hours, which people make again",
    "exports": "archives of at most 72 hours, which people make again",
    "failed_sign_ins": "counted for 15 minutes",
    "loose_objects": "of an object store, to which a restored instance has no ties: its files come into the database",
    "mails": "what waits may have gone out since; that somebody was warned is in sent_warnings",
    "nightly_checks": "made again in the next night",
    "partial_frames": "of pictures that are being painted",
    "served_days": "counted anew",
    "sign_in_sessions": "people sign in again: what was stolen with a backup opens no door",
    "storage_use": "counted by triggers when the images come in",
    "usage_marks": "usage is looked at again when it next grows",
}
JOBS = "procrastinate_"  # what waits is not painted again: domain/restore_care.py

# Where a table may hold rows and the instance is empty all the same: every instance begins with some.
AT_FIRST = frozenset(("instance", "plans"))


def is_left_out(table: str) -> bool:
    return table in LEFT_OUT or table.startswith(JOBS)


def check_known(tables: Iterable[str]) -> None:
    """Raises CannotStart for a table that this version knows nothing of: leaving it out would lose data silently."""
    unknown = sorted(table for table in tables if table not in KEPT and table != FILES and not is_left_out(table))
    if unknown:
        raise CannotStart(
            f"The database holds a table that this Chatelier does not know: {unknown[0]}. Keep tables of your own in "
            "another database; where it is Chatelier's, use the version that made it."
        )
