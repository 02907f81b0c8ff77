"""What a request may cost before it is sent, and what it did cost after. None means nobody knows; never taken for
zero. Pure: capabilities say the price, options and usage the amount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatelier.domain.options import Options
from chatelier.providers.base import Capabilities, Size


def estimate(
    capabilities: Capabilities,
    images: int = 1,
    *,
    size: Size | None = None,
    quality: str | None = None,
    sources: int = 0,
    characters: int = 0,
) -> int | None:
    """The ceiling for ``images`` images in micro-units of the currency, or None when the price is unknown.

    ``characters`` is the length of the prompt. What is not said is what the provider does by itself."""
    if capabilities.free:
        return 0
    if capabilities.price is None:
        return None if capabilities.price_micros is None else capabilities.price_micros * images
    wanted = size or capabilities.default_size
    return capabilities.price.ceiling(
        images,
        quality=quality or capabilities.default_quality,
        width=wanted.width,
        height=wanted.height,
        sources=sources,
        characters=characters,
        partials=capabilities.partial_images if images == 1 else 0,
    )


def estimate_for(can: Capabilities, options: Options, size: Size, prompt: str, sources: int) -> int | None:
    """The ceiling of what the options may cost, None where nobody knows."""
    return estimate(
        can,
        options.n or 1,
        size=size,
        quality=options.quality,
        sources=min(sources, can.max_sources),
        characters=len(prompt),
    )


def charge(
    capabilities: Capabilities,
    images: int,
    usage: Mapping[str, Any],
    *,
    size: Size | None = None,
    quality: str | None = None,
    held: int | None = None,
) -> int | None:
    """What a finished call cost: by the tokens that the provider counted, else by its rate per image, else ``held``,
    the estimate made before."""
    if capabilities.free:
        return 0
    if capabilities.price is None:
        return estimate(capabilities, images)
    counted = capabilities.price.of_usage(usage)
    if counted is not None:
        return counted
    if capabilities.price.per_image:
        return estimate(capabilities, images, size=size, quality=quality)
    return held
