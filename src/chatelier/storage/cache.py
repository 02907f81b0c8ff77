"""The thumbnails asked for most, in memory. Whose they are is asked each time all the same; only bytes are kept."""

from __future__ import annotations

import builtins
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

_ENTRY = 400  # bytes that an entry takes beside its content


@dataclass(frozen=True, kw_only=True)
class SmallFile:
    """A file that is held whole. ``sha256`` is lower-case hex; ``name`` is what its owner would save it as."""

    media_type: str
    sha256: str
    content: builtins.bytes
    name: str


class SmallFiles:
    """At most ``max_bytes`` of them; what was not asked for the longest goes first."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._files: OrderedDict[UUID, SmallFile] = OrderedDict()
        self.bytes = 0

    def get(self, image_id: UUID) -> SmallFile | None:
        if (found := self._files.get(image_id)) is not None:
            self._files.move_to_end(image_id)
        return found

    def put(self, image_id: UUID, file: SmallFile) -> None:
        self.drop(image_id)
        self._files[image_id] = file
        self.bytes += _ENTRY + len(file.content)
        while self.bytes > self._max_bytes:
            self.drop(next(iter(self._files)))

    def drop(self, image_id: UUID) -> None:
        if (gone := self._files.pop(image_id, None)) is not None:
            self.bytes -= _ENTRY + len(gone.content)
