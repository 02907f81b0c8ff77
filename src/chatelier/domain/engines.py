"""Which engines paint and talk and what a picture costs, said to whoever begins; and what has no price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatelier.domain import prices, token_prices
from chatelier.errors import Invalid
from chatelier.providers import Engine, Providers
from chatelier.providers.base import Capabilities, ImageProvider, Kind, ManyModels, capabilities_of
from chatelier.providers.lifecycle import Ending, ending_of

STAY_FREE = "CHATELIER_IMAGE_PROVIDER=illustrator stays free"
TALK_FREE = "CHATELIER_CHAT_MODEL=local or none stays free"


def describe_engines(providers: Providers) -> list[str]:
    """A sentence for pictures and one for talk."""
    chat = providers.chat
    pictures = _pictures(providers)
    if chat is None:
        return [pictures, "Talk: no chat model. `chatelier model install` brings a small local one."]
    ending = ending_of(chat, chat.default_model)
    told = [chat.note] if chat.note else []
    told += [f"{chat.default_model} {ending}"] if ending else []
    told += [] if chat.free else ["charges by the token", TALK_FREE]
    return [pictures, f"Talk: {chat.label}{_noted(told)}."]


def _pictures(providers: Providers) -> str:
    provider = providers.image(None)
    try:
        engine = providers.engine()
    except Invalid as gone:  # its model is retired
        return f"Pictures: {provider.label}, but {gone.sentence} {STAY_FREE}."
    told = [f"since {providers.why_default}"] if providers.why_default else []
    told.append(_cost(engine.capabilities))
    if not engine.capabilities.free:
        told.append(STAY_FREE)
    return f"Pictures: {_name(engine)}{_noted(told)}."


def _noted(told: list[str]) -> str:
    return f" ({'; '.join(told)})" if told else ""


def _name(engine: Engine) -> str:
    own = engine.provider.default_model == engine.model and engine.capabilities.free
    return engine.provider.label if own else f"{engine.provider.label}, {engine.model}"


def _cost(can: Capabilities) -> str:
    micros = prices.estimate(can)
    if can.free:
        return "costs nothing"
    return "its price is not known" if micros is None else f"about {micros / 1_000_000:.3g} USD a picture"


@dataclass(frozen=True, kw_only=True)
class Priced:
    """What a usual image, or answer, of a model costs: 0 for free, None where nobody knows. ``unpriced`` are the
    qualities whose price is not known though others are. ``ending``: its seller has named a day."""

    provider: str
    model: str
    micros: int | None
    unpriced: tuple[str, ...] = ()
    retired: str = ""
    ending: Ending | None = None


def list_prices(providers: Providers) -> list[Priced]:
    """Every model of every provider, in the order of the configuration."""
    return [priced for provider in providers.images.values() for priced in _prices_of(provider)]


def list_talk_prices(providers: Providers) -> list[Priced]:
    """What a usual answer in words costs, by each chat model that may write one."""
    if (chat := providers.chat) is None:
        return []
    costs = token_prices.usual_costs(providers, chat)
    return [Priced(provider=chat.label, model=model, micros=micros) for model, micros in costs.items()]


def _prices_of(provider: ImageProvider) -> Iterator[Priced]:
    for model in provider.models():
        try:
            can = capabilities_of(provider, model)
        except Invalid as gone:
            yield Priced(provider=provider.name, model=model, micros=None, retired=gone.sentence)
            continue
        unpriced = [quality for quality in can.qualities if prices.estimate(can, quality=quality) is None]
        micros = prices.estimate(can)
        kept = tuple(unpriced) if micros is not None else ()
        ending = ending_of(provider, model)
        yield Priced(provider=provider.name, model=model, micros=micros, unpriced=kept, ending=ending)


def list_usual_models(providers: Providers) -> list[tuple[ImageProvider, str]]:
    """The models that paint where nobody names one, once each."""
    found = []
    for provider in providers.images.values():
        own = [provider.model_for(kind) for kind in Kind] if isinstance(provider, ManyModels) else []
        chosen = [providers.default_model] if provider.name == providers.default_image else []
        usual = dict.fromkeys(filter(None, [*chosen, provider.default_model, *own]))
        found += [(provider, model) for model in usual]
    return found
