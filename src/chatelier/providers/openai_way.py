"""The way to a server that speaks OpenAI's protocol: one client of the SDK, opened when it is first needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from chatelier.providers.base import ProviderError

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class Way:
    """``api_version`` makes it Azure. ``max_bytes`` caps one answer; ``trust_env`` obeys proxy variables."""

    def __init__(
        self, base_url: str, api_key: str, *, max_bytes: int, trust_env: bool = True, api_version: str = ""
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._max_bytes = max_bytes
        self._trust_env = trust_env
        self._api_version = api_version
        self._opening = asyncio.Lock()
        self._client: AsyncOpenAI | None = None

    async def client(self) -> AsyncOpenAI:
        """Raises ProviderError where the way out is closed."""
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._open)
            return self._client

    def failure(self, error: Exception) -> ProviderError:
        """``error`` as one of our kinds, without the key in its words."""
        from chatelier.providers.openai_http import failure_of

        return failure_of(error, api_key=self._api_key)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _open(self) -> AsyncOpenAI:
        """In a thread: importing the SDK takes about a second, and each of its parts is imported at first touch."""
        from chatelier.providers.openai_http import open_client

        return open_client(
            self._base_url,
            self._api_key,
            max_bytes=self._max_bytes,
            trust_env=self._trust_env,
            api_version=self._api_version,
        )
