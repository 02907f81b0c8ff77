"""The city: towers in the haze, a row of houses, pavement and road; or a skyline over a park."""

from __future__ import annotations

import random

from chatelier.providers.illustrator import plants, ridges, svg
from chatelier.providers.illustrator.sky import paint_sky
from chatelier.providers.illustrator.stage import Stage

FACADES = ("#d98a6a", "#e8c07d", "#9fb8c9", "#c9a0a0", "#a8b894", "#e3d5bd", "#b58a70", "#8fa3b5", "#d9b3a0", "#c7b6d6")
AWNINGS = (("#d9483b", "#f7efe4"), ("#2f8f7f", "#f7efe4"), ("#3d6fb5", "#f3f3ee"), ("#e0a32e", "#fff6e0"))
WINDOW_LIGHTS = ("#ffd98a", "#ffe6ad", "#ffc86a")
PAVEMENT = 0.62  # shares of the way from the horizon to the bottom where pavement and road begin
ROAD = 0.76


def paint(stage: Stage) -> None:
    reach = stage.height - stage.horizon
    base = stage.horizon + reach * (0.30 if stage.place == "skyline" else PAVEMENT)
    paint_sky(stage, base)
    if "mountains" in stage.features:
        ridges.mountains(stage, "city range", base, stage.horizon * 0.5, 0.6, snow=True, colour="#6a7fa6")
    if stage.place == "skyline":
        for at, (depth, low, high) in enumerate(((0.72, 0.30, 0.52), (0.45, 0.22, 0.44), (0.16, 0.14, 0.32))):
            _towers(stage, f"towers{at}", base, depth, stage.unit * low, stage.unit * high)
        if stage.empty:
            _river(stage, base)
        else:
            _park(stage, base)
        return
    _towers(stage, "towers0", base, 0.74, stage.unit * 0.34, stage.unit * 0.54)
    _towers(stage, "towers1", base, 0.5, stage.unit * 0.26, stage.unit * 0.42)
    _houses(stage, base)
    _street(stage, base)


def _lit(stage: Stage) -> float:
    """The share of windows with a light in them."""
    return {"day": 0.0, "sunset": 0.3, "night": 0.55}[stage.light.time]


def _towers(stage: Stage, name: str, base: float, depth: float, low: float, high: float) -> None:
    chance = stage.rng(name)
    x = -stage.unit * 0.05
    while x < stage.width:
        wide, tall = stage.unit * chance.uniform(0.06, 0.115), chance.uniform(low, high)
        colour = stage.between(chance.choice(("#7d8fa8", "#8a94a8", "#6f86a0", "#94899c")), "#52617d", 0.3)
        fill = stage.fade("skyline", stage.between(colour, "#ffffff", 0.12), colour, depth)
        stage.back.append(svg.rect(x, base - tall, wide, tall + 4, fill))
        style = chance.random()
        if style < 0.25:
            stage.back.append(svg.rect(x + wide * 0.2, base - tall - wide * 0.35, wide * 0.6, wide * 0.36, fill))
        elif style < 0.42:
            spire = [
                (x + wide * 0.42, base - tall),
                (x + wide * 0.5, base - tall - wide * 0.9),
                (x + wide * 0.58, base - tall),
            ]
            stage.back.append(svg.shape(svg.path(spire), fill))
        elif style < 0.55:
            stage.back.append(
                svg.shape(
                    svg.path([(x, base - tall), (x + wide, base - tall - wide * 0.5), (x + wide, base - tall)]), fill
                )
            )
        _tower_windows(stage, chance, x, base - tall, wide, tall, depth)
        x += wide * chance.uniform(0.95, 1.35)


def _tower_windows(
    stage: Stage, chance: random.Random, x: float, top: float, wide: float, tall: float, depth: float
) -> None:
    columns, rows = max(3, int(wide / (stage.unit * 0.017))), max(4, int(tall / (stage.unit * 0.024)))
    dark = stage.shade("glass", "#4b6a8c", min(0.92, depth + 0.12))
    bright = stage.between(stage.light.plain(chance.choice(WINDOW_LIGHTS)), dark, 0.15 + depth * 0.35)
    share = _lit(stage)
    cell_x, cell_y = wide / (columns + 1), tall / (rows + 1)
    paths: dict[str, list[str]] = {dark: [], bright: []}
    for row in range(rows):
        for column in range(columns):
            fill = bright if chance.random() < share else dark
            left, high = x + cell_x * (column + 0.72), top + cell_y * (row + 0.6)
            paths[fill].append(
                svg.data("M", (left, high), "h", cell_x * 0.56, "v", cell_y * 0.55, "h", -cell_x * 0.56, "Z")
            )
    for fill, parts in paths.items():
        if parts:
            stage.back.append(svg.shape("".join(parts), fill, 0.55 if fill == dark else 0.95))


def _houses(stage: Stage, base: float) -> None:
    """The row along the street, each house with its own face."""
    chance = stage.rng("houses")
    x, at = -stage.unit * 0.06 * chance.random(), chance.randrange(len(FACADES))
    while x < stage.width:
        wide, floors = stage.unit * chance.uniform(0.13, 0.19), chance.choice((2, 3, 3, 4))
        tall = stage.unit * (0.075 + 0.062 * floors)
        at = (at + chance.choice((1, 2, 3))) % len(FACADES)
        colour = FACADES[at]
        stage.back.append(
            svg.rect(
                x,
                base - tall,
                wide + 1,
                tall + 4,
                stage.fade("skyline", colour, stage.between(colour, "#5a4a4a", 0.16), 0.10),
            )
        )
        _roof(stage, chance, x, base - tall, wide, colour)
        _house_windows(stage, chance, x, base - tall, wide, tall, floors)
        _shop(stage, chance, x, base, wide)
        x += wide


def _roof(stage: Stage, chance: random.Random, x: float, top: float, wide: float, colour: str) -> None:
    tile = stage.shade("roof", chance.choice(("#8a4b3a", "#6b4a4a", "#5a5f72", "#7a5540")), 0.08)
    kind = chance.random()
    if kind < 0.4:
        points = [(x - 3, top + 2), (x + wide / 2, top - wide * 0.38), (x + wide + 3, top + 2)]
    elif kind < 0.65:
        points = [
            (x - 3, top + 2),
            (x + wide * 0.14, top - wide * 0.26),
            (x + wide * 0.86, top - wide * 0.26),
            (x + wide + 3, top + 2),
        ]
    else:
        points = [
            (x - 4, top + 3),
            (x - 4, top - wide * 0.05),
            (x + wide + 4, top - wide * 0.05),
            (x + wide + 4, top + 3),
        ]
        tile = stage.shade("roof", stage.between(colour, "#3a3030", 0.35), 0.08)
    stage.back.append(svg.shape(svg.path(points), tile))
    if stage.snowy:
        lifted = [(px, py - wide * 0.035) for px, py in points]
        stage.back.append(svg.shape(svg.path([*points, *reversed(lifted)]), stage.shade("snow", "#f6f9fd")))


def _house_windows(
    stage: Stage, chance: random.Random, x: float, top: float, wide: float, tall: float, floors: int
) -> None:
    share, columns = _lit(stage), 3
    frame, glass = stage.shade("wood", "#f5efe4", 0.05), stage.shade("glass", "#5d84a3", 0.05)
    cell, room = wide / columns, (tall - stage.unit * 0.085) / floors
    for floor in range(floors):
        for column in range(columns):
            w, h = cell * 0.46, room * 0.58
            left, high = x + cell * (column + 0.5) - w / 2, top + room * (floor + 0.26)
            lit = chance.random() < share
            stage.back.append(svg.rect(left - w * 0.12, high - w * 0.12, w * 1.24, h + w * 0.24, frame))
            fill = stage.light.plain(chance.choice(WINDOW_LIGHTS)) if lit else glass
            stage.back.append(svg.rect(left, high, w, h, fill))
            stage.back.append(svg.rect(left + w * 0.46, high, w * 0.08, h, frame))


def _shop(stage: Stage, chance: random.Random, x: float, base: float, wide: float) -> None:
    room = stage.unit * 0.078
    glass = stage.light.plain("#ffdf9e") if stage.light.time != "day" else stage.shade("glass", "#7fa6bd")
    stage.back.append(svg.rect(x, base - room, wide, room + 3, stage.shade("wood", "#5b4a44", 0.06)))
    stage.back.append(svg.rect(x + wide * 0.08, base - room * 0.8, wide * 0.5, room * 0.68, glass))
    stage.back.append(
        svg.rect(
            x + wide * 0.68,
            base - room * 0.82,
            wide * 0.22,
            room * 0.84,
            stage.shade("wood", chance.choice(("#8a3b35", "#2f5f6f", "#6b4a2f")), 0.05),
        )
    )
    first, second = chance.choice(AWNINGS)
    step = wide * 0.94 / 6
    for at in range(6):
        left = x + wide * 0.03 + step * at
        data = svg.data(
            "M",
            (left, base - room * 1.02),
            "h",
            step,
            "v",
            room * 0.24,
            "a",
            step / 2,
            step * 0.42,
            "0 0 1",
            -step,
            "0Z",
        )
        stage.back.append(svg.shape(data, stage.shade("awning", first if at % 2 else second, 0.04)))


def _street(stage: Stage, base: float) -> None:
    reach = stage.height - stage.horizon
    road, wet = stage.horizon + reach * ROAD, "rain" in stage.weather or "storm" in stage.weather
    stone = ("#e8edf4", "#d3dbe6") if stage.snowy else ("#d5cdc2", "#bfb5a8")
    stage.back.append(svg.rect(0, base, stage.width, road - base, stage.fade("ground", *stone)))
    slab = stage.shade("ground", "#a89e92")
    seams = "".join(
        svg.data("M", (x, base), "l", ((x - stage.width / 2) * 0.06, road - base)) for x in _steps(stage, 0.09)
    )
    stage.back.append(svg.line(seams, slab, stage.unit * 0.0012, 0.45))
    asphalt = stage.fade("road", "#5b606b" if not wet else "#474c58", "#3f434d" if not wet else "#2f333d")
    stage.back.append(svg.rect(0, road, stage.width, stage.height - road + 4, asphalt))
    stage.back.append(svg.rect(0, road, stage.width, stage.unit * 0.012, stage.shade("ground", "#8f877c")))
    dash = stage.shade("road", "#f1ead6")
    lane = road + (stage.height - road) * 0.62
    marks = "".join(
        svg.data(
            "M",
            (x, lane),
            "h",
            stage.unit * 0.075,
            "l",
            (stage.unit * 0.006, stage.unit * 0.013),
            "h",
            -stage.unit * 0.081,
            "Z",
        )
        for x in _steps(stage, 0.15)
    )
    stage.back.append(svg.shape(marks, dash, 0.85))
    if wet or stage.light.time == "night":
        _reflections(stage, road)
    _lamps_and_trees(stage, base, road)


def _steps(stage: Stage, share: float) -> list[float]:
    step = stage.unit * share
    return [step * at - step * 0.5 for at in range(int(stage.width / step) + 2)]


def _reflections(stage: Stage, road: float) -> None:
    chance = stage.rng("reflections")
    for _ in range(14):
        x, wide = chance.random() * stage.width, stage.unit * chance.uniform(0.01, 0.03)
        fill = stage.defs.vertical([(0, stage.light.plain("#ffd27a"), 0.35), (1, stage.light.plain("#ffb347"), 0.0)])
        stage.back.append(
            svg.rect(x, road + stage.unit * 0.013, wide, (stage.height - road) * chance.uniform(0.3, 0.8), fill)
        )


def _lamps_and_trees(stage: Stage, base: float, road: float) -> None:
    chance = stage.rng("lamps")
    start = stage.unit * chance.uniform(0.08, 0.2)
    step, x, at = stage.unit * 0.42, start, 0
    foot = base + (road - base) * 0.22
    while x < stage.width:
        if at % 2:
            plants.round_tree(stage, chance, x, foot, stage.unit * 0.19, 0.04)
        else:
            _lamp(stage, x, foot, stage.unit * 0.22)
        x, at = x + step * chance.uniform(0.8, 1.1), at + 1


def _lamp(stage: Stage, x: float, foot: float, tall: float) -> None:
    iron = stage.shade("iron", "#3a424b")
    if stage.light.time != "day":
        glow = stage.defs.radial([(0, "#ffe3a0", 0.75), (0.3, "#ffd37a", 0.25), (1, "#ffd37a", 0.0)])
        stage.back.append(svg.ellipse(x, foot - tall, tall * 0.55, tall * 0.55, glow))
    stage.back.append(svg.rect(x - tall * 0.014, foot - tall * 0.95, tall * 0.028, tall * 0.95, iron))
    stage.back.append(svg.rect(x - tall * 0.04, foot - tall * 0.05, tall * 0.08, tall * 0.05, iron))
    lamp = "#fff0c2" if stage.light.time != "day" else stage.shade("glass", "#e8eef0")
    stage.back.append(svg.ellipse(x, foot - tall, tall * 0.05, tall * 0.055, lamp))
    stage.back.append(svg.rect(x - tall * 0.045, foot - tall * 1.07, tall * 0.09, tall * 0.025, iron))


def _river(stage: Stage, base: float) -> None:
    """Water before the skyline, with its lights in it."""
    sky = stage.light.sky
    pale, deep = stage.between(sky[-1], "#5f93b9", 0.35), stage.between(sky[0], "#1f4f7a", 0.35)
    if "water" in stage.paints:
        pale, deep = stage.shade("water", "#8cc4de"), stage.shade("water", "#3f86b5")
    fill = stage.defs.vertical([(0, pale), (1, deep)], base, stage.height)
    stage.back.append(svg.rect(0, base, stage.width, stage.height - base, fill))
    chance = stage.rng("river")
    stage.back.append(svg.rect(0, base, stage.width, stage.unit * 0.008, stage.shade("ground", "#5d6470", 0.2)))
    lights = stage.light.time != "day"
    for _ in range(46 if lights else 26):
        x, wide = chance.random() * stage.width, stage.unit * chance.uniform(0.005, 0.016)
        tall = (stage.height - base) * chance.uniform(0.2, 0.7)
        colour = stage.light.plain(chance.choice(WINDOW_LIGHTS)) if lights else stage.shade("skyline", "#52617d", 0.4)
        glint = stage.defs.vertical([(0, colour, 0.5 if lights else 0.28), (1, colour, 0.0)])
        stage.back.append(svg.rect(x, base + stage.unit * 0.01, wide, tall, glint))
    for _ in range(50):
        share = chance.random()
        y, wide = base + (stage.height - base) * share, stage.unit * chance.uniform(0.01, 0.05) * (0.5 + share)
        stage.back.append(svg.ellipse(chance.random() * stage.width, y, wide, stage.unit * 0.0015, "#ffffff", 0.22))


def _park(stage: Stage, base: float) -> None:
    """Trees and a lawn before the skyline."""
    grass = ("#eef3fa", "#d3dfec") if stage.snowy else ("#9cc56b", "#5a9a4c")
    line = ridges.hill_line(stage.rng("park"), stage.width, base + stage.unit * 0.03, stage.unit * 0.01, 1.4)
    chance = stage.rng("park trees")
    stage.back.append(svg.rect(0, base, stage.width, stage.height - base, stage.shade("forest", "#4f8f4a", 0.2)))
    for step in range(int(stage.width / (stage.unit * 0.05)) + 2):
        x = stage.unit * 0.05 * step + chance.uniform(-10, 10)
        plants.round_tree(stage, chance, x, base + stage.unit * 0.035, stage.unit * chance.uniform(0.07, 0.12), 0.12)
    fill = stage.defs.vertical(
        [(0, stage.shade("ground", grass[0])), (1, stage.shade("ground", grass[1]))], base, stage.height
    )
    stage.back.append(svg.shape(ridges.land(line, stage.height), fill))
    if not stage.snowy:
        plants.tufts(stage, stage.back, base + stage.unit * 0.1, stage.height, grass[1], 70, "tufts")
