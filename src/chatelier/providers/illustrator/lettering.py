"""Words on a picture, in the typeface that Pillow brings with it (Aileron): the same letters on every machine.

It knows ASCII; accents are set from its own marks. What it cannot write, as Chinese or emoji, is left to the caller."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, ImageStat

from chatelier.providers.illustrator import colours
from chatelier.providers.illustrator.scene import Lettering

ACCENTS = {"\u0300": "`", "\u0301": "´", "\u0302": "^", "\u0303": "~", "\u0308": "¨", "\u0327": ",", "\u030a": "°"}
# Strokes of each accent in letter sizes, from its middle: right and up; a single point is a dot.
MARKS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "`": (((-0.09, 0.10), (0.06, -0.02)),),
    "´": (((0.09, 0.10), (-0.06, -0.02)),),
    "^": (((-0.12, -0.02), (0.0, 0.10), (0.12, -0.02)),),
    "~": (((-0.14, 0.0), (-0.07, 0.06), (0.07, 0.0), (0.14, 0.06)),),
    "¨": (((-0.12, 0.03),), ((0.12, 0.03),)),
    "°": (((-0.07, 0.04), (0.0, 0.11), (0.07, 0.04), (0.0, -0.03), (-0.07, 0.04)),),
}
SAME = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "ß": "ss", "æ": "ae", "œ": "oe",
        "ø": "o", "Æ": "AE", "Œ": "OE", "Ø": "O", "\u00a0": " "}  # fmt: skip
TURNED = {"¿": "?", "¡": "!"}
LARGEST, SMALLEST = 0.115, 0.028  # heights of a line, in shares of the shorter side
WIDEST = 0.88  # of the picture
LINES = 4
HIGH = {"top": 0.06, "centre": 0.5, "bottom": 0.94}  # where the block begins, has its middle, ends


def cannot_write(words: str) -> str:
    """The first letters that the typeface does not have, or ''."""
    return "".join(dict.fromkeys(char for char in _composed(words) if not _known(char)))[:12]


def _known(char: str) -> bool:
    if " " <= char <= "~" or char in TURNED:
        return True
    parts = unicodedata.normalize("NFD", char)
    return len(parts) > 1 and " " < parts[0] <= "~" and all(mark in ACCENTS for mark in parts[1:])


def _composed(words: str) -> str:
    plain = "".join(SAME.get(char, char) for char in unicodedata.normalize("NFC", words))
    return " ".join(plain.split())


def lettered(image: Image.Image, text: Lettering) -> Image.Image:
    """The image with the words in one block, as large as they fit, outlined so that they can be read on anything."""
    lines, size = _fitted(_composed(text.words), image.size)
    out = image.copy()
    block = _height(size) * 1.22 * len(lines)
    top = {"top": HIGH["top"], "centre": 0.5, "bottom": HIGH["bottom"]}[text.place] * image.height
    top -= {"top": 0.0, "centre": block / 2, "bottom": block}[text.place]
    ink, rim = _inks(image, text, round(top), round(block))
    for at, line in enumerate(lines):
        x = (image.width - _length(line, size)) / 2
        _write(out, (x, top + at * _height(size) * 1.22), line, size, ink, rim)
    return out


def _inks(image: Image.Image, text: Lettering, top: int, tall: int) -> tuple[str, str]:
    named = colours.named(text.colour)
    if named is not None:
        return colours.hexed(named), "#ffffff" if colours.luma(named) < 0.5 else "#20202c"
    under = image.crop((0, max(0, top), image.width, min(image.height, max(0, top) + max(1, tall))))
    bright = ImageStat.Stat(under.convert("L")).mean[0] > 175
    return ("#27304f", "#ffffff") if bright else ("#ffffff", "#1d2440")


def _fitted(words: str, size: tuple[int, int]) -> tuple[list[str], int]:
    """The lines and the largest size at which they fit."""
    short = min(size)
    for step in range(24):
        height = max(SMALLEST, LARGEST * 0.93**step) * short
        lines = _wrapped(words, round(height), size[0] * WIDEST)
        if len(lines) <= (1 if step < 4 else 2 if step < 10 else LINES):
            return lines, max(7, round(height))
    return _wrapped(words, round(SMALLEST * short), size[0] * WIDEST)[: LINES + 2], max(7, round(SMALLEST * short))


def _wrapped(words: str, size: int, wide: float) -> list[str]:
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _length(longer, size) <= wide:
            lines[-1] = longer
        else:
            lines.extend(_broken(word, size, wide))
    return lines


def _broken(word: str, size: int, wide: float) -> list[str]:
    """A word that is wider than the picture, in pieces that are not."""
    pieces = [""]
    for char in word:
        if pieces[-1] and _length(pieces[-1] + char, size) > wide:
            pieces.append("")
        pieces[-1] += char
    return pieces


@lru_cache(32)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(max(7, size))
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return font


def _height(size: int) -> float:
    return float(max(7, size))


def _base(char: str) -> str:
    return TURNED.get(char) or unicodedata.normalize("NFD", char)[0]


def _length(line: str, size: int) -> float:
    return sum(_font(size).getlength(_base(char)) for char in line)


def _write(image: Image.Image, at: tuple[float, float], line: str, size: int, ink: str, rim: str) -> None:
    """Letter by letter, each with its accents; first all rims, then all letters, so that no rim hides a letter."""
    width = max(1, round(size / 14))
    for fill, stroke in ((rim, width), (ink, 0)):
        x = at[0]
        for char in line:
            _letter(image, (x, at[1]), char, size, fill, stroke)
            x += _font(size).getlength(_base(char))


def _letter(image: Image.Image, at: tuple[float, float], char: str, size: int, fill: str, stroke: int) -> None:
    draw, font = ImageDraw.Draw(image), _font(size)
    base = _base(char)
    if char in TURNED:
        _upside_down(image, at, base, size, fill, stroke)
        return
    draw.text(at, base, fill=fill, font=font, stroke_width=stroke, stroke_fill=fill)
    if ord(char) < 127:
        return
    left, top, right, bottom = font.getbbox(base)
    middle = at[0] + (left + right) / 2
    for mark in unicodedata.normalize("NFD", char)[1:]:
        _accent(draw, ACCENTS[mark], (middle, at[1] + top, at[1] + bottom), size, fill, stroke)


def _accent(
    draw: ImageDraw.ImageDraw, mark: str, place: tuple[float, float, float], size: int, fill: str, stroke: int
) -> None:
    """``place`` is the letter's middle, top and bottom."""
    middle, top, bottom = place
    if mark == ",":
        at = (middle - size * 0.11, bottom - size * 0.97)
        draw.text(at, mark, fill=fill, font=_font(size), stroke_width=stroke, stroke_fill=fill)
        return
    high, half = top - size * 0.11, size * 0.075 + stroke
    for line in MARKS[mark]:
        points = [(middle + x * size, high - y * size) for x, y in line]
        if len(points) == 1:
            (x, y), radius = points[0], half * 0.9
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
        else:
            draw.line(points, fill=fill, width=round(2 * stroke + size * 0.075), joint="curve")


def _upside_down(image: Image.Image, at: tuple[float, float], base: str, size: int, fill: str, stroke: int) -> None:
    """ "¿" is a question mark turned around, standing a little lower."""
    font = _font(size)
    box = (round(font.getlength(base)) + 4 * stroke + 2, round(size * 1.5))
    mask = Image.new("L", box, 0)
    ImageDraw.Draw(mask).text((2 * stroke, 0), base, fill=255, font=font, stroke_width=stroke)
    _, high, _, low = font.getbbox(base)
    turned = mask.rotate(180)
    shift = box[1] - (high + low) - size * 0.16  # back to the line, and under it by a sixth
    image.paste(fill, (round(at[0]) - 2 * stroke, round(at[1] - shift)), turned)
