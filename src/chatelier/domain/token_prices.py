"""What talk costs: by the operator's own price, else by the published ones. None means nobody knows, never zero."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from chatelier.domain.history import CHAT_CHARACTERS
from chatelier.providers import Providers
from chatelier.providers.base import ChatProvider
from chatelier.providers.chat_models import preferred

INPUT_TOKENS = 16_000  # a ceiling for what domain/history.py sends: CHAT_CHARACTERS, and its own words
MOST_IMAGES = 4  # shown with a message
OUTPUT_TOKENS = 8_192  # the most a paid model may write unless it says otherwise
USUAL_TOKENS = (2_000, 500)  # sent and written, for an example
OPENAI_HOST = "api.openai.com"
AUTO = "auto"
USED = {"input": ("prompt_tokens", "input_tokens"), "output": ("completion_tokens", "output_tokens")}


def most_tokens(chat: ChatProvider) -> int | None:
    """How much an answer may hold. A paid one needs an end, or its price would have no ceiling."""
    return chat.max_tokens or (None if chat.free else OUTPUT_TOKENS)


def ceiling(
    providers: Providers, chat: ChatProvider, *, sent: int | None = None, wrote: int | None = None, characters: int = 0
) -> int | None:
    """The most that one answer can cost, in millionths of a US dollar; ``wrote`` is None for as long as it may be,
    ``characters`` are those of the newest message."""
    if chat.free:
        return 0
    longer = max(0, characters - CHAT_CHARACTERS) * 4 // 3
    inward = sent or INPUT_TOKENS + longer + MOST_IMAGES * chat.image_tokens
    longest = wrote or most_tokens(chat) or OUTPUT_TOKENS
    known = [_price(providers, chat, model, inward, longest) for model in _candidates(chat)]
    return None if None in known or not known else max(micros for micros in known if micros is not None)


def usual_costs(providers: Providers, chat: ChatProvider) -> dict[str, int | None]:
    """What a usual answer costs by each model that may write it; None where nobody knows."""
    return {model: 0 if chat.free else _price(providers, chat, model, *USUAL_TOKENS) for model in _candidates(chat)}


def cost(providers: Providers, chat: ChatProvider, model: str, usage: Mapping[str, Any]) -> int | None:
    """What an answer did cost by the tokens that its provider counted; None when it did not count or has no price."""
    if chat.free:
        return 0
    sent, wrote = (_tokens(usage, names) for names in USED.values())
    if sent is None or wrote is None:
        return None
    found = _price(providers, chat, model or chat.default_model, sent, wrote)
    return found if found is not None else _price(providers, chat, chat.default_model, sent, wrote)


def _candidates(chat: ChatProvider) -> list[str]:
    """The model; where the server is still to be asked for its models, those that would be taken."""
    if chat.default_model != AUTO:
        return [chat.default_model]
    return preferred(_host(chat))


def _host(chat: ChatProvider) -> str:
    return OPENAI_HOST if chat.label == "OpenAI" else chat.label


def _tokens(usage: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    """A provider's count is not trusted to be one."""
    found = next((usage[name] for name in names if name in usage), None)
    is_count = isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= 10**9
    return found if is_count else None


def _price(providers: Providers, chat: ChatProvider, model: str, sent: int, wrote: int) -> int | None:
    if providers.chat_price is not None:
        inward, outward = (Decimal(str(price)) for price in providers.chat_price)
        return math.ceil(inward * sent + outward * wrote)
    rates = _published(_host(chat), model)
    return None if rates is None else _by_tokens(rates, sent, wrote)


def _by_tokens(rates: Any, sent: int, wrote: int) -> int:
    from genai_prices import Usage

    total: Decimal = rates.calc_price(Usage(input_tokens=sent, output_tokens=wrote))["total_price"]
    return max(0, math.ceil(total * 1_000_000))


@cache
def _published(host: str, model: str) -> Any:
    """The published rates of this model at this server; None for a server or model that is not listed."""
    from genai_prices import Usage, calc_price

    try:
        found = calc_price(Usage(input_tokens=1, output_tokens=1), model, provider_api_url=f"https://{host}/v1")
    except (LookupError, ValueError):
        return None
    return found.model_price
