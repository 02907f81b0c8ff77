"""A talk that is longer than the model's window gets an answer all the same, from what fits."""

from __future__ import annotations

import json

import pytest

from chatelier.providers.base import ChatImage, ChatMessage, ChatRequest, FailureKind
from chatelier.providers.chat_models import known_window
from chatelier.providers.chat_window import Room, estimate
from tests.providers.conftest import Talker
from tests.providers.stub import Connection, Handler, stub
from tests.providers.talk import answer, asked, failure, hello

pytestmark = pytest.mark.anyio
TURNS = [f"Turn {number}: what the weather was like in one of the many towns by the sea." for number in range(201)]
SAYINGS = {
    "llama.cpp": "request ({n} tokens) exceeds the available context size (2000 tokens), try increasing it",
    "openai": "This model's maximum context length is 2000 tokens. However, your messages resulted in {n} tokens.",
    "vllm": "This model's maximum context length is 2000 tokens. However, you requested {n} tokens in total.",
    "no number": "The prompt does not fit into the context window. Reduce its length.",
}


def narrow(saying: str) -> Handler:
    """A server that counts two characters as a token, more than anybody expects, and refuses more than 2000."""

    async def serve(to: Connection) -> None:
        counted = len(json.dumps(to.asked.body["messages"], ensure_ascii=False)) // 2 + to.asked.body["max_tokens"]
        if counted > 2000:
            told = {"message": saying.format(n=counted), "code": "context_length_exceeded"}
            return await to.document(400, {"error": told})
        await hello(to)

    return serve


@pytest.mark.parametrize("who", SAYINGS)
async def test_the_oldest_turns_give_way(talker: Talker, who: str) -> None:
    async with stub(narrow(SAYINGS[who])) as server:
        chat = talker(server.url)
        assert (await answer(chat, asked(*TURNS, max_tokens=400)))[0] == "Hello"
        first = len(server.asked)
        said = [message["content"] for message in server.asked[-1].body["messages"]]
        await answer(chat, asked(*TURNS, max_tokens=400))
    assert said[0] == "Answer briefly."
    assert said[1:] == TURNS[-len(said[1:]) :]  # none is missing in between, and the newest is whole
    assert len(said) > 10
    assert server.asked[-1].body["messages"][1]["role"] == "user"
    assert first <= 6
    if who != "no number":
        assert len(server.asked) - first < first  # what it said of its window is remembered


async def test_one_huge_message_keeps_its_two_ends(talker: Talker) -> None:
    async with stub(narrow(SAYINGS["openai"])) as server:
        await answer(talker(server.url, window=2000), asked("Sum this up: " + "и" * 9000 + " The end.", max_tokens=400))
    newest = server.asked[-1].body["messages"][-1]["content"]
    assert newest.startswith("Sum this up")
    assert newest.endswith("The end.")


async def test_another_complaint_and_one_without_end_are_the_end(talker: Talker) -> None:
    for message, calls in (("The context of this question is not allowed.", 1), (SAYINGS["no number"], 6)):

        async def strict(to: Connection, message: str = message) -> None:
            await to.document(400, {"error": {"message": message}})

        async with stub(strict) as server:
            assert (await failure(talker(server.url), asked(*TURNS))).kind is FailureKind.BAD_REQUEST
        assert 0 < len(server.asked) <= calls


def test_images_count_and_go_before_words_do() -> None:
    image = ChatImage(label="Image #1:", content=b"", media_type="image/png")
    newest = ChatMessage(role="user", text="What do you see?", images=[image, image])
    request = ChatRequest(messages=[ChatMessage(role="user", text=TURNS[0]), newest])
    assert Room(request, 0, 3000).messages() == [*request.messages]
    assert Room(request, 16_000, 3000).messages() == [*request.messages]
    (kept,) = Room(request, 8_000, 3000).messages()[-1:]
    assert kept == newest
    assert Room(request, 4_000, 3000).messages()[-1] == ChatMessage(role="user", text="What do you see?")


def test_windows_of_old_models_are_known() -> None:
    assert (known_window("openai/gpt-4"), known_window("gpt-3.5-turbo-0125")) == (8192, 16385)
    assert (known_window("gpt-4o"), known_window("gpt-6-luna")) == (0, 0)
    assert estimate("日本" * 30) >= 60
