"""How an instruction tilts the whole picture: brighter, darker, warmer, more vibrant, less so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatelier.providers.illustrator.wish import Wish

# vibrance, lightness, warmth
COMPARATIVES = {
    "brighter": (0.05, 0.28, 0.0),
    "lighter": (0.0, 0.28, 0.0),
    "bright": (0.1, 0.2, 0.0),
    "darker": (0.0, -0.32, 0.0),
    "dark": (0.0, -0.3, 0.0),
    "dimmer": (-0.1, -0.25, 0.0),
    "warmer": (0.05, 0.0, 0.45),
    "cooler": (0.0, 0.0, -0.45),
    "colder": (0.0, 0.0, -0.5),
    "softer": (-0.22, 0.1, 0.0),
    "richer": (0.3, -0.04, 0.0),
    "bolder": (0.4, -0.05, 0.0),
    "livelier": (0.35, 0.05, 0.0),
    "duller": (-0.35, 0.0, 0.0),
    "paler": (-0.3, 0.15, 0.0),
    "happier": (0.3, 0.12, 0.2),
    "sadder": (-0.35, -0.12, -0.2),
    "moodier": (-0.2, -0.25, -0.05),
    "spookier": (-0.25, -0.3, -0.1),
    "calmer": (-0.2, 0.05, -0.05),
    "colors": (0.0, 0.0, 0.0),
}
LESS = frozenset("less not reduce lower tone decrease".split())


@dataclass(frozen=True, kw_only=True)
class Tilt:
    vibrance: float = 0.0
    lightness: float = 0.0
    warmth: float = 0.0


def tilts_in(texts: Sequence[str], mood: Wish) -> Tilt:
    """From comparatives and from the mood that the same words were understood as; "less" turns it round."""
    vibrance, lightness, warmth = mood.vibrance, mood.lightness, mood.warmth
    for word in texts:
        more = COMPARATIVES.get(word)
        if more:
            vibrance, lightness, warmth = vibrance + more[0], lightness + more[1], warmth + more[2]
    if LESS & set(texts):
        return Tilt(vibrance=-vibrance, lightness=-lightness, warmth=-warmth)
    if "much" in texts or "very" in texts or "way" in texts:
        return Tilt(vibrance=vibrance * 1.5, lightness=lightness * 1.5, warmth=warmth * 1.5)
    return Tilt(vibrance=vibrance, lightness=lightness, warmth=warmth)
