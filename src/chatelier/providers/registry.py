"""Kinds of image providers by the name that `type` gives in a provider's table, ours and those of other packages.

Another package adds one by an entry point in the group ``chatelier.providers``: its name is the type, its object is
called with a ProviderConfig and answers an ImageProvider. docs/providers.md writes one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from chatelier.errors import CannotStart
from chatelier.providers.base import ImageProvider
from chatelier.providers.models import ModelBook

GROUP = "chatelier.providers"


@dataclass(frozen=True, kw_only=True)
class ProviderConfig:
    """A provider's table, checked: plain values. ``price_micros`` is per image in millionths of a dollar, ``folder``
    is where its relative paths begin."""

    name: str
    type: str
    book: ModelBook
    label: str = ""
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    api_version: str = ""
    model: str = ""
    edit_model: str = ""
    models: Sequence[str] = ()
    like: str = ""
    can: Sequence[str] = ()
    price_micros: int | None = None
    free: bool | None = None
    deadline: float = 300.0
    folder: Path = field(default_factory=Path)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


Build = Callable[[ProviderConfig], ImageProvider]


def _openai(config: ProviderConfig) -> ImageProvider:
    from chatelier.providers.openai_images_setup import open_openai_images

    return open_openai_images(config)


def _studio(config: ProviderConfig) -> ImageProvider:
    from chatelier.providers.studio_setup import open_studio

    return open_studio(config)


BUILT_IN: Mapping[str, Build] = {
    "openai": _openai,
    "openai-compatible": _openai,
    "azure": _openai,
    "webui": _studio,
    "comfyui": _studio,
}


def build(config: ProviderConfig) -> ImageProvider:
    """The provider that a table describes. Raises CannotStart with the table's name and what to change."""
    if not config.name.isidentifier() or config.name != config.name.lower() or len(config.name) > 40:
        raise CannotStart(
            f"[providers.{config.name}]: a provider's name is made of small letters, digits and underscores."
        )
    make = BUILT_IN.get(config.type) or _from_elsewhere(config)
    try:
        provider = make(config)
    except CannotStart as error:
        raise CannotStart(f"[providers.{config.name}]: {error.sentence}") from error
    if provider.name != config.name:
        raise CannotStart(f"[providers.{config.name}]: its package calls it {provider.name}; both must be the same.")
    return provider


def types() -> list[str]:
    """Every type there is, ours first."""
    return [*BUILT_IN, *sorted(found.name for found in entry_points(group=GROUP) if found.name not in BUILT_IN)]


def _from_elsewhere(config: ProviderConfig) -> Build:
    found = next(iter(entry_points(group=GROUP, name=config.type)), None)
    if found is None:
        known = ", ".join(types())
        raise CannotStart(f"[providers.{config.name}]: there is no type {config.type}. There are: {known}.")
    try:
        make: Build = found.load()
    except Exception as error:  # whatever another package raises, we say which one it was
        raise CannotStart(f"[providers.{config.name}]: its package {found.value} cannot be loaded: {error}.") from error
    return make
