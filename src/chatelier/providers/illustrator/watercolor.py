"""Makes a flat drawing look painted with watercolour: wavering edges, pigment that pools and grains, rough paper.

Fields are float32 of one channel; colours are worked on in strips, so that a large picture needs little memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Field = NDArray[np.float32]
Bytes = NDArray[np.uint8]
PAPER = np.array([0.985, 0.975, 0.95], dtype=np.float32)
STRIP = 128  # rows that are coloured at once, to bound the memory


def watercolored(image: Image.Image, seed: int) -> Image.Image:
    chance = np.random.default_rng([seed, 7])
    width, height = image.size
    unit = min(width, height) / 1000
    soft = _wavered(_washed(image, unit), chance, unit)
    density = 1 + 0.9 * _edge_darkening(soft, unit)
    density += 0.34 * _noise(chance, width, height, (90 * unit, 34 * unit, 13 * unit), (0.55, 0.3, 0.15))
    paper = _paper(chance, width, height, unit)
    grain = _noise(chance, width, height, (2.2 * unit, 1.1), (0.6, 0.4))
    density += 0.10 * grain * (0.4 + paper)
    del grain
    distance = _distance(chance, width, height, unit)
    source = np.asarray(soft)
    out = np.empty_like(source)
    for top in range(0, height, STRIP):
        rows = slice(top, top + STRIP)
        painted = _pigment(source[rows], density[rows])
        painted = _margins(painted, distance[rows], unit)
        painted *= (1 + 0.055 * paper[rows])[:, :, None]
        out[rows] = (np.clip(painted, 0, 1) * 255 + 0.5).astype(np.uint8)
    return Image.fromarray(out, "RGB")


def _washed(image: Image.Image, unit: float) -> Image.Image:
    """Small details melt together, contours stay: a median, then a breath of blur."""
    size = max(3, int(3.2 * unit) // 2 * 2 + 1)
    if size > 5:
        half = image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX)
        half = half.filter(ImageFilter.MedianFilter(3))
        return half.resize(image.size, Image.Resampling.BICUBIC)
    return image.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.GaussianBlur(0.7 * unit))


def _wavered(image: Image.Image, chance: np.random.Generator, unit: float) -> Image.Image:
    """Contours as a hand and wet paper make them: shifted by two slow noise fields."""
    width, height = image.size
    reach = 2.9 * unit
    shift_x = _noise(chance, width, height, (26 * unit, 9 * unit), (0.7, 0.3)) * reach
    shift_y = _noise(chance, width, height, (26 * unit, 9 * unit), (0.7, 0.3)) * reach
    columns = np.clip(np.arange(width, dtype=np.float32)[None, :] + shift_x, 0, width - 1).astype(np.int32)
    rows = np.clip(np.arange(height, dtype=np.float32)[:, None] + shift_y, 0, height - 1).astype(np.int32)
    return Image.fromarray(np.asarray(image)[rows, columns], "RGB")


def _edge_darkening(image: Image.Image, unit: float) -> Field:
    """Pigment gathers where a wash ends: high on the darker side of a contour, 0 within a wash."""
    grey = image.convert("L")
    near = np.asarray(grey.filter(ImageFilter.GaussianBlur(1.1 * unit)), dtype=np.float32)
    far = np.asarray(grey.filter(ImageFilter.GaussianBlur(5.5 * unit)), dtype=np.float32)
    return np.clip((far - near - 2) / 90, 0, 0.6).astype(np.float32)


def _noise(
    chance: np.random.Generator, width: int, height: int, scales: tuple[float, ...], weights: tuple[float, ...]
) -> Field:
    """Smooth noise of several sizes in pixels, about -1..1."""
    total = np.zeros((height, width), dtype=np.float32)
    for scale, weight in zip(scales, weights, strict=True):
        small = (max(2, int(width / max(1.0, scale)) + 2), max(2, int(height / max(1.0, scale)) + 2))
        field = chance.random((small[1], small[0]), dtype=np.float32) * 2 - 1
        grown: Any = Image.fromarray(field).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(grown) * np.float32(weight)
    total *= np.float32(1.5)
    return np.asarray(np.clip(total, -1, 1, out=total), dtype=np.float32)


def _paper(chance: np.random.Generator, width: int, height: int, unit: float) -> Field:
    """The relief of rough paper seen in light from one side, -1..1."""
    relief = _noise(chance, width, height, (3.4 * unit, 1.7 * unit), (0.65, 0.35))
    slope = np.zeros_like(relief)
    slope[1:, 1:] = relief[1:, 1:] - relief[:-1, :-1]
    return np.asarray(np.clip(slope * 1.3, -1, 1), dtype=np.float32)


def _pigment(source: Bytes, density: Field) -> Field:
    """Transparent paint over white paper: more pigment darkens and deepens, less lets the paper through."""
    body = np.clip(source.astype(np.float32) * (0.90 / 255) + 0.085, 0.02, 0.985) / PAPER
    return np.asarray(np.exp(np.log(np.clip(body, 0.02, 1.0)) * density[:, :, None]) * PAPER, dtype=np.float32)


def _distance(chance: np.random.Generator, width: int, height: int, unit: float) -> Field:
    """Pixels from the ragged edge of the painted area, negative outside it."""
    ragged = _noise(chance, width, height, (30 * unit, 8 * unit, 3 * unit), (0.5, 0.3, 0.2)) * (9 * unit)
    columns = np.minimum(np.arange(width), np.arange(width)[::-1]).astype(np.float32)
    rows = np.minimum(np.arange(height), np.arange(height)[::-1]).astype(np.float32)
    ragged += np.minimum(columns[None, :], rows[:, None]) - np.float32(26 * unit)
    return ragged


def _margins(painted: Field, distance: Field, unit: float) -> Field:
    """An unpainted border, as on taped paper, with a rim of pigment inside it."""
    inside = np.clip(distance / np.float32(2.2 * unit) + 0.5, 0, 1)
    rim = np.exp(-np.square((distance - np.float32(3.5 * unit)) / np.float32(3.0 * unit))) * np.float32(0.10)
    darker = painted * (1 - rim[:, :, None])
    return np.asarray(PAPER + (darker - PAPER) * inside[:, :, None], dtype=np.float32)
