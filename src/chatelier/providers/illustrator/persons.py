"""People: which of the many drawn persons is meant (woman, astronaut, running, dark skin …)."""

from __future__ import annotations

from collections.abc import Sequence

from chatelier.providers.illustrator.catalogue import Catalogue

GENDERS = {
    "man-standing": "man",
    "woman-standing": "woman",
    "person-standing": "person",
    "boy": "man",
    "girl": "woman",
    "child": "person",
    "old-man": "man",
    "old-woman": "woman",
}
ACTIONS = {
    "running": "running",
    "jogging": "running",
    "walking": "walking",
    "strolling": "walking",
    "hiking": "walking",
    "dancing": "dancing",
    "swimming": "swimming",
    "surfing": "surfing",
    "biking": "biking",
    "cycling": "biking",
    "climbing": "climbing",
    "juggling": "juggling",
    "golfing": "golfing",
    "kneeling": "kneeling",
    "meditating": "in-lotus-position",
    "rowing": "rowing-boat",
    "cartwheeling": "cartwheeling",
    "wrestling": "wrestling",
    "shrugging": "shrugging",
    "bowing": "bowing",
    "waving": "raising-hand",
    "frowning": "frowning",
    "fencing": "fencing",
    "sleeping": "in-bed",
}
SOLE = {"skiing": "skier", "snowboarding": "snowboarder", "fencing": "person-fencing", "sleeping": "person-in-bed"}


def acting(icon: str, after: Sequence[str], icons: Catalogue) -> tuple[str, str]:
    """The icon of a person who does something ("running"), and that word; ('', '') when none says so."""
    gender = GENDERS.get(icon)
    if gender is None:
        return "", ""
    for word in after[:4]:
        if word in SOLE and SOLE[word] in icons:
            return SOLE[word], word
        if word in ACTIONS:
            for who in (gender, "woman" if word == "dancing" else "person"):
                if f"{who}-{ACTIONS[word]}" in icons:
                    return f"{who}-{ACTIONS[word]}", word
        if word in ("and", ",", "."):
            break
    return "", ""


def of_gender(icon: str, gender: str, icons: Catalogue) -> str:
    """The woman or man of a profession, or the icon itself where the set has none."""
    plain = icon.removeprefix("person-").removeprefix("man-").removeprefix("woman-")
    variant = f"{gender}-{plain}"
    return variant if gender and variant in icons else icon
