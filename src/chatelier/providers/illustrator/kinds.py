"""How large a thing is in life and where it belongs in a picture."""

from __future__ import annotations

from dataclasses import dataclass

from chatelier.providers.illustrator.catalogue import TONE_MARK, catalogue
from chatelier.providers.illustrator.lexicon import lexicon

BY_CATEGORY = {
    "Animals & Nature": (0.5, "ground"),
    "Food & Drink": (0.16, "table"),
    "Objects": (0.3, "table"),
    "Activities": (0.3, "table"),
    "Travel & Places": (6.0, "building"),
    "People & Body": (1.7, "bust"),
    "Smileys & Emotion": (0.6, "sign"),
    "Symbols": (0.6, "sign"),
    "Flags": (1.0, "sign"),
}
HANDS = ("hand", "finger", "fist", "thumb", "gesture", "palm", "pointing", "salute", "horns")


@dataclass(frozen=True, kw_only=True)
class Thing:
    """``metres`` is the longest side; ``where`` is one of the words explained in data/kinds.txt."""

    metres: float
    where: str
    category: str

    @property
    def scale(self) -> float:
        """Drawn size: the root of the real one, so that a cat is smaller than a house and still to be seen."""
        return float(self.metres**0.54)

    @property
    def mirrored(self) -> bool:
        """Whether it may look the other way without text or custom being wrong."""
        return self.where in ("ground", "vehicle", "air", "sky", "surface", "water", "head") and self.category in (
            "Animals & Nature",
            "People & Body",
            "Travel & Places",
            "Own",
        )


def kind(icon: str) -> Thing:
    plain = icon
    if TONE_MARK in icon:
        from_tone = [part for part in icon.split("-") if part not in ("light", "medium", "dark", "skin", "tone")]
        plain = "-".join(from_tone)
    category = catalogue().categories.get(plain, "Objects")
    known = lexicon().kinds.get(plain)
    if known is None and category == "People & Body" and any(word in plain for word in HANDS):
        known = (0.5, "sign")
    metres, where = known or BY_CATEGORY.get(category, (0.3, "table"))
    return Thing(metres=metres, where=where, category=category)
