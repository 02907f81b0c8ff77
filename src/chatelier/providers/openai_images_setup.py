"""A provider's table read as an OpenAI-style images server."""

from __future__ import annotations

from pydantic import ValidationError

from chatelier.errors import CannotStart
from chatelier.providers.openai_images import OpenAIImages, Server
from chatelier.providers.openai_images_body import ImageOptions
from chatelier.providers.registry import ProviderConfig

AZURE_VERSION = "2025-04-01-preview"


def open_openai_images(config: ProviderConfig) -> OpenAIImages:
    """Raises CannotStart for a table that cannot work."""
    _check(config)
    try:
        options = ImageOptions.model_validate(dict(config.options))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CannotStart(f"options.{where} cannot be used: {first['msg']}. See docs/providers.md.") from error
    server = Server(
        base_url=config.base_url,
        api_key=config.api_key,
        api_version=(config.api_version or AZURE_VERSION) if config.type == "azure" else "",
        deadline=config.deadline,
    )
    return OpenAIImages(
        server,
        name=config.name,
        label=config.label,
        model=config.model,
        edit_model=config.edit_model,
        offered=config.models,
        like=config.like,
        can=config.can,
        price_micros=config.price_micros,
        free=config.free,
        options=options,
        book=config.book,
    )


def _check(config: ProviderConfig) -> None:
    if config.base_url and not config.base_url.startswith(("http://", "https://")):
        raise CannotStart("base_url begins with http:// or https://.")
    if config.type == "openai-compatible" and not config.base_url:
        raise CannotStart("an openai-compatible server needs its base_url, as in http://127.0.0.1:8000/v1.")
    if config.type == "azure" and not (config.base_url and config.model):
        raise CannotStart("azure needs base_url (the resource's address) and model (the deployment's name).")
    if config.like and config.like not in config.book.rows:
        raise CannotStart(f"like names {config.like}, which is not a known model.")
    if config.free and config.price_micros:
        raise CannotStart("it cannot be free and have a price. Set one of them.")
