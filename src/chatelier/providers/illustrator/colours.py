"""Colour words and colour arithmetic. A colour is (red, green, blue), each 0..1, or ``#rrggbb``."""

from __future__ import annotations

import colorsys
from functools import lru_cache

RGB = tuple[float, float, float]

NAMED = {
    "red": "#d8302f",
    "crimson": "#b3122e",
    "scarlet": "#e02a1b",
    "maroon": "#7a1f2b",
    "pink": "#f48bb4",
    "magenta": "#d6339a",
    "rose": "#e8728f",
    "orange": "#f28a1e",
    "coral": "#f7785a",
    "salmon": "#f79a84",
    "peach": "#fbc09a",
    "yellow": "#f7cf2d",
    "gold": "#e3ae2c",
    "golden": "#e3ae2c",
    "amber": "#f0a51f",
    "cream": "#f7edd2",
    "beige": "#e3d3b0",
    "tan": "#cfa874",
    "brown": "#8a5a35",
    "chocolate": "#5f3a22",
    "bronze": "#a9713a",
    "copper": "#b8683c",
    "green": "#3f9d46",
    "lime": "#9ccb3b",
    "olive": "#7d8436",
    "mint": "#a5dfc0",
    "emerald": "#1f9e6b",
    "teal": "#1f8f8d",
    "turquoise": "#37c3bd",
    "cyan": "#35bfe0",
    "aqua": "#45cdd6",
    "blue": "#2f6fd6",
    "navy": "#20325f",
    "azure": "#4d9bf0",
    "indigo": "#43389c",
    "violet": "#8149c2",
    "purple": "#8440b4",
    "lavender": "#b9a3e3",
    "lilac": "#c7a5dc",
    "white": "#f7f7f5",
    "ivory": "#f6f0df",
    "silver": "#c2c8cf",
    "gray": "#8b9097",
    "grey": "#8b9097",
    "black": "#35353d",
}
SHADES = {
    "light": (0.75, 0.22),
    "pale": (0.6, 0.26),
    "pastel": (0.65, 0.24),
    "soft": (0.75, 0.12),
    "dark": (1.0, -0.18),
    "deep": (1.1, -0.14),
    "bright": (1.25, 0.06),
    "vivid": (1.35, 0.02),
    "neon": (1.5, 0.08),
    "dusty": (0.55, 0.02),
}
CSS = {"silver": "#c0c0c0", "gray": "#808080", "orange": "#ffa500", "red": "#ff0000", "currentColor": "#000000"}


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    return low if value < low else high if value > high else value


@lru_cache(4096)
def parse(text: str) -> RGB:
    """``#rgb`` or ``#rrggbb``."""
    digits = text.lstrip("#")
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    return (int(digits[0:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255)


def hexed(colour: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(round(clamp(part) * 255) for part in colour))


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """``share`` 0 gives the first, 1 the second."""
    keep = 1 - share
    return (
        first[0] * keep + second[0] * share,
        first[1] * keep + second[1] * share,
        first[2] * keep + second[2] * share,
    )


def to_hls(colour: RGB) -> tuple[float, float, float]:
    """Hue in degrees, lightness and saturation 0..1."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*colour)
    return hue * 360, lightness, saturation


def from_hls(hue: float, lightness: float, saturation: float) -> RGB:
    return colorsys.hls_to_rgb((hue % 360) / 360, clamp(lightness), clamp(saturation))


def luma(colour: RGB) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def saturate(colour: RGB, amount: float) -> RGB:
    """-1 is grey, 0 unchanged, 1 about twice as strong; mixing around the luma keeps the lightness."""
    grey = luma(colour)
    factor = 1 + amount if amount < 0 else 1 + amount * 0.9
    return (
        clamp(grey + (colour[0] - grey) * factor),
        clamp(grey + (colour[1] - grey) * factor),
        clamp(grey + (colour[2] - grey) * factor),
    )


def named(words: str) -> RGB | None:
    """The colour of "blue", "dark blue" or "pastel pink"; None when it is none."""
    parts = words.lower().split()
    if not parts or parts[-1] not in NAMED:
        return None
    colour = parse(NAMED[parts[-1]])
    for word in parts[:-1]:
        if word in SHADES:
            strength, lift = SHADES[word]
            hue, lightness, saturation = to_hls(colour)
            colour = from_hls(hue, clamp(lightness + lift, 0.08, 0.93), saturation * strength)
    return colour


def hue_distance(first: float, second: float) -> float:
    """Signed degrees from second to first, -180..180."""
    return (first - second + 180) % 360 - 180
