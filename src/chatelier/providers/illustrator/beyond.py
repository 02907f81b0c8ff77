"""What is seen beyond the edges of a composition: its own backdrop reflected there, so that nothing breaks off.

The composed part stays as it was, to the pixel; the sun shines over the edges and is not reflected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from chatelier.providers.illustrator import svg
from chatelier.providers.illustrator.sky import paint_sun_or_moon
from chatelier.providers.illustrator.stage import Stage

FAR = 1.5  # shares of the height that are painted above and below
ABOVE, BELOW = 0.16, 0.05  # shares of the height after which a reflection has become one soft colour
OVERLAP = 2.0  # drawing units that reflections reach under the composition, against hairlines


class Surroundings:
    """``stage`` holds the painted backdrop and nothing of the things yet; ``view`` is the scene's."""

    def __init__(self, stage: Stage, backdrop: Callable[[Stage], None], view: Sequence[float]) -> None:
        self.stage = stage
        self.view = view
        reflected = replace(stage, back=[], front=[], alone=[], reflected=True)
        backdrop(reflected)
        width, height = stage.width, stage.height
        clip = svg.rect(0, 0, width, height, "#000")
        stage.defs.parts.append(f'<clipPath id="tile">{clip}</clipPath>')
        self.edges = edge_colours(reflected)
        self._define("skies", reflected.back[: reflected.sky_ends])
        self._define("lands", reflected.back[reflected.sky_ends :])

    def behind(self) -> list[str]:
        """Sky around, then sun and moon, land around, and the composition itself."""
        stage = self.stage
        shine = replace(stage, back=[])
        if stage.sky_ends and not (stage.light.grey >= 0.5 and not {"sun", "moon"} & set(stage.features)):
            paint_sun_or_moon(shine)
        own = f'<g clip-path="url(#tile)">{"".join(stage.back)}</g>'
        return [*self._around("skies"), *shine.back, *self._around("lands"), *self._fading(), own, *stage.alone]

    def before(self) -> list[str]:
        """Rain, fog and grass in front of everything, around and in the composition."""
        self._define("fronts", self.stage.front)
        return [*self._around("fronts", beside_only=True), f'<g clip-path="url(#tile)">{"".join(self.stage.front)}</g>']

    def _define(self, name: str, elements: list[str]) -> None:
        self.stage.defs.parts.append(f'<g id="{name}"><g clip-path="url(#tile)">{"".join(elements)}</g></g>')

    def _around(self, name: str, *, beside_only: bool = False) -> list[str]:
        """Eight reflections; above and below only what stands still there."""
        wide, tall = 2 * self.stage.width - OVERLAP, 2 * self.stage.height - OVERLAP
        left, top, right, bottom = self.view
        columns = [(OVERLAP, -1)] * (left < 0) + [(0.0, 1)] + [(wide, -1)] * (right > 1)
        rows = [(OVERLAP, -1)] * (top < 0 and not beside_only) + [(tall, -1)] * (bottom > 1 and not beside_only)
        rows.append((0.0, 1))
        return [
            f'<use xlink:href="#{name}" transform="translate({svg.num(x)} {svg.num(y)}) scale({across} {down})"/>'
            for y, down in rows
            for x, across in columns
            if (across, down) != (1, 1)
        ]

    def _fading(self) -> list[str]:
        """Above and below the reflections melt into the colour of the edge: nobody looks twice at upside-down grass."""
        stage = self.stage
        left, wide = -stage.width, stage.width * 3
        reach = stage.height * FAR
        top, bottom = self.edges
        up = stage.defs.vertical([(0, top, 1.0), (1 - ABOVE / FAR, top, 1.0), (1, top, 0.0)])
        down = stage.defs.vertical([(0, bottom, 0.0), (BELOW / FAR, bottom, 1.0), (1, bottom, 1.0)])
        return [
            svg.rect(left, -reach, wide, reach, up),
            svg.rect(left, stage.height, wide, reach, down),
        ]


def edge_colours(stage: Stage) -> tuple[str, str]:
    """The middling colours of the backdrop's upper and lower edge, looked up on a small drawing of it; the zenith
    of a sky is known better than that, since clouds hide it."""
    from chatelier.providers.illustrator.raster import flat

    small = flat(svg.document((0, 0, stage.width, stage.height), stage.defs, stage.back, (48, 48)))
    edges = (small.crop((0, 0, 48, 2)), small.crop((0, 46, 48, 48)))
    pixels = [edge.resize((1, 1)).getpixel((0, 0)) for edge in edges]
    top, bottom = ("#{:02x}{:02x}{:02x}".format(*pixel) if isinstance(pixel, tuple) else "#808080" for pixel in pixels)
    return stage.light.sky[0] if stage.sky_ends else top, bottom
