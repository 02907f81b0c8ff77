"""How much is handed out, counted in memory and taken away now and then to be written down."""

from __future__ import annotations


class Served:
    """Originals and previews: what an object store would take over."""

    def __init__(self) -> None:
        self.images = 0
        self.bytes = 0

    def add(self, size: int) -> None:
        self.images += 1
        self.bytes += size

    def take(self) -> tuple[int, int]:
        """Images and bytes since the last time."""
        taken, self.images, self.bytes = (self.images, self.bytes), 0, 0
        return taken
