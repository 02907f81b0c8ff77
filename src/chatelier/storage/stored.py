"""What is kept of an image, as plain values: the web process handles them without knowing Pillow."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

THUMBNAIL_SIDE = 256  # pixels, the longer side
PREVIEW_SIDE = 1024


def digest(content: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, kw_only=True)
class StoredImage:
    """``content`` is the original as kept; ``width`` and ``height`` are as shown (orientation applied).
    ``sha256`` is lower-case hex of ``content``. ``thumbnail`` is WebP. ``preview`` exists only where the original is
    heavy to show: JPEG, or WebP where one can see through it. ``saved_bytes``: how much larger ``content`` would have
    been without encoding it again."""

    content: bytes
    media_type: str
    width: int
    height: int
    sha256: str
    thumbnail: bytes
    thumbhash: bytes
    preview: bytes | None = None
    preview_type: str = "image/jpeg"
    saved_bytes: int = 0

    @property
    def all_bytes(self) -> int:
        """What it takes in a store, with all that was derived from it."""
        return len(self.content) + len(self.thumbnail) + len(self.preview or b"")
