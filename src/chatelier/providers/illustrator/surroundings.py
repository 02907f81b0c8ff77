"""Chooses setting, place and hour where the words leave them open."""

from __future__ import annotations

from functools import lru_cache

from chatelier.providers.illustrator.kinds import Thing, kind
from chatelier.providers.illustrator.lexicon import lines
from chatelier.providers.illustrator.wish import Wish, remove_things
from chatelier.providers.illustrator.zones import SWIMMERS

NIGHTLY = frozenset({"moon", "stars", "fireworks", "aurora", "shootingstar"})
NIGHT_THINGS = frozenset("bat ghost vampire jack-o-lantern witch woman-mage".split())


@lru_cache(1)
def home_of() -> dict[str, tuple[str, str]]:
    """Icon → (setting, place)."""
    found = {}
    for key, value in lines("homes"):
        setting, _, place = key.partition("/")
        found.update(dict.fromkeys(value.split(), (setting, place)))
    return found


def settle(wish: Wish) -> None:
    """Fill setting, place and time; a wish that names nothing to be seen becomes an abstract picture."""
    _clear_table(wish)
    kinds = [kind(thing.icon) for thing in wish.things]
    if not wish.setting:
        wish.setting, wish.place = _from_things(wish, kinds)
    if not wish.time:
        nightly = NIGHTLY.intersection(wish.features) or any(thing.icon in NIGHT_THINGS for thing in wish.things)
        wish.time = "night" if nightly and "sun" not in wish.features else "day"
    if wish.place == "space" or wish.setting == "studio":
        wish.weather = []
    afloat = any(kind(thing.icon).where == "surface" and thing.icon not in SWIMMERS for thing in wish.things)
    if wish.place == "underwater" and "underwater" not in wish.features and afloat:
        wish.place = "open"
    if wish.setting == "landscape" and wish.place in ("mountains", "meadow") and afloat:
        wish.place = "lake"
    if wish.place in ("room", "table") and "table" not in wish.features:
        small = all(thing.where in ("table", "sign", "air") and thing.metres < 1 for thing in kinds) and bool(kinds)
        wish.place = "table" if small else "room"
    if wish.setting == "sea" and wish.place == "open" and any(_needs_ground(thing) for thing in kinds):
        wish.place = "beach"


def _clear_table(wish: Wish) -> None:
    """Small things on a table are a still life: the backdrop is the table."""
    at = next((at for at, thing in enumerate(wish.things) if thing.icon == "own-table"), 0)
    small = all(kind(thing.icon).metres < 2 for thing in wish.things)
    if at and small and wish.setting in ("", "studio") and wish.place in ("", "table"):
        wish.setting, wish.place = "studio", "table"
        wish.features.append("table")
        for thing in wish.things:
            thing.carrier = None if thing.carrier == at else thing.carrier
        remove_things(wish, [at])


def _from_things(wish: Wish, kinds: list[Thing]) -> tuple[str, str]:
    if not wish.things:
        outside = wish.features or wish.weather or wish.season or wish.time
        if outside or any(part in wish.paints for part in ("sky", "ground", "water")):
            return "landscape", "snow" if "snow" in wish.weather else "meadow"
        return "studio", "abstract"
    if "person-in-bed" in (thing.icon for thing in wish.things):
        return "studio", "room"
    outdoors = bool(set(wish.features) | set(wish.weather)) or bool(wish.season)
    homes = [home_of()[thing.icon] for thing in wish.things if thing.icon in home_of()]
    main = home_of().get(wish.things[0].icon)
    if main and not (main[0] == "sea" and main[1] == "underwater" and _has_land_dwellers(wish)):
        return main
    indoor = kinds[0].where in ("table", "sign") and all(part.metres < 2.5 for part in kinds)
    if indoor and not outdoors:
        return "studio", "plain" if kinds[0].where == "sign" else "table"
    if not outdoors and any(home == ("studio", "room") for home in homes):
        return "studio", "room"
    if homes and homes[0][1] != "underwater":
        return homes[0]
    return "landscape", "meadow"


def _has_land_dwellers(wish: Wish) -> bool:
    return any(
        _needs_ground(kind(thing.icon)) and home_of().get(thing.icon, ("",))[0] != "sea" for thing in wish.things
    )


def _needs_ground(thing: Thing) -> bool:
    return thing.where in ("ground", "building", "vehicle", "head", "bust") and thing.category != "Own"
