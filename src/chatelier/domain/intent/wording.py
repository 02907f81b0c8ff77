"""Options said in plain words: "in 16:9", "as a phone wallpaper", "four versions", "without text"."""

from __future__ import annotations

import re
from typing import Any

from chatelier.domain.intent.requests import number
from chatelier.domain.options import Options
from chatelier.errors import Invalid

SCAN = 2000  # characters read
COUNT = r"(two|three|four|five|six|seven|eight|nine|ten|[2-9]|1[0-6])"
RATIO = re.compile(r"(?<![\d:])(\d{1,2}):(\d{1,2})(?![\d:])(?:\s+(?:aspect\s+)?(?:ratio|format))?")
RATIO_SETTING = re.compile(r"\b(?:in|as|at|ratio|format|aspect|make it|to|a)\s*$|[,;(]\s*$|^\s*$", re.IGNORECASE)
SIZE = re.compile(r"(?<!\d)(\d{3,4})\s?[x×]\s?(\d{3,4})(?!\d)")
VERSIONS = re.compile(
    rf"\b{COUNT}\s+(?:different\s+|more\s+|new\s+)?(?:versions?|variations?|variants?|options|alternatives|takes)\b",
    re.IGNORECASE,
)
WALLPAPER = re.compile(
    r"\b(?:as|for)\s+(?:an?\s+|my\s+)?(?:(phone|mobile|iphone)|(desktop|computer|pc))?\s*(?:wallpaper|background)\b",
    re.IGNORECASE,
)
SHAPE = re.compile(
    r"\b(portrait|landscape|square|vertical|horizontal|widescreen|panoramic)"
    r"\s+(?:image\s+)?(?:format|orientation|aspect|ratio|crop|mode)\b"
    r"|\b(?:make it|crop it to an?|crop to an?|as an?|in)\s+(square|vertical|horizontal|widescreen)\b",
    re.IGNORECASE,
)
SHAPES = {"portrait": "2:3", "vertical": "2:3", "landscape": "3:2", "horizontal": "3:2", "square": "1:1"}
SHAPES |= {"widescreen": "16:9", "panoramic": "3:1"}
WITHOUT_TEXT = re.compile(
    r"\b(?:without|with no|no)\s+(?:any\s+)?(text|words|letters|lettering|writing|captions?)\b(?!\s+(?:box|field))",
    re.IGNORECASE,
)
STYLES = "watercolou?r|flat|cartoon|anime|pixel art|oil painting|pencil sketch|line art|cyberpunk|minimalist|pop art"
STYLE = re.compile(rf"\bin\s+(?:an?\s+|the\s+)?({STYLES})\s+style\b", re.IGNORECASE)


def options_in_words(text: str) -> Options:
    """What is said beyond doubt; anything else stays in the prompt only."""
    text = text[:SCAN]
    raw: dict[str, Any] = {}
    for name, value in (("n", _count(text)), ("negative_prompt", _unwanted(text)), ("style", _style(text))):
        if value:
            raw[name] = value
    raw.update(_shape(text))
    try:
        return Options.from_json(raw)
    except Invalid:
        return Options()


def _count(text: str) -> int | None:
    found = VERSIONS.search(text)
    return number(found[1].lower()) if found else None


def _unwanted(text: str) -> str | None:
    found = WITHOUT_TEXT.search(text)
    return found[1].lower() if found else None


def _style(text: str) -> str | None:
    found = STYLE.search(text)
    return found[1].lower() if found else None


def _shape(text: str) -> dict[str, str]:
    size = SIZE.search(text)
    if size:
        return {"size": f"{size[1]}x{size[2]}"}
    ratio = RATIO.search(text)
    if ratio and _is_shape(text, ratio):
        return {"aspect_ratio": f"{ratio[1]}:{ratio[2]}"}
    wallpaper = WALLPAPER.search(text)
    if wallpaper:
        return {"aspect_ratio": "9:16" if wallpaper[1] else "16:9"}
    shape = SHAPE.search(text)
    return {"aspect_ratio": SHAPES[(shape[1] or shape[2]).lower()]} if shape else {}


def _is_shape(text: str, found: re.Match[str]) -> bool:
    """Not a time of day or a score: "at 12:30", "they won 3:1"."""
    width, height = int(found[1]), int(found[2])
    if not (1 <= width <= 21 and 1 <= height <= 21) or found[2].startswith("0"):
        return False
    named = "ratio" in found.group() or "format" in found.group()
    return named or bool(RATIO_SETTING.search(text[max(0, found.start() - 12) : found.start()]))
