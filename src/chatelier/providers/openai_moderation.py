"""A moderation service that speaks OpenAI's Moderations: does it decline these words, or this image?

Asking costs nothing and changes nothing, so a question that got no answer is asked once more within its time.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any
from urllib.parse import urlsplit

from chatelier.providers.base import FailureKind, ProviderError
from chatelier.providers.openai_way import Way

OPENAI = "https://api.openai.com/v1"
MAX_ANSWER = 1_000_000  # bytes
TRIES = 2
AGAIN = (FailureKind.UNAVAILABLE, FailureKind.UNKNOWN)


class OpenAIModeration:
    """``base_url`` '' is OpenAI. ``seconds`` is what one question may take, a second try included."""

    def __init__(
        self, *, model: str, base_url: str = "", api_key: str = "", seconds: float = 5.0, trust_env: bool = True
    ) -> None:
        self._base_url = (base_url or OPENAI).rstrip("/")
        self._model = model
        self._seconds = seconds
        self._way = Way(self._base_url, api_key, max_bytes=MAX_ANSWER, trust_env=trust_env)
        self.label = f"{model} at {urlsplit(self._base_url).hostname}"

    async def declines_text(self, text: str) -> bool:
        """Raises ProviderError when no answer can be had."""
        return await self._asked(text)

    async def declines_image(self, content: bytes, media_type: str) -> bool:
        """The same for a PNG, JPEG or WebP image; only some models take them."""
        packed = await asyncio.to_thread(base64.b64encode, content)
        url = f"data:{media_type};base64,{packed.decode()}"
        return await self._asked([{"type": "image_url", "image_url": {"url": url}}])

    async def close(self) -> None:
        await self._way.close()

    async def _asked(self, question: Any) -> bool:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._tried(question)
        except TimeoutError:
            raise ProviderError(FailureKind.TIMED_OUT, f"no answer within {self._seconds:g} s") from None

    async def _tried(self, question: Any) -> bool:
        for left in reversed(range(TRIES)):
            try:
                client = await self._way.client()
                raw = await client.moderations.with_raw_response.create(model=self._model, input=question)
                return verdict(raw.http_response.content)
            except Exception as error:
                failure = self._way.failure(error)
                if not left or failure.kind not in AGAIN:
                    # Without its cause: a traceback with local variables would show the key.
                    raise failure from None
                await asyncio.sleep(0.2)
        raise AssertionError("the last try answers or raises")


def verdict(content: bytes) -> bool:
    """Whether any part was flagged. Raises ProviderError for what is no verdict: that must not pass for a yes."""
    try:
        results = json.loads(content)["results"]
        flags = [result["flagged"] for result in results]
    except (ValueError, LookupError, TypeError):
        flags = []
    if not flags or not all(isinstance(flag, bool) for flag in flags):
        raise ProviderError(FailureKind.UNAVAILABLE, "the answer holds no verdict")
    return any(flags)
