"""What a prompt was understood to ask for, before anything has a place in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

# What people are told was drawn, where the name of a feature would not say it.
FEATURE_NAMES = {
    "blossom": "cherry blossoms",
    "shootingstar": "shooting stars",
    "snowfield": "snow",
    "plain": "",
    "table": "a table",
    "room": "a room",
    "abstract": "abstract shapes",
    "emblem": "an emblem",
    "sun": "the sun",
    "moon": "the moon",
    "sea": "the sea",
    "underwater": "the world under water",
    "space": "outer space",
    "rainbow": "a rainbow",
    "skyline": "a skyline",
    "street": "a street",
    "beach": "a beach",
    "lake": "a lake",
    "forest": "a forest",
    "desert": "a desert",
    "garden": "a garden",
    "meadow": "a meadow",
    "jungle": "a jungle",
    "savanna": "a savanna",
    "aurora": "northern lights",
}


@dataclass(kw_only=True)
class Wanted:
    """One kind of thing. ``label`` is singular, as people say it; ``position`` is left, right, centre, back, front,
    sky or ''; ``carrier`` is the index of the wanted thing that it rides on or sits in."""

    icon: str
    label: str
    count: int = 1
    colour: str = ""
    scale: float = 1.0
    position: str = ""
    carrier: int | None = None
    onto: bool = False  # it stands on top of its carrier, not in it


@dataclass(kw_only=True)
class Wish:
    """``setting`` is landscape, sea, city or studio, ``place`` its variant; '' where nothing was said.
    ``paints`` maps a part of the backdrop to a colour's words; the four numbers tilt the whole picture's light."""

    things: list[Wanted] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    setting: str = ""
    place: str = ""
    time: str = ""
    season: str = ""
    weather: list[str] = field(default_factory=list)
    style: str = ""
    paints: dict[str, str] = field(default_factory=dict)
    vibrance: float = 0.0
    lightness: float = 0.0
    warmth: float = 0.0
    hue: float | None = None
    approximated: list[dict[str, str]] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)


def remove_things(wish: Wish, gone: Sequence[int]) -> None:
    """Drop things by index and keep what rides on others pointing at the right ones."""
    kept = [at for at in range(len(wish.things)) if at not in gone]
    moved = {old: new for new, old in enumerate(kept)}
    wish.things = [wish.things[at] for at in kept]
    for thing in wish.things:
        thing.carrier = moved.get(thing.carrier) if thing.carrier is not None else None
