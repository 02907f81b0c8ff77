"""How large things are drawn beside each other, and how far back they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatelier.providers.illustrator.kinds import Thing
from chatelier.providers.illustrator.looks import Outline, outline
from chatelier.providers.illustrator.scene import Placed, Scene
from chatelier.providers.illustrator.svg import SHORT_SIDE
from chatelier.providers.illustrator.wish import Wanted
from chatelier.providers.illustrator.zones import Band

LARGEST = 0.66  # of the shorter side, for any one thing
BESIDE = 0.56
SMALLEST = 0.075
IN_A_GROUP = ((1, 1.0), (2, 0.82), (3, 0.70), (6, 0.56), (12, 0.42), (24, 0.32))


@dataclass(kw_only=True)
class Group:
    """All of one wanted thing."""

    index: int
    wanted: Wanted
    thing: Thing
    zone: str
    band: Band
    size: float = 0.0  # longest side of one, drawing units
    foot: float = 0.0  # y where they stand
    placed: list[Placed] = field(default_factory=list)

    @property
    def outline(self) -> Outline:
        return outline(self.wanted.icon)

    def measure(self, size: float) -> tuple[float, float]:
        scale = size / self.outline.extent
        return self.outline.width * scale, self.outline.height * scale


def reference_size(kinds: int, main: Group, scene: Scene) -> float:
    """The longest side of the main thing among so many kinds, in drawing units."""
    reference = {1: 0.50, 2: 0.41, 3: 0.37, 4: 0.33}.get(kinds, 0.29) * SHORT_SIDE
    reference *= 1.15 if main.thing.scale > 2.2 else 0.86 if main.thing.scale < 0.3 else 1.0
    reference *= 1.25 if scene.place == "table" and kinds > 1 else 1.0
    return reference * (1.25 if scene.ratio < 0.7 else 1.0)


def size_groups(
    groups: Sequence[Group], main: Group, reference: float, scene: Scene, measures: tuple[float, float]
) -> None:
    """Sizes by the main thing and the relation in life; feet by depth: larger things stand farther back."""
    large = main.thing.scale > 2.2
    depth = (0.55 if len(groups) == 1 else 0.32) if large else 0.74
    wanted = {group.index: _in_life(group, main, depth) * reference for group in groups}
    low = [wanted[group.index] for group in groups if group.zone == main.zone and group is not main]
    # A mouse beside an elephant: the mouse gives way, or both would be the same.
    shrink = max(0.62 if main.thing.scale > 0.5 else 0.42, min(1.0, BESIDE * SHORT_SIDE / max(low))) if low else 1.0
    for group in groups:
        size = _elsewhere(group, wanted[group.index] * shrink, scene, main=group is main)
        size *= group.wanted.scale * next(factor for most, factor in IN_A_GROUP if group.wanted.count <= most)
        size *= 0.7 if group.wanted.position == "back" else 1.0
        most = LARGEST if group is main else BESIDE
        least = SMALLEST / (1 + group.wanted.count / 16)
        group.size = min(most, max(least, size / SHORT_SIDE)) * SHORT_SIDE
    _fit(groups, scene, measures)


def _in_life(group: Group, main: Group, depth: float) -> float:
    """How much larger than the main thing a thing looks where it stands; sets its foot."""
    relation = group.thing.scale / main.thing.scale
    share = depth if group is main else _depth_beside(depth, relation)
    group.foot = group.band.at({"back": 0.04, "front": 0.97}.get(group.wanted.position, share))
    near = group.band.perspective(group.foot) / main.band.perspective(main.band.at(depth))
    return relation * (near if group.zone == main.zone else max(near, 0.6))


def _depth_beside(depth: float, relation: float) -> float:
    if relation > 1.3:
        return depth * 0.3
    return min(0.96, depth + 0.2) if relation < 0.75 else min(0.9, depth + 0.04)


def _elsewhere(group: Group, size: float, scene: Scene, *, main: bool) -> float:
    """Things that do not stand on the ground have sizes of their own."""
    scale = group.thing.scale
    if group.zone == "sky":
        own = min(0.44, 0.16 + 0.08 * scale) if main else min(0.25, 0.10 + 0.04 * scale)
        return own * SHORT_SIDE
    if group.zone == "air":
        return max(size * 0.8, 0.10 * SHORT_SIDE) if main else min(0.17, 0.07 + 0.1 * scale) * SHORT_SIDE
    if group.zone == "water" and scene.place != "underwater":
        return min(size, 0.2 * SHORT_SIDE)
    if group.zone == "surface" and scene.setting == "landscape":
        return min(size, 0.32 * SHORT_SIDE)
    if group.zone == "float" and scene.place == "emblem":
        return min(size, 0.40 * SHORT_SIDE)
    return size


def _fit(groups: Sequence[Group], scene: Scene, measures: tuple[float, float]) -> None:
    """Shrink all when together they would fill the picture."""
    width, height = measures
    rows: dict[str, float] = {}
    for group in groups:
        row = group.zone if group.zone in ("sky", "air") else "low"
        rows[row] = rows.get(row, 0.0) + group.measure(group.size)[0] * group.wanted.count
    crowd = max(group.wanted.count for group in groups) > 3 or len(groups) > 3
    tall = max(1.0, 1.55 - 0.9 * scene.ratio)  # in a tall picture things stand behind each other
    room = width * tall * (1.9 if scene.place == "table" else 1.5 if crowd else 0.94)
    for group in groups:
        row = group.zone if group.zone in ("sky", "air") else "low"
        highest = 0.62 * scene.horizon * height if row == "sky" else 0.6 * height
        fitting = highest / max(1.0, group.measure(group.size)[1])
        group.size *= min(1.0, room / max(1.0, rows[row]), fitting)
