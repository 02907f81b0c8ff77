"""Ending tasks for certain."""

from __future__ import annotations

import asyncio
from typing import Any

AGAIN_SECONDS = 1.0


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancel until it has ended; what it raised is not raised again. Once is not enough: Python 3.11 loses a
    cancellation that arrives just as an inner ``wait_for`` ends, as those of the database driver do."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=AGAIN_SECONDS)
