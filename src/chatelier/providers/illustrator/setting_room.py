"""A room with a floor to stand on: wall, window, picture, rug."""

from __future__ import annotations

from chatelier.providers.illustrator import svg
from chatelier.providers.illustrator.stage import Stage

WALLS = (
    ("#f3e3cf", "#e8cfae", "#b98352"),
    ("#d7e6ea", "#bcd3da", "#a9774e"),
    ("#e6e0f0", "#cfc5e0", "#9d6f50"),
    ("#dfeadb", "#c3d6bd", "#b07f55"),
    ("#f6dcd4", "#e8bfb2", "#a5704a"),
)
RUGS = (("#b5483f", "#e8b36a"), ("#3f6f8f", "#d9e3e6"), ("#5f7f55", "#efe2b8"), ("#7d568f", "#e6cfe6"))


def paint(stage: Stage) -> None:
    chance = stage.rng("room walls")
    wall, trim, wood = chance.choice(WALLS)
    dim = {"day": 0.0, "sunset": 0.16, "night": 0.55}[stage.light.time]
    tint = "#e8935a" if stage.light.time == "sunset" else "#1f2748"
    wall, trim, wood = (stage.between(colour, tint, dim) for colour in (wall, trim, wood))
    part = "background" if "background" in stage.paints else "sky"
    edge = stage.horizon
    lit = stage.shade(part, stage.between(wall, "#ffffff", 0.3 if dim < 0.5 else 0.05))
    fill = stage.defs.radial([(0, lit), (1, stage.shade(part, wall))], 0.5, 0.4, 0.8)
    stage.back.append(svg.rect(0, 0, stage.width, edge + 2, fill))
    _paper(stage, edge, stage.shade(part, stage.between(wall, trim, 0.5)))
    if not stage.reflected:
        _window(stage, edge)
        _picture(stage, edge, wood)
    panel = stage.unit * 0.035
    stage.back.append(
        svg.rect(0, edge - panel, stage.width, panel, stage.shade(part, stage.between(trim, "#ffffff", 0.5)))
    )
    stage.back.append(svg.rect(0, edge - panel, stage.width, panel * 0.12, stage.shade(part, trim)))
    _floor(stage, edge, wood)
    if not stage.reflected:
        _rug(stage, edge, dim, tint)


def _paper(stage: Stage, edge: float, colour: str) -> None:
    step = stage.unit * 0.07
    lines = "".join(f"M{svg.num(step * at)} 0V{svg.num(edge)}" for at in range(int(stage.width / step) + 2))
    stage.back.append(svg.line(lines, colour, step * 0.32, 0.22))


def _window(stage: Stage, edge: float) -> None:
    chance = stage.rng("window")
    wide, tall = min(stage.unit * 0.24, stage.width * 0.3), min(edge * 0.5, stage.unit * 0.32)
    x, y = stage.width * chance.choice((0.10, 0.66)), edge * 0.16
    white = "#fbf7ef" if stage.light.time != "night" else "#8a90a8"
    sky = [(at / 3, colour) for at, colour in enumerate(stage.light.sky[-4:])]
    stage.back.append(svg.rect(x - wide * 0.07, y - wide * 0.07, wide * 1.14, tall + wide * 0.14, white))
    stage.back.append(svg.rect(x, y, wide, tall, stage.defs.vertical([(offset, colour) for offset, colour in sky])))
    hill = svg.data(
        "M",
        (x, y + tall),
        "V",
        y + tall * 0.78,
        "Q",
        (x + wide * 0.3, y + tall * 0.6),
        (x + wide * 0.6, y + tall * 0.8),
        "T",
        (x + wide, y + tall * 0.74),
        "V",
        y + tall,
        "Z",
    )
    green = {"day": "#8cb878", "sunset": "#8a7a55", "night": "#22344f"}[stage.light.time]
    stage.back.append(svg.shape(hill, green))
    bar = wide * 0.045
    stage.back.append(svg.rect(x + wide / 2 - bar / 2, y, bar, tall, white))
    stage.back.append(svg.rect(x, y + tall * 0.45, wide, bar, white))
    stage.back.append(svg.rect(x - wide * 0.13, y + tall + wide * 0.06, wide * 1.26, wide * 0.07, white))


def _picture(stage: Stage, edge: float, wood: str) -> None:
    chance = stage.rng("picture")
    left = stage.rng("window").choice((0.10, 0.66)) > 0.5
    x, y = stage.width * (0.16 if left else 0.72), edge * 0.24
    size = min(stage.unit * 0.13, stage.width * 0.2)
    frame = stage.between(wood, "#3a2718", 0.3)
    colour = chance.choice(("#e39b7b", "#7fa8b8", "#9db58a", "#d9b45f"))
    stage.back.append(svg.rect(x, y, size, size * 1.2, frame))
    stage.back.append(svg.rect(x + size * 0.08, y + size * 0.08, size * 0.84, size * 1.04, "#f4efe6", 0.9))
    stage.back.append(svg.ellipse(x + size * 0.5, y + size * 0.45, size * 0.2, size * 0.2, colour))
    hill = svg.data(
        "M",
        (x + size * 0.08, y + size * 1.12),
        "V",
        y + size * 0.85,
        "Q",
        (x + size * 0.4, y + size * 0.55),
        (x + size * 0.92, y + size * 0.9),
        "V",
        y + size * 1.12,
        "Z",
    )
    stage.back.append(svg.shape(hill, stage.between(colour, "#4a3a4a", 0.35)))


def _floor(stage: Stage, edge: float, wood: str) -> None:
    top, low = stage.shade("ground", stage.between(wood, "#fff0d8", 0.22)), stage.shade("ground", wood)
    stage.back.append(
        svg.rect(0, edge, stage.width, stage.height - edge + 4, stage.defs.vertical([(0, top), (1, low)]))
    )
    dark = stage.shade("ground", stage.between(wood, "#2a1710", 0.35))
    middle, lines = stage.width / 2, []
    for at in range(-12, 13):
        x = middle + at * stage.unit * 0.10
        lines.append(
            svg.data("M", (middle + (x - middle) * 0.8, edge), "L", (middle + (x - middle) * 1.7, stage.height))
        )
    stage.back.append(svg.line("".join(lines), dark, stage.unit * 0.0016, 0.4))


def _rug(stage: Stage, edge: float, dim: float, tint: str) -> None:
    first, second = (
        stage.shade("ground", stage.between(colour, tint, dim * 0.8)) for colour in stage.rng("rug").choice(RUGS)
    )
    x, y = stage.width / 2, edge + (stage.height - edge) * 0.58
    wide, tall = min(stage.width * 0.44, stage.unit * 0.62), (stage.height - edge) * 0.30
    for size, colour in ((1.0, first), (0.9, second), (0.84, first), (0.45, second), (0.4, first)):
        stage.back.append(svg.ellipse(x, y, wide * size, tall * size, colour, 0.92))
