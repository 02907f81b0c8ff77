"""The light of a scene: the sky's colours and how it tints everything, at any hour and in any weather."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from chatelier.providers.illustrator import colours
from chatelier.providers.illustrator.colours import RGB, clamp, mix

# From the zenith to the horizon; each hour has three skies and the seed picks one.
SKIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "day": (
        ("#2f83dc", "#72b6f0", "#b9e0fa", "#eef8f6"),
        ("#4193e6", "#93cbf4", "#d3ebf7", "#fdf4df"),
        ("#2a97d2", "#7fcfe6", "#c2ecec", "#f6faea"),
    ),
    "sunset": (
        ("#2c2b63", "#8c4283", "#ea6c5c", "#fdbf63", "#ffe4a6"),
        ("#3b3f80", "#a9558a", "#f28268", "#fdc07c", "#ffe5b4"),
        ("#4a62ae", "#b987b8", "#f7a79a", "#fed0a5", "#fff0cd"),
    ),
    "night": (
        ("#060a24", "#121f4f", "#2b437c", "#56709f"),
        ("#0a0929", "#251d58", "#4c3a7d", "#80659b"),
        ("#04141f", "#0c3044", "#1d5666", "#4a8789"),
    ),
}
# What daylight colours are multiplied by, and how far they first turn grey.
AMBIENT: dict[str, tuple[RGB, float]] = {
    "day": ((1.0, 1.0, 1.0), 0.0),
    "sunset": ((1.0, 0.80, 0.74), 0.04),
    "night": ((0.34, 0.43, 0.66), 0.22),
}
# Things are tinted less than the land, so that they can always be told.
ON_THINGS: dict[str, tuple[RGB, float]] = {
    "day": ((1.0, 1.0, 1.0), 0.0),
    "sunset": ((1.0, 0.89, 0.83), 0.0),
    "night": ((0.70, 0.75, 0.92), 0.05),
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """Everything people can tilt about a picture's light: -1..1 each, ``hue`` in degrees."""

    vibrance: float = 0.0
    lightness: float = 0.0
    warmth: float = 0.0
    hue: float | None = None
    sky: str = ""  # colour words
    tint: str = ""  # colour words for the whole picture: one ink, light and dark


@dataclass(frozen=True, kw_only=True)
class Light:
    time: str = "day"
    variant: int = 0
    weather: Sequence[str] = ()
    look: Look = Look()
    indoors: bool = False

    @cached_property
    def sky(self) -> list[str]:
        """Finished colours from the zenith to the horizon."""
        stops = [colours.parse(stop) for stop in SKIES[self.time][self.variant % 3]]
        if self.grey:
            cloud = mix((0.62, 0.66, 0.71), (0.16, 0.18, 0.24), 0.8 if self.time == "night" else 0.0)
            storm = mix(cloud, (0.24, 0.26, 0.34), 0.55) if "storm" in self.weather else cloud
            stops = [mix(stop, storm, self.grey * (0.9 - 0.25 * at / len(stops))) for at, stop in enumerate(stops)]
        return [colours.hexed(self.tilt(stop, backdrop=not self.look.sky)) for stop in self._repainted(stops)]

    @cached_property
    def grey(self) -> float:
        """How far clouds hide the sky, 0..1."""
        shares = {"storm": 0.85, "rain": 0.72, "fog": 0.62, "clouds": 0.55, "snow": 0.5}
        return max((shares.get(name, 0.0) for name in self.weather), default=0.0)

    @cached_property
    def haze(self) -> RGB:
        """What far things fade into: the sky just above the horizon."""
        stops = self.sky
        return mix(colours.parse(stops[-1]), colours.parse(stops[-2]), 0.45)

    def shade(self, colour: str, depth: float = 0.0) -> str:
        """A daylight colour of the land as it looks in this light; ``depth`` 0 is near, 1 at the horizon."""
        return colours.hexed(self.shaded(colours.parse(colour), depth))

    def shaded(self, colour: RGB, depth: float = 0.0) -> RGB:
        lit = self.tilt(self._tinted(colour, AMBIENT))
        return mix(lit, self.haze, clamp(depth * (0.94 if "fog" in self.weather else 0.82))) if depth > 0 else lit

    def on_thing(self, colour: RGB, depth: float = 0.0) -> RGB:
        """A colour of a thing in this light."""
        lit = self.tilt(self._tinted(colour, ON_THINGS, dulled=0.35), backdrop=False)
        return mix(lit, self.haze, clamp(depth)) if depth > 0 else lit

    def plain(self, colour: str) -> str:
        """A colour that shines by itself (sun, lamp): only the person's own tilts apply."""
        return colours.hexed(self.tilt(colours.parse(colour), backdrop=False))

    def tilt(self, colour: RGB, *, backdrop: bool = True) -> RGB:
        look = self.look
        if look.tint:
            colour = _inked(colour, look.tint)
        if backdrop and look.hue is not None:
            veil = colours.from_hls(look.hue, clamp(colours.luma(colour), 0.1, 0.92), 0.5)
            colour = mix(colour, veil, 0.2)
        if look.warmth:
            target = (1.0, 0.72, 0.42) if look.warmth > 0 else (0.45, 0.66, 1.0)
            colour = mix(colour, colours.mix(target, colour, colours.luma(colour)), min(0.35, abs(look.warmth) * 0.3))
        if look.lightness > 0:
            colour = mix(colour, (1.0, 1.0, 1.0), look.lightness * 0.45)
        elif look.lightness < 0:
            colour = mix(colour, (0.02, 0.02, 0.06), -look.lightness * 0.6)
        return colours.saturate(colour, look.vibrance) if look.vibrance else colour

    def _tinted(self, colour: RGB, table: dict[str, tuple[RGB, float]], dulled: float = 1.0) -> RGB:
        if self.indoors:
            return colour
        tint, grey = table[self.time]
        grey = min(0.6, grey + self.grey * 0.22 * dulled)
        colour = colours.saturate(colour, -grey)
        dull = 1 - self.grey * 0.10 * dulled
        return (colour[0] * tint[0] * dull, colour[1] * tint[1] * dull, colour[2] * tint[2] * dull)

    def _repainted(self, stops: list[RGB]) -> list[RGB]:
        """The sky in the colour somebody asked for: its hue, with the lightness of the hour."""
        wanted = colours.named(self.look.sky)
        if wanted is None:
            return stops
        hue, lightness, strength = colours.to_hls(wanted)
        out = []
        for at, stop in enumerate(stops):
            own = colours.to_hls(stop)[1]
            near_horizon = at / (len(stops) - 1)
            target = clamp(own * 0.55 + lightness * 0.45 + 0.14 * near_horizon, 0.05, 0.93)
            painted = colours.from_hls(hue + 14 * near_horizon, target, strength * (1 - 0.25 * near_horizon))
            out.append(mix(painted, stop, 0.08))
        return out


def _inked(colour: RGB, words: str) -> RGB:
    """The colour as its lightness in one ink, with a little of its own left to tell things apart."""
    ink = colours.named(words)
    if ink is None:
        return colour
    hue, lightness, strength = colours.to_hls(ink)
    light = clamp(colours.luma(colour) * 0.8 + lightness * 0.2, 0.05, 0.96)
    return mix(colours.from_hls(hue, light, max(strength, 0.1) * 0.95), colour, 0.12)
