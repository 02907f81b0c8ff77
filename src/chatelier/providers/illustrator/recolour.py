"""Changes the colours written in an icon's SVG: its main colour to another, everything into the scene's light."""

from __future__ import annotations

import re
from collections.abc import Callable

from chatelier.providers.illustrator import colours
from chatelier.providers.illustrator.colours import RGB, clamp
from chatelier.providers.illustrator.looks import Outline

HEX = re.compile(r'((?:fill|stroke|stop-color)=")(#[0-9a-fA-F]{3,8})"')
OTHER = re.compile(
    r'((?:fill|stroke|stop-color)=")(rgba?\(([\d.]+),\s*([\d.]+),\s*([\d.]+)(?:,\s*([\d.]+))?\)|[a-z]+)"', re.I
)
IDS = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')
NEAR = 50.0  # degrees of hue that still belong to the main colour
Paint = Callable[[RGB], RGB]


def repaint(body: str, paint: Paint) -> str:
    """Every colour of the drawing sent through ``paint``."""
    known: dict[str, str] = {}

    def hexadecimal(match: re.Match[str]) -> str:
        text = match.group(2)
        if text not in known:
            known[text] = colours.hexed(paint(colours.parse(text)))
        return f'{match.group(1)}{known[text]}"'

    def other(match: re.Match[str]) -> str:
        text = match.group(2)
        if match.group(3) is None:
            named = colours.CSS.get(text)
            return f'{match.group(1)}{colours.hexed(paint(colours.parse(named)))}"' if named else match.group()
        rgb = (float(match.group(3)) / 255, float(match.group(4)) / 255, float(match.group(5)) / 255)
        red, green, blue = (round(clamp(part) * 255) for part in paint(rgb))
        return f'{match.group(1)}rgba({red},{green},{blue},{match.group(6) or 1})"'

    return HEX.sub(hexadecimal, OTHER.sub(other, body))


def own_ids(body: str, prefix: str) -> str:
    """Gradients and clip paths named apart from those of other icons."""
    return IDS.sub(lambda match: f"{match.group(1)}{prefix}{match.group(2)}", body)


def to_colour(words: str, outline: Outline) -> Paint | None:
    """Turns an icon's main colour and its shades into the named one, and leaves eyes, outlines and other parts."""
    wanted = colours.named(words)
    if wanted is None:
        return None
    hue, lightness, strength = colours.to_hls(wanted)
    grey_target = strength < 0.16

    def paint(colour: RGB) -> RGB:
        own_hue, own_light, own_strength = colours.to_hls(colour)
        chroma = own_strength * (1 - abs(2 * own_light - 1))
        if own_light < 0.13:
            return colour
        if outline.coloured:
            turn = colours.hue_distance(own_hue, outline.hue)
            if chroma < 0.07 or abs(turn) > NEAR:
                return colour
        else:
            turn = 0.0
            if chroma > 0.3 or (own_light > 0.97 and outline.lightness < 0.8):
                return colour
        light = lightness + (own_light - outline.lightness) * (0.75 if grey_target else 0.9)
        if lightness > 0.8:
            light = max(light, 0.62)
        if outline.coloured and not grey_target:
            relative = own_strength / max(0.25, outline.saturation)
            return colours.from_hls(hue + turn * 0.3, clamp(light, 0.06, 0.97), strength * clamp(relative, 0.55, 1.15))
        return colours.from_hls(hue, clamp(light, 0.06, 0.98), strength)

    return paint
