"""What a PNG, JPEG or WebP file is made of, as values shared by the readers of the three formats."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE_TYPE = b"cv.iptc.org/newscodes/digitalsourcetype/"
MAX_TEXT = 1 << 20  # bytes of unpacked metadata that are looked at


class Malformed(Exception):
    """Not exactly one still image from the first byte to the last."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One chunk or segment: ``start`` to ``end`` in the file, its payload ``body`` to ``body_end``."""

    name: bytes
    start: int
    body: int
    body_end: int
    end: int

    def payload(self, content: bytes) -> bytes:
        return content[self.body : self.body_end]

    def whole(self, content: bytes) -> bytes:
        return content[self.start : self.end]


def is_c2pa(payload: bytes) -> bool:
    """Whether a JUMBF box holds a C2PA manifest store (C2PA 2, "Embedding manifests")."""
    return b"jumb" in payload[:64] and b"c2pa" in payload[:256]
