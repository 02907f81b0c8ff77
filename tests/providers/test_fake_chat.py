"""The scripted talker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from chatelier.providers.base import (
    ChatDelta,
    ChatEvent,
    ChatMessage,
    ChatRequest,
    ChatResult,
    FailureKind,
    ProviderError,
)
from chatelier.providers.fake_chat import FakeTalker
from chatelier.providers.fake_script import read_journal

pytestmark = pytest.mark.anyio


def asked(text: str) -> ChatRequest:
    return ChatRequest(messages=[ChatMessage(role="system", text="Be kind."), ChatMessage(role="user", text=text)])


async def answer(text: str, talker: FakeTalker | None = None) -> tuple[str, ChatEvent]:
    events = []
    async with aclosing((talker or FakeTalker()).reply(asked(text))) as stream:
        async for event in stream:
            events.append(event)
    return "".join(event.text for event in events if isinstance(event, ChatDelta)), events[-1]


async def test_it_answers_with_the_words_of_the_last_message() -> None:
    text, last = await answer("Hello [[slow 0.1]] there")
    assert text.startswith("You said: Hello there And")
    assert isinstance(last, ChatResult)
    assert last.usage["completion_tokens"] == len(text.split())


@pytest.mark.parametrize(
    ("mark", "kind", "sent"),
    [
        ("429 2", FailureKind.RATE_LIMITED, False),
        ("500", FailureKind.UNAVAILABLE, True),
        ("refuse", FailureKind.REFUSED, True),
        ("unreachable", FailureKind.UNAVAILABLE, False),
    ],
)
async def test_it_fails_as_told(mark: str, kind: FailureKind, sent: bool) -> None:
    with pytest.raises(ProviderError) as failed:
        await answer(f"Hello [[{mark}]]")
    assert (failed.value.kind, failed.value.sent) == (kind, sent)


async def test_it_dies_in_the_middle_of_a_sentence() -> None:
    events = FakeTalker().reply(asked("Hello [[dies]]"))
    for _ in range(4):
        assert isinstance(await anext(events), ChatDelta)
    with pytest.raises(ProviderError) as failed:
        await _rest(events)
    assert failed.value.kind is FailureKind.UNKNOWN


async def _rest(events: AsyncGenerator[ChatEvent, None]) -> list[ChatEvent]:
    return [event async for event in events]


async def test_it_is_slow_or_hangs_or_says_nothing_or_much() -> None:
    started = time.perf_counter()
    await answer("Hello [[slow 0.3]]")
    assert time.perf_counter() - started > 0.25
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(answer("Hello [[hang]]"), 0.2)
    assert (await answer("[[empty]]"))[0] == ""
    assert len((await answer("[[long 900]]"))[0].split()) == 900


async def test_its_markdown_points_at_the_given_address() -> None:
    text, _ = await answer("[[markdown http://127.0.0.1:9]]")
    assert "# Colours of the evening\n" in text
    assert "![inline](http://127.0.0.1:9/inline.png)" in text
    assert "<script>" in text


async def test_every_call_is_in_the_journal(tmp_path: Path) -> None:
    talker = FakeTalker(journal=tmp_path / "journal")
    await answer("Hello", talker)
    assert [line["event"] for line in read_journal(tmp_path / "journal")] == ["call", "end"]
