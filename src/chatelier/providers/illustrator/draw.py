"""A scene as one SVG document."""

from __future__ import annotations

from collections.abc import Callable

from chatelier.providers.illustrator import (
    colours,
    setting_city,
    setting_landscape,
    setting_sea,
    setting_studio,
    svg,
)
from chatelier.providers.illustrator.beyond import Surroundings
from chatelier.providers.illustrator.compose import measures
from chatelier.providers.illustrator.light import Light, Look
from chatelier.providers.illustrator.looks import Outline, drawing, outline
from chatelier.providers.illustrator.recolour import own_ids, repaint, to_colour
from chatelier.providers.illustrator.scene import Placed, Scene
from chatelier.providers.illustrator.stage import Stage
from chatelier.providers.illustrator.weather import paint_weather
from chatelier.providers.illustrator.zones import WATERFOWL

BACKDROPS: dict[str, Callable[[Stage], None]] = {
    "landscape": setting_landscape.paint,
    "sea": setting_sea.paint,
    "city": setting_city.paint,
    "studio": setting_studio.paint,
}
SHINING = frozenset(
    "candle diya-lamp light-bulb red-paper-lantern own-street-lamp fire jack-o-lantern star glowing-star lighthouse "
    "sparkles firecracker full-moon crescent-moon high-voltage".split()
)


def draw(scene: Scene, width: int, height: int) -> str:
    """The document at that many pixels; the picture is stretched by less than a pixel where ratios differ."""
    left, top, right, bottom = scene.view
    stage = build_stage(scene, width / height * (bottom - top) / (right - left))
    BACKDROPS[scene.setting](stage)
    beyond = min(left, top) < 0 or max(right, bottom) > 1
    around = Surroundings(stage, BACKDROPS[scene.setting], scene.view) if beyond else None
    stage.back = around.behind() if around else [*stage.back, *stage.alone]
    Things(stage, scene).paint()
    paint_weather(stage)
    front = around.before() if around else stage.front
    box = (left * stage.width, top * stage.height, (right - left) * stage.width, (bottom - top) * stage.height)
    return svg.document(box, stage.defs, [*stage.back, *front], (width, height))


def build_stage(scene: Scene, ratio: float) -> Stage:
    width, height = measures(ratio)
    look = Look(
        vibrance=scene.vibrance,
        lightness=scene.lightness,
        warmth=scene.warmth,
        hue=scene.hue,
        sky=scene.paints.get("sky") or scene.paints.get("background", ""),
        tint=scene.paints.get("everything", ""),
    )
    indoors = scene.setting == "studio" and scene.place != "space"
    return Stage(
        width=width,
        height=height,
        horizon=scene.horizon * height,
        light=Light(time=scene.time, variant=scene.variant, weather=scene.weather, look=look, indoors=indoors),
        seed=scene.seed,
        place=scene.place,
        season=scene.season,
        features=scene.features,
        weather=scene.weather,
        paints=scene.paints,
        accent=scene.accent,
        afloat=any(thing.zone == "surface" for thing in scene.things),
        empty=all(thing.zone == "sky" for thing in scene.things),
        amounts=scene.amounts,
    )


class Things:
    """Draws the placed things onto a stage, far ones first."""

    def __init__(self, stage: Stage, scene: Scene) -> None:
        self.stage = stage
        self.scene = scene
        self._symbols: dict[tuple[str, str, int], str] = {}

    def paint(self) -> None:
        by_carrier: dict[int, list[Placed]] = {}
        standing = []
        ids = {thing.id for thing in self.scene.things}
        for thing in self.scene.things:
            if thing.carrier is not None and thing.carrier in ids and thing.carrier != thing.id:
                by_carrier.setdefault(thing.carrier, []).append(thing)
            else:
                standing.append(thing)
        order = {"sky": 0, "water": 1, "surface": 1, "ground": 1, "float": 1, "air": 2}
        for thing in sorted(standing, key=lambda one: (order[one.zone], one.y, one.id)):
            riders = by_carrier.get(thing.id, [])
            self._shadow(thing)
            for rider in riders:
                if not rider.onto:
                    self._thing(rider)
            self._thing(thing)
            for rider in riders:
                if rider.onto:
                    self._thing(rider)
            self._waterline(thing)

    def _thing(self, thing: Placed) -> None:
        look = outline(thing.icon)
        stage = self.stage
        scale = thing.size * svg.SHORT_SIDE / look.extent
        x, y = thing.x * stage.width, thing.y * stage.height
        middle = (look.left + look.right) / 2
        if thing.icon in SHINING and stage.light.time != "day":
            self._glow(x, y - look.height * scale * 0.6, look.extent * scale)
        name = self._symbol(thing, look)
        mirror = -1 if thing.flip else 1
        stage.back.append(
            f'<use xlink:href="#{name}" transform="translate({svg.num(x)} {svg.num(y)}) '
            f'scale({mirror * scale:.4f} {scale:.4f}) translate({svg.num(-middle)} {svg.num(-look.bottom)})"/>'
        )

    def _symbol(self, thing: Placed, look: Outline) -> str:
        """One definition for all things of the same icon, colour and distance."""
        haze = round(thing.haze * 12)
        key = (thing.icon, thing.colour, haze)
        if key not in self._symbols:
            name = f"t{len(self._symbols)}"
            recolour = to_colour(thing.colour, look) if thing.colour else None
            light, shining = self.stage.light, thing.icon in SHINING

            def paint(colour: colours.RGB) -> colours.RGB:
                painted = recolour(colour) if recolour else colour
                return light.tilt(painted, backdrop=False) if shining else light.on_thing(painted, haze / 12)

            self.stage.defs.symbol(name, own_ids(repaint(drawing(thing.icon), paint), name))
            self._symbols[key] = name
        return self._symbols[key]

    def _glow(self, x: float, y: float, size: float) -> None:
        halo = self.stage.defs.radial([(0, "#ffe2a0", 0.6), (0.4, "#ffcf7a", 0.22), (1, "#ffcf7a", 0.0)])
        self.stage.back.append(svg.ellipse(x, y, size * 1.3, size * 1.3, halo))

    def _shadow(self, thing: Placed) -> None:
        """Where a thing meets the ground; longer and to one side in the evening."""
        stage = self.stage
        if thing.zone not in ("ground", "surface") or stage.place in ("emblem", "space", "abstract"):
            return
        look = outline(thing.icon)
        scale = thing.size * svg.SHORT_SIDE / look.extent
        x = thing.x * stage.width
        foot = (look.foot_left + look.foot_right) / 2 - (look.left + look.right) / 2
        x += foot * scale * (-1 if thing.flip else 1)
        y = thing.y * stage.height
        wide = max((look.foot_right - look.foot_left) * 0.62, look.width * 0.40) * scale
        tall = wide * (0.17 if stage.light.time != "sunset" else 0.14)
        dark = "#0b1430" if stage.light.time == "night" else "#1c2413" if thing.zone == "ground" else "#06263f"
        strength = {"day": 0.42, "sunset": 0.38, "night": 0.5}[stage.light.time]
        fill = stage.defs.radial([(0, dark, strength), (0.55, dark, strength * 0.55), (1, dark, 0.0)])
        if not stage.light.indoors and stage.light.time == "sunset" and thing.zone == "ground":
            side = 1 if x > stage.sun[0] else -1
            stage.back.append(svg.ellipse(x + side * wide * 0.75, y + tall * 0.35, wide * 1.7, tall * 1.15, fill, 0.8))
        stage.back.append(svg.ellipse(x, y - tall * 0.12, wide * 1.15, tall * 1.2, fill))

    def _waterline(self, thing: Placed) -> None:
        """Water laps over the foot of what floats, and tints what swims below."""
        stage = self.stage
        if thing.zone != "surface" and (thing.zone != "water" or stage.place == "underwater"):
            return
        look = outline(thing.icon)
        scale = thing.size * svg.SHORT_SIDE / look.extent
        x, y = thing.x * stage.width, thing.y * stage.height
        wide, tall = look.width * scale, look.height * scale
        if self.scene.setting == "landscape":
            water = setting_landscape.lake_at(stage, y)
        else:
            water = setting_sea.waterline(stage, y)
        if thing.zone == "water":
            veil = stage.defs.radial([(0, water, 0.55), (0.75, water, 0.5), (1, water, 0.0)])
            stage.back.append(svg.ellipse(x, y - tall / 2, wide * 0.72, tall * 0.72, veil))
            return
        lap = tall * (0.24 if thing.icon in WATERFOWL else 0.06)
        ripple = min(lap, wide * 0.05)
        heights = ((-0.62, 0.7), (-0.45, -0.2), (-0.2, -0.8), (0.0, -0.25), (0.22, -0.8), (0.46, -0.2), (0.62, 0.7))
        crest = [(x + dx * wide, y - lap + ripple * (1 + dy)) for dx, dy in heights]
        under = [(x + wide * 0.45, y + ripple), (x, y + ripple * 1.6), (x - wide * 0.45, y + ripple), crest[0]]
        stage.back.append(svg.shape(svg.smooth(crest) + "L" + svg.smooth(under)[1:] + "Z", water, 0.96))
        stage.back.append(
            svg.line(svg.smooth(crest), stage.between(water, "#ffffff", 0.7), max(1.5, ripple * 0.22), 0.8)
        )
