"""From a drawn scene to the picture people get: its style, its touches, its words, and what a mask protects."""

from __future__ import annotations

from typing import Any

from PIL import Image

from chatelier.providers.illustrator import masking
from chatelier.providers.illustrator.lettering import lettered
from chatelier.providers.illustrator.refusal import Refused
from chatelier.providers.illustrator.scene import Scene
from chatelier.providers.illustrator.styles import in_style
from chatelier.providers.illustrator.touches import touched

NOTES = {"watercolor": "Painted in watercolor", "sketch": "Drew it in pencil", "pixel art": "Set the pixels"}


def is_worked(scene: Scene) -> bool:
    """Whether more is done than drawing shapes."""
    return bool(scene.style != "flat" or scene.touches or scene.texts)


def note_of(scene: Scene) -> str:
    return NOTES.get(scene.style, "Worked on the finish")


def finished(image: Image.Image, scene: Scene) -> Image.Image:
    """Words are written over style and mirror image, and turn with the picture: they can always be read."""
    image = in_style(image, scene.style, scene.seed)
    turning = [name for name in scene.touches if name in ("turn left", "turn right")]
    for name in scene.touches:
        image = touched(image, name, scene.seed) if name not in turning else image
    for text in scene.texts:
        image = lettered(image, text)
    for name in turning:
        image = touched(image, name, scene.seed)
    return image


def within_mask(
    image: Image.Image, before: Image.Image, free: Image.Image, recipe: dict[str, Any]
) -> tuple[Image.Image, dict[str, Any]]:
    """The edit inside the mask and the source around it. Where the whole scene changed, only the pixels know what the
    picture looks like: then its recipe says that it was retouched."""
    merged = masking.merged(before, image, free)
    if not masking.differs(merged, before):
        raise Refused("Nothing of that is inside the marked part, so nothing was changed. Mark a larger part.")
    protected = free.point(lambda value: 255 if value < 250 else 0)
    return merged, {**recipe, "retouched": True} if masking.differs(image, merged, protected) else recipe
