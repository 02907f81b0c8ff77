"""Trees, bushes, grass and flowers that belong to a backdrop."""

from __future__ import annotations

import random

from chatelier.providers.illustrator import svg
from chatelier.providers.illustrator.stage import Stage

BLOSSOM = ("#f4b3cb", "#ee9dbd", "#f9c7d9")
FOLIAGE = {
    "": ("#4f9a4a", "#3d8547", "#68ad4e"),
    "spring": ("#7cb85a", "#f0a9c4", "#94c663"),
    "autumn": ("#d9822b", "#c4532d", "#e3ad3a"),
    "winter": ("#5d7f76", "#4d7069", "#6d8c80"),
}


def pine(stage: Stage, x: float, base: float, height: float, depth: float) -> None:
    """A fir of three skirts, lit from one side, with snow on it in winter."""
    colour = "#2f6b4f" if not stage.snowy else "#3f6f66"
    dark, lit = (
        stage.shade("forest", colour, depth),
        stage.shade("forest", stage.between(colour, "#a8d08a", 0.28), depth),
    )
    half = height * 0.26
    stage.back.append(
        svg.rect(
            x - height * 0.025,
            base - height * 0.12,
            height * 0.05,
            height * 0.13,
            stage.shade("wood", "#6a4a33", depth),
        )
    )
    left, right = [], []
    for low, high, wide in ((0.10, 0.55, 1.0), (0.34, 0.78, 0.78), (0.58, 1.0, 0.54)):
        top, bottom = base - height * high, base - height * low
        left.append(svg.path([(x, top), (x - half * wide, bottom), (x, bottom + height * 0.03)]))
        right.append(svg.path([(x, top), (x, bottom + height * 0.03), (x + half * wide, bottom)]))
    stage.back.append(svg.shape("".join(left), lit))
    stage.back.append(svg.shape("".join(right), dark))
    if stage.snowy:
        snow = stage.shade("snow", "#f4f8fd", depth * 0.7)
        caps = "".join(
            svg.path([(x, base - height * high), (x - half * wide * 0.42, base - height * (high - 0.16)),
                      (x, base - height * (high - 0.12)), (x + half * wide * 0.42, base - height * (high - 0.16))])
            for high, wide in ((0.55, 1.0), (0.78, 0.78), (1.0, 0.54))
        )  # fmt: skip
        stage.back.append(svg.shape(caps, snow))


def round_tree(stage: Stage, chance: random.Random, x: float, base: float, height: float, depth: float) -> None:
    """A broad tree of a few round crowns."""
    season = "winter" if stage.snowy else stage.season
    colour = chance.choice(BLOSSOM if "blossom" in stage.features else FOLIAGE.get(season, FOLIAGE[""]))
    trunk = stage.shade("wood", "#76523a", depth)
    stage.back.append(
        svg.shape(svg.path([(x - height * 0.045, base), (x - height * 0.025, base - height * 0.5),
                            (x + height * 0.025, base - height * 0.5), (x + height * 0.045, base)]), trunk)
    )  # fmt: skip
    low, high = (
        stage.shade("forest", stage.between(colour, "#14342e", 0.26), depth),
        stage.shade("forest", colour, depth),
    )
    lit = stage.shade("forest", stage.between(colour, "#fff3b0", 0.26), depth)
    for dx, dy, size, fill in (
        (-0.2, 0.5, 0.22, low),
        (0.2, 0.5, 0.22, low),
        (0.0, 0.62, 0.29, low),
        (-0.16, 0.62, 0.2, high),
        (0.13, 0.68, 0.22, high),
        (-0.04, 0.78, 0.19, high),
        (-0.1, 0.76, 0.11, lit),
        (0.09, 0.79, 0.08, lit),
    ):
        stage.back.append(svg.ellipse(x + dx * height, base - dy * height, size * height, size * height * 0.94, fill))
    if season == "winter":
        snow = stage.shade("snow", "#f4f8fd", depth * 0.7)
        stage.back.append(svg.ellipse(x - height * 0.02, base - height * 0.92, height * 0.15, height * 0.06, snow))


def palm(stage: Stage, chance: random.Random, x: float, base: float, height: float, depth: float, lean: float) -> None:
    """A palm that leans by ``lean`` of its height."""
    top = (x + lean * height, base - height)
    trunk = stage.shade("wood", "#8d6a45", depth)
    wide = height * 0.045
    bend = x + lean * height * 0.25
    data = svg.data(
        "M",
        (x - wide, base),
        "Q",
        (bend - wide, base - height * 0.6),
        (top[0] - wide * 0.45, top[1]),
        "H",
        top[0] + wide * 0.45,
        "Q",
        (bend + wide, base - height * 0.6),
        (x + wide, base),
        "Z",
    )
    stage.back.append(svg.shape(data, trunk))
    for at, (dx, dy) in enumerate(
        ((-0.5, -0.02), (-0.42, 0.22), (-0.3, -0.2), (0.5, 0.0), (0.4, 0.25), (0.3, -0.2), (0.02, -0.28))
    ):
        tip = (top[0] + dx * height, top[1] + (dy + chance.uniform(-0.04, 0.04)) * height)
        arch = (top[0] + dx * height * 0.5, top[1] + (dy - 0.22) * height)
        back = (top[0] + dx * height * 0.5, top[1] + (dy - 0.06) * height)
        green = stage.shade("forest", ("#3f8f4c", "#56a64f", "#2f7a48")[at % 3], depth)
        leaf = svg.data(
            "M",
            (top[0], top[1]),
            "Q",
            (arch[0], arch[1]),
            (tip[0], tip[1]),
            "Q",
            (back[0], back[1]),
            (top[0], top[1]),
            "Z",
        )
        stage.back.append(svg.shape(leaf, green))


def bush(stage: Stage, into: list[str], x: float, base: float, width: float, depth: float = 0.0) -> None:
    """A low bush of three mounds; ``into`` is the layer to draw on."""
    colour = FOLIAGE.get("winter" if stage.snowy else stage.season, FOLIAGE[""])[0]
    dark, lit = (
        stage.shade("forest", stage.between(colour, "#14342e", 0.3), depth),
        stage.shade("forest", colour, depth),
    )
    for dx, size, fill in ((-0.28, 0.24, dark), (0.28, 0.26, dark), (0.0, 0.34, lit), (0.32, 0.15, lit)):
        data = f"M{svg.num(x + (dx - size) * width)} {svg.num(base)}"
        radius = f"{svg.num(size * width)} {svg.num(size * width)}"
        data += f"A{radius} 0 0 1 {svg.num(x + (dx + size) * width)} {svg.num(base)}Z"
        into.append(svg.shape(data, fill))


def tufts(stage: Stage, into: list[str], top: float, bottom: float, colour: str, many: int, name: str) -> None:
    """Blades of grass between two heights, larger the nearer they are."""
    chance = stage.rng(name)
    groups: dict[str, list[str]] = {}
    light, dark = stage.between(colour, "#f4ffb8", 0.30), stage.between(colour, "#0c3a26", 0.28)
    for _ in range(many):
        share = chance.random() ** 0.8
        y, x = top + (bottom - top) * share, chance.random() * stage.width
        size = stage.unit * (0.006 + 0.020 * share)
        fill = stage.shade("ground", light if chance.random() < 0.55 else dark, 0.25 * (1 - share))
        blades = "".join(
            svg.data(
                "M",
                (x + dx * size, y),
                "Q",
                (x + dx * size * 1.1, y - size * 0.7),
                (x + dx * size * 2.2, y - size * tall),
                "Q",
                (x + (dx + 0.2) * size * 1.3, y - size * 0.5),
                (x + (dx + 0.26) * size, y),
                "Z",
            )
            for dx, tall in ((-0.5, 0.9), (-0.1, 1.4), (0.35, 1.0))
        )
        groups.setdefault(fill, []).append(blades)
    into.extend(svg.shape("".join(parts), fill) for fill, parts in groups.items())


def flowers(stage: Stage, into: list[str], top: float, bottom: float, many: int, name: str) -> None:
    """Small flowers in a few colours that go together."""
    chance = stage.rng(name)
    palette = chance.choice(
        (("#ffffff", "#ffe27a", "#f7a6c1"), ("#f2637e", "#ffd166", "#fff3f0"), ("#b58cf0", "#ffffff", "#f9c74f"))
    )
    groups: dict[str, list[str]] = {}
    hearts: list[str] = []
    for _ in range(many):
        share = chance.random() ** 0.75
        y, x = top + (bottom - top) * share, chance.random() * stage.width
        size = stage.unit * (0.0022 + 0.0058 * share)
        fill = stage.shade("flowers", chance.choice(palette), 0.2 * (1 - share))
        groups.setdefault(fill, []).append(
            "".join(_dot(x + dx * size, y + dy * size, size * 0.62) for dx, dy in PETALS)
        )
        hearts.append(_dot(x, y, size * 0.5))
    into.extend(svg.shape("".join(parts), fill) for fill, parts in groups.items())
    into.append(svg.shape("".join(hearts), stage.shade("flowers", "#f4b73f")))


PETALS = ((0.0, -0.9), (0.86, -0.28), (0.53, 0.73), (-0.53, 0.73), (-0.86, -0.28))


def _dot(x: float, y: float, radius: float) -> str:
    r = svg.num(max(0.2, radius))
    return svg.data("M", (x - radius, y), "a", r, r, "0 1 1", 2 * radius, "0a", r, r, "0 1 1", -2 * radius, "0Z")
