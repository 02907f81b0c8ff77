"""How many of a thing: numbers in digits and words, "a dozen", "a flock of"."""

from __future__ import annotations

NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "hundred": 100, "hundreds": 100, "thousand": 1000, "thousands": 1000}
GROUPS = {
    "couple": 2,
    "pair": 2,
    "duo": 2,
    "twin": 2,
    "both": 2,
    "trio": 3,
    "few": 3,
    "some": 3,
    "quartet": 4,
    "family": 4,
    "several": 5,
    "group": 5,
    "bunch": 5,
    "herd": 5,
    "pack": 5,
    "pride": 4,
    "litter": 5,
    "team": 5,
    "handful": 5,
    "pile": 6,
    "row": 5,
    "basket": 6,
    "bowl": 5,
    "flock": 8,
    "school": 8,
    "swarm": 10,
    "crowd": 9,
    "lots": 8,
    "many": 8,
    "field": 12,
    "dozen": 12,
    "dozens": 24,
    "colony": 8,
    "gaggle": 6,
    "fleet": 5,
    "shoal": 8,
    "forest": 8,
}
MOST = 24  # of one kind; more would be too small to see
PLURAL = 3  # what a plural without a number means


def count_of(words: list[str]) -> int | None:
    """The number said by the words before a thing, or None. "half a dozen" is 6, "two dozen" 24."""
    number: int | None = None
    for word in words:
        if word.isdecimal():
            number = int(word[:6])
        elif word in NUMBERS:
            number = NUMBERS[word] if number is None or NUMBERS[word] < 100 else number * NUMBERS[word]
        elif word == "dozen":
            number = 6 if "half" in words else 12 * (number or 1)
        elif word in GROUPS and number is None:
            number = GROUPS[word]
    return number
