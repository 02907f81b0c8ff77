"""Rain, snow and fog: thin layers over the whole picture."""

from __future__ import annotations

from chatelier.providers.illustrator import svg
from chatelier.providers.illustrator.stage import Stage


def paint_weather(stage: Stage) -> None:
    """In front of the things. Clouds and grey light are the sky's own work."""
    if "storm" in stage.weather:
        _lightning(stage)
    if "rain" in stage.weather or "storm" in stage.weather:
        _rain(stage)
    if "snow" in stage.weather:
        _snow(stage)
    if "fog" in stage.weather:
        _fog(stage)


def _rain(stage: Stage) -> None:
    chance = stage.rng("rain")
    area = stage.width * stage.height / 1e6
    for layer, (many, length, width, opacity) in enumerate(((170, 0.022, 0.0011, 0.30), (90, 0.040, 0.0018, 0.42))):
        parts = []
        for _ in range(stage.many("rain", int(many * area))):
            x, y = chance.uniform(-0.05, 1.0) * stage.width, chance.uniform(-0.05, 1.0) * stage.height
            size = stage.unit * length * chance.uniform(0.7, 1.3)
            parts.append(svg.data("M", (x, y), "l", (-size * 0.22, size)))
        stage.front.append(svg.line("".join(parts), "#e3eefc", stage.unit * width, opacity + 0.05 * layer))
    if stage.place in ("underwater", "space"):
        return
    for _ in range(int(26 * area)):
        x, share = chance.random() * stage.width, chance.random()
        y = stage.horizon + (stage.height - stage.horizon) * (0.25 + 0.75 * share)
        size = stage.unit * (0.004 + 0.010 * share)
        ring = svg.data(
            "M",
            (x - size, y),
            "a",
            size,
            size * 0.3,
            "0 1 0",
            2 * size,
            "0a",
            size,
            size * 0.3,
            "0 1 0",
            -2 * size,
            "0Z",
        )
        stage.front.append(svg.line(ring, "#eef5ff", stage.unit * 0.0013, 0.5))


def _snow(stage: Stage) -> None:
    chance = stage.rng("snowflakes")
    area = stage.width * stage.height / 1e6
    for many, low, high, opacity in ((150, 0.0012, 0.0022, 0.75), (70, 0.0025, 0.0045, 0.88), (22, 0.006, 0.010, 0.55)):
        for _ in range(stage.many("snow", int(many * area))):
            size = stage.unit * chance.uniform(low, high)
            stage.front.append(
                svg.ellipse(
                    chance.random() * stage.width, chance.random() * stage.height, size, size, "#ffffff", opacity
                )
            )


def _fog(stage: Stage) -> None:
    chance = stage.rng("fog")
    tone = {"day": "#eef2f4", "sunset": "#f3d9c9", "night": "#5c6c8c"}[stage.light.time]
    for at in range(5):
        y = stage.horizon + (stage.height - stage.horizon) * (at / 6 - 0.12)
        tall = stage.unit * chance.uniform(0.10, 0.17)
        band = stage.defs.vertical([(0, tone, 0.0), (0.5, tone, 0.62 - 0.07 * at), (1, tone, 0.0)])
        stage.front.append(svg.rect(-10, y - tall / 2, stage.width + 20, tall, band))
        x, wide = chance.random() * stage.width, stage.unit * chance.uniform(0.3, 0.5)
        puff = stage.defs.radial([(0, tone, 0.7), (1, tone, 0.0)])
        stage.front.append(svg.ellipse(x, y, wide, tall * 0.5, puff))


def _lightning(stage: Stage) -> None:
    chance = stage.rng("lightning")
    x, y = stage.width * chance.uniform(0.25, 0.75), 0.0
    points = [(x, y)]
    while y < stage.horizon * 0.92:
        y += stage.horizon * chance.uniform(0.08, 0.16)
        x += stage.unit * chance.uniform(-0.05, 0.05)
        points.append((x, y))
    glow = stage.defs.radial([(0, "#e6ecff", 0.55), (1, "#e6ecff", 0.0)])
    stage.back.append(
        svg.ellipse(points[len(points) // 2][0], stage.horizon * 0.4, stage.unit * 0.3, stage.horizon * 0.7, glow)
    )
    data = svg.path(points, closed=False)
    stage.back.append(svg.line(data, "#cfdcff", stage.unit * 0.009, 0.5))
    stage.back.append(svg.line(data, "#ffffff", stage.unit * 0.0038))
