"""Images that a server only gives the address of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatelier.providers.base import FailureKind, ProviderError
from chatelier.providers.fetch import Refused, fetch

if TYPE_CHECKING:
    from chatelier.providers.openai_images import Server

MAX_IMAGE_BYTES = 60_000_000


async def fetch_image(url: str, server: Server) -> bytes:
    """Raises ProviderError that says billed: the image was made, and could not be had."""
    try:
        return await fetch(url, origin=server.url, max_bytes=min(MAX_IMAGE_BYTES, server.max_bytes))
    except Refused as error:
        detail = f"the image could not be fetched: {error}"
        raise ProviderError(FailureKind.UNAVAILABLE, detail, billed=True) from None
