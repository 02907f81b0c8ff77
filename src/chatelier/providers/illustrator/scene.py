"""A composed scene: everything with its place. It is the recipe that comes back with an edit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

VERSION = 1
SETTINGS = ("landscape", "sea", "city", "studio")
TIMES = ("day", "sunset", "night")
STYLES = ("flat", "watercolor", "sketch", "pixel art", "poster")
TOUCHES = (
    "sepia",
    "blur",
    "sharpen",
    "vignette",
    "grain",
    "invert",
    "contrast",
    "soft",
    "mirror",
    "flip",
    "turn left",
    "turn right",
)
PLACES_OF_TEXT = ("top", "centre", "bottom")
WHOLE = (0.0, 0.0, 1.0, 1.0)
ZONES = ("ground", "sky", "air", "surface", "water", "float")
MOST_THINGS = 120


class BadRecipe(ValueError):
    """The recipe is not one of ours, or somebody changed it."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One drawn thing. ``x`` is its middle and ``y`` its foot, in shares of the picture; ``size`` is its longest side
    in shares of the picture's shorter side; ``haze`` 0..1 is how far it fades into the distance."""

    id: int
    icon: str
    label: str
    colour: str = ""
    x: float
    y: float
    size: float
    flip: bool = False
    haze: float = 0.0
    zone: str = "ground"
    carrier: int | None = None  # id of what it rides on
    onto: bool = False


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """Words written over the picture; ``colour`` in words, '' for what can be read best."""

    words: str
    place: str = "top"
    colour: str = ""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """``horizon`` is a share of the height; the numbers of the look are -1..1, ``hue`` and ``accent`` degrees.
    ``view`` is the part that is seen (left, top, right, bottom in shares of the composition): smaller after "closer",
    reaching outside of 0..1 after "extend". ``amounts`` multiplies what the backdrop draws many of; 0 draws none.
    ``touches`` change the finished pixels, in their order."""

    seed: int
    ratio: float  # width / height it was composed for
    setting: str = "landscape"
    place: str = "meadow"
    time: str = "day"
    season: str = ""
    style: str = "flat"
    horizon: float = 0.5
    variant: int = 0
    weather: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    paints: Mapping[str, str] = field(default_factory=dict)
    vibrance: float = 0.0
    lightness: float = 0.0
    warmth: float = 0.0
    hue: float | None = None
    accent: float | None = None
    things: tuple[Placed, ...] = ()
    edits: tuple[str, ...] = ()
    view: tuple[float, float, float, float] = WHOLE
    amounts: Mapping[str, float] = field(default_factory=dict)
    texts: tuple[Lettering, ...] = ()
    touches: tuple[str, ...] = ()

    @property
    def seen_ratio(self) -> float:
        """Width to height of what is seen."""
        left, top, right, bottom = self.view
        return self.ratio * (right - left) / (bottom - top)

    def with_things(self, things: list[Placed]) -> Scene:
        return replace(self, things=tuple(things))

    def next_id(self) -> int:
        return max((thing.id for thing in self.things), default=-1) + 1


def to_recipe(scene: Scene, words: str) -> dict[str, Any]:
    """``words`` is the version of the drawings used."""
    recipe = asdict(scene)
    recipe["things"] = [
        {key: round(value, 5) if isinstance(value, float) else value for key, value in thing.items()}
        for thing in recipe["things"]
    ]
    return {"engine": "illustrator", "version": VERSION, "words": words, **_rounded(recipe)}


def from_recipe(recipe: Mapping[str, Any]) -> Scene:
    """BadRecipe when it cannot be drawn as it stands; recipes come back from outside, so nothing is trusted."""
    try:
        if recipe.get("engine") != "illustrator" or recipe.get("version") != VERSION:
            raise BadRecipe("another engine or version")
        things = tuple(_thing(entry) for entry in list(recipe["things"])[:MOST_THINGS])
        return Scene(
            seed=int(recipe["seed"]) % 2**32,
            ratio=_number(recipe["ratio"], 0.2, 5.0),
            setting=_one_of(recipe["setting"], SETTINGS),
            place=_word(recipe["place"]),
            time=_one_of(recipe["time"], TIMES),
            season=_word(recipe["season"]),
            style=_one_of(recipe["style"], STYLES),
            horizon=_number(recipe["horizon"], 0.05, 0.95),
            variant=int(recipe["variant"]) % 3,
            weather=tuple(_word(name) for name in list(recipe["weather"])[:8]),
            features=tuple(_word(name) for name in list(recipe["features"])[:40]),
            paints={_word(part): _words(colour) for part, colour in list(dict(recipe["paints"]).items())[:20]},
            vibrance=_number(recipe["vibrance"], -1, 1),
            lightness=_number(recipe["lightness"], -1, 1),
            warmth=_number(recipe["warmth"], -1, 1),
            hue=None if recipe["hue"] is None else _number(recipe["hue"], 0, 360),
            accent=None if recipe["accent"] is None else _number(recipe["accent"], 0, 360),
            things=things,
            edits=tuple(str(edit)[:500] for edit in list(recipe["edits"])[-40:]),
            view=_view(recipe.get("view", WHOLE)),
            amounts={_word(name): _number(many, 0, 9) for name, many in list(recipe.get("amounts", {}).items())[:20]},
            texts=tuple(_lettering(entry) for entry in list(recipe.get("texts", ()))[:6]),
            touches=tuple(_one_of(name, TOUCHES) for name in list(recipe.get("touches", ()))[:20]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadRecipe(str(error)) from error


def source_scene(recipe: Mapping[str, Any] | None) -> Scene | None:
    """The scene of an image that was drawn here and whose pixels nobody retouched since; None for all others."""
    if recipe is None or recipe.get("retouched"):
        return None
    try:
        return from_recipe(recipe)
    except BadRecipe:
        return None


def _thing(entry: Mapping[str, Any]) -> Placed:
    return Placed(
        id=int(entry["id"]) % 10_000,
        icon=_word(entry["icon"]),
        label=str(entry["label"])[:80],
        colour=_words(entry["colour"]),
        x=_number(entry["x"], -1, 2),
        y=_number(entry["y"], -1, 2),
        size=_number(entry["size"], 0.005, 3),
        flip=bool(entry["flip"]),
        haze=_number(entry["haze"], 0, 1),
        zone=_one_of(entry["zone"], ZONES),
        carrier=None if entry["carrier"] is None else int(entry["carrier"]) % 10_000,
        onto=bool(entry["onto"]),
    )


def _view(value: Any) -> tuple[float, float, float, float]:
    left, top, right, bottom = (_number(edge, -2, 3) for edge in value)
    if not (0.05 <= right - left <= 4 and 0.05 <= bottom - top <= 4):
        raise BadRecipe("no view")
    return left, top, right, bottom


def _lettering(entry: Mapping[str, Any]) -> Lettering:
    return Lettering(
        words=str(entry["words"])[:200],
        place=_one_of(entry["place"], PLACES_OF_TEXT),
        colour=_words(entry["colour"]),
    )


def _rounded(recipe: dict[str, Any]) -> dict[str, Any]:
    rounded = {key: round(value, 5) if isinstance(value, float) else value for key, value in recipe.items()}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in rounded.items()}


def _number(value: Any, low: float, high: float) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise BadRecipe("not a number")
    return min(high, max(low, number))


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise BadRecipe(f"unknown {str(value)[:40]}")
    return str(value)


def _word(value: Any) -> str:
    """Names are letters, digits and hyphens: nothing that could end an SVG attribute."""
    text = str(value)
    if len(text) > 90 or not all(part.isalnum() or part in "-_" for part in text):
        raise BadRecipe("not a name")
    return text


def _words(value: Any) -> str:
    return " ".join(_word(part) for part in str(value).split())
