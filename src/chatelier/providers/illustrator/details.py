"""What people are told about a picture: what was drawn, what only nearly, what not; and a sentence for the blind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatelier.providers.illustrator.colours import NAMED
from chatelier.providers.illustrator.counts import NUMBERS
from chatelier.providers.illustrator.lexicon import lexicon
from chatelier.providers.illustrator.scene import Scene
from chatelier.providers.illustrator.tokens import plural
from chatelier.providers.illustrator.wish import FEATURE_NAMES

WORDS = {number: word for word, number in NUMBERS.items() if number <= 12}
PLACES = {
    "landscape": "in a landscape",
    "meadow": "in a meadow",
    "mountains": "before mountains",
    "garden": "in a garden",
    "forest": "in a forest",
    "jungle": "in a jungle",
    "desert": "in a desert",
    "savanna": "in a savanna",
    "snow": "in the snow",
    "lake": "by a lake",
    "open": "at sea",
    "beach": "on a beach",
    "underwater": "under water",
    "street": "in a city street",
    "skyline": "before a skyline",
    "table": "on a table",
    "room": "in a room",
    "plain": "before a plain background",
    "emblem": "on an emblem",
    "space": "in space",
    "abstract": "among soft abstract shapes",
}
WEATHER = {
    "rain": "in the rain",
    "snow": "in falling snow",
    "fog": "in fog",
    "storm": "in a thunderstorm",
    "clouds": "under clouds",
}
SORTS = {
    "flat": "Flat illustration",
    "watercolor": "Watercolor illustration",
    "sketch": "Pencil sketch",
    "pixel art": "Pixel art",
    "poster": "Poster",
}
TIMES = {"day": "by day", "sunset": "at sunset", "night": "at night"}


def counted(scene: Scene) -> list[tuple[str, str, str, int]]:
    """(label, colour, icon, how many) of each kind of thing, in order."""
    found: dict[tuple[str, str], list[str]] = {}
    for thing in scene.things:
        found.setdefault((thing.label, thing.colour), []).append(thing.icon)
    return [(label, colour, icons[0], len(icons)) for (label, colour), icons in found.items()]


def named_thing(label: str, colour: str) -> str:
    """ "blue cat"; a colour in the label gives way to the one that was asked for later."""
    if not colour:
        return label
    first, _, rest = label.partition(" ")
    return f"{colour} {rest if rest and first in NAMED else label}"


def drawn(scene: Scene) -> list[str]:
    """ "3 red cars", "mountains" …"""
    out = []
    for label, colour, _, count in counted(scene):
        named = named_thing(label, colour)
        out.append(named if count == 1 else f"{count} {plural(named)}")
    out += [name for feature in scene.features if (name := FEATURE_NAMES.get(feature, feature))]
    return out + [name for name in scene.weather if name not in out]


def details(
    scene: Scene, approximated: Sequence[dict[str, str]], not_understood: Sequence[str], note: str = ""
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "composed_by": "rules",
        "drawn": drawn(scene),
        "approximated": list(approximated),
        "not_understood": list(not_understood),
        "setting": scene.setting,
        "time": scene.time,
        "style": scene.style,
        "things": [
            {"name": label, "count": count, "colour": colour, "icon": icon}
            for label, colour, icon, count in counted(scene)
        ],
    }
    return told | ({"note": note} if note else {})


def alt_text(scene: Scene) -> str:
    """One sentence that describes the picture to somebody who cannot see it."""
    named = []
    for label, colour, _, count in counted(scene)[:8]:
        what = named_thing(label, colour)
        named.append(f"{_article(what)} {what}" if count == 1 else f"{WORDS.get(count, str(count))} {plural(what)}")
    place = PLACES.get(scene.place, PLACES.get(scene.setting, ""))
    at_home = {feature.name: feature.place for feature in lexicon().features.values()}
    features = [(feature, name) for feature in scene.features if (name := FEATURE_NAMES.get(feature, feature))]
    extra = [name for feature, name in features if not named or at_home.get(feature) != scene.place]
    seen = _listed(named) if named else _listed(extra[:4]) or place.split(" ", 1)[1]
    where = f" {place}" if named else ""
    also = f", with {_listed(extra[:3])}" if named and extra else ""
    weather = f" {_listed([WEATHER.get(name, name) for name in scene.weather])}" if scene.weather else ""
    hour = "" if scene.setting == "studio" and scene.time == "day" else f" {TIMES[scene.time]}"
    return f"{SORTS[scene.style]} of {seen}{where}{hour}{also}{weather}."


def _article(words: str) -> str:
    return "an" if words[:1] in "aeiou" else "a"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
