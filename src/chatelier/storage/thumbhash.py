"""ThumbHash placeholders: about 25 bytes from which a page paints a blurred likeness (Evan Wallace's public format).

The package of that name on PyPI fails on transparent images and costs twice the time, hence our own encoder:
mean colours and the lowest cosine frequencies of luminance, two colour differences and alpha, as nibbles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from math import cos, pi
from operator import mul

Channel = Sequence[float]


def thumbhash(width: int, height: int, rgba: bytes) -> bytes:
    """The hash of at most 100 x 100 pixels of straight RGBA."""
    luminance, yellow_blue, red_green, alpha = _channels(rgba)
    clear = min(alpha) < 1.0
    longest = max(width, height)
    across, down = (max(1, _round((5 if clear else 7) * side / longest)) for side in (width, height))
    size = (width, height)
    l_mean, l_scale, l_waves = _waves(luminance, size, max(3, across), max(3, down))
    p_mean, p_scale, p_waves = _waves(yellow_blue, size, 3, 3)
    q_mean, q_scale, q_waves = _waves(red_green, size, 3, 3)
    wide = width > height
    first = _round(63 * l_mean) | _round(31.5 + 31.5 * p_mean) << 6 | _round(31.5 + 31.5 * q_mean) << 12
    first |= _round(31 * l_scale) << 18 | clear << 23
    second = (down if wide else across) | _round(63 * p_scale) << 3 | _round(63 * q_scale) << 9 | wide << 15
    head = first.to_bytes(3, "little") + second.to_bytes(2, "little")
    waves = [*l_waves, *p_waves, *q_waves]
    if clear:
        a_mean, a_scale, a_waves = _waves(alpha, size, 5, 5)
        head += bytes((_round(15 * a_mean) | _round(15 * a_scale) << 4,))
        waves += a_waves
    nibbles = [_round(15 * wave) for wave in waves]
    nibbles += [0] * (len(nibbles) % 2)
    return head + bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))


def _channels(rgba: bytes) -> tuple[Channel, Channel, Channel, Channel]:
    """Luminance, yellow-blue, red-green and alpha, all 0..1 or -1..1, over the mean colour where it is transparent."""
    alpha = [value / 255 for value in rgba[3::4]]
    weight = sum(alpha) or 1.0
    planes = []
    for plane in (rgba[0::4], rgba[1::4], rgba[2::4]):
        mean = sum(map(mul, plane, alpha)) / 255 / weight
        planes.append([mean * (1 - a) + a * value / 255 for value, a in zip(plane, alpha, strict=True)])
    reds, greens, blues = planes
    luminance = [(r + g + b) / 3 for r, g, b in zip(reds, greens, blues, strict=True)]
    yellow_blue = [(r + g) / 2 - b for r, g, b in zip(reds, greens, blues, strict=True)]
    red_green = [r - g for r, g in zip(reds, greens, strict=True)]
    return luminance, yellow_blue, red_green, alpha


def _waves(channel: Channel, size: tuple[int, int], across: int, down: int) -> tuple[float, float, list[float]]:
    """The mean, the largest amplitude and all amplitudes of the low frequencies, these as 0..1 of the largest."""
    mean, *waves = _frequencies(channel, size, across, down)
    scale = max(map(abs, waves), default=0.0)
    return mean, scale, [0.5 + 0.5 * wave / scale for wave in waves] if scale else waves


def _frequencies(channel: Channel, size: tuple[int, int], across: int, down: int) -> Iterator[float]:
    """Cosine transform, rows first, over the triangle of frequencies that the format keeps."""
    width, height = size
    rows = [channel[start : start + width] for start in range(0, width * height, width)]
    columns = [[sum(map(mul, row, _wave(width, x))) for row in rows] for x in range(across)]
    for y in range(down):
        falling = _wave(height, y)
        for x in range(across):
            if x * down < across * (down - y):
                yield sum(map(mul, columns[x], falling)) / (width * height)


@cache
def _wave(length: int, frequency: int) -> Channel:
    return [cos(pi / length * frequency * (at + 0.5)) for at in range(length)]


def _round(value: float) -> int:
    return int(value + 0.5)
