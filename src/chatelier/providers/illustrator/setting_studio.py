"""Indoors and nowhere: a table, a plain sweep, an emblem, outer space, abstract shapes."""

from __future__ import annotations

import math

from chatelier.providers.illustrator import colours, setting_room, svg
from chatelier.providers.illustrator.stage import Stage

# Wall and table that go together; the one whose wall is farthest from the main thing's hue is taken.
ROOMS = (
    ("#f2d7c2", "#b9784c"),
    ("#cfe2e6", "#a9764f"),
    ("#dcd3ec", "#9a6b52"),
    ("#d5e5d0", "#b3825a"),
    ("#f4e3b5", "#a86f47"),
    ("#f0cfd3", "#a87156"),
)


def paint(stage: Stage) -> None:
    {"space": _space, "abstract": _abstract, "emblem": _emblem, "plain": _plain, "room": setting_room.paint}.get(
        stage.place, _table
    )(stage)


def _wall_hue(stage: Stage) -> float:
    chance = stage.rng("room").random() * 360
    return chance if stage.accent is None else (stage.accent + 165 + (chance % 60) - 30) % 360


def _room(stage: Stage) -> tuple[str, str]:
    chance = stage.rng("room")
    if stage.accent is None:
        return chance.choice(ROOMS)
    far = sorted(
        ROOMS, key=lambda pair: -abs(colours.hue_distance(colours.to_hls(colours.parse(pair[0]))[0], stage.accent or 0))
    )
    return far[chance.randrange(3)]


def _wall_colour(stage: Stage, colour: str) -> str:
    part = "background" if "background" in stage.paints else "sky"
    return stage.shade(part, colour)


def _night_wall(stage: Stage, colour: str) -> str:
    """Indoors the hour shows on the wall: warm in the evening, blue and dim at night."""
    mixed = {
        "day": colour,
        "sunset": stage.between(colour, "#f0975f", 0.35),
        "night": stage.between(colour, "#1c2550", 0.72),
    }
    return mixed[stage.light.time]


def _table(stage: Stage) -> None:
    wall, wood = _room(stage)
    wall, wood = _night_wall(stage, wall), stage.between(wood, "#1a1a3a", 0.45) if stage.light.time == "night" else wood
    chance = stage.rng("table")
    edge = stage.horizon
    lit, dim = (
        _wall_colour(stage, stage.between(wall, "#ffffff", 0.45)),
        _wall_colour(stage, stage.between(wall, "#5a4660", 0.12)),
    )
    stage.back.append(
        svg.rect(
            0,
            0,
            stage.width,
            stage.height,
            stage.defs.radial([(0, lit), (0.55, _wall_colour(stage, wall)), (1, dim)], 0.42, 0.38, 0.75),
        )
    )
    _window_light(stage, edge)
    top, low = stage.shade("ground", stage.between(wood, "#fff0d8", 0.30)), stage.shade("ground", wood)
    board = stage.defs.vertical(
        [(0, top), (0.75, low), (1, stage.shade("ground", stage.between(wood, "#2a1710", 0.18)))], edge, stage.height
    )
    stage.back.append(svg.rect(0, edge, stage.width, stage.height - edge + 4, board))
    grain = stage.shade("ground", stage.between(wood, "#2a1710", 0.35))
    middle = stage.width / 2
    for at in range(-7, 8):
        x = middle + at * stage.unit * 0.16
        data = svg.data("M", (middle + (x - middle) * 0.72, edge), "L", (middle + (x - middle) * 1.5, stage.height))
        stage.back.append(svg.line(data, grain, stage.unit * 0.0018, 0.28))
    for _ in range(40):
        x, share = chance.random() * stage.width, chance.random()
        y = edge + (stage.height - edge) * share
        length = stage.unit * chance.uniform(0.02, 0.08) * (0.4 + share)
        stage.back.append(svg.ellipse(x, y, length, stage.unit * 0.0008 * (0.5 + share), grain, 0.25))
    stage.back.append(svg.rect(0, edge - stage.unit * 0.002, stage.width, stage.unit * 0.006, "#ffffff", 0.35))


def _window_light(stage: Stage, edge: float) -> None:
    """A pane of light that falls on the wall."""
    if stage.light.time == "night":
        glow = stage.defs.radial([(0, "#ffd89a", 0.55), (1, "#ffd89a", 0.0)])
        stage.back.append(svg.ellipse(stage.width * 0.5, edge * 0.75, stage.unit * 0.55, stage.unit * 0.5, glow))
        return
    colour = "#fffaf0" if stage.light.time == "day" else "#ffe0b0"
    x, tall, lean = stage.width * 0.10, edge * 0.72, stage.unit * 0.10
    wide = stage.unit * 0.17
    for at in range(2):
        left = x + at * wide * 1.14
        for row in range(2):
            top = edge * 0.1 + row * tall * 0.52
            high, low = left + lean * (1 - row * 0.5), left + lean * (0.53 - row * 0.5)
            foot = top + tall * 0.47
            points = [(high, top), (high + wide, top), (low + wide, foot), (low, foot)]
            stage.back.append(svg.shape(svg.path(points), colour, 0.28))


def _plain(stage: Stage) -> None:
    """A sweep of paper lit from above."""
    base = colours.hexed(colours.from_hls(_wall_hue(stage), 0.82, 0.42))
    base = _night_wall(stage, base)
    lit, dim = (
        _wall_colour(stage, stage.between(base, "#ffffff", 0.55)),
        _wall_colour(stage, stage.between(base, "#3a3050", 0.16)),
    )
    stage.back.append(
        svg.rect(
            0,
            0,
            stage.width,
            stage.height,
            stage.defs.radial([(0, lit), (0.6, _wall_colour(stage, base)), (1, dim)], 0.5, 0.42, 0.78),
        )
    )
    pool = stage.defs.radial([(0, "#ffffff", 0.5), (1, "#ffffff", 0.0)])
    stage.back.append(svg.ellipse(stage.width / 2, stage.height * 0.84, stage.unit * 0.5, stage.unit * 0.13, pool))


def _emblem(stage: Stage) -> None:
    """A badge: rings around a field that holds the thing, or a mark of its own when nothing was named."""
    chance = stage.rng("emblem")
    hue = _wall_hue(stage)
    deep, soft = colours.hexed(colours.from_hls(hue, 0.30, 0.5)), colours.hexed(colours.from_hls(hue, 0.9, 0.5))
    accent = "#e9b949" if colours.hue_distance(hue, 44) ** 2 > 900 else "#5fb3b0"
    paper = _wall_colour(stage, _night_wall(stage, "#f7f3ea"))
    stage.back.append(svg.rect(0, 0, stage.width, stage.height, paper))
    x, y, radius = stage.width / 2, stage.height / 2, min(stage.width, stage.height) * 0.40
    if stage.reflected:
        return
    shadow = stage.defs.radial([(0.8, "#000000", 0.22), (1, "#000000", 0.0)])
    stage.back.append(svg.ellipse(x, y + radius * 0.05, radius * 1.14, radius * 1.14, shadow))
    for size, fill in ((1.0, deep), (0.95, accent), (0.92, deep), (0.80, soft)):
        stage.back.append(svg.ellipse(x, y, radius * size, radius * size, stage.shade("ground", fill)))
    count = chance.choice((24, 32, 40))
    for at in range(count):
        angle = at / count * math.tau
        dot = radius * (0.016 if at % 2 else 0.026)
        stage.back.append(
            svg.ellipse(
                x + math.cos(angle) * radius * 0.86,
                y + math.sin(angle) * radius * 0.86,
                dot,
                dot,
                stage.shade("ground", accent),
            )
        )
    if stage.empty:
        _mark(stage, x, y, radius * 0.6, deep, accent)


def _mark(stage: Stage, x: float, y: float, size: float, deep: str, accent: str) -> None:
    chance = stage.rng("mark")
    petals = chance.choice((5, 6, 8))
    for at in range(petals):
        angle = math.degrees(at / petals * math.tau)
        fill = stage.shade("ground", deep if at % 2 == 0 else accent)
        petal = svg.data(
            "M0 0C",
            (size * 0.42, -size * 0.35),
            (size * 0.3, -size * 0.85),
            "0",
            -size,
            "C",
            (-size * 0.3, -size * 0.85),
            (-size * 0.42, -size * 0.35),
            "0 0Z",
        )
        turned = f"translate({svg.num(x)} {svg.num(y)}) rotate({angle:.1f})"
        stage.back.append(f'<g transform="{turned}">{svg.shape(petal, fill, 0.88)}</g>')
    stage.back.append(svg.ellipse(x, y, size * 0.2, size * 0.2, stage.shade("ground", "#fff6df")))
    stage.back.append(svg.ellipse(x, y, size * 0.1, size * 0.1, stage.shade("ground", deep)))


def _space(stage: Stage) -> None:
    chance = stage.rng("space")
    hue = chance.choice((225, 250, 275, 205))
    deep = stage.light.look.sky
    tones = [
        colours.hexed(colours.from_hls(hue + shift, lightness, 0.6))
        for shift, lightness in ((0, 0.05), (10, 0.10), (25, 0.17))
    ]
    tones = [stage.shade("sky", tone) if deep or "sky" in stage.paints else stage.light.plain(tone) for tone in tones]
    stage.back.append(
        svg.rect(0, 0, stage.width, stage.height, stage.defs.vertical([(0, tones[0]), (0.6, tones[1]), (1, tones[2])]))
    )
    for shift in (40, 95, -35, 130, 60):
        colour = stage.light.plain(colours.hexed(colours.from_hls(hue + shift, 0.5, 0.65)))
        x, y = stage.width * chance.uniform(0.05, 0.95), stage.height * chance.uniform(0.1, 0.9)
        radius = stage.unit * chance.uniform(0.25, 0.48)
        cloud = stage.defs.radial([(0, colour, 0.38), (0.5, colour, 0.14), (1, colour, 0.0)])
        stage.back.append(svg.ellipse(x, y, radius * 1.3, radius * 0.8, cloud))
    stars = stage.rng("space stars")
    for _ in range(stage.many("stars", int(190 * stage.width * stage.height / 1e6))):
        size = stage.unit * stars.choice((0.0008, 0.001, 0.0013, 0.002))
        stage.back.append(
            svg.ellipse(
                stars.random() * stage.width,
                stars.random() * stage.height,
                size,
                size,
                "#ffffff",
                stars.uniform(0.4, 1.0),
            )
        )
    if stage.reflected:
        return
    _planet(
        stage,
        stage.width * chance.choice((0.12, 0.88)),
        stage.height * chance.uniform(0.12, 0.25),
        stage.unit * 0.075,
        hue + 150,
    )
    x, radius = stage.width * chance.choice((0.2, 0.8)), stage.unit * 0.42
    _planet(stage, x, stage.height + radius * 0.55, radius, hue + 200)


def _planet(stage: Stage, x: float, y: float, radius: float, hue: float) -> None:
    light, dark = (
        stage.light.plain(colours.hexed(colours.from_hls(hue, lightness, 0.5))) for lightness in (0.68, 0.22)
    )
    halo = stage.defs.radial([(0.8, light, 0.35), (1, light, 0.0)])
    stage.alone.append(svg.ellipse(x, y, radius * 1.12, radius * 1.12, halo))
    stage.alone.append(
        svg.ellipse(
            x,
            y,
            radius,
            radius,
            stage.defs.radial([(0, light), (0.55, stage.between(light, dark, 0.4)), (1, dark)], 0.32, 0.26, 0.85),
        )
    )
    for dx, dy, size in ((-0.3, -0.42, 0.12), (0.15, -0.62, 0.08), (0.35, -0.3, 0.15), (-0.05, -0.2, 0.07)):
        stage.alone.append(
            svg.ellipse(x + dx * radius, y + dy * radius, size * radius, size * radius * 0.7, dark, 0.25)
        )


def _abstract(stage: Stage) -> None:
    """Bands that flow across soft discs: for words that name a feeling and nothing to be seen."""
    chance = stage.rng("abstract")
    look = stage.light.look
    hue = look.hue if look.hue is not None else chance.random() * 360
    strength = 0.66 if look.vibrance >= 0 else 0.85  # the look itself takes away again
    shifts = chance.choice(((0, 22, 40, 165), (0, -26, 18, 150), (0, 30, -18, 190)))

    def tone(at: int, lightness: float) -> str:
        fill = colours.hexed(colours.from_hls(hue + shifts[at % 4], lightness, strength * (0.8 if at % 4 == 3 else 1)))
        return stage.shade("background" if "background" in stage.paints else "sky", fill)

    night = stage.light.time == "night"
    lights = (0.16, 0.26, 0.36, 0.5) if night else (0.9, 0.78, 0.64, 0.5)
    stage.back.append(
        svg.rect(
            0, 0, stage.width, stage.height, stage.defs.vertical([(0, tone(0, lights[0])), (1, tone(1, lights[1]))])
        )
    )
    x, y = stage.width * chance.choice((0.36, 0.64)), stage.height * chance.uniform(0.33, 0.42)
    radius = stage.unit * 0.2
    for size, opacity in ((1.9, 0.16), (1.45, 0.22), (1.0, 1.0)):
        disc = tone(3, 0.62) if size == 1.0 else tone(3, 0.75)
        fill = (
            stage.defs.radial([(0, stage.between(disc, "#ffffff", 0.5)), (1, disc)], 0.38, 0.34, 0.75)
            if size == 1.0
            else disc
        )
        stage.back.append(svg.ellipse(x, y, radius * size, radius * size, fill, opacity))
    for at in range(6):
        share = at / 5
        level = stage.height * (0.50 + 0.44 * share)
        swing, phase = stage.unit * chance.uniform(0.05, 0.11), chance.random() * math.tau
        points = [(stage.width * step / 8, level + swing * math.sin(step * 0.72 + phase)) for step in range(-1, 10)]
        top = tone(at % 3, lights[1] + (lights[3] - lights[1]) * share)
        low = tone((at + 1) % 3, lights[2] + (lights[3] - lights[2]) * share * 0.9)
        data = svg.data(
            svg.smooth(points), "L", (stage.width * 1.2, stage.height), "L", (-stage.width * 0.2, stage.height), "Z"
        )
        stage.back.append(
            svg.shape(data, stage.defs.vertical([(0, top), (1, low)], level - swing, level + stage.unit * 0.25), 0.86)
        )
        stage.back.append(svg.line(svg.smooth(points), stage.between(top, "#ffffff", 0.5), stage.unit * 0.002, 0.7))
    for _ in range(9):
        size = stage.unit * chance.uniform(0.006, 0.024)
        stage.back.append(
            svg.ellipse(
                chance.random() * stage.width, stage.height * chance.uniform(0.08, 0.9), size, size, tone(3, 0.7), 0.55
            )
        )
