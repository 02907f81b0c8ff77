"""What a model's images cost, in US dollars as the provider states them; sums are millionths of a dollar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any

MEGAPIXEL = 1024 * 1024
MARGIN = 1.25  # on what is scaled from a known size to another
HIGHEST = 1_000_000_000_000  # millionths: what is above a million dollars is a mistake


@dataclass(frozen=True, kw_only=True)
class ImageRate:
    """Dollars for one image of this quality and size; '' fits every one."""

    usd: Decimal
    quality: str = ""
    size: str = ""

    def fits(self, quality: str, size: str) -> bool:
        return self.quality in ("", quality) and self.size in ("", size)


@dataclass(frozen=True, kw_only=True)
class Price:
    """Either a rate per image, or rates per million tokens with what an image is known to take.

    ``per_million`` knows text_in, image_in, cached_in, image_out and text_out. ``tokens`` gives the output tokens by
    quality and size; its size "megapixel" is for all sizes not named. ``source_tokens`` are those of one source image,
    ``partial_tokens`` those of one partial image."""

    per_image: Sequence[ImageRate] = ()
    per_million: Mapping[str, Decimal] = field(default_factory=dict)
    tokens: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    source_tokens: int = 0
    partial_tokens: int = 0

    def ceiling(
        self,
        images: int,
        *,
        quality: str,
        width: int,
        height: int,
        sources: int = 0,
        characters: int = 0,
        partials: int = 0,
    ) -> int | None:
        """The most that the call may cost, or None where nobody says. A character is taken for a token."""
        if self.per_image:
            rate = next((rate for rate in self.per_image if rate.fits(quality, f"{width}x{height}")), None)
            return None if rate is None else _micros(rate.usd * images)
        output = self._output_tokens(quality, width, height)
        if output is None or "image_out" not in self.per_million:
            return None
        used = {
            "image_out": (output + partials * self.partial_tokens) * images,
            "image_in": sources * self.source_tokens,
            "text_in": characters,
        }
        return self._sum(used)

    def of_usage(self, usage: Mapping[str, Any]) -> int | None:
        """What the provider's own count of tokens comes to, or None where it counted none."""
        output = _count(usage.get("output_tokens"))
        entered = _count(usage.get("input_tokens"))
        if not self.per_million or output is None or entered is None:
            return None
        inner, outer = _table(usage.get("input_tokens_details")), _table(usage.get("output_tokens_details"))
        text_out = min(_count(outer.get("text_tokens")) or 0, output)
        # Without details the dearer kind is assumed; what is cached is cheaper and has no kind of its own.
        text_in = min(_count(inner.get("text_tokens")) or 0, entered)
        cached = min(_count(inner.get("cached_tokens")) or 0, entered)
        cheap = min(cached, text_in) if "cached_in" in self.per_million else 0
        used = {
            "text_in": text_in - cheap,
            "cached_in": cheap,
            "image_in": entered - text_in,
            "text_out": text_out,
            "image_out": output - text_out,
        }
        return self._sum(used)

    def _output_tokens(self, quality: str, width: int, height: int) -> int | None:
        known = self.tokens.get(quality)
        if known is None:
            return None
        if (exact := known.get(f"{width}x{height}")) is not None:
            return exact
        if (each := known.get("megapixel")) is None:
            return None
        return math.ceil(each * max(1.0, width * height / MEGAPIXEL) * MARGIN)

    def _sum(self, used: Mapping[str, int]) -> int:
        fallback = {"text_out": "image_out", "cached_in": "text_in", "image_in": "text_in", "text_in": "image_in"}
        total = Decimal(0)
        for unit, count in used.items():
            rate = self.per_million.get(unit, self.per_million.get(fallback.get(unit, ""), Decimal(0)))
            total += rate * count / 1_000_000
        return _micros(total)


def _micros(usd: Decimal) -> int:
    return min(int((usd * 1_000_000).to_integral_value(ROUND_CEILING)), HIGHEST)


def _count(value: object) -> int | None:
    """A count that a provider may state: a whole number that is not negative and not absurd."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < 1_000_000_000 else None  # type: ignore[operator,return-value]


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
