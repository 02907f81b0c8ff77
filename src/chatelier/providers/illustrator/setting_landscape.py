"""The landscape: far ranges, hills, woods, a plain to stand on; meadow, garden, forest, desert, snow, lake …"""

from __future__ import annotations

from chatelier.providers.illustrator import plants, ridges, svg
from chatelier.providers.illustrator.sky import paint_sky
from chatelier.providers.illustrator.stage import Stage

# Far hills, near plain at its top and at its bottom.
GROUND = {
    "meadow": ("#7fae6a", "#93c463", "#4f8f43"),
    "mountains": ("#7c9f74", "#8cba66", "#4a8347"),
    "garden": ("#86b86a", "#9ccc66", "#57994a"),
    "forest": ("#5f8f61", "#7ba65a", "#3d7043"),
    "jungle": ("#4c8a57", "#6aa552", "#2f6b3f"),
    "desert": ("#d9a86c", "#f0cd8c", "#cf9450"),
    "savanna": ("#b7a45e", "#dbc06e", "#a98a3f"),
    "snow": ("#c3d3e6", "#f4f8fd", "#cddcee"),
    "lake": ("#7ba372", "#8fc069", "#4b8648"),
}
SEASONS = {
    "autumn": ("#b29a5c", "#cdb25e", "#98833f"),
    "winter": GROUND["snow"],
    "spring": ("#93bd72", "#aad472", "#62a350"),
}


def paint(stage: Stage) -> None:
    place = stage.place if stage.place in GROUND else "meadow"
    far, top, low = GROUND["snow"] if stage.snowy else GROUND[place]
    if place in ("meadow", "garden", "mountains", "lake", "forest") and stage.season in SEASONS:
        far, top, low = SEASONS[stage.season]
    paint_sky(stage)
    mirrored = len(stage.back)
    _far_land(stage, place, far)
    far_land = stage.back[mirrored:]
    _hills(stage, place, far, top)
    _woods(stage, place)
    if has_lake(stage):
        _lake(stage, far, top, far_land)
    _plain(stage, place, top, low)
    _foreground(stage, place, top, low)


def has_lake(stage: Stage) -> bool:
    """Asked for, or to fill the foreground of mountains where nothing stands."""
    bare_mountains = stage.empty and stage.place == "mountains" and not stage.snowy
    return "lake" in stage.features or stage.place == "lake" or bare_mountains


def _far_land(stage: Stage, place: str, far: str) -> None:
    """What closes the view: mountains where asked or fitting, else one soft ridge."""
    base, unit = stage.horizon + stage.unit * 0.02, stage.unit
    room = min(stage.horizon * 0.78, unit * 0.42)
    if place == "mountains" or "mountains" in stage.features:
        ridges.mountains(stage, "range far", base, room * 0.72, 0.62, snow=True, colour="#7d8fb3")
        ridges.mountains(stage, "range near", base, room, 0.22, snow=True, colour="#64769c")
    elif place in ("snow", "lake"):
        ridges.mountains(stage, "range far", base, room * 0.6, 0.55, snow=True, colour="#7389ad")
    elif place == "desert":
        _mesas(stage, base)
    else:
        for at, (rise, depth) in enumerate(((0.10, 0.78), (0.06, 0.6))):
            line = ridges.hill_line(stage.rng(f"ridge{at}"), stage.width, base - unit * rise, unit * 0.055, 2.2)
            tone = stage.between(far, "#6d88a8", 0.5)
            stage.back.append(
                svg.shape(ridges.land(line, base + unit * 0.08), stage.fade("mountains", tone, tone, depth))
            )


def _mesas(stage: Stage, base: float) -> None:
    chance = stage.rng("mesas")
    for at in range(4):
        x, wide = (
            stage.width * (0.05 + 0.28 * at + chance.uniform(-0.06, 0.06)),
            stage.unit * chance.uniform(0.12, 0.24),
        )
        tall = stage.unit * chance.uniform(0.06, 0.16)
        depth = 0.35 + 0.1 * (at % 3)
        flat = [(x - wide * 0.62, base), (x - wide * 0.46, base - tall * 0.55), (x - wide * 0.4, base - tall)]
        flat += [(x + wide * 0.36, base - tall), (x + wide * 0.44, base - tall * 0.5), (x + wide * 0.62, base)]
        stage.back.append(svg.shape(svg.path(flat), stage.fade("mountains", "#c9764a", "#e0a56c", depth)))
        shade = [(x + wide * 0.12, base - tall), (x + wide * 0.36, base - tall), (x + wide * 0.44, base - tall * 0.5),
                 (x + wide * 0.62, base), (x + wide * 0.2, base)]  # fmt: skip
        stage.back.append(svg.shape(svg.path(shade), stage.shade("mountains", "#9c5236", depth), 0.55))


def _hills(stage: Stage, place: str, far: str, near: str) -> None:
    """Two or three hills that overlap between the far land and the plain."""
    many = 2 if place in ("snow", "desert", "savanna") else 3
    for at in range(many):
        share = (at + 1) / (many + 1)
        level = stage.horizon + stage.unit * (-0.025 + 0.045 * share)
        line = ridges.hill_line(stage.rng(f"hill{at}"), stage.width, level, stage.unit * 0.045 * (1.2 - share * 0.6))
        colour = stage.between(far, near, share)
        depth = 0.52 * (1 - share)
        crest = stage.between(colour, "#fff6c4", 0.14)
        fill = stage.defs.vertical(
            [(0, stage.shade("ground", crest, depth)), (1, stage.shade("ground", colour, depth))],
            level - stage.unit * 0.05,
            level + stage.unit * 0.12,
        )
        stage.back.append(svg.shape(ridges.land(line, stage.horizon + stage.unit * 0.16), fill))


def _woods(stage: Stage, place: str) -> None:
    """Rows of trees along the foot of the hills; a wall of them in a forest."""
    chance = stage.rng("woods")
    dense = place in ("forest", "jungle") or "forest" in stage.features
    if place == "desert" or (place == "savanna" and not dense):
        _scattered_plants(stage, place)
        return
    rows = ((0.55, 0.045, 0.17), (0.3, 0.065, 0.25), (0.1, 0.085, 0.36)) if dense else ((0.42, 0.03, 0.055),)
    for depth, step, tall in rows:
        x = -stage.unit * step * chance.random()
        while x < stage.width + stage.unit * step:
            gap = chance.random() if not dense else 0
            middle = abs(x / stage.width - 0.5) < 0.26
            mark = len(stage.back)
            if gap < 0.45 and not (dense and depth < 0.2 and middle):
                height = stage.unit * tall * chance.uniform(0.7, 1.15)
                base = stage.horizon + stage.unit * (0.055 - 0.06 * depth) + stage.unit * chance.uniform(-0.006, 0.006)
                if place in ("snow", "mountains") or (place == "forest" and chance.random() < 0.6):
                    plants.pine(stage, x, base, height, depth)
                elif place == "jungle" and chance.random() < 0.35:
                    plants.palm(stage, chance, x, base, height * 1.1, depth, chance.uniform(-0.2, 0.2))
                else:
                    plants.round_tree(stage, chance, x, base, height * 0.92, depth)
            if not stage.spared("trees", f"{depth} {x:.0f}"):
                del stage.back[mark:]
            x += stage.unit * step * chance.uniform(0.7, 1.3)


def _scattered_plants(stage: Stage, place: str) -> None:
    chance = stage.rng("scattered")
    for at in range(stage.many("trees", 6)):
        x = stage.width * ((at * 0.618 + 0.1 * chance.random()) % 1)
        base = stage.horizon + stage.unit * chance.uniform(0.03, 0.06)
        if place == "savanna":
            _acacia(stage, x, base, stage.unit * chance.uniform(0.08, 0.15), 0.25)
        else:
            _saguaro(stage, x, base, stage.unit * chance.uniform(0.04, 0.08), 0.3)


def _acacia(stage: Stage, x: float, base: float, tall: float, depth: float) -> None:
    wood, leaf = stage.shade("wood", "#5f4630", depth), stage.shade("forest", "#6f8b3f", depth)
    trunk = svg.data("M", (x, base), "Q", (x + tall * 0.05, base - tall * 0.4), (x - tall * 0.25, base - tall * 0.85))
    stage.back.append(svg.line(trunk, wood, tall * 0.07))
    fork = svg.data("M", (x + tall * 0.01, base - tall * 0.35), "L", (x + tall * 0.3, base - tall * 0.85))
    stage.back.append(svg.line(fork, wood, tall * 0.055))
    stage.back.append(svg.ellipse(x, base - tall * 0.92, tall * 0.62, tall * 0.14, leaf))
    light = stage.shade("forest", "#8fa655", depth)
    stage.back.append(svg.ellipse(x - tall * 0.08, base - tall * 0.98, tall * 0.45, tall * 0.08, light))


def _saguaro(stage: Stage, x: float, base: float, tall: float, depth: float) -> None:
    green, wide = stage.shade("forest", "#5b8a4e", depth), tall * 0.17
    stage.back.append(svg.line(svg.data("M", (x, base), "V", base - tall), green, wide))
    for side, low, high in ((-1, 0.4, 0.75), (1, 0.5, 0.85)):
        arm = svg.data("M", (x, base - tall * low), "h", side * tall * 0.24, "v", -tall * (high - low))
        stage.back.append(svg.line(arm, green, wide * 0.8))


def lake_shore(stage: Stage) -> float:
    """The y of the near shore: far off, or in front where something floats."""
    return stage.horizon + (
        (stage.height - stage.horizon) * (0.84 if stage.afloat else 0.72)
        if stage.afloat or stage.empty
        else stage.unit * 0.17
    )


def lake_colours(stage: Stage) -> tuple[str, str]:
    """At the far shore and at the near one."""
    if "water" in stage.paints:
        return stage.shade("water", "#8cc4de"), stage.shade("water", "#3f86b5")
    sky = stage.light.sky
    return stage.between(sky[-1], "#5fa3c9", 0.4), stage.between(sky[1], "#2f7fb0", 0.4)


def lake_at(stage: Stage, y: float) -> str:
    """The water's colour at a height."""
    top = stage.horizon + stage.unit * 0.058
    share = (y - top) / max(1.0, lake_shore(stage) - top)
    return stage.between(*lake_colours(stage), max(0.0, min(1.0, share)))


def _lake(stage: Stage, far: str, near: str, beyond: list[str]) -> None:
    """Still water before the hills, with the sky and what is ``beyond`` in it."""
    top, bottom = stage.horizon + stage.unit * 0.05, lake_shore(stage)
    bank = ridges.hill_line(stage.rng("bank"), stage.width, top, stage.unit * 0.008, 3)
    stage.back.append(svg.shape(ridges.land(bank, bottom), stage.shade("ground", stage.between(far, near, 0.5), 0.25)))
    top += stage.unit * 0.008
    pale, deep = lake_colours(stage)
    fill = stage.defs.vertical([(0, pale), (1, deep)], top, bottom)
    shore = ridges.hill_line(stage.rng("shore"), stage.width, bottom, stage.unit * 0.018, 2)
    data = (
        f"M{svg.num(shore[0][0])} {svg.num(top)}L" + svg.smooth(shore)[1:] + f"L{svg.num(shore[-1][0])} {svg.num(top)}Z"
    )
    stage.back.append(svg.shape(data, fill))
    if stage.empty and stage.place in ("mountains", "lake"):
        _mirror(stage, top, data, beyond)
    chance = stage.rng("ripples")
    for _ in range(60 if stage.afloat else 26):
        share = chance.random()
        x, y = chance.random() * stage.width, top + (bottom - top) * share
        size = stage.unit * chance.uniform(0.012, 0.05) * (0.7 + share)
        stage.back.append(svg.ellipse(x, y, size, stage.unit * 0.0016, "#ffffff", 0.3))


def _mirror(stage: Stage, level: float, water: str, beyond: list[str]) -> None:
    """The far land and the sun upside down in the water, faint and squeezed."""
    stage.defs.parts.append(f'<clipPath id="lake"><path d="{water}"/></clipPath>')
    turned = f"translate(0 {svg.num(level * 1.62)}) scale(1 -0.62)"
    stage.back.append(f'<g clip-path="url(#lake)" opacity="0.42"><g transform="{turned}">{"".join(beyond)}</g></g>')
    if stage.light.grey > 0.5 or stage.reflected:
        return
    chance = stage.rng("lake glitter")
    x, colour = stage.sun[0], "#fff3cf" if stage.light.time != "night" else "#e8f0ff"
    for at in range(26):
        share = (at + 0.5) / 26
        y = level + (lake_shore(stage) - level) * share * 0.92
        wide = stage.unit * (0.012 + 0.03 * share) * chance.uniform(0.5, 1.2)
        drift = chance.uniform(-1, 1) * stage.unit * (0.012 + 0.035 * share)
        stage.back.append(svg.ellipse(x + drift, y, wide, stage.unit * 0.0022, colour, 0.6 * (1 - 0.6 * share)))


def _plain(stage: Stage, place: str, top: str, low: str) -> None:
    """The ground that things stand on."""
    lake = has_lake(stage)
    start = lake_shore(stage) - stage.unit * 0.02 if lake else stage.horizon + stage.unit * 0.05
    line = ridges.hill_line(stage.rng("plain"), stage.width, start, stage.unit * 0.014, 1.4)
    fill = stage.defs.vertical(
        [(0, stage.shade("ground", top, 0.06)), (0.35, stage.shade("ground", stage.between(top, low, 0.35))),
         (1, stage.shade("ground", low))], start, stage.height,
    )  # fmt: skip
    stage.back.append(svg.shape(ridges.land(line, stage.height), fill))
    if place in ("garden", "meadow", "forest") and not stage.snowy and stage.shown("path"):
        _path(stage, start)
    if place in ("desert", "snow") or stage.snowy:
        _drifts(stage, place, start, top, low)


def _path(stage: Stage, start: float) -> None:
    """A path that winds from the front to the hills."""
    chance = stage.rng("path")
    if chance.random() < 0.45 and stage.place != "garden":
        return
    foot, head = stage.width * chance.uniform(0.3, 0.7), stage.width * chance.uniform(0.35, 0.65)
    bend, reach = stage.unit * chance.choice((-0.16, 0.16)), stage.height - start
    wide, thin = stage.unit * 0.10, stage.unit * 0.008
    y1, y2 = start + reach * 0.55, start + reach * 0.2
    data = svg.data(
        "M",
        (foot - wide, stage.height),
        "C",
        (foot - wide + bend, y1),
        (head - thin - bend, y2),
        (head - thin, start),
        "L",
        (head + thin, start),
        "C",
        (head + thin * 3 - bend, y2),
        (foot + wide * 0.6 + bend, y1),
        (foot + wide, stage.height),
        "Z",
    )
    stage.back.append(svg.shape(data, stage.fade("road", "#e0cfa0", "#c9ab78"), 0.85))


def _drifts(stage: Stage, place: str, start: float, top: str, low: str) -> None:
    chance = stage.rng("drifts")
    for at in range(4):
        share = (at + 0.6) / 4.4
        level = start + (stage.height - start) * share
        line = ridges.hill_line(chance, stage.width, level, stage.unit * 0.022 * (0.5 + share), 1.8)
        colour = stage.between(top, low, 0.2 + 0.7 * share)
        dip = stage.between(colour, "#7f9cc9" if stage.snowy or place == "snow" else "#a8672f", 0.22)
        fill = stage.defs.vertical(
            [(0, stage.shade("ground", stage.between(colour, "#ffffff", 0.5))), (0.5, stage.shade("ground", colour)),
             (1, stage.shade("ground", dip))], level - stage.unit * 0.02, level + stage.unit * 0.11,
        )  # fmt: skip
        stage.back.append(svg.shape(ridges.land(line, level + stage.unit * 0.2), fill, 0.9))


def _framing(stage: Stage, place: str) -> None:
    """Where nothing stands, a near tree at one side gives the picture its depth."""
    if place in ("desert", "savanna", "jungle") or not stage.shown("trees"):
        return
    chance = stage.rng("framing")
    side = 0.09 if stage.sun[0] > stage.width / 2 else 0.91
    if place in ("snow", "mountains") or stage.snowy:
        for shift, tall, low in ((0.0, 0.46, 0.90), (0.11, 0.34, 0.86), (-0.07, 0.30, 0.95)):
            x = stage.width * (side + (shift if side < 0.5 else -shift) * min(1.0, stage.unit / stage.width))
            plants.pine(stage, x, stage.height * low, stage.unit * tall * chance.uniform(0.9, 1.05), 0.0)
        return
    base = stage.height * 0.88
    shade = stage.defs.radial([(0, "#10240f", 0.4), (1, "#10240f", 0.0)])
    stage.back.append(svg.ellipse(stage.width * side, base, stage.unit * 0.2, stage.unit * 0.025, shade))
    plants.round_tree(stage, chance, stage.width * side, base, stage.unit * 0.58, 0.0)
    for shift in (-0.12, 0.1, 0.17):
        plants.bush(
            stage, stage.back, stage.width * side + stage.unit * shift, base + stage.unit * 0.012, stage.unit * 0.12
        )


def _foreground(stage: Stage, place: str, top: str, low: str) -> None:
    lake = has_lake(stage)
    start = lake_shore(stage) if lake else stage.horizon + stage.unit * 0.12
    colour = stage.between(top, low, 0.5)
    if stage.empty:
        _framing(stage, place)
    if not stage.snowy and place != "desert":
        plants.tufts(stage, stage.back, start, stage.height, colour, 90, "tufts")
        bloom = place == "garden" or "flowers" in stage.features
        many = 170 if "flowers" in stage.features else 90 if place == "garden" else 26 if place == "meadow" else 0
        many = stage.many("flowers", many)
        if many:
            plants.flowers(
                stage, stage.back, start if bloom else max(start, stage.height * 0.8), stage.height, many, "flowers"
            )
        plants.tufts(stage, stage.front, stage.height * 0.985, stage.height * 1.01, low, 46, "front tufts")
