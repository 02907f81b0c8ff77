"""Which engines paint and talk and what a picture costs, said to whoever begins."""

from __future__ import annotations

from chatelier.providers import Providers

STAY_FREE = "CHATELIER_IMAGE_PROVIDER=illustrator stays free"


def describe_engines(providers: Providers) -> list[str]:
    """A sentence for pictures and one for talk."""
    image, chat = providers.image(None), providers.chat
    price = image.capabilities.price_micros
    if image.capabilities.free:
        cost = "costs nothing"
    elif price is None:
        cost = f"its price is not known; {STAY_FREE}"
    else:
        cost = f"about {price / 1_000_000:.3g} USD a picture; {STAY_FREE}"
    pictures = f"Pictures: {image.label} ({cost})."
    if chat is None:
        return [pictures, "Talk: no chat model. `chatelier model install` brings a small local one."]
    return [pictures, f"Talk: {chat.label}{f' ({chat.note})' if chat.note else ''}."]
