"""The styles that are worked on finished pixels: pencil, pixels, poster, watercolour. The same seed, the same bytes."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

PAPER = "#fbf8f0"
PENCIL = "#2d2a32"
BLOCKS = 104  # pixels of pixel art along the longer side
COLOURS = 40


def in_style(image: Image.Image, style: str, seed: int) -> Image.Image:
    """An RGB image in that style; flat is how it is."""
    if style == "watercolor":
        from chatelier.providers.illustrator.watercolor import watercolored

        return watercolored(image, seed)
    drawn = {"sketch": _sketch, "pixel art": _pixels, "poster": _poster}.get(style)
    return drawn(image) if drawn else image


def _sketch(image: Image.Image) -> Image.Image:
    """Pencil on paper: what differs from its surroundings becomes a line, shade becomes a light grey."""
    unit = min(image.size) / 1000
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=1)
    around = grey.filter(ImageFilter.GaussianBlur(max(1.0, 5 * unit)))
    # Dodge: a flat area gives white, an edge what is left of it.
    lines = ImageChops.subtract(around, grey, scale=0.28)
    shade = ImageOps.invert(grey).point([value * 2 // 9 for value in range(256)])
    ink = ImageChops.add(lines, shade)
    return ImageOps.colorize(ImageOps.invert(ink), PENCIL, PAPER)


def _pixels(image: Image.Image) -> Image.Image:
    share = BLOCKS / max(image.size)
    small = image.resize(
        (max(8, round(image.width * share)), max(8, round(image.height * share))), Image.Resampling.BOX
    )
    few = ImageEnhance.Color(small).enhance(1.15).quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB")
    return few.resize(image.size, Image.Resampling.NEAREST)


def _poster(image: Image.Image) -> Image.Image:
    """Few strong tones with smooth edges, as printed."""
    smooth = image.filter(ImageFilter.MedianFilter(5 if min(image.size) > 400 else 3))
    strong = ImageEnhance.Contrast(ImageEnhance.Color(smooth).enhance(1.5)).enhance(1.15)
    return strong.point([value // 64 * 85 for value in range(256)] * 3).filter(ImageFilter.MedianFilter(3))
