"""Changes to finished pixels: sepia, blur, a mirror image and the like, and the light of pictures drawn by others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

# Words (English, folded, without marks) → the touch of a scene that they ask for.
WORDS = (
    ("sepia", r"sepia(?: toned?)?|old photo(?:graph)?|antique photo|(?:look|looks|looking) (?:very "
    "|really )?(?:old|antique|aged)"),
    ("blur", r"blur(?:red|ry|rier)?|out of focus|soft(?:en the)? focus|soften it"),
    ("sharpen", r"sharp(?:en|er|ened)?|crisper|more crisp"),
    ("contrast", r"(?:more|higher|stronger|increase(?: the)?|add(?: more)?|boost(?: the)?) contrast"
    "|punchier|more punch"),
    ("soft", r"(?:less|lower|softer|reduce(?: the)?|decrease(?: the)?) contrast"),
    ("vignette", r"vignette"),
    ("grain", r"film grain|grain(?:y|ier)?|noisy"),
    ("invert", r"invert(?:ed)?(?: the)?(?: colou?rs)?|negative(?: colou?rs| image| photo)?"),
    (
        "flip",
        r"(?:flip|mirror|turn)(?: it| this| the (?:image|picture|photo))?"
        r" (?:vertically|upside down|over|on its head)|upside down",
    ),
    ("mirror", r"(?:flip|mirror|reverse)(?:ed)?(?: it| this| them| the (?:image|picture|photo"
    "|whole (?:image|picture)))?"
               r"(?: horizontally| left to right| sideways| around)?$|mirror image"),
    ("turn left", r"(?:rotate|turn)(?: it| this| the (?:image|picture|photo))?(?: by)?(?: 90(?: degrees)?)?"
                  r" (?:left|to the left|counter ?clockwise|anti ?clockwise)"),
    ("turn right", r"(?:rotate|turn)(?: it| this| the (?:image|picture|photo))?(?: by)?(?: 90(?: degrees)?)?"
                   r"(?: right| to the right| clockwise| 90(?: degrees)?)?$"),
)  # fmt: skip
TURNS = ("turn left", "turn right")
SEPIA = ("#2b1a0c", "#f7e7c9")


def touch_in(text: str) -> tuple[str, str]:
    """The touch that the words ask for and the words that said so; ('', '') when they do not."""
    for name, pattern in WORDS:
        found = re.search(rf"\b(?:{pattern})(?!\w)", text)
        if found and not (name == "turn right" and not re.search(r"rotate|clockwise|degrees|right", found.group())):
            return name, found.group()
    return "", ""


def touched(image: Image.Image, name: str, seed: int) -> Image.Image:
    """An RGB image with one of the touches of a scene."""
    return _TOUCHES[name](image, seed)


def _sepia(image: Image.Image, _seed: int) -> Image.Image:
    return ImageOps.colorize(image.convert("L"), *SEPIA)


def _blur(image: Image.Image, _seed: int) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(max(1.2, min(image.size) / 160)))


def _sharpen(image: Image.Image, _seed: int) -> Image.Image:
    return image.filter(ImageFilter.UnsharpMask(radius=max(1.0, min(image.size) / 500), percent=120, threshold=2))


def _vignette(image: Image.Image, _seed: int) -> Image.Image:
    small = Image.new("L", (64, 64), 0)
    ImageDraw.Draw(small).ellipse((2, 2, 61, 61), fill=255)
    light = small.filter(ImageFilter.GaussianBlur(12)).resize(image.size, Image.Resampling.BICUBIC)
    return Image.composite(image, ImageEnhance.Brightness(image).enhance(0.42), light)


def _grain(image: Image.Image, seed: int) -> Image.Image:
    import numpy as np

    noise = np.random.default_rng([seed, 11]).normal(128, 16, (image.height, image.width)).clip(0, 255)
    grain = Image.fromarray(noise.astype(np.uint8)).convert("RGB")
    return ImageChops.add(image, grain, offset=-128)


_TOUCHES: dict[str, Callable[[Image.Image, int], Image.Image]] = {
    "sepia": _sepia,
    "blur": _blur,
    "sharpen": _sharpen,
    "vignette": _vignette,
    "grain": _grain,
    "contrast": lambda image, _: ImageEnhance.Contrast(image).enhance(1.4),
    "soft": lambda image, _: ImageEnhance.Contrast(image).enhance(0.7),
    "invert": lambda image, _: ImageOps.invert(image),
    "mirror": lambda image, _: ImageOps.mirror(image),
    "flip": lambda image, _: ImageOps.flip(image),
    "turn left": lambda image, _: image.transpose(Image.Transpose.ROTATE_90),
    "turn right": lambda image, _: image.transpose(Image.Transpose.ROTATE_270),
}


@dataclass(frozen=True, kw_only=True)
class Grade:
    """Light and colour of a whole picture, -1..1 each; 0 leaves it. ``tint`` is (red, green, blue), 0..1."""

    lightness: float = 0.0
    vibrance: float = 0.0
    warmth: float = 0.0
    tint: tuple[float, float, float] | None = None
    hour: str = ""  # night or sunset: graded as if it were


def graded(image: Image.Image, grade: Grade) -> Image.Image:
    """An RGB image in that light. Shadows and lights keep their ends: nothing is clipped to plain white or black."""
    if grade.hour:
        image = _at_hour(image, grade.hour)
    if grade.vibrance:
        image = ImageEnhance.Color(image).enhance(max(0.0, 1 + grade.vibrance * (1.3 if grade.vibrance > 0 else 1.0)))
    if grade.tint is not None:
        dark = tuple(round(part * 70) for part in grade.tint)
        middle = tuple(round(part * 215 + 20) for part in grade.tint)
        inked = ImageOps.colorize(image.convert("L"), dark, "#fdfdfb", mid=middle)
        image = Image.blend(image, inked, 0.85)
    if grade.lightness or grade.warmth:
        curves = [_curve(grade, channel) for channel in (1, 0, -1)]
        image = image.point([value for curve in curves for value in curve])
    return image


def _curve(grade: Grade, channel: int) -> list[int]:
    """A gamma curve; ``channel`` is 1 for red, -1 for blue: warmth lifts the one and lowers the other."""
    lift = grade.lightness + 0.45 * grade.warmth * channel
    gamma = 2.0 ** (-1.6 * lift)
    return [round(255 * (value / 255) ** gamma) for value in range(256)]


def _at_hour(image: Image.Image, hour: str) -> Image.Image:
    if hour == "night":
        dim = ImageEnhance.Color(image).enhance(0.55)
        return ImageChops.multiply(dim, Image.new("RGB", image.size, "#5d72b0"))
    if hour == "sunset":
        glow = Image.linear_gradient("L").resize(image.size)
        warm = ImageChops.multiply(image, ImageOps.colorize(glow, "#ffb27a", "#ffd9a8"))
        return ImageChops.screen(warm, ImageOps.colorize(ImageOps.invert(glow), "#000000", "#4a1c10"))
    return graded(image, Grade(lightness=0.15, warmth=0.05))
