"""The camera of a scene: nearer, from afar, more to one side, a lower horizon, another shape. Pure geometry.

A view is (left, top, right, bottom) in shares of the composition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatelier.providers.illustrator.colours import clamp
from chatelier.providers.illustrator.compose import Composer, measures
from chatelier.providers.illustrator.layout import Box
from chatelier.providers.illustrator.scene import WHOLE, Placed, Scene

View = tuple[float, float, float, float]
NEARER = 0.66  # of what was seen, each way
SMALLEST = 0.12
WIDER = 0.5  # of what was seen, added at a side
FARTHEST = 3.0  # of the composition, each way
HORIZONS = (0.18, 0.84)


def boxes(scene: Scene, things: Sequence[Placed]) -> list[Box]:
    """What they cover, in shares of the composition."""
    composer = Composer(scene)
    wide, tall = composer.width, composer.height
    found = [composer.box_of(thing) for thing in things]
    return [
        Box(left=box.left / wide, top=box.top / tall, right=box.right / wide, bottom=box.bottom / tall) for box in found
    ]


def around(all_boxes: Sequence[Box]) -> Box:
    return Box(
        left=min(box.left for box in all_boxes),
        top=min(box.top for box in all_boxes),
        right=max(box.right for box in all_boxes),
        bottom=max(box.bottom for box in all_boxes),
    )


def closer(scene: Scene, things: Sequence[Placed], *, strong: bool = False) -> Scene:
    """To the things, as near as they allow; towards the middle of everything where none is named."""
    left, top, right, bottom = scene.view
    share = NEARER
    if things:
        box = around(boxes(scene, things))
        middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
        share = max((box.right - box.left) / (right - left), (box.bottom - box.top) / (bottom - top)) * 1.45
        share = min(0.92, max(SMALLEST / min(right - left, bottom - top), share))
    else:
        standing = [thing for thing in scene.things if thing.carrier is None][:3]
        box = around(boxes(scene, standing)) if standing else Box(left=left, top=top, right=right, bottom=bottom)
        middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
        share = share * share if strong else share
    return replace(scene, view=_within(middle, (right - left) * share, (bottom - top) * share, scene.view))


def _within(middle: tuple[float, float], wide: float, tall: float, limits: View) -> View:
    left = clamp(middle[0] - wide / 2, limits[0], limits[2] - wide)
    top = clamp(middle[1] - tall / 2, limits[1], limits[3] - tall)
    return (left, top, left + wide, top + tall)


def farther(scene: Scene, *, strong: bool = False) -> Scene:
    """Back to the whole after a close-up, else more around it: sky above rather than ground below."""
    left, top, right, bottom = scene.view
    if right - left < 0.97:
        return replace(scene, view=WHOLE if right - left > 0.4 or strong else _grown(scene.view, 1 / NEARER, WHOLE))
    extra = 1.0 if strong else 0.44
    wide, tall = (right - left) * extra, (bottom - top) * extra
    if right - left + wide > FARTHEST:
        return scene
    return replace(scene, view=(left - wide / 2, top - tall * 0.62, right + wide / 2, bottom + tall * 0.38))


def _grown(view: View, factor: float, limits: View) -> View:
    left, top, right, bottom = view
    wide, tall = (
        min(limits[2] - limits[0], (right - left) * factor),
        min(limits[3] - limits[1], (bottom - top) * factor),
    )
    return _within(((left + right) / 2, (top + bottom) / 2), wide, tall, limits)


def extended(scene: Scene, sides: Sequence[str]) -> Scene:
    """More to see at these sides; the scene as it was keeps its size in pixels."""
    left, top, right, bottom = scene.view
    wide, tall = (right - left) * WIDER, (bottom - top) * WIDER
    across = len({"left", "right"} & set(sides)) or 1
    down = len({"top", "bottom"} & set(sides)) or 1
    return replace(
        scene,
        view=(
            left - wide / across * ("left" in sides),
            top - tall / down * ("top" in sides),
            right + wide / across * ("right" in sides),
            bottom + tall / down * ("bottom" in sides),
        ),
    )


def cropped(scene: Scene, side: str, *, keep: bool) -> Scene:
    """Only that half (``keep``), or all but a strip at that side."""
    left, top, right, bottom = scene.view
    share = 0.5 if keep else 0.25
    wide, tall = (right - left) * share, (bottom - top) * share
    at = {"left": 0, "top": 1, "right": 2, "bottom": 3}[side]
    opposite = (at + 2) % 4 if keep else at
    edges = [left, top, right, bottom]
    edges[opposite] += (wide, tall, -wide, -tall)[opposite]
    return replace(scene, view=(edges[0], edges[1], edges[2], edges[3]))


def panned(scene: Scene, side: str) -> Scene:
    left, top, right, bottom = scene.view
    x, y = {"left": (-0.3, 0), "right": (0.3, 0), "top": (0, -0.25), "bottom": (0, 0.25)}[side]
    x, y = x * (right - left), y * (bottom - top)
    return replace(scene, view=(left + x, top + y, right + x, bottom + y))


def with_horizon(scene: Scene, by: float) -> Scene:
    """``by`` in shares of the height, downwards; what stands on land or water keeps its place before the horizon."""
    horizon = clamp(scene.horizon + by, *HORIZONS)
    reach, sky = (1 - horizon) / (1 - scene.horizon), horizon / scene.horizon
    standing = {thing.id: thing for thing in scene.things}

    def height(thing: Placed) -> float:
        return horizon + (thing.y - scene.horizon) * reach if thing.y >= scene.horizon else thing.y * sky

    def moved(thing: Placed) -> Placed:
        host = standing.get(thing.carrier) if thing.carrier is not None else None
        shift = height(host) - host.y if host else height(thing) - thing.y
        return replace(thing, y=thing.y + shift)

    return replace(scene, horizon=horizon, things=tuple(moved(thing) for thing in scene.things))


def reframed(scene: Scene, ratio: float) -> Scene:
    """The same things in a picture of another shape: what belongs together stays together, and nothing is cut off."""
    wanted = ratio * (scene.view[3] - scene.view[1]) / (scene.view[2] - scene.view[0])
    before, after = measures(scene.ratio), measures(wanted)
    if not scene.things:
        return replace(scene, ratio=wanted)
    units = [Box(left=box.left * before[0], top=box.top * before[1], right=box.right * before[0],
                 bottom=box.bottom * before[1]) for box in boxes(scene, scene.things)]  # fmt: skip
    whole = around(units)
    shrunk = min(1.0, 0.94 * after[0] / max(1.0, whole.right - whole.left))
    room = min(1.0, 0.9 * after[1] / max(1.0, whole.bottom - whole.top))
    shrunk = min(shrunk, room)
    spread = shrunk * (1.0 if after[0] <= before[0] else min(1.35, (after[0] / before[0]) ** 0.5))
    hosts = {thing.id: thing for thing in scene.things}
    middle = (whole.left + whole.right) / 2
    target = clamp(
        middle / before[0] * after[0],
        (whole.right - whole.left) * spread / 2 + after[0] * 0.02,
        after[0] - (whole.right - whole.left) * spread / 2 - after[0] * 0.02,
    ) if (whole.right - whole.left) * spread < after[0] * 0.96 else after[0] / 2  # fmt: skip

    def standing(thing: Placed) -> tuple[float, float]:
        return target + (thing.x * before[0] - middle) * spread, thing.y * after[1]

    def placed(thing: Placed) -> tuple[float, float]:
        """In the new drawing units."""
        host = hosts.get(thing.carrier) if thing.carrier is not None else None
        if host is not None:
            x, y = standing(host)
            return x + (thing.x - host.x) * before[0] * shrunk, y + (thing.y - host.y) * before[1] * shrunk
        return standing(thing)

    things = []
    for thing in scene.things:
        x, y = placed(thing)
        things.append(replace(thing, x=x / after[0], y=y / after[1], size=thing.size * shrunk))
    return replace(scene, ratio=wanted, things=tuple(things))
