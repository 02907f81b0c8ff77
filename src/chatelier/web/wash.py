"""The soft wash of colour that holds a picture's place until it has come: a thumbhash as a tiny PNG in the page."""

from __future__ import annotations

import base64
import functools
import math
import struct
import zlib

SIDE = 6  # pixels; the browser smooths them over the whole picture
BLANK = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

Samples = list[float]


@functools.lru_cache(maxsize=4096)
def wash(thumbhash: bytes) -> str:
    """A data address of some 200 characters. An unreadable hash gives an empty pixel."""
    try:
        rows = _decode(thumbhash)
    except IndexError:
        return BLANK
    return "data:image/png;base64," + base64.b64encode(_png(rows)).decode()


def _decode(data: bytes) -> list[bytes]:
    """RGB rows of a SIDE x SIDE picture; the layout of the bits is the thumbhash specification's."""
    head, tail = int.from_bytes(data[:3], "little"), int.from_bytes(data[3:5], "little")
    if len(data) < 5:
        raise IndexError
    has_alpha, landscape = head >> 23, tail >> 15
    long_side, short_side = 5 if has_alpha else 7, max(3, tail & 7)
    columns, lines = (long_side, short_side) if landscape else (short_side, long_side)
    nibbles = iter([part for byte in data[6 if has_alpha else 5 :] for part in (byte & 15, byte >> 4)])

    def read(across: int, down: int, scale: float) -> list[tuple[int, int, float]]:
        places = [(x, y) for y in range(down) for x in range(0 if y else 1, across) if x * down < across * (down - y)]
        return [(x, y, (next(nibbles, 7) / 7.5 - 1) * scale) for x, y in places]

    light = _sample((head & 63) / 63, read(columns, lines, ((head >> 18) & 31) / 31))
    yellow = _sample((head >> 6 & 63) / 31.5 - 1, read(3, 3, ((tail >> 3) & 63) / 63 * 1.25))
    red = _sample((head >> 12 & 63) / 31.5 - 1, read(3, 3, ((tail >> 9) & 63) / 63 * 1.25))
    pixels = [_rgb(*channels) for channels in zip(light, yellow, red, strict=True)]
    return [b"".join(pixels[start : start + SIDE]) for start in range(0, SIDE * SIDE, SIDE)]


def _sample(average: float, waves: list[tuple[int, int, float]]) -> Samples:
    def at(column: int, line: int) -> float:
        return average + sum(2 * size * _wave(column, x) * _wave(line, y) for x, y, size in waves)

    return [at(column, line) for line in range(SIDE) for column in range(SIDE)]


@functools.cache
def _wave(position: int, frequency: int) -> float:
    return math.cos(math.pi / SIDE * (position + 0.5) * frequency)


def _rgb(light: float, yellow: float, red: float) -> bytes:
    """From lightness, yellow against blue and red against green."""
    b = light - 2 / 3 * yellow
    r = (3 * light - b + red) / 2
    return bytes(round(255 * min(1.0, max(0.0, value))) for value in (r, r - red, b))


def _png(rows: list[bytes]) -> bytes:
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    head = struct.pack(">IIBBBBB", SIDE, len(rows), 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
