"""What a person can choose for a picture, engine by engine: only what the engine says that it can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from chatelier.db.models import User
from chatelier.domain import prices
from chatelier.domain.options import READERS, Options, check_options, resolve_size
from chatelier.domain.options_extra import from_words
from chatelier.domain.preferences import read_preferences
from chatelier.errors import Invalid
from chatelier.providers import Engine, Providers
from chatelier.providers.base import Capabilities, ImageProvider, Kind, Size, capabilities_of
from chatelier.providers.lifecycle import ending_of

RATIOS = ("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "3:1", "1:3")
MOST_AT_ONCE = 4  # offered in the form; more is a flag or the API
EXTRA = "extra."  # before the names of options that only some engines have
FIELDS = ("shape", "n", "quality", "style", "background", "seed", "negative_prompt")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A model that can be chosen: ``value`` names it in a form, ``label`` for people."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Choices:
    """``micros`` is what the chosen options cost for all ``images``, None where nobody knows. ``problem`` says why
    these options do not go together."""

    engine: Engine
    offers: Sequence[Offer]
    shapes: Sequence[str]
    images: int
    micros: int | None
    problem: str = ""

    @property
    def can(self) -> Capabilities:
        return self.engine.capabilities


def list_choices(providers: Providers, user: User, options: Options) -> Choices:
    """What the form offers while ``options`` are chosen in it. An engine that is gone gives way to the usual one."""
    usual = read_preferences(user).options()
    try:
        engine = providers.engine(options.provider or usual.provider, options.model or usual.model)
    except Invalid:
        engine = providers.engine(providers.default_image)
    declared = {option.name for option in engine.capabilities.extra_options}
    extra = {name: value for name, value in (options.extra or {}).items() if name in declared}
    options = replace(options, extra=extra or None)  # another engine's own fall away
    images = options.n or 1
    size, problem = _size(options, engine.capabilities)
    quality = options.quality or usual.quality
    micros = prices.estimate(engine.capabilities, images, size=size, quality=quality)
    return Choices(
        engine=engine,
        offers=list_offers(providers),
        shapes=_shapes(engine.capabilities),
        images=images,
        micros=micros,
        problem=problem,
    )


def list_offers(providers: Providers) -> list[Offer]:
    """Every model that can be asked, the default provider's first."""
    order = sorted(providers.images.values(), key=lambda provider: provider.name != providers.default_image)
    return [offer for provider in order for offer in _offers(provider)]


def list_maskers(providers: Providers) -> list[Offer]:
    """The models that can change a marked part of a picture and leave the rest. Where the one that is asked when nobody
    is named can, it comes first and needs no name."""
    usual = providers.engine(kind=Kind.EDIT)
    own = usual.provider.name if usual.model == usual.provider.default_model else f"{usual.provider.name}/{usual.model}"
    offers = [offer for provider in providers.images.values() for offer in _offers(provider, _masks)]
    first = [replace(offer, value="") for offer in offers if offer.value == own]
    return [*first, *(offer for offer in offers if offer.value != own)]


def _masks(can: Capabilities) -> bool:
    return can.edit and can.mask


def read_engine(value: str) -> dict[str, str]:
    """Provider and model as options; nothing for ''."""
    provider, _, model = value.strip().partition("/")
    return {name: text for name, text in (("provider", provider), ("model", model)) if text}


def read_choices(given: Mapping[str, str]) -> Options:
    """The form's fields as options, '' for what was not chosen. Raises Invalid with the field's sentence."""
    raw: dict[str, object] = {
        name: value for name in FIELDS if name in READERS and (value := given.get(name, "").strip())
    }
    for name in ("n", "seed"):
        if name in raw:
            raw[name] = _whole(str(raw[name]))
    shape = given.get("shape", "").strip()
    if shape:
        raw["size" if "x" in shape else "aspect_ratio"] = shape
    extra = {
        name.removeprefix(EXTRA): from_words(value)
        for name, value in given.items()
        if name.startswith(EXTRA) and value.strip()
    }
    return Options.from_json({**raw, **({"extra": extra} if extra else {}), **read_engine(given.get("engine", ""))})


def _whole(text: str) -> object:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else text


def _size(options: Options, can: Capabilities) -> tuple[Size, str]:
    try:
        check_options(options, can)
        return resolve_size(options, can), ""
    except Invalid as error:
        return can.default_size, error.sentence


def _offers(provider: ImageProvider, wanted: Callable[[Capabilities], bool] = lambda _: True) -> list[Offer]:
    found = []
    for model in provider.models():
        try:
            can = capabilities_of(provider, model)
        except Invalid:
            continue  # it is retired
        if not wanted(can):
            continue
        value = provider.name if model == provider.default_model else f"{provider.name}/{model}"
        label = f"{provider.label} · {model}" if len(provider.models()) > 1 else provider.label
        ending = ending_of(provider, model)
        found.append(Offer(value=value, label=f"{label} ({ending.day:until %-d %b %Y})" if ending else label))
    return found


def _shapes(can: Capabilities) -> list[str]:
    if can.sizes:
        return [str(size) for size in can.sizes]
    return [ratio for ratio in RATIOS if not _size(Options(aspect_ratio=ratio), can)[1]]
