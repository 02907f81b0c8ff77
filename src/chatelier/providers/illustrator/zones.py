"""Where in a picture a thing can be: on the ground, in the sky, on or in the water, or freely in front."""

from __future__ import annotations

from dataclasses import dataclass

from chatelier.providers.illustrator.kinds import Thing
from chatelier.providers.illustrator.scene import Scene
from chatelier.providers.illustrator.setting_city import PAVEMENT, ROAD
from chatelier.providers.illustrator.setting_sea import SHORE
from chatelier.providers.illustrator.stage import unit_of
from chatelier.providers.illustrator.wish import Wanted

FLYERS = frozenset(
    "bird black-bird eagle dove owl parrot duck goose swan flamingo dragon bat phoenix superhero man-superhero "
    "woman-superhero fairy woman-fairy man-fairy baby-angel butterfly monarch-butterfly honeybee unicorn dragon-face "
    "own-flying-bird own-hot-air-balloon balloon kite rocket ghost mage woman-mage santa-claus sled umbrella peacock "
    "baby-chick penguin pig star red-heart sparkles cloud genie".split()
)
SWIMMERS = frozenset("turtle seal mermaid merman merperson penguin otter crocodile diving-mask".split())
WATERFOWL = frozenset({"duck", "goose"})
BREACHING = 2.0  # metres from which a sea creature is seen at the surface
HORIZONS = {
    ("landscape", ""): 0.50,
    ("sea", ""): 0.45,
    ("sea", "beach"): 0.40,
    ("sea", "underwater"): 0.30,
    ("city", ""): 0.40,
    ("studio", ""): 0.62,
    ("studio", "room"): 0.58,
}


@dataclass(frozen=True, kw_only=True)
class Band:
    """Feet stand between ``far`` and ``near``; lines meet at ``horizon`` (y in drawing units)."""

    far: float
    near: float
    horizon: float

    def at(self, share: float) -> float:
        return self.far + (self.near - self.far) * share

    def perspective(self, y: float) -> float:
        """How large a thing at y is drawn, 1 at the near edge; gentler than in life, for far things to be told."""
        vanish = self.horizon - 0.25 * (self.near - self.horizon)
        return max(0.2, (y - vanish) / max(1.0, self.near - vanish))


def horizon_of(setting: str, place: str, ratio: float, *, empty: bool) -> float:
    share = HORIZONS.get((setting, place), HORIZONS[(setting, "")])
    if setting in ("landscape", "sea") and place != "underwater":
        share += 0.05 if ratio < 0.7 else 0.0
        share += 0.13 if empty and setting == "landscape" else 0.07 if empty else 0.0
    return share


def zone_of(wanted: Wanted, thing: Thing, setting: str, place: str, features: list[str]) -> str:
    if place in ("space", "emblem", "abstract") or (place == "plain" and thing.where == "sign"):
        return "float"
    if wanted.position == "sky" and (thing.where in ("sky", "air") or wanted.icon in FLYERS):
        return "sky" if setting != "studio" and place != "underwater" else "air"
    if setting == "sea":
        return _at_sea(wanted, thing, place)
    if (thing.where in ("surface", "water") or wanted.icon in WATERFOWL) and (place == "lake" or "lake" in features):
        return "surface"
    if thing.where == "sky":
        return "sky" if setting != "studio" else "ground"
    if thing.where in ("air", "sign"):
        return "air"
    return "ground"


def _at_sea(wanted: Wanted, thing: Thing, place: str) -> str:
    if place == "underwater":
        swims = thing.where in ("water", "surface", "sky", "air", "sign") or wanted.icon in SWIMMERS
        return "water" if swims or thing.where in ("head", "bust") else "ground"
    if thing.where == "surface" or wanted.icon in WATERFOWL:
        return "surface"
    if thing.where == "water":
        return "surface" if thing.metres >= BREACHING else "water"
    if thing.where in ("sky", "air"):
        return thing.where
    return "air" if thing.where == "sign" else "ground"


def band_of(
    zone: str,
    thing: Thing,
    scene: Scene,
    size: tuple[float, float],
    *,
    afloat: bool,
) -> Band:
    """``size`` is the picture's (width, height); ``afloat`` when something is on the water."""

    def band(far: float, near: float) -> Band:
        return Band(far=far, near=near, horizon=horizon)

    setting, place, features = scene.setting, scene.place, scene.features
    width, height = size
    horizon = scene.horizon * height
    unit, reach = unit_of(width, height), height - horizon
    if zone == "surface":
        if setting == "landscape":
            return band(horizon + unit * 0.10, horizon + reach * 0.72)
        return band(horizon + reach * 0.08, horizon + reach * (SHORE * 0.78 if place == "beach" else 0.72))
    if zone == "water" and place != "underwater":
        return band(horizon + reach * 0.3, horizon + reach * (SHORE * 0.85 if place == "beach" else 0.86))
    if place == "underwater":
        return band(height * 0.90, height * 0.96)
    if setting == "sea":
        return band(horizon + reach * SHORE + unit * 0.075, height * 0.955)
    if setting == "city" and place != "skyline":
        if thing.where == "vehicle":
            return band(horizon + reach * (ROAD + 0.09), horizon + reach * 0.97)
        if thing.where == "building" and thing.metres > 3:
            return band(horizon + reach * (PAVEMENT + 0.01), horizon + reach * (PAVEMENT + 0.02))
        return band(horizon + reach * (PAVEMENT + 0.055), horizon + reach * (ROAD - 0.01))
    if setting == "city":
        return band(horizon + reach * 0.42, height * 0.95)
    if setting == "studio":
        table = place != "plain"
        return band(horizon + reach * 0.20 if table else height * 0.80, height * (0.92 if table else 0.88))
    if afloat:
        return band(horizon + reach * 0.90, height * 0.96)
    lake = "lake" in features or place == "lake"
    return band(horizon + unit * (0.21 if lake else 0.10), height * 0.95)
