"""Whether there is room for what is about to be asked for. Where the database is embedded, a full disk would lose a
picture that was paid, and stop PostgreSQL for everybody."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import structlog

from chatelier.config import Settings

log = structlog.get_logger()


async def is_short(settings: Settings) -> bool:
    """False for a server elsewhere, whose disk is its operator's to watch."""
    if settings.database_url or not settings.least_free_bytes:
        return False
    try:
        free = await asyncio.to_thread(free_bytes, settings.data_dir)
    except OSError:
        return False
    if free < settings.least_free_bytes:
        log.error("disk.nearly_full", free=free, least=settings.least_free_bytes, folder=str(settings.data_dir))
        return True
    return False


def free_bytes(folder: Path) -> int:
    """On its disk; of a folder that is not there yet, on the one that it will be made on."""
    return shutil.disk_usage(next(parent for parent in (folder, *folder.parents) if parent.exists())).free
