"""The sea: open water, a beach, or the world under the surface."""

from __future__ import annotations

import math
from itertools import pairwise

from chatelier.providers.illustrator import plants, ridges, svg
from chatelier.providers.illustrator.sky import paint_sky
from chatelier.providers.illustrator.stage import Stage

WATER = {
    "day": ("#7fc4dd", "#3796c4", "#176a9c"),
    "sunset": ("#f0b08a", "#8d6f9e", "#3f4a86"),
    "night": ("#6f94c4", "#3d66a0", "#234a82"),
}
DEEP = {
    "day": ("#8fe3ea", "#37a9cf", "#12609c", "#0b3566"),
    "sunset": ("#f5c49a", "#7f8fc0", "#3a4f94", "#1c2a60"),
    "night": ("#2e6ea6", "#184a86", "#0c2a5c", "#06163a"),
}
SHORE = 0.66  # the beach begins at this share between horizon and bottom


def paint(stage: Stage) -> None:
    if stage.place == "underwater":
        _underwater(stage)
        return
    paint_sky(stage)
    _far_shore(stage)
    _water(stage)
    _glitter(stage)
    _waves(stage)
    if stage.place == "beach":
        _beach(stage)
    else:
        _front_wave(stage)


def waterline(stage: Stage, y: float) -> str:
    """The colour of the water at a height: it laps over the foot of what floats there."""
    share = max(0.0, min(1.0, (y - stage.horizon) / max(1.0, stage.height - stage.horizon)))
    stops = _depths(stage)
    for (start, first), (end, second) in pairwise(stops):
        if share <= end:
            return stage.between(first, second, (share - start) / (end - start))
    return stops[-1][1]


def _depths(stage: Stage) -> list[tuple[float, str]]:
    """The water's colours from the horizon to the front."""
    top, middle, low = (_tone(stage, colour) for colour in WATER[stage.light.time])
    top = stage.between(top, stage.light.sky[-1], 0.35)
    return [(0.0, top), (0.18, stage.between(top, middle, 0.55)), (0.5, middle), (1.0, low)]


def _tone(stage: Stage, colour: str, depth: float = 0.0) -> str:
    """Water colours are given for their hour already, so only mood, weather and wishes change them."""
    from chatelier.providers.illustrator import colours

    painted = stage.repaint("water", colours.parse(colour))
    if "water" in stage.paints and stage.light.time == "night":
        painted = colours.mix(painted, (0.02, 0.04, 0.12), 0.5)
    if stage.light.grey:
        painted = colours.mix(
            colours.saturate(painted, -0.45 * stage.light.grey), (0.25, 0.3, 0.36), 0.3 * stage.light.grey
        )
    painted = stage.light.tilt(painted)
    return colours.hexed(colours.mix(painted, stage.light.haze, depth))


def _far_shore(stage: Stage) -> None:
    chance = stage.rng("far shore")
    base = stage.horizon + 2
    if "mountains" in stage.features:
        ridges.mountains(
            stage, "sea range", base, min(stage.unit * 0.3, stage.horizon * 0.6), 0.45, snow=True, colour="#6a7fa6"
        )
        return
    if chance.random() < 0.75:
        x, wide = stage.width * chance.choice((0.12, 0.85)), stage.unit * chance.uniform(0.3, 0.5)
        for at in range(2):
            tall = stage.unit * (0.05 - 0.02 * at)
            middle = x + wide * (0.3 * at)
            data = svg.data(
                "M",
                (middle - wide / 2, base),
                "C",
                (middle - wide * 0.3, base - tall),
                (middle - wide * 0.12, base - tall * 0.5),
                (middle, base - tall),
                "S",
                middle + wide * 0.3,
                base - tall * 0.2,
                middle + wide / 2,
                base,
                "Z",
            )
            stage.back.append(svg.shape(data, stage.shade("mountains", "#5f8694", 0.6 - 0.15 * at)))


def _water(stage: Stage) -> None:
    fill = stage.defs.vertical(list(_depths(stage)), stage.horizon, stage.height)
    stage.back.append(svg.rect(0, stage.horizon, stage.width, stage.height - stage.horizon, fill))
    line = stage.defs.horizontal([(0, "#ffffff", 0.0), (0.5, "#ffffff", 0.55), (1, "#ffffff", 0.0)])
    stage.back.append(svg.rect(0, stage.horizon - 1, stage.width, 3, line))


def _glitter(stage: Stage) -> None:
    """The sun's or moon's road on the water."""
    if stage.light.grey > 0.55 or stage.reflected:
        return
    chance = stage.rng("glitter")
    x = stage.sun[0]
    colour = {"day": "#ffffff", "sunset": "#ffe7ae", "night": "#e8f0ff"}[stage.light.time]
    reach = (stage.height - stage.horizon) * (0.9 if stage.light.time != "day" else 0.6)
    for at in range(46):
        share = (at + chance.random()) / 46
        y = stage.horizon + 4 + reach * share**1.5
        spread = stage.unit * (0.02 + 0.075 * share)
        wide = stage.unit * (0.010 + 0.034 * share) * chance.uniform(0.5, 1.2)
        opacity = (0.75 if stage.light.time != "day" else 0.42) * (1 - 0.75 * share)
        stage.back.append(
            svg.ellipse(
                x + chance.uniform(-1, 1) * spread, y, wide, stage.unit * (0.0016 + 0.003 * share), colour, opacity
            )
        )


def _waves(stage: Stage) -> None:
    """Crests in perspective: close together and thin far away, wide and bold in front."""
    chance = stage.rng("waves")
    rough = (1.7 if "storm" in stage.weather else 1.0) * stage.amounts.get("waves", 1.0)
    reach = stage.height - stage.horizon
    rows = 9 if stage.amounts.get("waves", 1.0) < 1.5 else 14
    for row in range(rows):
        share = ((row + 1) / (rows + 1)) ** 1.7
        y = stage.horizon + reach * share
        length = stage.unit * (0.03 + 0.16 * share)
        light = stage.between(waterline(stage, y), "#ffffff", 0.42)
        dark = stage.between(waterline(stage, y), "#0a2a4a", 0.25)
        x = -length * chance.random() * 2
        while x < stage.width:
            size = length * chance.uniform(0.7, 1.3)
            lift = size * 0.12 * rough
            level = y + chance.uniform(-1, 1) * reach * 0.03 * (0.3 + share)
            for colour, drop, opacity in ((dark, lift * 0.5, 0.35), (light, 0.0, 0.6)):
                data = svg.data(
                    "M",
                    (x, level + drop),
                    "Q",
                    (x + size * 0.25, level + drop - lift),
                    (x + size * 0.5, level + drop),
                    "T",
                    (x + size, level + drop),
                )
                stage.back.append(svg.line(data, colour, stage.unit * (0.0012 + 0.0032 * share), opacity))
            x += size * chance.uniform(1.4, 3.2)


def _front_wave(stage: Stage) -> None:
    """One swell across the lower edge, in front of everything: it frames the picture."""
    chance = stage.rng("front wave")
    level = stage.height - stage.unit * 0.05
    line = ridges.hill_line(chance, stage.width, level, stage.unit * 0.014, 3.2)
    colour = waterline(stage, stage.height)
    stage.front.append(svg.shape(ridges.land(line, stage.height + 5), stage.between(colour, "#06213f", 0.18), 0.92))
    stage.front.append(svg.line(svg.smooth(line), stage.between(colour, "#ffffff", 0.65), stage.unit * 0.005, 0.8))


def _beach(stage: Stage) -> None:
    chance = stage.rng("beach")
    level = stage.horizon + (stage.height - stage.horizon) * SHORE
    tilt = stage.unit * 0.045 * chance.choice((-1, 1))
    edge = [
        (
            stage.width * at / 8,
            level + tilt * (at / 8 - 0.5) * 2 + stage.unit * 0.016 * math.sin(at * 1.7 + chance.random()),
        )
        for at in range(-1, 10)
    ]
    for shift, colour, opacity in ((-0.026, "#ffffff", 0.45), (-0.013, "#ffffff", 0.85), (0.0, "#c9a874", 1.0)):
        moved = [(x, y + stage.unit * shift) for x, y in edge]
        fill = colour if colour == "#ffffff" else stage.shade("ground", colour)
        fill = stage.light.shade(fill) if colour == "#ffffff" else fill
        stage.back.append(svg.shape(ridges.land(moved, stage.height + 5), fill, opacity))
    dry = [(x, y + stage.unit * 0.03) for x, y in edge]
    sand = stage.defs.vertical(
        [(0, stage.shade("ground", "#f0d9a8")), (1, stage.shade("ground", "#dcb878"))], level, stage.height
    )
    stage.back.append(svg.shape(ridges.land(dry, stage.height + 5), sand))
    for _ in range(120):
        x, share = chance.random() * stage.width, chance.random()
        y = level + stage.unit * 0.09 + (stage.height - level) * share
        grain = stage.shade("ground", chance.choice(("#c89f62", "#fbeccb")))
        stage.back.append(
            svg.ellipse(x, y, stage.unit * (0.001 + 0.0022 * share), stage.unit * (0.0007 + 0.0012 * share), grain, 0.7)
        )
    if not stage.shown("trees"):
        return
    side = chance.choice((0.06, 0.94))
    for at, tall in enumerate((0.44, 0.32)):
        x = stage.width * (side + (0.07 * at if side < 0.5 else -0.07 * at))
        lean, foot = (0.22 - 0.1 * at) * (1 if side < 0.5 else -1), level + stage.unit * (0.085 + 0.02 * at)
        shade = stage.defs.radial([(0, "#3a2a10", 0.4), (1, "#3a2a10", 0.0)])
        stage.back.append(svg.ellipse(x, foot, stage.unit * 0.07, stage.unit * 0.012, shade))
        plants.palm(stage, chance, x, foot, stage.unit * tall, 0.0, lean)
        mound = svg.data(
            "M",
            (x - stage.unit * 0.045, foot + 6),
            "Q",
            (x, foot - stage.unit * 0.022),
            (x + stage.unit * 0.045, foot + 6),
            "Z",
        )
        stage.back.append(svg.shape(mound, stage.shade("ground", "#eccf97")))


def _underwater(stage: Stage) -> None:
    stops = DEEP[stage.light.time]
    tones = [_tone(stage, colour) for colour in stops]
    fill = stage.defs.vertical([(at / 3, tone) for at, tone in enumerate(tones)])
    stage.back.append(svg.rect(0, 0, stage.width, stage.height, fill))
    chance = stage.rng("rays")
    for at in range(6):
        x = stage.width * (0.05 + 0.18 * at + chance.uniform(-0.04, 0.04))
        wide, lean = stage.unit * chance.uniform(0.04, 0.09), (x - stage.width * 0.35) * 0.55
        ray = stage.defs.vertical([(0, "#ffffff", 0.24), (1, "#ffffff", 0.0)])
        points = [
            (x, -5.0),
            (x + wide, -5.0),
            (x + wide * 2.0 + lean, stage.height * 0.8),
            (x + lean, stage.height * 0.8),
        ]
        stage.back.append(svg.shape(svg.path(points), ray))
    _sea_floor(stage)
    for _ in range(34):
        x, y = chance.random() * stage.width, chance.random() * stage.height * 0.85
        size = stage.unit * chance.choice((0.003, 0.004, 0.006, 0.010))
        stage.back.append(svg.ellipse(x, y, size, size, "#ffffff", 0.22))
        stage.back.append(svg.ellipse(x - size * 0.3, y - size * 0.3, size * 0.35, size * 0.35, "#ffffff", 0.6))


def _sea_floor(stage: Stage) -> None:
    chance = stage.rng("floor")
    floor = stage.height * 0.86
    for at, (lift, colour) in enumerate(((0.16, "#1d5f93"), (0.10, "#256f9e"))):
        line = ridges.hill_line(
            stage.rng(f"reef{at}"), stage.width, floor - stage.unit * lift * 0.6, stage.unit * lift * 0.6, 3
        )
        stage.back.append(svg.shape(ridges.land(line, stage.height), _tone(stage, colour), 0.55 + 0.2 * at))
    line = ridges.hill_line(chance, stage.width, floor, stage.unit * 0.02, 1.5)
    sand = stage.defs.vertical(
        [(0, stage.light.shade("#e2cf9c")), (1, stage.light.shade("#a98f62"))], floor - stage.unit * 0.02, stage.height
    )
    stage.back.append(svg.shape(ridges.land(line, stage.height), sand, 0.9))
    for at in range(16):
        x = stage.width * ((at * 0.382 + chance.random() * 0.05) % 1)
        edge = abs(x / stage.width - 0.5) * 2
        base = ridges.height_at(line, x) + stage.unit * chance.uniform(0.005, 0.05)
        if at % 3 == 0:
            _coral(stage, x, base, stage.unit * (0.04 + 0.07 * edge) * chance.uniform(0.8, 1.2))
        else:
            _weed(stage, x, base, stage.unit * (0.08 + 0.2 * edge) * chance.uniform(0.6, 1.1))


def _weed(stage: Stage, x: float, base: float, tall: float) -> None:
    chance = stage.rng(f"weed {x:.0f}")
    colour = stage.light.shade(chance.choice(("#2f8f6b", "#3faa6a", "#1f7a72", "#6aa84f")))
    for at in range(3):
        foot, height = x + (at - 1) * tall * 0.1, tall * chance.uniform(0.6, 1.0)
        sway = height * 0.13 * chance.choice((-1, 1))
        wide = tall * 0.045
        data = svg.data(
            "M",
            (foot - wide, base),
            "C",
            (foot - wide + sway, base - height * 0.35),
            (foot - sway, base - height * 0.65),
            (foot + sway * 0.6, base - height),
            "C",
            (foot - sway + wide, base - height * 0.6),
            (foot + wide + sway, base - height * 0.35),
            (foot + wide, base),
            "Z",
        )
        stage.back.append(svg.shape(data, colour, 0.9))


def _coral(stage: Stage, x: float, base: float, tall: float) -> None:
    chance = stage.rng(f"coral {x:.0f}")
    colour = stage.light.shade(chance.choice(("#ff7f6b", "#f7a35c", "#e56fa8", "#b87be0")))
    for at in range(5):
        angle = math.radians(-90 + (at - 2) * 26 + chance.uniform(-8, 8))
        length = tall * chance.uniform(0.75, 1.1)
        tip = (x + math.cos(angle) * length, base + math.sin(angle) * length)
        stage.back.append(svg.line(svg.path([(x, base), tip], closed=False), colour, tall * 0.16))
        fork = (tip[0] + math.cos(angle + 0.7) * tall * 0.3, tip[1] + math.sin(angle + 0.7) * tall * 0.3)
        middle = ((x + tip[0] * 2) / 3, (base + tip[1] * 2) / 3)
        stage.back.append(svg.line(svg.path([middle, fork], closed=False), colour, tall * 0.11))
