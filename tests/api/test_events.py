"""The JSON stream over real TCP. What needs no wire is in tests/web/test_streams.py."""

from __future__ import annotations

import asyncio
import gc
import itertools
import random

import psutil
import pytest
from sqlalchemy import text

from chatelier.config import Settings
from chatelier.domain.keys import list_keys, revoke_key
from chatelier.domain.users import disable_user
from chatelier.services import Services
from chatelier.web import streams
from tests.api.caller import Caller, Json, Site, call_as, serve
from tests.api.events import Stream, View, events, open_events
from tests.people import until

pytestmark = pytest.mark.anyio
SMALL = {"size": "256x256"}


async def reloaded(caller: Caller, thread: str) -> dict[str, Json]:
    """What a fresh look gives. Waiting places move without a new revision, so they are left out."""
    page = await caller.call("GET", f"/threads/{thread}/messages", params={"limit": 50})
    return {message["id"]: without_place(message) for message in page["items"]}


def without_place(message: Json) -> Json:
    generation = message["generation"]
    return {**message, "generation": generation and {**generation, "queue_position": None}}


async def test_a_stream_says_what_it_is_and_begins_with_a_snapshot(ada: Caller) -> None:
    thread = await ada.thread("Sunsets")
    await ada.says(thread, "hello", intent="chat")
    async with events(ada, thread) as stream:
        assert stream.status == 200
        assert stream.header("content-type") == "text/event-stream; charset=utf-8"
        assert stream.header("cache-control") == "no-store"
        assert stream.header("x-accel-buffering") == "no"
        assert stream.header("content-encoding") is None
        first = await stream.next()
        assert first is not None
        assert first.name == "snapshot"
        assert set(first.data) == {"thread", "messages"}
        assert first.data["thread"] == await ada.call("GET", f"/threads/{thread}")
        assert [message["role"] for message in first.data["messages"]] == ["user", "assistant"]
        assert int(first.id or "") > 0
        assert stream.parser.retry is not None
        assert 500 <= stream.parser.retry <= 3000


async def test_a_picture_is_followed_to_its_end(ada: Caller) -> None:
    thread = await ada.thread()
    async with events(ada, thread) as stream:
        await stream.next()
        posted = await ada.says(thread, "a small cat [[slow 1]]", intent="generate", options=SMALL)
        view = View()
        progress: list[int] = []
        async with asyncio.timeout(20):
            while not progress or progress[-1] < 100:
                event = await stream.next()
                assert event is not None
                view.apply(event)
                reply = view.messages.get(posted["reply"]["id"])
                progress += [reply["generation"]["progress"]] if reply else []
        assert progress == sorted(progress)
        assert len(set(progress)) >= 4
        assert {"message", "generation"} <= set(view.names)
        done = view.messages[posted["reply"]["id"]]["generation"]
        assert done == await ada.call("GET", f"/generations/{done['id']}")


async def test_an_answer_comes_word_by_word(ada: Caller) -> None:
    thread = await ada.thread()
    async with events(ada, thread) as stream:
        await stream.next()
        reply = (await ada.says(thread, "Tell me a long story", intent="chat"))["reply"]
        texts: list[str] = []
        async with asyncio.timeout(20):
            while reply["status"] == "streaming":
                event = await stream.until("message")
                if event.data["id"] == reply["id"]:
                    reply = event.data
                    texts.append(reply["text"])
        assert texts[-1]
        assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))


async def test_cut_off_at_a_hundred_places_the_view_ends_like_a_reload(ada: Caller) -> None:
    thread, seed = await ada.thread(), 20261122
    chance = random.Random(seed)
    view = View()
    talk = asyncio.create_task(_talk(ada, thread))
    for _ in range(100):
        stream = await open_events(ada, thread, view.last_id)
        await _read_and_cut(stream, view, chance.randrange(0, 6000), chance.uniform(0, 0.15))
    await talk
    async with asyncio.timeout(30):
        while {without_place(m)["id"]: without_place(m) for m in view.messages.values()} != await reloaded(ada, thread):
            stream = await open_events(ada, thread, view.last_id)
            await _read_and_cut(stream, view, 10**6, 0.3)
    assert len(view.messages) == 8
    assert view.names.count("snapshot") >= 1
    assert "reset" not in view.names
    assert len((await ada.call("GET", "/images"))["items"]) == 2


async def test_cut_off_inside_what_was_missed_nothing_of_it_is_lost(ada: Caller) -> None:
    """The worst places: after each whole event of one answer to a reader that comes back."""
    thread = await ada.thread()
    for number in range(3):
        await ada.finished(await ada.asks(thread, f"cat number {number}", options=SMALL))
    expected = await reloaded(ada, thread)
    for whole in range(len(expected) + 1):
        view = View(last_id="0")
        stream = await open_events(ada, thread, "0")
        for _ in range(whole):
            event = await stream.next()
            assert event is not None
            view.apply(event)
        stream.cut()
        stream = await open_events(ada, thread, view.last_id)
        await _read_and_cut(stream, view, 10**6, 0.3)
        assert view.messages == expected, whole
        assert view.names.count("message") <= 2 * len(expected)


async def _talk(ada: Caller, thread: str) -> None:
    for number in range(2):
        await ada.says(thread, f"Tell me story number {number}", intent="chat")
        done = await ada.asks(thread, f"cat number {number} [[slow 1]]", options=SMALL)
        await ada.finished(done)


async def _read_and_cut(stream: Stream, view: View, most: int, seconds: float) -> None:
    """Apply what came whole within so many bytes and so much time, then break the connection off."""
    assert stream.status == 200
    left = most
    try:
        async with asyncio.timeout(seconds):
            while left > 0 and (piece := await stream.bytes()):
                for event in stream.parser.feed(piece[:left]):
                    view.apply(event)
                left -= len(piece)
    except TimeoutError:
        pass
    stream.cut()


async def test_what_cannot_be_continued_is_reset_and_makes_nothing_new(ada: Caller, services: Services) -> None:
    thread = await ada.thread()
    await ada.finished(await ada.asks(thread, "a cat", options=SMALL))
    for strange in ("garbage", "-5", "1" + "0" * 30, "999999", "1.5", "01a2", "x" * 2000):
        async with events(ada, thread, strange) as stream:
            assert stream.status == 200, strange
            names = [(await stream.until("reset", "snapshot")).name for _ in range(2)]
            assert names == ["reset", "snapshot"], strange
    async with services.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM generations")) == 1


async def test_ben_gets_nothing_of_adas_stream(ada: Caller, ben: Caller) -> None:
    thread = await ada.thread()
    await ada.says(thread, "a cat", intent="generate")
    for last_id in (None, "0", "1", "garbage"):
        async with events(ben, thread, last_id) as stream:
            assert stream.status == 404
            body = await stream.reader.read(4096)
            assert b"cat" not in body
            assert b'"not_found"' in body


async def test_what_is_said_at_one_server_is_seen_at_another(ada: Caller, settings: Settings) -> None:
    thread = await ada.thread()
    async with serve(settings.model_copy(update={"worker": False})) as other, events(ada, thread) as here:
        there = await call_as(other, ada.user)
        async with there.http, events(there, thread) as stream:
            await here.next()
            await stream.next()
            await ada.says(thread, "hello over there", intent="chat")
            event = await stream.until("message")
            assert event.data["text"] == "hello over there"


async def test_silence_is_filled_with_comments(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.1)
    thread = await ada.thread()
    async with events(ada, thread) as stream:
        await stream.next()
        async with asyncio.timeout(5):
            while stream.parser.comments < 3:
                stream.parser.feed(await stream.bytes())


async def test_ten_kilobytes_of_emoji_pass(ada: Caller) -> None:
    thread = await ada.thread()
    prompt = "🎨🖌️" * 1500
    async with events(ada, thread) as stream:
        await stream.next()
        await ada.says(thread, prompt, intent="chat")
        event = await stream.until("message")
        assert event.data["text"] == prompt


async def test_the_twenty_first_stream_is_refused_politely(ada: Caller, services: Services) -> None:
    thread = await ada.thread()
    opened = [await open_events(ada, thread) for _ in range(20)]
    assert {stream.status for stream in opened} == {200}
    async with events(ada, thread) as refused:
        assert refused.status == 429
        assert int(refused.header("retry-after") or 0) >= 1
    opened.pop().cut()
    await until(lambda: _size_is(services, 19))
    async with events(ada, thread) as again:
        assert again.status == 200
    for stream in opened:
        stream.cut()
    await until(lambda: _size_is(services, 0))


async def _size_is(services: Services, expected: int) -> bool | None:
    return True if sum(streams._open.values()) == expected else None


async def test_a_stream_is_gone_with_the_thread_the_key_and_the_account(ada: Caller, services: Services) -> None:
    thread, other = await ada.thread(), await ada.thread()
    async with events(ada, thread) as stream:
        await stream.next()
        await ada.call("DELETE", f"/threads/{thread}", 204)
        assert (await stream.until("gone")).data == {}
        assert await stream.next() is None
    async with events(ada, other) as stream:
        await stream.next()
        async with services.transaction() as db:
            (key,) = await list_keys(db, ada.user)
            await revoke_key(db, ada.user, key.id)
        await stream.until("gone")
    await ada.call("GET", "/threads", 401)


async def test_a_disabled_account_loses_its_streams_at_once(ada: Caller, services: Services) -> None:
    thread = await ada.thread()
    async with events(ada, thread) as stream:
        await stream.next()
        async with services.transaction() as db:
            await disable_user(db, ada.user)
        await stream.until("gone")
        assert await stream.next() is None


async def test_streams_end_at_once_when_the_server_stops(ada: Caller, site: Site) -> None:
    thread = await ada.thread()
    opened = [await open_events(ada, thread) for _ in range(10)]
    for stream in opened:
        await stream.next()
    site.app.state.stopping.set()
    assert [await stream.next() for stream in opened] == [None] * 10
    for stream in opened:
        stream.cut()


async def test_five_hundred_visits_leave_nothing_behind(ada: Caller, services: Services) -> None:
    thread = await ada.thread()
    await _visit(ada, thread, 20)
    await until(lambda: _size_is(services, 0))
    tasks, memory, sockets = await _resources()
    hub = services.hub.size
    for _ in range(24):
        await _visit(ada, thread, 20)
    await until(lambda: _size_is(services, 0))
    await asyncio.sleep(0.3)
    after, memory_after, sockets_after = await _resources()
    assert after <= tasks + 2
    assert sockets_after <= sockets + 2
    assert memory_after - memory < 20_000_000
    assert services.hub.size == hub
    assert services.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def _visit(ada: Caller, thread: str, count: int) -> None:
    opened = await asyncio.gather(*(open_events(ada, thread) for _ in range(count)))
    assert {stream.status for stream in opened} <= {200, 429}
    for stream in opened:
        stream.cut()


async def _resources() -> tuple[int, int, int]:
    gc.collect()
    process = psutil.Process()
    return len(asyncio.all_tasks()), process.memory_info().rss, len(process.net_connections())
