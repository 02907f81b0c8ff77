"""The sky: its gradient, sun or moon, stars, clouds and what else appears in it."""

from __future__ import annotations

import math
import random

from chatelier.providers.illustrator import svg
from chatelier.providers.illustrator.stage import Stage


def paint_sky(stage: Stage, bottom: float | None = None) -> None:
    """Everything above the horizon, back to front; the gradient ends at ``bottom`` where land begins lower."""
    bottom = bottom or stage.horizon
    stops = stage.light.sky
    # The horizon's own colour is reached at the horizon, not at the bottom of the picture.
    gradient = stage.defs.vertical(
        [(at / (len(stops) - 1), colour) for at, colour in enumerate(stops)], 0, bottom * 1.04
    )
    # Land or water covers what is lower: painting it twice is most of a picture's cost.
    stage.back.append(svg.rect(0, 0, stage.width, bottom + stage.unit * 0.1, gradient))
    night = stage.light.time == "night"
    if ((night and stage.light.grey < 0.6) or "stars" in stage.features) and stage.shown("stars"):
        _stars(stage)
    if "aurora" in stage.features:
        _aurora(stage)
    if "shootingstar" in stage.features:
        _shooting_stars(stage)
    if not stage.reflected and (stage.light.grey < 0.5 or {"sun", "moon"} & set(stage.features)):
        paint_sun_or_moon(stage)
    if "rainbow" in stage.features:
        _rainbow(stage)
    _clouds(stage)
    if "fireworks" in stage.features:
        _fireworks(stage)
    stage.sky_ends = len(stage.back)


def _stars(stage: Stage) -> None:
    chance = stage.rng("stars")
    unit = stage.unit / 1000
    large = stage.rng("large stars")
    for _ in range(stage.many("stars", int(90 * stage.width * stage.horizon / 560_000) + 30)):
        x, y = chance.random() * stage.width, stage.horizon * chance.random() ** 1.3
        size = unit * chance.choice((0.9, 1.1, 1.5, 2.2))
        stage.back.append(svg.ellipse(x, y, size, size, "#ffffff", chance.uniform(0.35, 0.95)))
    for _ in range(stage.many("stars", 5)):
        x, y = large.random() * stage.width, stage.horizon * large.random() * 0.7
        size = unit * large.uniform(6, 10)
        ray = size * 0.16
        star = [(x, y - size), (x + ray, y - ray), (x + size, y), (x + ray, y + ray), (x, y + size)]
        star += [(x - ray, y + ray), (x - size, y), (x - ray, y - ray)]
        stage.back.append(svg.shape(svg.path(star), "#fffbe8", 0.9))


def paint_sun_or_moon(stage: Stage) -> None:
    time = stage.light.time
    if not stage.shown("moon" if time == "night" and "sun" not in stage.features else "sun"):
        return
    x, y, radius = stage.sun
    if time == "night" and "sun" not in stage.features:
        _moon(stage, x, y, radius)
        return
    if time == "day" and "moon" in stage.features and "sun" not in stage.features:
        _moon(stage, x, y, radius)
        return
    core = stage.shade("sun", "#fff3b0") if "sun" in stage.paints else ("#fff6c9" if time == "day" else "#fff1c4")
    rim = "#ffd54f" if time == "day" else "#ffb347"
    rim = stage.shade("sun", rim) if "sun" in stage.paints else stage.light.plain(rim)
    reach = radius * (5.5 if time == "day" else 8.5)
    shine = rim if time == "sunset" or "sun" in stage.paints else "#fffbe8"
    halo = stage.defs.radial([(0, shine, 0.8), (0.25, shine, 0.36), (1, shine, 0.0)])
    stage.back.append(svg.ellipse(x, y, reach, reach, halo))
    disc = stage.defs.radial([(0, "#fffdf0"), (0.6, core), (1, rim)])
    stage.back.append(svg.ellipse(x, y, radius, radius, disc))


def _moon(stage: Stage, x: float, y: float, radius: float) -> None:
    pale = stage.shade("moon", "#f6f1dc") if "moon" in stage.paints else "#f8f3df"
    dim = stage.shade("moon", "#d9d2b4") if "moon" in stage.paints else "#ddd6ba"
    halo = stage.defs.radial([(0, "#cfe0ff", 0.55), (0.3, "#b9cdf7", 0.2), (1, "#b9cdf7", 0.0)])
    stage.back.append(svg.ellipse(x, y, radius * 5.5, radius * 5.5, halo))
    disc = stage.defs.radial([(0, pale), (0.75, pale), (1, dim)], 0.42, 0.4, 0.62)
    if stage.rng("moon").random() < 0.4 and "moon" not in stage.features:
        top, low, inner = (x, y - radius), (x, y + radius), radius * 1.25
        data = svg.data("M", top, "A", radius, radius, "0 1 0", low, "A", inner, inner, "0 0 1", top, "Z")
        stage.back.append(svg.shape(data, pale))
        return
    stage.back.append(svg.ellipse(x, y, radius, radius, disc))
    for dx, dy, size in ((-0.35, -0.2, 0.2), (0.25, 0.3, 0.26), (0.3, -0.4, 0.13), (-0.2, 0.45, 0.12)):
        stage.back.append(svg.ellipse(x + dx * radius, y + dy * radius, size * radius, size * radius, dim, 0.7))


def cloud_path(chance: random.Random, x: float, y: float, width: float) -> str:
    """A flat-bottomed heap of circles, one path so that they melt together."""
    height = width * chance.uniform(0.26, 0.34)
    parts = []
    count = chance.randint(4, 6)
    for at in range(count):
        share = (at + 0.5) / count
        radius = height * (0.34 + 0.42 * math.sin(math.pi * share) * chance.uniform(0.75, 1.1))
        centre_x, centre_y = x - width / 2 + width * (0.1 + 0.8 * share), y - radius * 0.55
        r = svg.num(radius)
        parts.append(
            svg.data(
                "M",
                (centre_x - radius, centre_y),
                "a",
                r,
                r,
                "0 1 1",
                2 * radius,
                "0a",
                r,
                r,
                "0 1 1",
                -2 * radius,
                "0Z",
            )
        )
    low = height * 0.3
    parts.append(
        svg.data(
            "M",
            (x - width * 0.46, y + low * 0.5),
            "a",
            low,
            low * 0.62,
            "0 0 1 0",
            -low,
            "H",
            x + width * 0.46,
            "a",
            low,
            low * 0.62,
            "0 0 1 0",
            low,
            "Z",
        )
    )
    return "".join(parts)


def _clouds(stage: Stage) -> None:
    chance = stage.rng("clouds")
    grey, time = stage.light.grey, stage.light.time
    start = chance.random()
    many = 7 if grey > 0.4 or "clouds" in stage.features else 4 if time != "night" else 3
    if {"aurora", "fireworks", "stars", "shootingstar"} & set(stage.features) and grey < 0.4:
        many = 1
    top, low = {
        "day": ("#ffffff", "#e3eef8"),
        "sunset": ("#ffd9c2", "#c9788f"),
        "night": ("#6a7aa8", "#3a4a7a"),
    }[time]
    if grey > 0.4:
        top, low = ("#d5dae1", "#9aa3b0") if time == "day" else ("#a79aa8", "#6c6478")
        top, low = ("#5b6480", "#363d58") if time == "night" or "storm" in stage.weather else (top, low)
    top, low = (
        stage.shade("clouds", part) if "clouds" in stage.paints else stage.light.plain(part) for part in (top, low)
    )
    fill = stage.defs.vertical([(0, top), (0.5, top), (1, low)])
    for at in range(stage.many("clouds", int(many * max(1.0, stage.width / 1300)))):
        depth = (at % 3) / 3
        width = stage.unit * (0.30 - 0.15 * depth) * chance.uniform(0.8, 1.25)
        x = stage.width * ((start + at * 0.618 + chance.random() * 0.12) % 1)
        y = stage.horizon * (0.2 + 0.46 * depth + chance.uniform(-0.06, 0.06))
        opacity = (0.95 if grey > 0.4 else 0.86) - 0.3 * depth
        stage.back.append(svg.shape(cloud_path(chance, x, y, width), fill, opacity))


def _rainbow(stage: Stage) -> None:
    chance = stage.rng("rainbow")
    radius = min(stage.width * 0.47, stage.horizon * 0.92)
    x = stage.width * chance.uniform(0.42, 0.58)
    y, band = stage.horizon * 1.02, radius * 0.035
    for at, colour in enumerate(("#e8483f", "#f58b3c", "#f9d84a", "#58b95a", "#3f8fe0", "#5b54c4", "#8d4bb4")):
        size = radius - at * band
        data = svg.data("M", (x - size, y), "A", size, size, "0 0 1", x + size, y)
        stage.back.append(svg.line(data, stage.light.plain(colour), band * 1.08, 0.62))


def _aurora(stage: Stage) -> None:
    chance = stage.rng("aurora")
    for at in range(4):
        top = stage.horizon * chance.uniform(0.08, 0.3)
        colour = ("#57f2b0", "#3fd6c8", "#8a7bff", "#5cf59a")[at]
        points = [
            (stage.width * step / 6, top + stage.horizon * 0.14 * math.sin(step * 1.3 + at + chance.random()))
            for step in range(-1, 8)
        ]
        low = [(x, y + stage.horizon * chance.uniform(0.3, 0.45)) for x, y in reversed(points)]
        fill = stage.defs.vertical([(0, colour, 0.0), (0.35, colour, 0.5), (1, colour, 0.0)])
        stage.back.append(svg.shape(svg.smooth(points) + "L" + svg.smooth(low)[1:] + "Z", fill))


def _shooting_stars(stage: Stage) -> None:
    chance = stage.rng("shooting")
    for at in range(3):
        x, y = stage.width * chance.uniform(0.25, 0.9), stage.horizon * chance.uniform(0.08, 0.4)
        length = stage.unit * (0.22 if at == 0 else 0.12)
        tail = stage.defs.horizontal([(0, "#ffffff", 1.0), (1, "#ffffff", 0.0)])
        data = svg.path([(x, y), (x + length, y - length * 0.42), (x + length * 0.98, y - length * 0.45)])
        stage.back.append(svg.shape(data, tail, 0.9))
        stage.back.append(svg.ellipse(x, y, length * 0.03, length * 0.03, "#fffbe6"))


def _fireworks(stage: Stage) -> None:
    chance = stage.rng("fireworks")
    for at in range(5):
        x = stage.width * (0.12 + 0.19 * at + chance.uniform(-0.04, 0.04))
        y = stage.horizon * chance.uniform(0.14, 0.42)
        radius = min(stage.unit, stage.horizon * 2) * chance.uniform(0.07, 0.14)
        colour = ("#ff6b6b", "#ffd166", "#6be6ff", "#c58bff", "#8dff9d")[at]
        glow = stage.defs.radial([(0, colour, 0.5), (1, colour, 0.0)])
        stage.back.append(svg.ellipse(x, y, radius * 1.3, radius * 1.3, glow))
        for ray in range(18):
            angle = ray * math.tau / 18
            inner, outer = radius * 0.25, radius * chance.uniform(0.8, 1.0)
            tip = (x + math.cos(angle) * outer, y + math.sin(angle) * outer + radius * 0.06)
            start = (x + math.cos(angle) * inner, y + math.sin(angle) * inner)
            stage.back.append(svg.line(svg.path([start, tip], closed=False), colour, radius * 0.03))
            stage.back.append(svg.ellipse(*tip, radius * 0.035, radius * 0.035, "#ffffff", 0.9))
