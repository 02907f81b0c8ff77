"""Sliding windows of two counters over any storage, and how long a full one stays full. ``limits`` is imported late."""

from __future__ import annotations

import math
from typing import Any

ROUNDING = 0.001  # seconds


def sliding(storage: Any) -> Any:
    from limits.aio.strategies import SlidingWindowCounterRateLimiter

    return SlidingWindowCounterRateLimiter(storage)


async def wait(limiter: Any, item: Any, *key: str) -> int:
    """Whole seconds after which one more is let in, if nobody else comes first. The library's own answer is 0 for a
    window that was filled in its first instant."""
    before, before_ends, here, here_ends = await limiter.storage.get_sliding_window(
        item.key_for(*key), item.get_expiry()
    )
    shift: float = here_ends - item.get_expiry()  # then this window becomes the one before
    if before and here < item.amount:
        fades = before_ends - (item.amount - here) * item.get_expiry() / before
        shift = min(shift, fades)
    return max(1, math.floor(shift + ROUNDING) + 1)
