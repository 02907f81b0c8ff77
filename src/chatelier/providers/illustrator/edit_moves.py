"""Moves things, and puts things on, beside and behind others; a hat sits on a head."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chatelier.providers.illustrator.clauses import Clause
from chatelier.providers.illustrator.colours import clamp
from chatelier.providers.illustrator.edited import Edited, found
from chatelier.providers.illustrator.framing import boxes
from chatelier.providers.illustrator.kinds import kind
from chatelier.providers.illustrator.looks import outline
from chatelier.providers.illustrator.relations import ONTO
from chatelier.providers.illustrator.scene import Placed, Scene
from chatelier.providers.illustrator.spans import Span

SIDES = {"left": 0.2, "right": 0.8, "centre": 0.5, "center": 0.5, "middle": 0.5}
# What is worn: where its foot and its middle are on a head (shares of the head), and its width in heads.
WORN = {
    "top-hat": (0.26, 0.80), "womans-hat": (0.30, 1.15), "crown": (0.20, 0.80), "graduation-cap": (0.28, 1.0),
    "billed-cap": (0.30, 1.0), "military-helmet": (0.34, 1.0), "rescue-workers-helmet": (0.34, 1.0),
    "sunglasses": (0.66, 0.86), "glasses": (0.66, 0.86), "goggles": (0.66, 0.9), "scarf": (1.25, 0.8),
    "necktie": (1.75, 0.34), "ribbon": (0.24, 0.5), "headphone": (0.85, 1.1), "diving-mask": (0.85, 0.9),
}  # fmt: skip
# Heads of drawings seen from the side, that look to the left: middle, top and size in shares of what is drawn.
HEADS = {
    "cat": (0.27, 0.14, 0.44), "black-cat": (0.27, 0.14, 0.44), "dog": (0.46, 0.04, 0.56), "horse": (0.24, 0.06, 0.32),
    "cow": (0.2, 0.12, 0.32), "elephant": (0.3, 0.06, 0.42), "bird": (0.34, 0.04, 0.4), "duck": (0.32, 0.04, 0.4),
    "penguin": (0.5, 0.04, 0.5), "owl": (0.5, 0.04, 0.7), "rabbit": (0.26, 0.3, 0.4), "poodle": (0.25, 0.06, 0.36),
    "ewe": (0.24, 0.1, 0.34), "goat": (0.24, 0.1, 0.32), "pig": (0.24, 0.12, 0.4), "giraffe": (0.24, 0.03, 0.2),
    "snowman": (0.5, 0.06, 0.42), "snowman-without-snow": (0.5, 0.06, 0.42), "t-rex": (0.3, 0.03, 0.34),
    "turtle": (0.16, 0.2, 0.3), "mouse": (0.25, 0.25, 0.36), "chipmunk": (0.3, 0.06, 0.4), "rooster": (0.3, 0.06, 0.3),
    "tiger": (0.2, 0.12, 0.34), "leopard": (0.2, 0.12, 0.34), "monkey": (0.4, 0.05, 0.44), "dinosaur": (0.3, 0.04, 0.3),
}  # fmt: skip
FROM_THE_SIDE = (0.24, 0.1, 0.34)
FROM_THE_FRONT = (0.5, 0.0, 0.58)
STANDING = (0.5, 0.02, 0.42)
NEAR = r"(?:next to|beside|besides|by|near|close to|closer to|nearer to|alongside|together with)"
RELATIONS = (
    ("on", r"(?:on top of|onto|upon|on|atop|riding|sitting on|standing on|in|inside|into)"),
    ("beside", NEAR),
    ("behind", r"(?:behind|in back of)"),
    ("before", r"(?:in front of|before)"),
    ("under", r"(?:under|below|underneath|beneath)"),
    ("over", r"(?:over|above)"),
)


def worn_on(scene: Scene, icon: str, host: Placed, new_id: int, label: str, colour: str) -> Placed:
    """A thing on a head, as large as the head wants it."""
    middle, top, share = _head(host)
    foot, width = WORN.get(icon, (0.30, 0.8))
    (box,) = boxes(scene, [host])
    wide, tall = box.right - box.left, box.bottom - box.top
    middle = 1 - middle if host.flip else middle
    look, own = outline(host.icon), outline(icon)
    head = share * (look.width if look.width < look.height else look.height)  # in the icon's units
    unit = host.size / look.extent  # shares of the shorter side for a unit
    size = head * width * unit * own.extent / own.width
    y = box.top + tall * top + head * foot * unit * (tall / (look.height * unit))
    return Placed(id=new_id, icon=icon, label=label, colour=colour, x=box.left + wide * middle, y=y, size=size,
                  flip=host.flip, haze=host.haze, zone=host.zone, carrier=host.id, onto=True)  # fmt: skip


def _head(host: Placed) -> tuple[float, float, float]:
    plain = host.icon.split("-medium")[0].split("-light")[0].split("-dark")[0]
    if plain in HEADS:
        return HEADS[plain]
    where = kind(host.icon).where
    if where in ("head", "bust"):
        return FROM_THE_FRONT
    return STANDING if kind(host.icon).category == "People & Body" else FROM_THE_SIDE


def can_wear(thing: Placed) -> bool:
    return kind(thing.icon).category in ("Animals & Nature", "People & Body") and kind(thing.icon).where in (
        "ground", "head", "bust", "air", "surface", "water",
    )  # fmt: skip


def shifted(scene: Scene, ids: set[int], x: float, y: float, factor: float = 1.0) -> Scene:
    """Things and what they carry, moved by shares of the composition and scaled about their feet."""
    feet = {thing.id: thing for thing in scene.things}

    def moved(thing: Placed) -> Placed:
        if thing.id in ids and (thing.carrier is None or thing.carrier not in ids):
            return replace(thing, x=thing.x + x, y=thing.y + y, size=thing.size * factor)
        host = feet.get(thing.carrier) if thing.carrier is not None else None
        if host is None or host.id not in ids:
            return thing
        return replace(
            thing,
            x=host.x + x + (thing.x - host.x) * factor,
            y=host.y + y + (thing.y - host.y) * factor,
            size=thing.size * factor,
        )

    return scene.with_things([moved(thing) for thing in scene.things])


def read_move(edited: Edited, clause: Clause) -> bool:
    """Whether it was one: "move the house to the left", "put the dog next to the tree", "swap the cat and the dog"."""
    named = [(span, found(edited.scene, span)) for span in clause.spans if span.icon]
    there = [(span, things) for span, things in named if things]
    if not there:
        return False
    span, things = there[0]
    if (
        {"swap", "switch", "exchange"} & set(clause.texts)
        and len(there) > 1
        and "with" not in clause.texts[: span.start]
    ):
        return _swap(edited, things, there[1][1])
    if len(there) > 1 and there[1][0].start > span.end:
        relation = _relation(clause.between(span, there[1][0]))
        if relation:
            _relate(edited, things, there[1][1][0], relation)
            return True
    words = " ".join(clause.texts[span.end :])
    return _to_place(edited, things, words) or _to_place(edited, things, clause.text)


def _swap(edited: Edited, first: Sequence[Placed], second: Sequence[Placed]) -> bool:
    one, other = first[0], second[0]
    dx, dy = other.x - one.x, other.y - one.y
    scene = shifted(edited.scene, {one.id}, dx, dy)
    edited.became(shifted(scene, {other.id}, -dx, -dy))
    return True


def _relation(words: Sequence[str]) -> str:
    text = " ".join(words)
    order = ("before", "behind", "beside", "under", "over", "on")
    known = dict(RELATIONS)
    return next((name for name in order if re.search(rf"\b{known[name]}\b", text)), "")


def _relate(edited: Edited, things: Sequence[Placed], host: Placed, relation: str) -> None:
    """All things to one side of, behind, before or onto another."""
    scene, ids = edited.scene, {thing.id for thing in things}
    if host.id in ids:
        return
    (box,) = boxes(scene, [host])
    if relation == "on":
        share_x, share_y = ONTO.get(host.icon, (0.5, 0.12))
        scene = _mounted(scene, things[0], host, box.left + (box.right - box.left) * share_x,
                         box.top + (box.bottom - box.top) * share_y)  # fmt: skip
        edited.became(scene)
        return
    for at, thing in enumerate(things):
        (own,) = boxes(scene, [thing])
        wide = (own.right - own.left) / 2
        room = box.left > 1 - box.right if at % 2 == 0 else box.left <= 1 - box.right
        side = box.left - wide - 0.01 if room else box.right + wide + 0.01
        x = {"beside": side, "over": (box.left + box.right) / 2, "under": (box.left + box.right) / 2}.get(
            relation, (box.left + box.right) / 2 + (box.right - box.left) * (0.30 if relation == "behind" else 0.0)
        )
        y = {"behind": host.y - 0.03, "before": min(0.97, host.y + 0.09), "over": box.top - 0.04,
             "under": min(0.97, host.y + 0.05)}.get(relation, host.y)  # fmt: skip
        scene = shifted(scene, {thing.id}, clamp(x, 0.05, 0.95) - thing.x, y - thing.y)
    edited.became(scene)


def _mounted(scene: Scene, thing: Placed, host: Placed, x: float, y: float) -> Scene:
    """Smaller than what carries it, and moving with it from now on."""
    factor = min(1.0, 0.6 * host.size / thing.size)
    moved = shifted(scene, {thing.id}, x - thing.x, y - thing.y, factor)
    return moved.with_things(
        [
            replace(one, carrier=host.id, onto=True, zone=host.zone) if one.id == thing.id else one
            for one in moved.things
        ]
    )


def _to_place(edited: Edited, things: Sequence[Placed], words: str) -> bool:
    """To a side, up or down, near or far, of what is seen."""
    scene = edited.scene
    left, top, right, bottom = scene.view
    ids = {thing.id for thing in things}
    x = sum(thing.x for thing in things) / len(things)
    side = next((word for word in SIDES if re.search(rf"\b{word}\b", words)), "")
    if side:
        margin = max(own.right - own.left for own in boxes(scene, things)) / 2 + 0.01
        target = left + SIDES[side] * (right - left)
        if margin < 0.45:
            target = clamp(target, left + margin, right - margin)
        edited.became(shifted(scene, ids, target - x, 0.0))
        return True
    y = sum(thing.y for thing in things) / len(things)
    flies = all(thing.zone in ("sky", "air", "float", "water") for thing in things)
    if re.search(r"\b(?:up|upwards?|higher|top|sky|air)\b", words):
        if not flies and not re.search(r"\b(?:sky|air)\b", words):
            return _nearer(edited, things, -1)
        zone = {thing.id: replace(thing, zone="sky" if scene.setting != "studio" else "float") for thing in things}
        lifted = re.search(r"\b(?:higher|up|upwards?)\b", words) is not None and flies
        target = top + (0.28 if not lifted else max(0.12, y - top - 0.14)) * (bottom - top)
        flying = scene.with_things([zone.get(thing.id, thing) for thing in scene.things])
        edited.became(shifted(flying, ids, 0.0, target - y))
        return True
    if re.search(r"\b(?:closer|nearer|foreground|front|down|lower|bottom|forward)\b", words):
        return _nearer(edited, things, 1) if not flies else _down(edited, things, y)
    if re.search(r"\b(?:background|back|distance|away|further|farther|far)\b", words):
        return _nearer(edited, things, -1)
    return False


def _down(edited: Edited, things: Sequence[Placed], y: float) -> bool:
    edited.became(shifted(edited.scene, {thing.id for thing in things}, 0.0, min(0.95, y + 0.16) - y))
    return True


def _nearer(edited: Edited, things: Sequence[Placed], way: int) -> bool:
    """Towards the front and larger, or towards the horizon and smaller."""
    scene, horizon = edited.scene, edited.scene.horizon
    for thing in things:
        depth = thing.y - horizon
        target = min(0.965, horizon + depth * 1.35) if way > 0 else horizon + max(0.03, depth * 0.45)
        factor = 1.3 if way > 0 else 0.6
        scene = shifted(scene, {thing.id}, 0.0, target - thing.y, factor)
    edited.became(scene)
    return True


def said_to_move(clause: Clause, span: Span) -> bool:
    """ "Put the dog …": a thing that is spoken of as being there already."""
    before = clause.before(span)
    definite = "the" in before[-3:] or "my" in before[-2:] or clause.verb == "move"
    return definite and not {"another", "more", "extra"} & set(before)
