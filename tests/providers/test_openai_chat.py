"""The OpenAI-compatible talker against servers of all habits."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys

import pytest

from chatelier.providers.base import ChatDelta, FailureKind
from chatelier.providers.wire import is_private
from tests.providers.conftest import KEY, Talker
from tests.providers.stub import Connection, stub
from tests.providers.talk import answer, asked, failure, hello

pytestmark = pytest.mark.anyio


async def test_an_answer_comes_word_by_word_with_its_usage(talker: Talker) -> None:
    async with stub(hello) as server:
        text, result = await answer(talker(server.url), asked(max_tokens=50))
    assert text == "Hello"
    assert (result.model, result.request_id, result.truncated) == ("stub-1", "req-7", False)
    assert result.usage == {"prompt_tokens": 3, "completion_tokens": 2}
    (request,) = server.asked
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": "stub-1",
        "messages": [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 50,
    }


async def test_words_come_when_they_are_said_not_at_the_end(talker: Talker) -> None:
    gate = asyncio.Event()

    async def pausing(to: Connection) -> None:
        await to.head()
        await to.words("first", finish=None)
        await gate.wait()
        await to.words("second")

    async with stub(pausing) as server:
        events = talker(server.url).reply(asked())
        assert await asyncio.wait_for(anext(events), 5) == ChatDelta(text="first")
        gate.set()
        assert await anext(events) == ChatDelta(text="second")
        await events.aclose()


@pytest.mark.parametrize("finish", ["length", "stop"])
async def test_a_cut_answer_says_so(talker: Talker, finish: str) -> None:
    async def cut(to: Connection) -> None:
        await to.head()
        await to.words("once upon", finish=finish)

    async with stub(cut) as server:
        assert (await answer(talker(server.url)))[1].truncated is (finish == "length")


DOCUMENT = {"model": "stub-1", "choices": [{"message": {"content": "All at once"}, "finish_reason": "stop"}]}
ODD_ANSWERS: dict[str, tuple[str, str]] = {
    "a document instead of a stream": (str(DOCUMENT).replace("'", '"'), "All at once"),
    "comments and other fields": (
        ': ping\n\nevent: x\nid: 1\ndata: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n',
        "hi",
    ),
    "carriage returns": (
        'data: {"choices":[{"delta":{"content":"a"}}]}\r\n\r\ndata: {"choices":[{"delta":{"content":"b"}}]}\r\n\r\n'
        "data: [DONE]\r\n\r\n",
        "ab",
    ),
    "no end of line at the end": ('data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: [DONE]', "a"),
    "a line separator inside": ('data: {"choices":[{"delta":{"content":"a\u2028b"}}]}\n\ndata: [DONE]\n\n', "a\u2028b"),
    "parts instead of text": (
        'data: {"choices":[{"delta":{"content":[{"type":"text","text":"a"},{"type":"x"}]}}]}\n\ndata: [DONE]\n\n',
        "a",
    ),
    "nulls": (
        'data: {"choices":null,"usage":null}\n\ndata: {"choices":[{"delta":null},{"delta":{"content":null}}]}\n\n'
        'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n',
        "a",
    ),
    "thoughts before words": (
        'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n'
        'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n',
        "a",
    ),
    "a second choice": (
        'data: {"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}\n\n'
        "data: [DONE]\n\n",
        "a",
    ),
    "a polite refusal": ('data: {"choices":[{"delta":{"refusal":"I cannot."}}]}\n\ndata: [DONE]\n\n', "I cannot."),
}


@pytest.mark.parametrize("name", ODD_ANSWERS)
async def test_servers_with_habits_of_their_own_are_understood(talker: Talker, name: str) -> None:
    body, text = ODD_ANSWERS[name]

    async def odd(to: Connection) -> None:
        await to.head(kind="text/plain")
        for at in range(0, len(body.encode()), 7):  # cut anywhere, also inside a character
            await to.send(body.encode()[at : at + 7])

    async with stub(odd) as server:
        assert (await answer(talker(server.url)))[0] == text


@pytest.mark.parametrize("how", ["closing", "cancelling"])
async def test_whoever_stops_listening_closes_the_connection(talker: Talker, how: str) -> None:
    gone = asyncio.Event()

    async def talking(to: Connection) -> None:
        await to.head()
        await to.words("Hel", finish=None)
        await to.closed_by_peer()
        gone.set()

    async with stub(talking) as server:
        events = talker(server.url).reply(asked())
        await anext(events)
        if how == "closing":
            await events.aclose()
        else:
            task = asyncio.ensure_future(anext(events))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await asyncio.wait_for(gone.wait(), 5)


async def test_an_option_that_the_server_does_not_know_is_left_out(talker: Talker) -> None:
    async def old(to: Connection) -> None:
        for name in ("stream_options", "max_tokens"):
            if name in to.asked.body:
                message = f"Unsupported parameter: {name!r} is not supported with this model."
                return await to.document(400, {"error": {"message": message, "code": "unsupported_parameter"}})
        await hello(to)

    async with stub(old) as server:
        chat = talker(server.url)
        assert (await answer(chat, asked(max_tokens=50)))[0] == "Hello"
        assert server.asked[-1].body["max_completion_tokens"] == 50
        assert (await answer(chat, asked(max_tokens=50)))[0] == "Hello"
        assert len(server.asked) == 4


async def test_auto_takes_the_first_model_that_talks_and_asks_once(talker: Talker) -> None:
    async def listing(to: Connection) -> None:
        if to.asked.path.endswith("/models"):
            names = ("nomic-embed-text", "stub-7b", "stub-1")
            return await to.document(200, {"object": "list", "data": [{"id": name} for name in names]})
        await hello(to)

    async with stub(listing) as server:
        for model in ("auto", ""):
            chat = talker(server.url, model=model)
            assert chat.default_model == "auto"
            await asyncio.gather(answer(chat), answer(chat, asked(model="auto")))
            assert chat.default_model == "stub-7b"
            await answer(chat)
        paths = [request.path for request in server.asked]
        assert paths.count("/v1/models") == 2
        assert {request.body["model"] for request in server.asked if request.body} == {"stub-7b"}


@pytest.mark.parametrize("body", ["", "{}", "[]", "hello", '{"data": null}', '{"data": []}', '{"data": [{}]}'])
async def test_auto_without_any_model_is_unavailable(talker: Talker, body: str) -> None:
    async def listing(to: Connection) -> None:
        await to.document(200, body)

    async with stub(listing) as server:
        failed = await failure(talker(server.url, model="auto"))
        assert (failed.kind, failed.sent) == (FailureKind.UNAVAILABLE, False)


async def test_no_key_reaches_log_or_error(talker: Talker, caplog: pytest.LogCaptureFixture) -> None:
    async def telling(to: Connection) -> None:
        await to.document(401, {"error": {"message": f"Incorrect API key provided: {KEY[:8]}***cdef. {KEY}"}})

    caplog.set_level(logging.DEBUG)
    async with stub(telling) as server:
        failed = await failure(talker(server.url))
    assert failed.detail.startswith("401")
    assert failed.__cause__ is None
    for text in (failed.detail, str(failed), repr(failed), caplog.text):
        assert KEY not in text
        assert KEY[:8] not in text


async def test_who_costs_nothing_is_told_by_the_address(talker: Talker) -> None:
    assert talker("http://192.168.1.7:11434/v1").free
    assert not talker("").free
    assert talker("").label == "OpenAI"
    assert talker("https://talk.example.org/v1").label == "talk.example.org"
    for host in ("localhost", "127.0.0.1", "::1", "10.1.2.3", "ollama", "nas.local", "fd00::1"):
        assert is_private(host), host
    for host in ("api.openai.com", "8.8.8.8", "example.localhost.org", "2606:4700::1111"):
        assert not is_private(host), host


def test_the_module_does_not_import_the_sdk() -> None:
    script = (
        "import sys, chatelier.providers.openai_chat, chatelier.providers.local_chat; print('openai' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
