"""Which engines this process can use, chosen once from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chatelier.errors import CannotStart, Invalid
from chatelier.providers.base import ChatProvider, ImageProvider

if TYPE_CHECKING:
    from chatelier.config import Settings  # not read at run time: `chatelier intent` starts without it


@dataclass(frozen=True, kw_only=True)
class Providers:
    """``chat`` is None when there is no chat model at all; ``default_image`` paints unless another is named."""

    images: Mapping[str, ImageProvider] = field(default_factory=dict)
    default_image: str
    chat: ChatProvider | None = None
    chat_price: tuple[float, float] | None = None  # the operator's own, in US dollars a million tokens, in and out

    def image(self, name: str | None) -> ImageProvider:
        """The image provider of this name, the default for None. Raises Invalid with the names there are."""
        found = self.images.get(name or self.default_image)
        if found is None:
            known = ", ".join(sorted(self.images))
            raise Invalid(f"There is no image provider {name}. There are: {known}.", fields={"provider": "unknown"})
        return found

    async def close(self) -> None:
        for provider in (*self.images.values(), self.chat):
            if provider is not None:
                await provider.close()


def open_providers(settings: Settings) -> Providers:
    """Build the providers; nothing is started or imported in earnest before its first use."""
    from chatelier.providers.illustrator import Illustrator

    images: dict[str, ImageProvider] = {"illustrator": Illustrator(slots=settings.picture_slots)}
    if settings.fake_provider:
        from chatelier.providers.fake import FakePainter

        images["fake"] = FakePainter(journal=Path(settings.fake_journal) if settings.fake_journal else None)
    default = settings.image_provider or "illustrator"
    if default not in images:
        raise CannotStart(f"CHATELIER_IMAGE_PROVIDER names {default}; there are: {', '.join(sorted(images))}.")
    return Providers(images=images, default_image=default, chat=_open_chat(settings), chat_price=_chat_price(settings))


def _chat_price(settings: Settings) -> tuple[float, float] | None:
    prices = (settings.chat_input_price, settings.chat_output_price)
    if prices == (None, None):
        return None
    if prices[0] is None or prices[1] is None:
        raise CannotStart("Give both CHATELIER_CHAT_INPUT_PRICE and CHATELIER_CHAT_OUTPUT_PRICE, or neither.")
    return prices[0], prices[1]


def _open_chat(settings: Settings) -> ChatProvider | None:
    """An OpenAI-compatible server if one is named, else the local model if it is installed, else none."""
    if settings.chat_model == "none":
        return None
    if settings.chat_model == "fake":
        from chatelier.providers.fake_chat import FakeTalker

        return FakeTalker()
    base_url = settings.chat_base_url or settings.openai_base_url
    key = settings.chat_api_key or settings.openai_api_key
    if settings.chat_model != "local" and (base_url or key):
        from chatelier.providers.openai_chat import OpenAIChat

        return OpenAIChat(base_url=base_url, api_key=key, model=settings.chat_model)
    from chatelier.providers.local_chat import LocalChat, find_local_model

    path = find_local_model(settings)
    return LocalChat(path, idle_seconds=settings.local_chat_idle) if path else None
