"""Asking a chat provider, and what it answers or how it fails."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from chatelier.providers.base import (
    ChatDelta,
    ChatEvent,
    ChatMessage,
    ChatProvider,
    ChatRequest,
    ChatResult,
    ProviderError,
)
from tests.providers.stub import Connection


def asked(*turns: str, **values: Any) -> ChatRequest:
    """A request with these turns, the first one the user's."""
    said = [
        ChatMessage(role=("user", "assistant")[index % 2], text=text) for index, text in enumerate(turns or ("Hello",))
    ]
    return ChatRequest(messages=[ChatMessage(role="system", text="Answer briefly."), *said], **values)


async def answer(chat: ChatProvider, request: ChatRequest | None = None) -> tuple[str, ChatResult]:
    events: list[ChatEvent] = []
    async with aclosing(chat.reply(request or asked())) as stream:
        async for event in stream:
            events.append(event)
    assert isinstance(events[-1], ChatResult)
    return "".join(event.text for event in events if isinstance(event, ChatDelta)), events[-1]


async def failure(chat: ChatProvider, request: ChatRequest | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        await answer(chat, request)
    return failed.value


async def hello(to: Connection) -> None:
    """What a well-behaved server says."""
    await to.head(x_request_id="req-7")
    await to.words("Hel", "lo")
    await to.event({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}})
    await to.event("[DONE]")
