"""Tools and documents over the real SDK, with servers that know them, ignore them, or get them wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatelier.domain.talk_tools import TOOLS
from chatelier.providers.base import ChatDelta, ChatRequest, ChatResult, FailureKind, ToolCall
from chatelier.providers.openai_chat import OpenAIChat
from tests.providers.conftest import Talker
from tests.providers.stub import Connection, stub
from tests.providers.talk import answer, asked, failure, hello

pytestmark = pytest.mark.anyio
SCHEMA = {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]}


def call(arguments: str, *, name: str | None = None, index: int = 0) -> dict[str, Any]:
    """One piece of a call, as it comes in a stream."""
    function = {"arguments": arguments, **({"name": name} if name else {})}
    return {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": index, "id": "c", "function": function}]}}]}


async def events(chat: OpenAIChat, request: ChatRequest) -> tuple[str, list[ToolCall]]:
    said, calls, last = "", [], None
    async for event in chat.reply(request):
        match event:
            case ChatDelta():
                said += event.text
            case ToolCall():
                calls.append(event)
            case ChatResult():
                last = event
    assert last is not None
    return said, calls


async def ends(to: Connection, finish: str = "tool_calls") -> None:
    await to.event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    await to.event("[DONE]")


async def test_a_call_comes_in_pieces_after_the_words(talker: Talker) -> None:
    async def server(to: Connection) -> None:
        await to.head()
        await to.words("One ", "moment.", finish=None)
        for piece in (call("", name="generate_image"), call('{"prompt": "a r'), call('ed fox"}')):
            await to.event(piece)
        await ends(to)

    async with stub(server) as at:
        chat = talker(at.url)
        said, calls = await events(chat, asked("a red fox", tools=TOOLS))
    assert said == "One moment."
    assert calls == [ToolCall(name="generate_image", arguments='{"prompt": "a red fox"}')]
    told = at.asked[0].body["tools"]
    assert [tool["function"]["name"] for tool in told] == ["generate_image", "edit_image"]
    assert all(tool["type"] == "function" for tool in told)


async def test_a_call_without_words_is_an_answer(talker: Talker) -> None:
    async def server(to: Connection) -> None:
        document = {
            "message": {"content": None, "tool_calls": [{"function": {"name": "edit_image", "arguments": "{}"}}]}
        }
        await to.document(200, {"choices": [{"index": 0, "finish_reason": "tool_calls", **document}]})

    async with stub(server) as at:
        said, calls = await events(talker(at.url), asked(tools=TOOLS))
    assert (said, calls) == ("", [ToolCall(name="edit_image", arguments="{}")])


async def test_two_calls_keep_apart(talker: Talker) -> None:
    async def server(to: Connection) -> None:
        await to.head()
        for piece in (
            call('{"prompt": "a fox"', name="generate_image"),
            call('{"prompt": "a bear"}', name="generate_image", index=1),
            call("}"),
        ):
            await to.event(piece)
        await ends(to)

    async with stub(server) as at:
        _, calls = await events(talker(at.url), asked(tools=TOOLS))
    assert [json.loads(one.arguments)["prompt"] for one in calls] == ["a fox", "a bear"]


async def test_a_stream_cut_in_the_middle_of_a_call_is_no_call(talker: Talker) -> None:
    async def server(to: Connection) -> None:
        await to.head()
        await to.event(call('{"prompt": "a r', name="generate_image"))

    async with stub(server) as at:
        error = await failure(talker(at.url), asked(tools=TOOLS))
    assert (error.kind, error.sent) == (FailureKind.UNKNOWN, True)


async def test_a_call_cut_off_by_the_length_limit_is_no_call(talker: Talker) -> None:
    async def server(to: Connection) -> None:
        await to.head()
        await to.event(call('{"prompt": "a r', name="generate_image"))
        await ends(to, "length")

    async with stub(server) as at:
        assert await events(talker(at.url), asked(tools=TOOLS)) == ("", [])


async def test_arguments_without_end_are_given_up(talker: Talker) -> None:
    async def server(to: Connection) -> None:
        await to.head()
        for _ in range(30):
            await to.event(call("x" * 1000, name="generate_image"))

    async with stub(server) as at:
        assert (await failure(talker(at.url), asked(tools=TOOLS))).kind is FailureKind.UNAVAILABLE


@pytest.mark.parametrize(
    "calls",
    [
        "x",
        [7],
        [{"function": "x"}],
        [{"function": {"name": 7, "arguments": None}}],
        [{"index": "0", "function": {}}],
    ],
)
async def test_odd_calls_are_none(talker: Talker, calls: object) -> None:
    async def server(to: Connection) -> None:
        await to.head()
        await to.words("Hello", finish=None)
        await to.event({"choices": [{"index": 0, "delta": {"tool_calls": calls}}]})
        await ends(to, "stop")

    async with stub(server) as at:
        assert await events(talker(at.url), asked(tools=TOOLS)) == ("Hello", [])


async def test_a_server_that_ignores_tools_just_talks(talker: Talker) -> None:
    async with stub(hello) as at:
        chat = talker(at.url)
        assert await events(chat, asked(tools=TOOLS)) == ("Hello", [])
        assert chat.tools


async def test_a_server_that_refuses_tools_is_asked_again_without_and_never_again_with(talker: Talker) -> None:
    async def refuses(to: Connection) -> None:
        await to.document(400, {"error": {"message": "stub-1 does not support tools", "type": "api_error"}})

    async with stub(refuses, hello) as at:
        chat = talker(at.url)
        assert chat.tools
        assert await events(chat, asked(tools=TOOLS)) == ("Hello", [])
        assert not chat.tools
        await events(chat, asked(tools=TOOLS))
    assert ["tools" in one.body for one in at.asked] == [True, False, False]


async def test_a_document_is_asked_for_by_its_schema(talker: Talker) -> None:
    async def refuses(to: Connection) -> None:
        await to.document(400, {"error": {"message": "unknown parameter: response_format"}})

    async with stub(hello, refuses, hello) as at:
        chat = talker(at.url)
        for _ in range(2):
            assert (await answer(chat, asked(schema=SCHEMA)))[0] == "Hello"
    formats = [one.body.get("response_format") for one in at.asked]
    assert formats[0] is not None
    assert formats[0]["json_schema"] == {"name": "answer", "strict": True, "schema": SCHEMA}
    assert formats[2] is None


async def test_a_message_of_talk_offers_no_tools(talker: Talker) -> None:
    async with stub(hello) as at:
        await answer(talker(at.url))
    assert "tools" not in at.asked[0].body
    assert "response_format" not in at.asked[0].body


ONLY_WITHOUT = (
    "Function tools with reasoning_effort are not supported for this model in /v1/chat/completions. To use function "
    "tools, use /v1/responses or set reasoning_effort to 'none'."
)


async def test_a_model_that_takes_tools_only_without_reasoning_is_told_so(talker: Talker) -> None:
    """OpenAI's own since GPT-5.6. What is asked without tools goes as before, and the tools stay in use."""

    async def server(to: Connection) -> None:
        body = to.asked.body
        if "tools" in body and body.get("reasoning_effort") != "none":
            error = {"message": ONLY_WITHOUT, "type": "invalid_request_error", "param": "reasoning_effort"}
            await to.document(400, {"error": error})
        else:
            await hello(to)

    async with stub(server) as at:
        chat = talker(at.url)
        for request in (asked("a red fox", tools=TOOLS), asked("another", tools=TOOLS), asked("hello")):
            assert (await events(chat, request))[0] == "Hello"
        assert chat.tools
    assert [one.body.get("reasoning_effort") for one in at.asked] == [None, "none", "none", None]


async def test_one_that_takes_neither_gets_neither_and_is_not_asked_for_ever(talker: Talker) -> None:
    async def server(to: Connection) -> None:
        if "tools" in to.asked.body:
            await to.document(400, {"error": {"message": ONLY_WITHOUT, "param": "reasoning_effort"}})
        else:
            await hello(to)

    async with stub(server) as at:
        chat = talker(at.url)
        assert (await events(chat, asked("a red fox", tools=TOOLS)))[0] == "Hello"
        assert not chat.tools
    assert len(at.asked) <= 4
