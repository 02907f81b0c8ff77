"""Lines of land: hills that roll, mountains that rise in peaks."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from chatelier.providers.illustrator import svg
from chatelier.providers.illustrator.stage import Stage
from chatelier.providers.illustrator.svg import Point


def hill_line(chance: random.Random, width: float, level: float, rise: float, waves: float = 1.6) -> list[Point]:
    """A rolling line around ``level``; ``rise`` is how far it swings up and down."""
    phases = [chance.uniform(0, math.tau) for _ in range(3)]
    points = []
    for step in range(-1, 14):
        x = width * step / 12
        turn = step / 12 * math.tau
        y = math.sin(turn * waves * 0.5 + phases[0]) * 0.6 + math.sin(turn * waves + phases[1]) * 0.3
        points.append((x, level + rise * (y + 0.1 * math.sin(turn * waves * 2.3 + phases[2]))))
    return points


def land(points: list[Point], bottom: float) -> str:
    """The line as a closed shape down to ``bottom``."""
    first, last = points[0][0], points[-1][0]
    return svg.data(svg.smooth(points), "L", (last, bottom), "L", (first, bottom), "Z")


def height_at(points: list[Point], x: float) -> float:
    """The line's y at x."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= x <= x1:
            return y0 + (y1 - y0) * (x - x0) / max(1e-6, x1 - x0)
    return points[-1][1]


def mountains(stage: Stage, name: str, base: float, height: float, depth: float, *, snow: bool, colour: str) -> None:
    """A range of peaks standing on ``base``, with a lit and a shaded side each."""
    chance = stage.rng(name)
    spacing = height * chance.uniform(1.0, 1.25)
    peaks = []
    x = -spacing * chance.random()
    while x < stage.width + spacing:
        peaks.append((x, height * chance.uniform(0.55, 1.0)))
        x += spacing * chance.uniform(0.6, 1.1)
    peaks.sort(key=lambda peak: peak[1])
    for at, (x, tall) in enumerate(peaks):
        share = depth + 0.08 * (1 - at / len(peaks))
        _peak(stage, chance, x, base, tall, share, snow=snow, colour=colour)


def _peak(
    stage: Stage, chance: random.Random, x: float, base: float, tall: float, depth: float, *, snow: bool, colour: str
) -> None:
    half = tall * chance.uniform(0.75, 0.95)
    left = _flank(chance, x, base, -half, tall)
    right = _flank(chance, x, base, half, tall)
    lean = x + half * chance.uniform(-0.05, 0.12)
    spine = [(x, base - tall)]
    for step in range(1, 5):
        spine.append((x + (lean - x) * step / 4 + half * chance.uniform(-0.09, 0.09), base - tall * (1 - step / 4)))
    dark = stage.fade("mountains", stage.between(colour, "#1d2440", 0.30), colour, depth)
    lit = stage.fade("mountains", stage.between(colour, "#fff0dc", 0.38), stage.between(colour, "#ffffff", 0.10), depth)
    sun_left = stage.rng("sunside").random() < 0.5
    stage.back.append(svg.shape(svg.path([*reversed(left), *spine]), lit if sun_left else dark))
    stage.back.append(svg.shape(svg.path([*spine, *reversed(right)]), dark if sun_left else lit))
    if snow and tall > 0:
        cap_left = _cap(chance, left, spine, base, tall)
        cap_right = _cap(chance, right, spine, base, tall)
        white, cool = stage.shade("snow", "#ffffff", depth * 0.8), stage.shade("snow", "#c9d8ee", depth * 0.8)
        stage.back.append(svg.shape(svg.path(cap_left), white if sun_left else cool))
        stage.back.append(svg.shape(svg.path(cap_right), cool if sun_left else white))


def _flank(chance: random.Random, x: float, base: float, half: float, tall: float) -> list[Point]:
    points = [(x, base - tall)]
    for step in range(1, 6):
        share = step / 6
        jag = chance.uniform(-0.05, 0.05)
        points.append((x + half * (share + jag), base - tall * (1 - share**0.92)))
    points.append((x + half, base))
    return points


def _cap(chance: random.Random, flank: list[Point], spine: list[Point], base: float, tall: float) -> list[Point]:
    """Snow from the summit down to a ragged line between a flank and the spine."""
    outer, inner = flank[2], spine[1]
    middle = ((outer[0] + inner[0]) / 2, (outer[1] + inner[1]) / 2)
    drop = tall * 0.07
    return [
        flank[0],
        flank[1],
        outer,
        ((outer[0] + middle[0]) / 2, (outer[1] + middle[1]) / 2 - drop * chance.uniform(0.4, 1.0)),
        (middle[0], middle[1] + drop * chance.uniform(0.5, 1.2)),
        ((inner[0] + middle[0]) / 2, (inner[1] + middle[1]) / 2 - drop * chance.uniform(0.3, 0.8)),
        (inner[0], inner[1] + drop * 0.4),
    ]
