"""Following a thread: what a reader is told, and when it ends. Real database, real notifications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from chatelier.db.models import Thread, User
from chatelier.domain.events import publish, user_topic
from chatelier.domain.messages import list_messages
from chatelier.domain.threads import change_thread, delete_thread, find_thread
from chatelier.errors import NotFound, TooMany, Unauthenticated
from chatelier.ids import new_id
from chatelier.services import Services
from chatelier.web import streams
from chatelier.web.streams import (
    Beat,
    Change,
    Changed,
    EventStream,
    Gone,
    Left,
    Reset,
    Snapshot,
    follow,
    parse_since,
    sse,
)
from tests.engines import clock, limit, use_engines
from tests.people import People

pytestmark = pytest.mark.anyio


class Reader:
    """One open stream of a user, whose sign-in can end."""

    def __init__(self, services: Services, user: User, thread_id: UUID, since: int | None = None) -> None:
        self.user: User | None = user
        self.stopping = asyncio.Event()
        self.changes: AsyncGenerator[Change, None] = follow(services, self.check, thread_id, since, self.stopping)

    async def check(self) -> User | None:
        return self.user

    async def next(self, seconds: float = 5) -> Change:
        return await asyncio.wait_for(anext(self.changes), seconds)

    async def ends(self) -> bool:
        try:
            await self.next()
        except StopAsyncIteration:
            return True
        return False


@asynccontextmanager
async def reading(services: Services, user: User, thread_id: UUID, since: int | None = None) -> AsyncIterator[Reader]:
    reader = Reader(services, user, thread_id, since)
    try:
        yield reader
    finally:
        await reader.changes.aclose()


async def rename(services: Services, user: User, thread: Thread, title: str) -> None:
    async with services.transaction() as db:
        await change_thread(db, await find_thread(db, user, thread.id), title=title)


async def test_ada_sees_the_thread_first_and_then_what_changes(services: Services, people: People) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    first = await people.says(ada, thread, "a cat please", intent="generate")
    async with reading(services, ada, thread.id) as reader:
        snapshot = await reader.next()
        assert isinstance(snapshot, Snapshot)
        assert [message.id for message in snapshot.messages] == [first.message.id, first.reply.id]
        second = await people.says(ada, thread, "and a dog", intent="generate")
        changed = await reader.next()
        assert isinstance(changed, Changed)
        assert [message.id for message in changed.messages] == [second.message.id, second.reply.id]
        assert changed.revision > snapshot.revision
        assert second.reply.generation is not None
        assert changed.places == {second.reply.generation.id: 2}


async def test_a_message_that_comes_between_subscribing_and_the_snapshot_is_not_lost(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    real = list_messages

    async def slow(*args: Any, **kwargs: Any) -> Any:
        found = await real(*args, **kwargs)
        await people.says(ada, thread, "said in the gap", intent="generate")
        return found

    monkeypatch.setattr(streams, "list_messages", slow)
    async with reading(services, ada, thread.id) as reader:
        snapshot = await reader.next()
        assert isinstance(snapshot, Snapshot)
        assert snapshot.messages == []
        changed = await reader.next()
        assert isinstance(changed, Changed)
        assert changed.messages[0].text == "said in the gap"


async def test_who_comes_back_is_told_what_was_missed(services: Services, people: People) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    await people.says(ada, thread, "a cat", intent="generate")
    async with reading(services, ada, thread.id) as reader:
        seen = await reader.next()
    missed = await people.says(ada, thread, "a dog", intent="generate")
    assert isinstance(seen, Snapshot)
    async with reading(services, ada, thread.id, since=seen.revision) as reader:
        changed = await reader.next()
        assert isinstance(changed, Changed)
        assert [message.id for message in changed.messages] == [missed.message.id, missed.reply.id]


@pytest.mark.parametrize("since", [-1, 10**17])
async def test_an_id_that_cannot_be_continued_from_is_answered_with_a_reset(
    services: Services, people: People, since: int
) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    async with reading(services, ada, thread.id, since=since) as reader:
        assert isinstance(await reader.next(), Reset)
        assert isinstance(await reader.next(), Snapshot)


async def test_who_missed_too_much_starts_anew(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_CHANGES", 3)
    ada = await people.user("ada")
    thread = await people.thread(ada)
    for subject in ("cat", "dog"):
        await people.says(ada, thread, subject, intent="generate")
    async with reading(services, ada, thread.id, since=0) as reader:
        assert isinstance(await reader.next(), Reset)


async def test_a_new_title_is_a_change_without_messages(services: Services, people: People) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    async with reading(services, ada, thread.id) as reader:
        await reader.next()
        await rename(services, ada, thread, "Sunsets")
        changed = await reader.next()
        assert isinstance(changed, Changed)
        assert changed.messages == []
        assert changed.thread.title == "Sunsets"


async def test_what_is_left_is_told_when_something_else_than_the_thread_has_changed_it(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0.1)
    use_engines(services)
    ada = await people.user("ada")
    await limit(services, ada, images_per_hour=10)
    thread, other = await people.thread(ada), await people.thread(ada)

    async def told(reader: Reader) -> str:
        while not isinstance(change := await reader.next(30), Left):
            assert isinstance(change, Beat)
        return change.left

    async with clock(services, "2030-05-04 10:00 UTC") as time, reading(services, ada, thread.id) as reader:
        await reader.next()
        assert await told(reader) == "10 of 10 left this hour"
        await people.says(ada, other, "draw a cat")
        assert await told(reader) == "9 of 10 left this hour"
        await time.set("2030-05-04 11:00:01 UTC")
        assert await told(reader) == "10 of 10 left this hour"


async def test_ben_and_nobody_get_nothing_of_adas(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    thread = await people.thread(ada)
    async with reading(services, ben, thread.id) as reader:
        with pytest.raises(NotFound):
            await reader.next()
    async with reading(services, ada, new_id()) as reader:
        with pytest.raises(NotFound):
            await reader.next()
    async with reading(services, ada, thread.id) as reader:
        reader.user = None
        with pytest.raises(Unauthenticated):
            await reader.next()
    assert services.hub.size == 0


async def test_a_deleted_thread_is_gone(services: Services, people: People) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    async with reading(services, ada, thread.id) as reader:
        await reader.next()
        async with services.transaction() as db:
            await delete_thread(db, await find_thread(db, ada, thread.id), images="keep")
        assert isinstance(await reader.next(), Gone)
        assert await reader.ends()


async def test_signing_out_ends_the_stream_at_once(services: Services, people: People) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    async with reading(services, ada, thread.id) as reader:
        await reader.next()
        reader.user = None
        async with services.transaction() as db:
            publish(db, user_topic(ada.id))
        assert isinstance(await reader.next(seconds=1), Gone)
        assert await reader.ends()


async def test_a_sign_in_that_ran_out_unheard_is_noticed_within_half_a_minute(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert streams.LOOK_SECONDS <= 30
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0.1)
    ada = await people.user("ada")
    thread = await people.thread(ada)
    async with reading(services, ada, thread.id) as reader:
        await reader.next()
        reader.user = None
        async with asyncio.timeout(2):
            while not isinstance(change := await reader.next(), Gone):
                assert isinstance(change, Beat)


async def test_silence_is_filled_with_beats(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert streams.BEAT_SECONDS <= 20
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.05)
    ada = await people.user("ada")
    thread = await people.thread(ada)
    async with reading(services, ada, thread.id) as reader:
        await reader.next()
        for _ in range(3):
            assert isinstance(await reader.next(seconds=1), Beat)


async def test_a_stream_ends_when_the_server_stops_or_its_time_is_over(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    async with reading(services, ada, thread.id) as reader:
        await reader.next()
        ending = asyncio.ensure_future(reader.ends())
        await asyncio.sleep(0.05)
        reader.stopping.set()
        assert await asyncio.wait_for(ending, 0.5)
    monkeypatch.setattr(streams, "LIFETIME_SECONDS", 0.0)
    async with reading(services, ada, thread.id) as reader:
        await reader.next()
        assert await reader.ends()


async def test_the_twenty_first_window_is_refused_and_a_closed_one_makes_room(
    services: Services, people: People
) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    thread, bens = await people.thread(ada), await people.thread(ben)
    readers = [Reader(services, ada, thread.id) for _ in range(streams.STREAMS_PER_USER)]
    for reader in readers:
        await reader.next()
    async with reading(services, ada, thread.id) as one_more:
        with pytest.raises(TooMany) as refused:
            await one_more.next()
        assert refused.value.retry_after >= 1
    async with reading(services, ben, bens.id) as other:
        assert isinstance(await other.next(), Snapshot)
    await readers[0].changes.aclose()
    async with reading(services, ada, thread.id) as again:
        assert isinstance(await again.next(), Snapshot)
    for reader in readers:
        await reader.changes.aclose()
    assert services.hub.size == 0
    assert not streams._open


async def test_a_hundred_waiting_streams_hold_no_database_connection(services: Services, people: People) -> None:
    readers = []
    for name in ("ada", "ben", "chloe", "dan", "eve"):
        user = await people.user(name)
        thread = await people.thread(user)
        readers += [Reader(services, user, thread.id) for _ in range(20)]
    for reader in readers:
        assert isinstance(await reader.next(), Snapshot)
    waiting = [asyncio.ensure_future(reader.next(seconds=30)) for reader in readers]
    await asyncio.sleep(0.1)
    async with services.transaction() as db:
        busy = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chatelier' AND state <> 'idle'")
        assert await db.scalar(busy) == 1
    assert services.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for reader in readers:
        await reader.changes.aclose()
    assert services.hub.size == 0


@pytest.mark.parametrize(
    ("header", "since"),
    [
        (None, None),
        ("0", 0),
        ("17", 17),
        ("", -1),
        ("-3", -1),
        ("1e9", -1),
        ("٣", -1),
        (" 5", -1),
        ("9" * 30, -1),
        ("0x10", -1),
        ("x" * 4000, -1),
    ],
)
async def test_a_last_event_id_is_a_revision_or_cannot_be_continued(header: str | None, since: int | None) -> None:
    assert parse_since(header) == since


async def test_an_event_keeps_its_lines() -> None:
    assert sse("a\r\nb\rc\n\u2028d", event="message", id=3) == (
        "event: message\nid: 3\ndata: a\ndata: b\ndata: c\ndata: \u2028d\n\n"
    )


async def test_asking_for_the_head_of_a_stream_keeps_none_open(services: Services, people: People) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    reader = Reader(services, ada, thread.id)
    stream = EventStream(await reader.next(), reader.changes, lambda _: "x")
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        await asyncio.Event().wait()

    await asyncio.wait_for(stream({"type": "http", "method": "HEAD"}, receive, send), 2)
    assert sent[0]["status"] == 200
    assert (b"content-type", b"text/event-stream; charset=utf-8") in sent[0]["headers"]
    assert b"".join(message.get("body", b"") for message in sent) == b""
    assert services.hub.size == 0
