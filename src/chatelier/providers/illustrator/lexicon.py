"""Which words mean which icon, backdrop, light, mood or style: read once from the data files and the icons' names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from chatelier.providers.illustrator.catalogue import DATA, Catalogue, catalogue
from chatelier.providers.illustrator.tokens import fold, tokenise

Phrase = tuple[str, ...]

# Icons that are small scenes or frames of their own: the backdrop draws these instead.
SCENES = frozenset(
    "bridge-at-night cityscape cityscape-at-dusk desert fog foggy milky-way motorway mountain-railway national-park "
    "night-with-stars shooting-star sunrise sunrise-over-mountains sunset fireworks sparkler moon-viewing-ceremony "
    "mountain snow-capped-mountain rainbow umbrella-with-rain-drops".split()
)
# Names that nobody says of a picture.
NOT_NAMES = frozenset("oden locked unlocked construction collision dizzy wood landslide heart-suit empty-nest".split())
PLAIN_NAMES = frozenset("ghost robot alien skull ogre goblin menorah pile-of-poo".split())
BODY_PARTS = frozenset(
    "ear eye eyes nose mouth tongue tooth leg foot bone brain lungs anatomical-heart wing feather paw-prints "
    "biting-lip pig-nose footprints raised-hand fingerprint mechanical-arm mechanical-leg flexed-biceps".split()
)
WHOLE_BODY = {"man": "man-standing", "woman": "woman-standing", "person": "person-standing"}


@dataclass(frozen=True, kw_only=True)
class Feature:
    """Something the backdrop draws; ``setting`` is '' when it fits any; ``near`` when it only comes near."""

    name: str
    setting: str = ""
    place: str = ""
    near: bool = False


@dataclass(frozen=True, kw_only=True)
class Mood:
    vibrance: float
    lightness: float
    warmth: float
    hue: float | None = None


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """``things`` gives (icon, is it only near); ``ambience`` gives (group, value) pairs."""

    things: Mapping[Phrase, tuple[str, bool]]
    features: Mapping[Phrase, Feature]
    ambience: Mapping[Phrase, tuple[tuple[str, str], ...]]
    moods: Mapping[Phrase, Mood]
    kinds: Mapping[str, tuple[float, str]]
    chars: Mapping[str, str]


def phrase(text: str) -> Phrase:
    return tuple(token.text for token in tokenise(fold(text)))


def lines(name: str) -> Iterator[tuple[str, str]]:
    """(key, value) of each "key: value" line of a data file."""
    for line in (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.partition(":")
            yield key.strip(), value.strip()


@lru_cache(1)
def lexicon() -> Lexicon:
    icons = catalogue()
    features = _features()
    things = _names(icons)
    for words in features:
        things.pop(words, None)
    things.update(_synonyms(icons))
    return Lexicon(
        things=things,
        features=features,
        ambience=_ambience(),
        moods=_moods(),
        kinds=_kinds(),
        chars=icons.chars,
    )


def _names(icons: Catalogue) -> dict[Phrase, tuple[str, bool]]:
    """Every icon under its own name, except what would be found by accident in ordinary talk."""
    named = {name: name for name, category in icons.categories.items() if category != "Own"}
    named |= icons.aliases
    found: dict[Phrase, tuple[str, bool]] = {}
    for alias, name in sorted(named.items()):
        if icons.categories[name] in ("Symbols", "Flags", "Smileys & Emotion"):
            found |= {(*alias.split("-"), word): (name, False) for word in ("sign", "symbol", "icon", "emoji")}
            if alias.startswith("no-") or ("-" not in alias and name not in PLAIN_NAMES):
                continue
        if name in SCENES or alias in NOT_NAMES:
            continue
        found[tuple(alias.split("-"))] = (WHOLE_BODY.get(name, name), False)
    return found


def _synonyms(icons: Catalogue) -> dict[Phrase, tuple[str, bool]]:
    found: dict[Phrase, tuple[str, bool]] = {}
    for line in (DATA / "synonyms.txt").read_text(encoding="utf-8").splitlines():
        near = " ~ " in line
        icon, _, words = line.partition(" ~ " if near else ":")
        if words and not line.startswith("#") and icon.strip() in icons:
            for word in words.split(","):
                found[phrase(word)] = (icon.strip(), near)
    return found


def _features() -> dict[Phrase, Feature]:
    found: dict[Phrase, Feature] = {}
    for key, value in lines("scenery"):
        name, _, where = key.partition(" ")
        setting, _, place = where.partition("/")
        exact, _, near = value.partition(" ~ ")
        for text, only_near in ((exact, False), (near, True)):
            for words in filter(None, text.split(",")):
                found.setdefault(phrase(words), Feature(name=name, setting=setting, place=place, near=only_near))
    return found


def _ambience() -> dict[Phrase, tuple[tuple[str, str], ...]]:
    found: dict[Phrase, tuple[tuple[str, str], ...]] = {}
    for key, value in lines("ambience"):
        group, _, name = key.partition(" ")
        for words in value.split(","):
            found[phrase(words)] = (*found.get(phrase(words), ()), (group, name))
    return found


def _moods() -> dict[Phrase, Mood]:
    found = {}
    for key, value in lines("moods"):
        numbers = [float(part) for part in key.split()]
        hue = numbers[3] if len(numbers) > 3 else None
        for words in value.split(","):
            found[phrase(words)] = Mood(vibrance=numbers[0], lightness=numbers[1], warmth=numbers[2], hue=hue)
    return found


def _kinds() -> dict[str, tuple[float, str]]:
    found = {}
    for key, value in lines("kinds"):
        metres, where = key.split()
        for icon in value.split():
            found[icon] = (float(metres), where)
    return found
