"""Composition: from a wish to a scene in which everything has its place. The same wish and seed, the same scene."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from chatelier.providers.illustrator.catalogue import TONES, catalogue
from chatelier.providers.illustrator.groups import Group, reference_size, size_groups
from chatelier.providers.illustrator.kinds import kind
from chatelier.providers.illustrator.layout import Box, Layout, boxed, spread_out
from chatelier.providers.illustrator.looks import outline
from chatelier.providers.illustrator.relations import INSIDE, ONTO
from chatelier.providers.illustrator.scene import Placed, Scene
from chatelier.providers.illustrator.stage import sun_place
from chatelier.providers.illustrator.surroundings import settle
from chatelier.providers.illustrator.svg import SHORT_SIDE
from chatelier.providers.illustrator.wish import Wanted, Wish
from chatelier.providers.illustrator.zones import band_of, horizon_of, zone_of

TRIES = 4  # times that a crowded composition is made smaller
CROWDED = 0.13  # share of a thing that things of other groups may hide
CROWDED_TABLE = 0.36
FLOCKS = frozenset({"bird", "black-bird"})


def compose(wish: Wish, *, seed: int, width: int, height: int) -> Scene:
    """``width`` and ``height`` in pixels give the ratio; the scene itself has no pixels."""
    if wish.setting != "studio":
        let_flocks_fly(wish.things)
    settle(wish)
    ratio = width / height
    airborne = all(kind(thing.icon).where == "sky" or thing.position == "sky" for thing in wish.things)
    scene = Scene(
        seed=seed,
        ratio=ratio,
        setting=wish.setting,
        place=wish.place,
        time=wish.time,
        season=wish.season,
        style=wish.style or "flat",
        horizon=horizon_of(wish.setting, wish.place, ratio, empty=airborne),
        variant=random.Random(f"{seed}/sky").randrange(3),  # noqa: S311 - art, not secrets
        weather=tuple(wish.weather),
        features=tuple(wish.features),
        paints=dict(wish.paints),
        vibrance=wish.vibrance,
        lightness=wish.lightness,
        warmth=wish.warmth,
        hue=wish.hue,
        accent=_accent(wish),
    )
    return scene.with_things(Composer(scene).place(list(enumerate(wish.things)))) if wish.things else scene


def measures(ratio: float) -> tuple[float, float]:
    """Width and height in drawing units: the shorter side is 1000."""
    return (SHORT_SIDE * ratio, SHORT_SIDE) if ratio >= 1 else (SHORT_SIDE, SHORT_SIDE / ratio)


def _accent(wish: Wish) -> float | None:
    from chatelier.providers.illustrator import colours

    if not wish.things:
        return None
    named = colours.named(wish.things[0].colour)
    if named is not None:
        return round(colours.to_hls(named)[0], 3)
    look = outline(wish.things[0].icon)
    return round(look.hue, 3) if look.coloured else None


def let_flocks_fly(things: list[Wanted]) -> None:
    """Several birds are drawn flying; one bird stands."""
    for wanted in things:
        if wanted.icon in FLOCKS and wanted.carrier is None and (wanted.count > 1 or wanted.position == "sky"):
            wanted.colour = wanted.colour or ("black" if wanted.icon == "black-bird" else "")
            wanted.icon, wanted.position = "own-flying-bird", "sky"


class Composer:
    """Places groups into a scene, beside what already stands in it (for an edit that adds)."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.width, self.height = measures(scene.ratio)
        self.horizon = scene.horizon * self.height
        self.layout = Layout(width=self.width, height=self.height)
        self.next_id = scene.next_id()
        self.afloat = False
        self.size: float | None = None
        self._seats: dict[int, list[float]] = {}  # widths of the riders of each carrier, by its id
        for thing in scene.things:
            self.layout.boxes.append(self.box_of(thing))
        if scene.setting != "studio" and scene.place != "underwater":
            high = scene.place == "mountains" or "mountains" in scene.features
            size = (self.width, self.height)
            x, y, radius = sun_place(scene.seed, scene.time, *size, self.horizon, over_mountains=high)
            self.layout.avoid.append(boxed(x, y + radius, (2 * radius, 2 * radius)))

    def box_of(self, thing: Placed) -> Box:
        look = outline(thing.icon)
        scale = thing.size * SHORT_SIDE / look.extent
        return boxed(thing.x * self.width, thing.y * self.height, (look.width * scale, look.height * scale))

    def place(
        self, wanted: list[tuple[int, Wanted]], onto: Mapping[int, Placed] | None = None, size: float | None = None
    ) -> list[Placed]:
        """``onto`` gives, by index, a thing of the scene that the wanted one is put on; ``size`` is that of the like
        which stand there already."""
        self.size = size
        zones = {self._zone(one) for _, one in wanted} | {thing.zone for thing in self.scene.things}
        self.afloat = "surface" in zones
        groups = [self._group(index, one) for index, one in wanted]
        hosts = dict(onto or {})
        carried = {group.index: group.wanted.carrier for group in groups if group.wanted.carrier is not None}
        standing = [group for group in groups if group.index not in carried and group.index not in hosts]
        if not standing and not hosts:
            standing, carried = groups, {}
        if standing:
            self._stand(standing, carried)
        for group in groups:
            if group.index in hosts:
                self._mount(group, self._host(hosts[group.index]))
            elif group.index in carried:
                self._mount(group, next(other for other in groups if other.index == carried[group.index]))
        return [placed for group in groups for placed in group.placed]

    def _host(self, thing: Placed) -> Group:
        """A thing that already stands, as a group to be mounted."""
        group = self._group(-1, Wanted(icon=thing.icon, label=thing.label))
        group.placed.append(thing)
        return group

    def _stand(self, standing: list[Group], carried: Mapping[int, int]) -> None:
        """Place all; where things hide each other too much, make them smaller and try again."""
        main = next((group for group in standing if group.index in (0, carried.get(0))), standing[0])
        reference = reference_size(len(standing), main, self.scene)
        if self.scene.things:
            reference = self._reference_from_scene(main, reference)
        size_groups(standing, main, reference, self.scene, (self.width, self.height))
        if self.size is not None:
            main.size = self.size * SHORT_SIDE
        ordered = [main, *sorted((g for g in standing if g is not main), key=lambda g: -g.size * g.wanted.count)]
        before, first_id = list(self.layout.boxes), self.next_id
        for attempt in range(TRIES):
            chance = self._chance(main.wanted)
            self.layout.boxes, self.next_id, starts = list(before), first_id, []
            for group in ordered:
                group.placed.clear()
                starts.append(len(self.layout.boxes))
                self._place_group(group, chance, first=group is main and not self.scene.things)
            limit = CROWDED_TABLE if self.scene.place == "table" else CROWDED
            if attempt == TRIES - 1 or self.layout.crowding(starts) < limit:
                return
            for group in ordered:
                group.size *= 0.86

    def _chance(self, wanted: Wanted) -> random.Random:
        """Chance for this composition, or for this addition to it."""
        added = f"/{wanted.icon}/{self.next_id}" if self.scene.things else ""
        return random.Random(f"{self.scene.seed}/layout{added}")  # noqa: S311

    def _group(self, index: int, wanted: Wanted) -> Group:
        thing, zone = kind(wanted.icon), self._zone(wanted)
        band = band_of(zone, thing, self.scene, (self.width, self.height), afloat=self.afloat)
        return Group(index=index, wanted=wanted, thing=thing, zone=zone, band=band)

    def _zone(self, wanted: Wanted) -> str:
        return zone_of(wanted, kind(wanted.icon), self.scene.setting, self.scene.place, list(self.scene.features))

    def _reference_from_scene(self, main: Group, reference: float) -> float:
        """An added thing is as large as its relation to what stands there already says."""
        first = next((thing for thing in self.scene.things if thing.carrier is None and thing.zone == "ground"), None)
        if first is None:
            return reference * 0.8
        band = self._group(0, Wanted(icon=first.icon, label="")).band
        near = main.band.perspective(main.band.at(0.74)) / band.perspective(first.y * self.height)
        return min(reference, first.size * SHORT_SIDE * main.thing.scale / kind(first.icon).scale * near)

    def _place_group(self, group: Group, chance: random.Random, *, first: bool) -> None:
        count = group.wanted.count
        size = group.measure(group.size)
        middle = self._middle(group, chance, first=first, width=size[0])
        area = self._area(group, size, count)
        for dx, dy in spread_out(count, chance, floating=group.zone not in ("ground", "surface")):
            foot = middle[1] + dy * area[1]
            side = group.size
            if group.zone in ("ground", "surface") and count > 1:
                side *= group.band.perspective(foot) / group.band.perspective(middle[1])
            side *= chance.uniform(0.93, 1.07) if count > 1 else 1.0
            box = self.layout.place(
                group.measure(side),
                (middle[0] + dx * area[0], foot),
                (self.width * (0.16 if count > 1 else 0.5), self._sway(group)),
                chance,
                tries=90 if count < 8 else 36,
                freedom=0.35 if count > 1 or first else 1.0,
                friends=len(group.placed),
                huddle=0.38 if group.thing.where == "table" else 0.1,
            )
            group.placed.append(self._placed(group, box, side, chance))

    def _middle(self, group: Group, chance: random.Random, *, first: bool, width: float) -> tuple[float, float]:
        """Where the group would like to be: a third for the main one among others, else where it balances."""
        y = group.foot
        if group.zone == "sky":
            y = self.horizon * (0.70 if first else chance.uniform(0.34, 0.62))
        elif group.zone == "air":
            y = self.horizon * (0.95 if first else chance.uniform(0.62, 0.92))
        elif group.zone == "float" or (group.zone == "water" and self.scene.place == "underwater"):
            y = self.height * (0.5 if first else chance.uniform(0.3, 0.62)) + group.measure(group.size)[1] / 2
        sides = {"left": 0.22, "right": 0.78, "centre": 0.5}
        if group.wanted.position in sides:
            return self.width * sides[group.wanted.position], y
        if not first:
            return self.layout.balance(), y
        centred = self.scene.setting == "studio" or group.wanted.count > 2 or width > 0.5 * self.width
        if centred or self.scene.ratio < 0.8:
            return self.width * 0.5, y
        return self.width * self._third(chance), y

    def _third(self, chance: random.Random) -> float:
        """The side away from the sun, so that the light has room."""
        if self.layout.avoid:
            return 0.62 if self.layout.avoid[0].middle < self.width / 2 else 0.38
        return chance.choice((0.4, 0.6))

    def _area(self, group: Group, size: tuple[float, float], count: int) -> tuple[float, float]:
        """How far a group reaches each way from its middle."""
        if count == 1:
            return 0.0, 0.0
        if group.thing.where == "table" and self.scene.setting == "studio" and count <= 3:
            return size[0] * 0.52, size[1] * 0.16
        across = min(self.width * 0.40, size[0] * (0.62 * min(count, 3) if count <= 3 else 0.34 * count))
        if group.zone in ("sky", "air", "float", "water"):
            return min(self.width * 0.40, across * 1.15), min(self.height * 0.26, size[1] * 0.42 * count**0.72)
        return across, (group.band.near - group.band.far) * (0.14 if count <= 3 else 0.36)

    def _sway(self, group: Group) -> float:
        if group.zone in ("ground", "surface"):
            return (group.band.near - group.band.far) * (0.16 if self.scene.ratio > 0.7 else 0.3)
        return self.height * 0.12

    def _placed(self, group: Group, box: Box, side: float, chance: random.Random) -> Placed:
        foot = box.bottom
        if group.zone in ("ground", "surface"):
            foot = min(max(foot, group.band.far), group.band.near + (self.height - group.band.near) * 0.4)
        near = group.band.perspective(foot)
        haze = (
            max(0.0, 0.20 * (0.9 - near))
            if group.zone in ("ground", "surface") and self.scene.setting != "studio"
            else 0.0
        )
        placed = Placed(
            id=self.next_id,
            icon=self._one_of_many(group),
            label=group.wanted.label,
            colour=group.wanted.colour,
            x=box.middle / self.width,
            y=foot / self.height,
            size=side / SHORT_SIDE,
            flip=self._flipped(group, box, chance),
            haze=haze,
            zone=group.zone,
        )
        self.next_id += 1
        return placed

    def _one_of_many(self, group: Group) -> str:
        """ "people" are women, men and others of every skin; other things are all alike."""
        if group.wanted.icon != "person-standing" or group.wanted.count < 3:
            return group.wanted.icon
        chance = random.Random(f"{self.scene.seed}/people{self.next_id}")  # noqa: S311
        who = ("woman-standing", "man-standing", "person-standing")[self.next_id % 3]
        return catalogue().toned(who, chance.choice(tuple(TONES)))

    def _flipped(self, group: Group, box: Box, chance: random.Random) -> bool:
        """Icons look to the left: on the left side they are turned, to look into the picture."""
        if not group.thing.mirrored:
            return False
        if group.wanted.count > 3:
            together = group.zone in ("sky", "water") or group.thing.where == "vehicle"
            return bool(group.placed and group.placed[0].flip) if together and group.placed else chance.random() < 0.5
        return box.middle < self.width * 0.47

    def _mount(self, group: Group, carrier: Group) -> None:
        """Riders sit along their carrier, smaller than it."""
        spots = ONTO if group.wanted.onto or carrier.wanted.icon not in INSIDE else INSIDE
        for at in range(group.wanted.count):
            under = carrier.placed[at % len(carrier.placed)]
            box = self.box_of(under)
            share_x, share_y = spots.get(under.icon, (0.5, 0.3))
            share_x = 1 - share_x if under.flip else share_x
            riders = (group.wanted.count + len(carrier.placed) - 1) // len(carrier.placed)
            most = (0.85 if group.wanted.onto else 0.62) * max(box.right - box.left, box.bottom - box.top)
            natural = under.size * SHORT_SIDE * group.thing.scale / carrier.thing.scale
            side = min(most, max(natural, most * 0.45)) / {1: 1.0, 2: 1.3, 3: 1.6}.get(riders, 1.9)
            size = group.measure(side)
            gap = min(size[0] * 0.9, 0.56 * (box.right - box.left) / riders)
            slide = ((at // len(carrier.placed)) - (riders - 1) / 2) * gap + self._beside(under, size[0])
            x = box.left + (box.right - box.left) * share_x + slide
            y = box.top + (box.bottom - box.top) * share_y + (0 if group.wanted.onto else size[1] * 0.16)
            rider = self._placed(group, boxed(x, y, size), side, random.Random(0))  # noqa: S311
            group.placed.append(
                replace(rider, y=y / self.height, carrier=under.id, onto=group.wanted.onto, zone=under.zone,
                        haze=under.haze, flip=under.flip and group.thing.mirrored)
            )  # fmt: skip
            self._seats.setdefault(under.id, []).append(size[0])

    def _beside(self, under: Placed, width: float) -> float:
        """Several kinds of riders on one carrier sit beside each other."""
        taken = self._seats.get(under.id, [])
        return sum(taken) * 0.5 + width * 0.4 if taken else 0.0
