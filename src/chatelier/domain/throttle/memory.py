"""Counters in the memory of one process. Import it late: ``limits`` takes 40 ms."""

from __future__ import annotations

import time

from limits.aio.storage import MemoryStorage

SWEEP_SECONDS = 10.0


class Memory(MemoryStorage):
    """The library's own looks through all keys after every single hit, which a crowd of visitors would make slow."""

    STORAGE_SCHEME = None  # type: ignore[assignment]  # not to be found by an address

    def __init__(self) -> None:
        super().__init__()
        self._swept = time.monotonic()

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        if time.monotonic() - self._swept > SWEEP_SECONDS:
            self._swept = time.monotonic()
            self._sweep()
        count = await self.get(key) + amount
        if count == amount:
            self.expirations[key] = time.time() + expiry
        self.storage[key] = count
        return count

    def _sweep(self) -> None:
        over = [key for key, end in self.expirations.items() if end <= time.time()]
        for key in over:
            self.storage.pop(key, None)
            self.expirations.pop(key, None)
