"""Finds places: each thing tries many and takes the one that crowds least and balances the picture best."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Box:
    """What a thing covers, in drawing units."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def shared(first: Box, second: Box) -> float:
    """The area that both cover."""
    width = min(first.right, second.right) - max(first.left, second.left)
    height = min(first.bottom, second.bottom) - max(first.top, second.top)
    return width * height if width > 0 and height > 0 else 0.0


@dataclass(kw_only=True)
class Layout:
    """The picture's measures and what stands in it so far."""

    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    avoid: list[Box] = field(default_factory=list)  # sun and moon: not to be covered

    def balance(self) -> float:
        """The x where another weight would balance what is there, 0..width."""
        weight = sum(box.area for box in self.boxes)
        if not weight:
            return self.width / 2
        centre = sum(box.area * box.middle for box in self.boxes) / weight
        return min(self.width * 0.88, max(self.width * 0.12, self.width - centre))

    def crowding(self, starts: Sequence[int]) -> float:
        """The largest share of a thing that one of another group hides; ``starts`` are the groups' first boxes."""
        worst = 0.0
        for at, box in enumerate(self.boxes):
            group = sum(at >= start for start in starts)
            for other_at in range(at):
                if sum(other_at >= start for start in starts) != group and group:
                    other = self.boxes[other_at]
                    worst = max(worst, shared(box, other) / max(1.0, min(box.area, other.area)))
        return worst

    def cost(self, box: Box, *, wish_x: float, wish_y: float, freedom: float, friends: int, huddle: float) -> float:
        """Lower is better: overlap first, then leaving the frame, then distance from where it should be."""
        cost = 0.0
        margin = self.width * 0.02
        outside = max(0.0, margin - box.left) + max(0.0, box.right - self.width + margin)
        above = max(0.0, self.height * 0.015 - box.top)
        cost += (outside / max(1.0, box.right - box.left)) * 14 + (above / max(1.0, box.bottom - box.top)) * 8
        strangers = len(self.boxes) - friends
        for at, other in enumerate(self.boxes):
            over = shared(box, other) / max(1.0, min(box.area, other.area))
            if over:
                cost += 6 * (over if at < strangers else max(0.0, over - huddle))
            gap = max(other.left - box.right, box.left - other.right, 0.0)
            if at < strangers and gap < self.width * 0.015 and abs(other.bottom - box.bottom) < self.height * 0.06:
                cost += 0.25
        for other in self.avoid:
            cost += 3.5 * shared(box, other) / max(1.0, other.area)
        away = ((box.middle - wish_x) / self.width) ** 2 + ((box.bottom - wish_y) / self.height) ** 2
        return cost + away * (4.0 / max(0.05, freedom))

    def place(
        self,
        size: tuple[float, float],
        wish: tuple[float, float],
        spread: tuple[float, float],
        chance: random.Random,
        *,
        tries: int = 70,
        freedom: float = 1.0,
        friends: int = 0,
        huddle: float = 0.1,
    ) -> Box:
        """The best of many boxes of that size around ``wish`` (middle x, foot y), within ``spread`` each way.

        The last ``friends`` boxes are of the same group: they may hide ``huddle`` of each other."""
        best: tuple[float, Box] | None = None
        for at in range(tries):
            reach = at / tries
            x = wish[0] + spread[0] * reach * chance.uniform(-1, 1)
            y = wish[1] + spread[1] * reach * chance.uniform(-1, 1)
            box = boxed(x, y, size)
            cost = self.cost(box, wish_x=wish[0], wish_y=wish[1], freedom=freedom, friends=friends, huddle=huddle)
            if best is None or cost < best[0]:
                best = (cost, box)
        assert best is not None
        self.boxes.append(best[1])
        return best[1]


def boxed(x: float, y: float, size: tuple[float, float]) -> Box:
    return Box(left=x - size[0] / 2, right=x + size[0] / 2, top=y - size[1], bottom=y)


def spread_out(count: int, chance: random.Random, *, floating: bool = False) -> Sequence[tuple[float, float]]:
    """Offsets for a group of ``count``, -1..1 each: side by side, then in rows, never in a grid; what floats
    spreads like the seeds of a sunflower."""
    if count == 1:
        return [(0.0, 0.0)]
    if floating and count > 3:
        turn, lean = chance.uniform(0, math.tau), chance.uniform(-0.25, 0.25)
        seeds = [(((at + 0.5) / count) ** 0.5, turn + at * 2.399963) for at in range(count)]
        return [(r * math.cos(angle), r * math.sin(angle) + lean * r * math.cos(angle)) for r, angle in seeds]
    if count == 2:
        return [(-0.62, 0.03), (0.62, -0.03)]
    if count == 3:
        return [(0.0, 0.30), (-0.95, -0.25), (0.95, -0.18)]
    rows = 2 if count <= 7 else 3 if count <= 15 else 4
    offsets = []
    for at in range(count):
        row = at % rows
        in_row = (count - row + rows - 1) // rows
        column = at // rows
        x = (column + 0.5) / in_row * 2 - 1 + (0.5 / in_row) * (row % 2)
        y = -1 + 2 * (row + 0.5) / rows
        offsets.append((x + chance.uniform(-0.3, 0.3) / in_row, y + chance.uniform(-0.25, 0.25) / rows))
    return offsets
