"""Chat adapters for the stub server, closed after the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from chatelier.providers.openai_chat import OpenAIChat

KEY = "sk-canary-0123456789abcdef"
Talker = Callable[..., OpenAIChat]


@pytest.fixture
async def talker() -> AsyncIterator[Talker]:
    made: list[OpenAIChat] = []

    def make(url: str, **options: Any) -> OpenAIChat:
        made.append(OpenAIChat(base_url=url, **({"api_key": KEY, "model": "stub-1"} | options)))
        return made[-1]

    yield make
    for chat in made:
        await chat.close()
