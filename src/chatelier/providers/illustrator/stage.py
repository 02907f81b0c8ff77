"""Where a backdrop is painted: its measures, its light, and the layers in their order."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chatelier.providers.illustrator import colours
from chatelier.providers.illustrator.colours import clamp, mix
from chatelier.providers.illustrator.light import Light
from chatelier.providers.illustrator.svg import Defs, Stop


@dataclass(kw_only=True)
class Stage:
    """Lengths in drawing units. ``back`` is painted before the things, ``front`` after them; ``accent`` is a hue
    that suits the main thing, in degrees."""

    width: float
    height: float
    horizon: float
    light: Light
    seed: int
    place: str
    season: str = ""
    features: Sequence[str] = ()
    weather: Sequence[str] = ()
    paints: Mapping[str, str] = field(default_factory=dict)
    accent: float | None = None
    afloat: bool = False  # something is on the water: a lake then reaches to the front
    empty: bool = False  # nothing stands in it: the backdrop is the picture
    amounts: Mapping[str, float] = field(default_factory=dict)  # of stars, clouds, trees …: 1 is as many as usual
    reflected: bool = False  # painted to be reflected beyond the edges: without what there is only one of
    alone: list[str] = field(
        default_factory=list
    )  # the backdrop's last things, whole even where an edge would cut them
    sky_ends: int = 0  # how many of ``back`` are the sky's
    defs: Defs = field(default_factory=Defs)
    back: list[str] = field(default_factory=list)
    front: list[str] = field(default_factory=list)

    def rng(self, name: str) -> random.Random:
        """Chance of its own for each part, so that adding one leaves the others as they were."""
        return random.Random(f"{self.seed}/{name}")  # noqa: S311 - art, not secrets

    def many(self, name: str, usual: int) -> int:
        """How many of something that the backdrop draws many of: the first ones are always the same."""
        return round(usual * self.amounts.get(name, 1.0))

    def shown(self, name: str) -> bool:
        """Whether it was not asked to go away."""
        return self.amounts.get(name, 1.0) > 0

    def spared(self, name: str, which: str) -> bool:
        """Whether this one of many stays where fewer were asked for: the others keep their places."""
        amount = self.amounts.get(name, 1.0)
        return amount >= 1 or self.rng(f"thinned {name} {which}").random() < amount

    @property
    def unit(self) -> float:
        return unit_of(self.width, self.height)

    @property
    def snowy(self) -> bool:
        return self.place == "snow" or self.season == "winter" or "snow" in self.weather

    @property
    def sun(self) -> tuple[float, float, float]:
        """Middle and radius of the sun or moon."""
        high = self.place == "mountains" or "mountains" in self.features
        return sun_place(self.seed, self.light.time, self.width, self.height, self.horizon, over_mountains=high)

    def shade(self, part: str, colour: str, depth: float = 0.0) -> str:
        """A daylight colour of a part of the land, repainted when somebody asked so, in the scene's light."""
        return colours.hexed(self.light.shaded(self.repaint(part, colours.parse(colour)), depth))

    def repaint(self, part: str, colour: colours.RGB) -> colours.RGB:
        wanted = colours.named(self.paints.get(part, ""))
        if wanted is None:
            return colour
        hue, lightness, strength = colours.to_hls(wanted)
        own = colours.to_hls(colour)[1]
        return colours.from_hls(hue, clamp(own * 0.5 + lightness * 0.5, 0.06, 0.95), strength * 0.92)

    def fade(self, part: str, top: str, bottom: str, depth: float = 0.0) -> str:
        """A vertical gradient of two daylight colours of one part."""
        stops: list[Stop] = [(0, self.shade(part, top, depth)), (1, self.shade(part, bottom, depth))]
        return self.defs.vertical(stops)

    def between(self, first: str, second: str, share: float) -> str:
        return colours.hexed(mix(colours.parse(first), colours.parse(second), share))


def unit_of(width: float, height: float) -> float:
    """A length that grows slowly with wide or tall pictures: details keep their look and stay inside."""
    return min(float((width * height) ** 0.5), 1.25 * min(width, height))


def sun_place(
    seed: int, time: str, width: float, height: float, horizon: float, *, over_mountains: bool = False
) -> tuple[float, float, float]:
    """Where the sun or moon stands and its radius; the composition keeps clear of it."""
    chance = random.Random(f"{seed}/sun")  # noqa: S311
    side = chance.choice((0.2, 0.24, 0.76, 0.8))
    unit = min(width, height)
    if time == "sunset":
        lift = min(unit * 0.29, horizon * 0.5) if over_mountains else unit * chance.uniform(0.05, 0.11)
        return width * (side + (0.5 - side) * 0.35), horizon - lift, unit * 0.085
    radius = unit * (0.062 if time == "day" else 0.068)
    return width * side, max(radius * 1.8, horizon * chance.uniform(0.22, 0.32)), radius
