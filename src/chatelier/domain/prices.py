"""What a request may cost before it is sent. None means nobody knows; it is never taken for zero."""

from __future__ import annotations

from chatelier.providers.base import Capabilities


def estimate(capabilities: Capabilities, images: int) -> int | None:
    """The ceiling for ``images`` images in micro-units of the currency, or None when the price is unknown."""
    if capabilities.free:
        return 0
    if capabilities.price_micros is None:
        return None
    return capabilities.price_micros * images
