"""The OpenAI-compatible talker against a server that fails in every way, byte for byte."""

from __future__ import annotations

import asyncio
import socket
import time
from email.utils import formatdate

import pytest

from chatelier.providers.base import FailureKind
from chatelier.providers.openai_chat import Deadlines
from tests.providers.conftest import KEY, Talker
from tests.providers.stub import Connection, stub
from tests.providers.talk import failure

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "code", "kind", "sent", "wait"),
    [
        (400, "", FailureKind.BAD_REQUEST, False, None),
        (400, "content_policy_violation", FailureKind.REFUSED, True, None),
        (401, "invalid_api_key", FailureKind.UNAVAILABLE, False, None),
        (403, "", FailureKind.UNAVAILABLE, False, None),
        (404, "model_not_found", FailureKind.BAD_REQUEST, False, None),
        (413, "", FailureKind.BAD_REQUEST, False, None),
        (429, "", FailureKind.RATE_LIMITED, False, 7.0),
        (429, "insufficient_quota", FailureKind.UNAVAILABLE, False, None),
        (500, "", FailureKind.UNAVAILABLE, True, 7.0),
        (503, "", FailureKind.UNAVAILABLE, True, 7.0),
        (302, "", FailureKind.UNAVAILABLE, False, None),
    ],
)
async def test_what_a_server_says_is_one_of_six_kinds(
    talker: Talker, status: int, code: str, kind: FailureKind, sent: bool, wait: float | None
) -> None:
    async def refusing(to: Connection) -> None:
        body = {"error": {"message": f"no, {KEY}", "code": code}}
        extra = {"Location": "http://127.0.0.1:9/"} if status == 302 else {}
        await to.document(status, body, Retry_After="7", x_request_id="req-9", **extra)

    async with stub(refusing) as server:
        failed = await failure(talker(server.url))
        assert (failed.kind, failed.sent, failed.retry_after) == (kind, sent, wait)
        assert failed.request_id == "req-9"
        assert len(server.asked) == 1  # never a retry of the library's own


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [("2", 2, 2), ("0.5", 0.5, 0.5), ("-3", 0, 0), ("1e9", 3600, 3600), ("DATE", 20, 31)],
)
async def test_retry_after_is_read_as_number_or_date(talker: Talker, value: str, low: float, high: float) -> None:
    async def later(to: Connection) -> None:
        await to.document(429, {}, Retry_After=value.replace("DATE", formatdate(time.time() + 30)))

    async with stub(later) as server:
        wait = (await failure(talker(server.url))).retry_after
    assert wait is not None
    assert low <= wait <= high


async def test_garbled_retry_after_is_no_number(talker: Talker) -> None:
    async def later(to: Connection) -> None:
        await to.document(429, "", Retry_After="soon")

    async with stub(later) as server:
        assert (await failure(talker(server.url))).retry_after is None


async def test_nobody_at_home_was_never_sent(talker: Talker) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    failed = await failure(talker(f"http://127.0.0.1:{port}/v1"))
    assert (failed.kind, failed.sent) == (FailureKind.UNAVAILABLE, False)
    for url in ("http://does-not-exist.invalid/v1", "ftp://127.0.0.1/v1", "nonsense"):
        failed = await failure(talker(url))
        assert (failed.kind, failed.sent) == (FailureKind.UNAVAILABLE, False)


@pytest.mark.parametrize("moment", ["before the answer", "after the head", "in the middle", "quietly in the middle"])
async def test_a_broken_connection_leaves_the_outcome_unknown(talker: Talker, moment: str) -> None:
    async def breaking(to: Connection) -> None:
        if moment != "before the answer":
            await to.head(Transfer_Encoding="chunked")
        if "middle" in moment:
            event = b'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\n'
            await to.send(f"{len(event):x}\r\n".encode() + event + b"\r\n")
            await asyncio.sleep(0.1)
        if moment == "quietly in the middle":
            await to.send(b"0\r\n\r\n")
        else:
            to.reset()

    async with stub(breaking) as server:
        failed = await failure(talker(server.url))
        assert (failed.kind, failed.sent) == (FailureKind.UNKNOWN, True)
        assert len(server.asked) == 1


GARBAGE = {
    "a page": b"<!doctype html><h1>It works!</h1>",
    "nothing": b"",
    "only the end": b"data: [DONE]\n\n",
    "bad JSON": b'data: {"choices": [\n\n',
    "a list": b"[1, 2]",
    "a number": b"data: 7\n\n",
    "bytes": b"\x00\xff\xfe" * 500,
    "an error inside": b'data: {"error": {"message": "out of memory", "code": 500}}\n\n',
    "an error of llama.cpp": b'error: {"code": 500, "message": "slot died"}\n\n',
    "very deep": b"data: " + b"[" * 100_000 + b"\n\n",
    "no words": b'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_nonsense_is_unavailable(talker: Talker, name: str) -> None:
    async def babbling(to: Connection) -> None:
        await to.head(kind="text/html")
        await to.send(GARBAGE[name])

    async with stub(babbling) as server:
        assert (await failure(talker(server.url))).kind is FailureKind.UNAVAILABLE


async def test_refused_and_limited_in_the_middle(talker: Talker) -> None:
    for payload, kind in (
        ({"choices": [{"delta": {"content": "a"}, "finish_reason": "content_filter"}]}, FailureKind.REFUSED),
        ({"error": {"code": "content_filter", "message": "no"}}, FailureKind.REFUSED),
        ({"error": {"code": "rate_limit_exceeded", "message": "slow down"}}, FailureKind.RATE_LIMITED),
    ):

        async def filtering(to: Connection, payload: object = payload) -> None:
            await to.head()
            await to.event(payload)

        async with stub(filtering) as server:
            assert (await failure(talker(server.url))).kind is kind


@pytest.mark.parametrize("status", [200, 500])
async def test_an_endless_answer_is_cut_off(talker: Talker, status: int) -> None:
    async def flooding(to: Connection) -> None:
        await to.head(status)
        while True:
            await to.send(b"x" * 65_536)

    async with stub(flooding) as server:
        started = time.perf_counter()
        failed = await failure(talker(server.url, max_bytes=1_000_000))
        assert failed.kind is FailureKind.UNAVAILABLE
        assert time.perf_counter() - started < 10


@pytest.mark.parametrize("where", ["before the head", "before the first word", "between words", "dripping"])
async def test_each_silence_has_a_deadline(talker: Talker, where: str) -> None:
    async def silent(to: Connection) -> None:
        if where != "before the head":
            await to.head()
        if where == "between words":
            await to.words("Hel", finish=None)
        while where == "dripping":
            await to.words("a", finish=None)
            await asyncio.sleep(0.05)
        await to.closed_by_peer()

    slow = {"first": 30.0, "idle": 30.0, "total": 30.0}
    limits = {"between words": {"idle": 0.3}, "dripping": {"total": 0.6}}.get(where, {"first": 0.3})
    async with stub(silent) as server:
        failed = await failure(talker(server.url, deadlines=Deadlines(**(slow | limits))))
        assert (failed.kind, failed.sent) == (FailureKind.TIMED_OUT, True)
