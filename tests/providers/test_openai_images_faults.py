"""What can go wrong with an images server, each as one of the six kinds, with its own charge rule and sentence."""

from __future__ import annotations

import socket

import pytest

from chatelier.domain import sentences
from chatelier.errors import ChatelierError
from chatelier.providers.base import FailureKind, ImageRequest, Kind, ProviderError, Size
from chatelier.providers.openai_images import OpenAIImages, Server
from chatelier.storage.imaging import keep_produced
from tests.providers.contract import CAPS, collect
from tests.providers.painting_server import Manners, painting_server
from tests.providers.stub import Connection, stub

pytestmark = pytest.mark.anyio
KEY = "sk-canary-0123456789abcdef"


async def failure(url: str, prompt: str = "a cat", *, n: int = 1, max_bytes: int = 50_000_000) -> ProviderError:
    server = Server(base_url=url, api_key=KEY, max_bytes=max_bytes)
    adapter = OpenAIImages(server, model="gpt-image-2.6-flare")
    size = Size(width=256, height=256)
    request = ImageRequest(kind=Kind.GENERATE, prompt=prompt, size=size, model="gpt-image-2.6-flare", n=n)
    try:
        with pytest.raises(ProviderError) as failed:
            await collect(adapter.paint(request))
    finally:
        await adapter.close()
    assert KEY not in str(failed.value)
    return failed.value


@pytest.mark.parametrize(
    ("mark", "kind", "sent", "wait"),
    [
        ("429 7", FailureKind.RATE_LIMITED, False, 7.0),
        ("no-credit", FailureKind.UNAVAILABLE, False, None),
        ("refuse", FailureKind.REFUSED, True, None),
        ("500", FailureKind.UNAVAILABLE, True, None),
        ("dies", FailureKind.UNKNOWN, True, None),
        ("stream-error", FailureKind.UNAVAILABLE, True, None),
        ("stream-refuses", FailureKind.REFUSED, True, None),
        ("breaks-off", FailureKind.UNKNOWN, True, None),
        ("says-nothing", FailureKind.UNKNOWN, True, None),  # frames came, so it was painted
    ],
)
async def test_each_failure_is_one_of_six_kinds(mark: str, kind: FailureKind, sent: bool, wait: float | None) -> None:
    with painting_server() as server:
        failed = await failure(server.url, f"a cat [[{mark}]]")
        assert (failed.kind, failed.sent, failed.retry_after) == (kind, sent, wait)
        assert len(server.asked) == 1  # never asked twice


@pytest.mark.parametrize("mark", ["bad-json", "text", "empty", "broken-base64"])
async def test_a_whole_answer_without_a_picture_is_no_success(mark: str) -> None:
    with painting_server(Manners(streams=False)) as server:
        assert (await failure(server.url, f"a cat [[{mark}]]")).kind is FailureKind.UNAVAILABLE
        assert len(server.asked) == 1


async def test_too_few_pictures_are_kept_and_too_many_are_not() -> None:
    with painting_server(Manners(streams=False)) as server:
        adapter = OpenAIImages(Server(base_url=server.url, api_key=KEY), model="gpt-image-2.6-flare")
        counts = {}
        for mark in ("too-few", "too-many"):
            request = ImageRequest(kind=Kind.GENERATE, prompt=f"a cat [[{mark}]]", size=Size(width=64, height=64), n=3)
            (last,) = (await collect(adapter.paint(request)))[-1:]
            counts[mark] = len(last.images)  # type: ignore[union-attr]
        await adapter.close()
    assert counts == {"too-few": 2, "too-many": 3}


@pytest.mark.parametrize("mark", ["wrong-type svg", "wrong-type html", "truncated"])
async def test_bytes_are_judged_by_the_store_not_by_their_name(mark: str) -> None:
    with painting_server() as server:
        adapter = OpenAIImages(Server(base_url=server.url, api_key=KEY), model="gpt-image-2.6-flare")
        request = ImageRequest(kind=Kind.GENERATE, prompt=f"a cat [[{mark}]]", size=Size(width=256, height=256))
        events = await collect(adapter.paint(request))
        await adapter.close()
    with pytest.raises(ChatelierError):
        keep_produced(events[-1].images[0].content, source_type="trainedAlgorithmicMedia", **CAPS)  # type: ignore[union-attr]


async def test_an_answer_is_read_up_to_its_cap() -> None:
    async def endless(to: Connection) -> None:
        await to.head()
        for _ in range(200):
            await to.send(b'data: {"b64_json": "' + bytes(100_000))

    async with stub(endless) as server:
        failed = await failure(server.url, max_bytes=1_000_000)
    assert (failed.kind, "larger" in failed.detail) == (FailureKind.UNAVAILABLE, True)


async def test_frames_in_single_bytes_are_one_picture() -> None:
    from chatelier.providers.openai_images_answer import Pieces

    pieces = Pieces()
    text = b'event: x\r\ndata: {"a": 1}\r\n\r\n: comment\n\ndata: {"b": 2}\ndata: [DONE]\n'
    found = [one for at in range(len(text)) for one in pieces.feed(text[at : at + 1])]
    assert [*found, *pieces.close()] == [b'{"a": 1}', b'{"b": 2}']


async def test_nobody_at_home_was_never_asked_and_may_be_there_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    failed = await failure(f"http://127.0.0.1:{port}/v1")
    assert (failed.kind, failed.sent, failed.retry_after) == (FailureKind.UNAVAILABLE, False, 5.0)


async def test_with_the_way_out_closed_nothing_outside_is_asked() -> None:
    failed = await failure("https://api.openai.com/v1")
    assert (failed.kind, failed.sent, failed.retry_after) == (FailureKind.UNAVAILABLE, False, None)
    assert "CHATELIER_OFFLINE" in failed.detail


def test_a_made_picture_that_was_lost_is_not_called_free() -> None:
    lost = ProviderError(FailureKind.UNAVAILABLE, "its address is gone", billed=True)
    assert "Nothing was charged" not in sentences.of_picture(lost)[1]
    assert "may charge" in sentences.of_picture(lost)[1]
