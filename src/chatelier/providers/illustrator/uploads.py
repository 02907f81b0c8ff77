"""Pictures that the illustrator did not draw: their light, colour, style and frame change; nothing in them does.

The size, the way up and the transparency of the picture stay, unless the words ask for another frame."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from PIL import Image

from chatelier.providers.illustrator import colours, grammar
from chatelier.providers.illustrator.ambient import read_ambience
from chatelier.providers.illustrator.clauses import Clause, clauses
from chatelier.providers.illustrator.colours import clamp
from chatelier.providers.illustrator.edit_frame import CROP, IN, SIDE_WORDS
from chatelier.providers.illustrator.edit_texts import read_texts
from chatelier.providers.illustrator.edited import Edited
from chatelier.providers.illustrator.edits import KEPT, without_shapes
from chatelier.providers.illustrator.lettering import lettered
from chatelier.providers.illustrator.scene import Lettering, Scene
from chatelier.providers.illustrator.styles import in_style
from chatelier.providers.illustrator.tilts import tilts_in
from chatelier.providers.illustrator.touches import Grade, graded, touch_in, touched
from chatelier.providers.illustrator.wish import Wish
from chatelier.providers.illustrator.words import read

MOST_PAINTED = 4_000_000  # pixels on which a style is worked
WHOLE = frozenset("it everything image picture photo whole this tint tinted all shades tones".split())
CAN = "its light, colours, style and frame, and write on it"
# What belongs to light and colour however it is named, and so needs no thing of the picture.
LIGHT_WORDS = frozenset("sun sunlight sunshine light lights moonlight background shadow shadows colours colors".split())


@dataclass(kw_only=True)
class Orders:
    """What is to be done to the pixels, in this order: frame, grade, touches, style, words."""

    grade: Grade = field(default_factory=Grade)
    touches: list[str] = field(default_factory=list)
    style: str = ""
    crop: tuple[float, float, float, float] | None = None
    zoom: float = 1.0
    texts: tuple[Lettering, ...] = ()
    approximated: list[dict[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)


def orders_of(instruction: str, *, marked: bool, reshaped: bool) -> Orders:
    """``marked``: a mask says where, so that a colour may be asked of what is there. ``reshaped``: the picture gets
    another shape by an option."""
    orders = Orders()
    written = Edited(scene=Scene(seed=0, ratio=1.0))
    rest = without_shapes(read_texts(written, instruction), reshaped=reshaped)
    orders.texts = written.scene.texts
    orders.refused += written.notes
    if orders.texts:
        orders.done.append(f"the words “{orders.texts[0].words[:60]}”")
    tokens, _ = read(rest, orders=True)
    for clause in clauses(tokens):
        if not re.search(KEPT, clause.text):
            _read(orders, clause, marked=marked)
    return orders


def _read(orders: Orders, clause: Clause, *, marked: bool) -> None:
    before = len(orders.done)
    raw = " ".join(token.raw for token in clause.tokens)
    name, words = touch_in(clause.text)
    if name:
        orders.touches.append(name)
        orders.done.append(name)
        clause = clause.without(re.search(re.escape(words), clause.text))  # type: ignore[arg-type]  # just found
    clause = _frame(orders, clause)
    changed = [span for span in clause.spans if not (span.feature and span.label in LIGHT_WORDS)]
    things = [span for span in changed if not _is_light(clause, span.start, span.end)]
    if not things or (marked and clause.verb in ("make", "")):
        _light(orders, clause, marked=marked)
    if len(orders.done) == before and raw.strip():
        orders.refused.append(raw[:80])


def _is_light(clause: Clause, start: int, end: int) -> bool:
    """ "sunset", "night sky": words that also name an hour or a style."""
    wish = Wish()
    read_ambience(wish, clause.tokens[start:end], set())
    return bool(wish.time or wish.style)


def _frame(orders: Orders, clause: Clause) -> Clause:
    crop = re.search(rf"\b(?:{CROP})", clause.text)
    if crop:
        off, kept = crop.group("off"), crop.group("half") or crop.group("kept")
        side = SIDE_WORDS[off or kept]
        share = 0.75 if off else 0.5
        box = {"left": (0.0, 0.0, share, 1.0), "right": (1 - share, 0.0, 1.0, 1.0),
               "top": (0.0, 0.0, 1.0, share), "bottom": (0.0, 1 - share, 1.0, 1.0)}  # fmt: skip
        opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
        orders.crop = box[opposite[side] if off else side]
        orders.done.append("cropped")
        return clause.without(crop)
    nearer = re.search(rf"\b(?:{IN})", clause.text)
    if nearer and not [span for span in clause.spans if span.icon]:
        orders.zoom = 0.68
        orders.done.append("nearer")
        return clause.without(nearer)
    square = re.search(
        r"\b(?:crop|cut)\b.*\b(?:square|\d+ \d+|wide|widescreen|portrait|landscape|vertical)\b|^crop it$", clause.text
    )
    if square:
        orders.done.append("cropped")  # to the shape that was asked for beside the words
        return clause.without(square)
    return clause


def _light(orders: Orders, clause: Clause, *, marked: bool) -> None:
    wish = Wish()
    read_ambience(wish, clause.tokens, set())
    tilt = tilts_in(clause.texts, wish)
    colour = grammar.colour_in(clause.texts)
    tinted = bool(colour) and (marked or bool(WHOLE & set(clause.texts)) or not clause.texts[1:])
    grade = orders.grade
    orders.grade = replace(
        grade,
        lightness=clamp(grade.lightness + tilt.lightness, -1, 1),
        vibrance=clamp(grade.vibrance + tilt.vibrance, -1, 1),
        warmth=clamp(grade.warmth + tilt.warmth, -1, 1),
        tint=colours.named(colour) if tinted else grade.tint,
        hour=wish.time or grade.hour,
    )
    if orders.grade != grade:
        orders.done.append(clause.text[:60])
    if wish.time:
        orders.approximated.append({"asked": wish.time, "drawn": f"the light of {wish.time} over the whole picture"})
    if wish.style:
        orders.style = wish.style
        orders.done.append(f"{wish.style} style")
    orders.approximated += wish.approximated


def refusal(orders: Orders, *, retouched: bool) -> str:
    """Why something was not done, and what could be. ``retouched``: it was drawn here, and changed
    under a mask since."""
    asked = " and ".join(f"“{words}”" for words in orders.refused[:3]) or "this"
    why = "A part of this picture was retouched" if retouched else "I did not draw this picture"
    are = "is" if len(orders.refused) < 2 else "are"
    back = " Go back to the version before that for other changes." if retouched else ""
    return f"{why}, so I can only change {CAN}; {asked} {are} beyond that.{back}"


def applied(image: Image.Image, orders: Orders, seed: int, ratio: float | None) -> Image.Image:
    """``ratio`` is the shape that was asked for, or None to keep the picture's. Any mode; L becomes RGB."""
    image = _framed(image, orders, ratio)
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    plain = image.convert("RGB")
    plain = graded(plain, orders.grade)
    for name in orders.touches:
        plain = touched(plain, name, seed)
        alpha = (
            touched(alpha, name, seed)
            if alpha is not None and name in ("mirror", "flip", "turn left", "turn right")
            else alpha
        )
    if orders.style:
        plain = _in_style(plain, orders.style, seed)
    for text in orders.texts:
        plain = lettered(plain, text)
    if alpha is not None:
        plain.putalpha(alpha)
    return plain


def _in_style(image: Image.Image, style: str, seed: int) -> Image.Image:
    """A large picture is painted smaller and enlarged again: a brush has no use for forty million pixels."""
    share = (MOST_PAINTED / (image.width * image.height)) ** 0.5
    if share >= 1:
        return in_style(image, style, seed)
    small = image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.BOX)
    smooth = Image.Resampling.NEAREST if style == "pixel art" else Image.Resampling.BICUBIC
    return in_style(small, style, seed).resize(image.size, smooth)


def _framed(image: Image.Image, orders: Orders, ratio: float | None) -> Image.Image:
    wide, tall = image.size
    if orders.crop:
        left, top, right, bottom = orders.crop
        image = image.crop((round(left * wide), round(top * tall), round(right * wide), round(bottom * tall)))
    if orders.zoom < 1:
        inset = ((1 - orders.zoom) / 2 * image.width, (1 - orders.zoom) / 2 * image.height)
        box = (round(inset[0]), round(inset[1]), round(image.width - inset[0]), round(image.height - inset[1]))
        image = image.crop(box).resize(image.size, Image.Resampling.LANCZOS)
    if ratio is not None and abs(image.width / image.height / ratio - 1) > 0.03:
        image = _cut_to(image, ratio)
    return image


def _cut_to(image: Image.Image, ratio: float) -> Image.Image:
    """The largest part of that shape, from the middle."""
    wide = min(image.width, round(image.height * ratio))
    tall = min(image.height, round(image.width / ratio))
    left, top = (image.width - wide) // 2, (image.height - tall) // 2
    return image.crop((left, top, left + wide, top + tall))
