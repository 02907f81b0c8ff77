"""What programs that speak OpenAI's protocol call things, in our words: models and the options of a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chatelier.domain.intent import Intent
from chatelier.domain.options import Options
from chatelier.providers import Engine, Providers
from chatelier.providers.base import Kind

WHOLE = "chatelier"  # the model that talks and paints
QUALITIES = {"standard": "medium", "hd": "high"}  # DALL-E's words for what other models have under these
MOODS = ("vivid", "natural")  # DALL-E's only styles; to other models they say nothing


def list_models(providers: Providers) -> Iterator[tuple[str, str]]:
    """Each name that a program may give, and whose it is: the whole, its chat model, and whatever paints;
    provider/model where two have the same name."""
    yield WHOLE, WHOLE
    if providers.chat is not None:
        yield providers.chat.default_model, providers.chat.name
    offered = [(name, model) for name, provider in providers.images.items() for model in provider.models()]
    often = Counter(model for _, model in offered)
    for name, model in offered:
        yield (model if often[model] == 1 else f"{name}/{model}"), name


def read_painter(providers: Providers, model: str | None) -> Options:
    """Who paints in a talk with ``model``; nobody in particular for the whole and the chat model. Raises Invalid."""
    if providers.chat is not None and model == providers.chat.default_model:
        return Options()
    return _named(_engine(providers, model, Kind.GENERATE), model)


def read_options(providers: Providers, intent: Intent, asked: Mapping[str, Any]) -> Options:
    """``asked`` by the protocol's names; None where nothing was said. What the engine has no notion of is left aside.
    Raises Invalid for a model that is not there, and for values that cannot be."""
    engine = _engine(providers, asked["model"], Kind.EDIT if intent is Intent.EDIT else Kind.GENERATE)
    can, style = engine.capabilities, asked["style"]
    extra = {option.name: asked.get(option.name) for option in can.extra_options}
    said = {
        "n": asked["n"],
        "size": asked["size"],
        "quality": _quality(asked["quality"], can.qualities),
        "style": None if style in MOODS and style not in can.styles else style,
        "background": asked["background"] if can.background else None,
        "negative_prompt": asked["negative_prompt"],
        "seed": asked["seed"] if can.seed else None,
        "extra": {name: value for name, value in extra.items() if value is not None} or None,
    }
    return _named(engine, asked["model"]).merged(Options.from_json(said))


def _engine(providers: Providers, name: str | None, kind: Kind) -> Engine:
    provider, _, model = (name or "").partition("/")
    if provider in providers.images and model:
        return providers.engine(provider, model, kind)
    return providers.engine(None, None if name == WHOLE else name, kind)


def _named(engine: Engine, name: str | None) -> Options:
    """Only who was asked for by name: else another may stand in for the usual one."""
    return Options() if name in (None, WHOLE) else Options(provider=engine.provider.name, model=engine.model)


def _quality(said: str | None, offered: Sequence[str]) -> str | None:
    if said is None or not offered:
        return None
    return said if said in offered else QUALITIES.get(said, said)
