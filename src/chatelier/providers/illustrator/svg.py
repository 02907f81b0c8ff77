"""Small pieces of SVG text. All lengths are units of the drawing, whose shorter side is 1000.

Opacity is always the fill's or the stroke's: the plain attribute would cost a layer of its own per shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SHORT_SIDE = 1000.0
Point = tuple[float, float]
Stop = tuple[float, str] | tuple[float, str, float]  # offset, colour, opacity


def num(value: float) -> str:
    """One decimal is a tenth of a pixel at 1000 px: enough, and half the text."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def data(*parts: str | float | Point) -> str:
    """Path data of commands, numbers and points: ``data("M", (0, 5), "H", 9)`` is "M0 5H9"."""
    out = ""
    for part in parts:
        text = part if isinstance(part, str) else " ".join(map(num, part)) if isinstance(part, tuple) else num(part)
        out += f" {text}" if out and out[-1].isdigit() and text[:1] in "0123456789-." else text
    return out


def path(points: Iterable[Point], *, closed: bool = True) -> str:
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points) + ("Z" if closed else "")


def smooth(points: Sequence[Point]) -> str:
    """A curve through the points (Catmull-Rom as Béziers), starting with M."""
    out = [f"M{num(points[0][0])} {num(points[0][1])}"]
    last = len(points) - 1
    for at in range(last):
        before, start, end, after = points[max(0, at - 1)], points[at], points[at + 1], points[min(last, at + 2)]
        first = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        second = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        out.append("C" + " ".join(f"{num(x)} {num(y)}" for x, y in (first, second, end)))
    return "".join(out)


def shape(data: str, fill: str, opacity: float = 1.0, extra: str = "") -> str:
    faded = f' fill-opacity="{opacity:.2f}"' if opacity < 0.995 else ""
    return f'<path fill="{fill}"{faded}{extra} d="{data}"/>'


def line(data: str, stroke: str, width: float, opacity: float = 1.0) -> str:
    faded = f' stroke-opacity="{opacity:.2f}"' if opacity < 0.995 else ""
    return f'<path fill="none" stroke="{stroke}" stroke-width="{num(width)}" stroke-linecap="round"{faded} d="{data}"/>'


def ellipse(x: float, y: float, rx: float, ry: float, fill: str, opacity: float = 1.0) -> str:
    faded = f' fill-opacity="{opacity:.2f}"' if opacity < 0.995 else ""
    return f'<ellipse cx="{num(x)}" cy="{num(y)}" rx="{num(rx)}" ry="{num(ry)}" fill="{fill}"{faded}/>'


def rect(x: float, y: float, width: float, height: float, fill: str, opacity: float = 1.0, radius: float = 0) -> str:
    faded = f' fill-opacity="{opacity:.2f}"' if opacity < 0.995 else ""
    round_ = f' rx="{num(radius)}"' if radius else ""
    return f'<rect x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}" fill="{fill}"{round_}{faded}/>'


def _stops(stops: Sequence[Stop]) -> str:
    return "".join(
        f'<stop offset="{stop[0]:.3g}" stop-color="{stop[1]}"'
        + (f' stop-opacity="{stop[2]:.3g}"/>' if len(stop) > 2 else "/>")
        for stop in stops
    )


class Defs:
    """Gradients of one drawing; each method answers the fill to use."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._known: dict[str, str] = {}

    def vertical(self, stops: Sequence[Stop], top: float | None = None, bottom: float | None = None) -> str:
        """From top to bottom of the filled shape, or between two heights of the drawing."""
        where = 'x1="0" y1="0" x2="0" y2="1"'
        if top is not None and bottom is not None:
            where = f'gradientUnits="userSpaceOnUse" x1="0" y1="{num(top)}" x2="0" y2="{num(bottom)}"'
        return self._add(f"<linearGradient %s {where}>{_stops(stops)}</linearGradient>")

    def horizontal(self, stops: Sequence[Stop]) -> str:
        return self._add(f'<linearGradient %s x1="0" y1="0" x2="1" y2="0">{_stops(stops)}</linearGradient>')

    def radial(self, stops: Sequence[Stop], x: float = 0.5, y: float = 0.5, radius: float = 0.5) -> str:
        """In shares of the filled shape's box."""
        where = f'cx="{x:.3g}" cy="{y:.3g}" r="{radius:.3g}"'
        return self._add(f"<radialGradient %s {where}>{_stops(stops)}</radialGradient>")

    def symbol(self, name: str, content: str) -> None:
        self.parts.append(f'<g id="{name}">{content}</g>')

    def _add(self, template: str) -> str:
        if template not in self._known:
            name = f"b{len(self._known)}"
            self._known[template] = f"url(#{name})"
            self.parts.append(template % f'id="{name}"')
        return self._known[template]


def document(box: tuple[float, float, float, float], defs: Defs, body: Sequence[str], pixels: tuple[int, int]) -> str:
    """``box`` is what is seen: left, top, width and height in drawing units."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{pixels[0]}" height="{pixels[1]}" viewBox="{" ".join(map(num, box))}" '
        f'preserveAspectRatio="none"><defs>{"".join(defs.parts)}</defs>{"".join(body)}</svg>'
    )
