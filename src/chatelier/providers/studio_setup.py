"""A WebUI or ComfyUI server from its table in chatelier.toml: what all providers have, and the rest under options."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from chatelier.errors import CannotStart, Invalid
from chatelier.providers.base import ImageProvider
from chatelier.providers.comfyui import ComfyUI
from chatelier.providers.registry import ProviderConfig
from chatelier.providers.webui import WebUI

_NOT_HERE = ("edit_model", "models", "like", "can", "api_version")


def open_studio(config: ProviderConfig) -> ImageProvider:
    """Raises CannotStart with what to change."""
    foreign = [name for name in _NOT_HERE if getattr(config, name)]
    if foreign:
        raise CannotStart(f"{foreign[0]} is for other types than {config.type}. Leave it out.")
    common: dict[str, Any] = {
        "base_url": config.base_url,
        "api_key": config.api_key,
        "model": config.model,
        "deadline": config.deadline,
        "price_micros": 0 if config.free else config.price_micros,
    }
    twice = [name for name in config.options if name in (*common, "name", "label", "folder")]
    if twice:
        raise CannotStart(f"{twice[0]} stands in the table itself, not under options.")
    try:
        if config.type == "webui":
            return WebUI(name=config.name, label=config.label, **common, **config.options)
        return ComfyUI(name=config.name, label=config.label, folder=config.folder, **common, **config.options)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise CannotStart(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
    except Invalid as error:
        raise CannotStart(error.sentence) from None
