"""Which engines this process can use, chosen once from the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatelier.errors import CannotStart, Invalid
from chatelier.providers.base import (
    Capabilities,
    ChatProvider,
    ImageProvider,
    Kind,
    ManyModels,
    Moderator,
    capabilities_of,
)

if TYPE_CHECKING:
    from chatelier.config import (
        ProviderSettings,
        Settings,
    )  # not read at run time: `chatelier intent` starts without it
    from chatelier.providers.models import ModelBook

ILLUSTRATOR = "illustrator"
OPENAI = "openai"
BUILT_IN = (ILLUSTRATOR, "fake")  # their lists of models are whole


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A provider with one of its models, and what this model can and costs."""

    provider: ImageProvider
    model: str
    capabilities: Capabilities


@dataclass(kw_only=True, eq=False)
class Providers:
    """``chat`` is None when there is no chat model at all; ``default_image`` paints unless another is named.
    ``fallback`` is tried in its order where one fails and nothing was paid. ``why_default`` says what made the
    default one so, where it was not asked for by name. ``moderator`` is asked before anything is sent, None: nobody."""

    images: dict[str, ImageProvider] = field(default_factory=dict)
    default_image: str
    default_model: str = ""
    fallback: Sequence[str] = ()
    why_default: str = ""
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    folder: Path = Path()  # what paths in tables are relative to
    chat: ChatProvider | None = None
    moderator: Moderator | None = None
    chat_price: tuple[float, float] | None = None  # the operator's own, in US dollars a million tokens, in and out
    _added: dict[str, ImageProvider] = field(default_factory=dict, repr=False)  # by admins, while we run
    _gone: list[ImageProvider] = field(default_factory=list, repr=False)
    _settled: tuple[str, str, str] | None = None  # the default of the settings, while an admin's stands before it

    def book(self) -> ModelBook:
        """The known models with the operator's own. Read from a file: not for the event loop's busy moments."""
        from chatelier.providers.models import read_book

        return read_book(self.models)

    def add(self, added: Mapping[str, ImageProvider], *, default: str = "") -> None:
        """Put these in the place of those added before. Names of the settings stay what they are. What is replaced may
        still be painting, so it is closed only at the end. ``default`` paints when nobody says who."""
        for name, provider in self._added.items():
            del self.images[name]
            self._gone.append(provider)
        self._added = {name: provider for name, provider in added.items() if name not in self.images}
        self._gone += [provider for name, provider in added.items() if name not in self._added]
        self.images.update(self._added)
        usual = self._settled or (self.default_image, self.default_model, self.why_default)
        if default in self._added:
            self._settled = usual
            self.default_image, self.default_model, self.why_default = default, "", "an admin chose it"
        elif self._settled:
            self.default_image, self.default_model, self.why_default = usual
            self._settled = None

    def image(self, name: str | None) -> ImageProvider:
        """The image provider of this name, the default for None. Raises Invalid with the names there are."""
        found = self.images.get(name or self.default_image)
        if found is None:
            known = ", ".join(sorted(self.images))
            raise Invalid(f"There is no image provider {name}. There are: {known}.", fields={"provider": "unknown"})
        return found

    def engine(self, name: str | None = None, model: str | None = None, kind: Kind = Kind.GENERATE) -> Engine:
        """What paints a request that names these, or names nothing; a model alone finds its provider. Raises Invalid,
        also for a retired model."""
        provider = self.image(name or self._owner_of(model))
        if model and provider.name in BUILT_IN and model not in provider.models():
            known = ", ".join(sorted({one for image in self.images.values() for one in image.models()}))
            raise Invalid(f"There is no model {model[:60]} here. There are: {known}.", fields={"model": "unknown"})
        usual = self.default_model if provider.name == self.default_image else ""
        own = provider.model_for(kind) if isinstance(provider, ManyModels) else provider.default_model
        wanted = model or (usual if kind is Kind.GENERATE else "") or own
        return Engine(provider=provider, model=wanted, capabilities=capabilities_of(provider, wanted))

    def _owner_of(self, model: str | None) -> str | None:
        """The provider that lists the model, the default one first; None: the default one, which may know more."""
        names = [self.default_image, *self.images]
        return next(
            (name for name in names if model and name in self.images and model in self.images[name].models()), None
        )

    async def close(self) -> None:
        for provider in (*self.images.values(), *self._gone, self.chat, self.moderator):
            if provider is not None:
                await provider.close()


def open_providers(settings: Settings) -> Providers:
    """Build the providers; nothing is started or imported in earnest before its first use. Raises CannotStart."""
    from chatelier.providers import wire

    wire.close_the_way_out(settings.offline)
    images = _open_images(settings)
    asked_for = settings.image_provider
    default = asked_for or (OPENAI if OPENAI in images else ILLUSTRATOR)
    for name, where in (
        (default, "CHATELIER_IMAGE_PROVIDER"),
        *((name, "image_fallback") for name in settings.image_fallback),
    ):
        if name not in images:
            raise CannotStart(f"{where} names {name}; there are: {', '.join(sorted(images))}.")
    return Providers(
        images=images,
        default_image=default,
        default_model=settings.image_model,
        fallback=settings.image_fallback,
        models=settings.models,
        folder=_folder(settings),
        why_default="" if asked_for or default != OPENAI else _why_openai(settings),
        chat=_open_chat(settings),
        moderator=_open_moderator(settings),
        chat_price=_chat_price(settings),
    )


def _why_openai(settings: Settings) -> str:
    if OPENAI in settings.providers:
        return "it is configured"
    return "OPENAI_API_KEY is set" if settings.openai_api_key else "OPENAI_BASE_URL is set"


def _open_images(settings: Settings) -> dict[str, ImageProvider]:
    from chatelier.providers.illustrator import Illustrator

    images: dict[str, ImageProvider] = {ILLUSTRATOR: Illustrator(slots=settings.picture_slots)}
    if settings.fake_provider:
        from chatelier.providers.fake import FakePainter

        images["fake"] = FakePainter(
            journal=Path(settings.fake_journal) if settings.fake_journal else None,
            content=Path(settings.fake_picture).read_bytes() if settings.fake_picture else None,
        )
    tables = _tables(settings)
    if tables or settings.models:
        from chatelier.providers.models import read_book

        book = read_book(settings.models)
        folder = _folder(settings)
        for name, table in tables.items():
            if name in images:
                raise CannotStart(f"[providers.{name}]: this name belongs to a built-in provider. Choose another.")
            images[name] = open_table(name, table, book, folder)
    return images


def _folder(settings: Settings) -> Path:
    return settings.config_file.parent if settings.config_file else settings.data_dir


def _tables(settings: Settings) -> dict[str, ProviderSettings]:
    """What is configured; a key or an address of OpenAI's own variables is a table too, unless there is one."""
    tables = dict(settings.providers)
    if OPENAI not in tables and (settings.openai_api_key or settings.openai_base_url):
        from chatelier.config import ProviderSettings

        tables[OPENAI] = ProviderSettings(
            type="openai", base_url=settings.openai_base_url, api_key=settings.openai_api_key
        )
    return tables


def open_table(name: str, table: ProviderSettings, book: ModelBook, folder: Path) -> ImageProvider:
    """The provider that a table describes; paths in it are relative to ``folder``. Raises CannotStart."""
    from chatelier.providers.registry import ProviderConfig, build

    values = table.model_dump(exclude={"price"})
    price = None if table.price is None else round(table.price * 1_000_000)
    return build(ProviderConfig(name=name, book=book, price_micros=price, folder=folder, **values))


def _chat_price(settings: Settings) -> tuple[float, float] | None:
    prices = (settings.chat_input_price, settings.chat_output_price)
    if prices == (None, None):
        return None
    if prices[0] is None or prices[1] is None:
        raise CannotStart("Give both CHATELIER_CHAT_INPUT_PRICE and CHATELIER_CHAT_OUTPUT_PRICE, or neither.")
    return prices[0], prices[1]


def _open_moderator(settings: Settings) -> Moderator | None:
    """OpenAI's own key goes to no other server."""
    if not settings.moderation_model:
        return None
    from chatelier.providers.openai_moderation import OpenAIModeration

    own = settings.moderation_base_url
    return OpenAIModeration(
        model=settings.moderation_model,
        base_url=own,
        api_key=settings.moderation_api_key or ("" if own else settings.openai_api_key),
        seconds=settings.moderation_timeout,
    )


def _open_chat(settings: Settings) -> ChatProvider | None:
    """An OpenAI-compatible server if one is named, else the local model if it is installed, else none."""
    if settings.chat_model == "none":
        return None
    if settings.chat_model in ("fake", "fake-tools"):
        from chatelier.providers.fake_chat import FakeTalker

        return FakeTalker(tools=settings.chat_model == "fake-tools")
    base_url = settings.chat_base_url or settings.openai_base_url
    key = settings.chat_api_key or settings.openai_api_key
    if settings.chat_model != "local" and (base_url or key):
        from chatelier.providers.openai_chat import OpenAIChat

        return OpenAIChat(
            base_url=base_url,
            api_key=key,
            model=settings.chat_model,
            sees=settings.chat_vision,
            window=settings.chat_window,
        )
    from chatelier.providers.local_chat import LocalChat, find_local_model

    path = find_local_model(settings)
    return LocalChat(path, idle_seconds=settings.local_chat_idle) if path else None
