"""Following one thread live: the mechanism that the HTML stream and the JSON stream share. They only draw.

An endpoint is one ``return await open_stream(…)``: refusals (401, 404, 429) are raised before the response starts;
headers, heartbeats, ``retry:``, lifetime and shutdown are handled here. Its ``draw(change)`` answers the text to send
for one change, '' for nothing. Put the id only into the last event of a text: a reader that is cut off inside it must
get all of it again.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, nullcontext
from dataclasses import dataclass
from random import uniform
from time import monotonic
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from chatelier.db.models import Image, Message, Thread, User
from chatelier.domain.events import thread_topic, user_topic
from chatelier.domain.messages import changed_since, list_messages
from chatelier.domain.quotas.report import left_by_the_composer
from chatelier.domain.threads import find_thread
from chatelier.errors import NotFound, TooMany, Unauthenticated
from chatelier.ids import parse_id
from chatelier.log import log
from chatelier.services import Services
from chatelier.web.cards import card_values
from chatelier.web.deps import user_check

BEAT_SECONDS = 14.0  # silence after which a comment is sent; proxies often give up at 30 or 60
LOOK_SECONDS = 28.0  # a look at reader and thread even when nobody said "look"
LIFETIME_SECONDS = 600.0
STREAMS_PER_USER = 20  # in this process
MOST_CHANGES = 200  # a reader that missed more gets a snapshot instead
RETRY_MILLISECONDS = (500, 3000)  # spread, so that readers do not come back all at once after a restart

BEAT = ": \n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

_open: Counter[UUID] = Counter()

UserCheck = Callable[[], Awaitable[User | None]]


@dataclass(frozen=True, kw_only=True)
class State:
    """``places``: where each waiting generation stands in its queue, 1 is next. ``lines``: the versions before it.
    ``left`` of the reader's limits, in words; None where nothing can have changed it."""

    thread: Thread
    messages: list[Message]
    places: Mapping[UUID, int]
    lines: Mapping[UUID, Sequence[Image]]
    left: str | None = None

    @property
    def revision(self) -> int:
        return self.thread.revision


@dataclass(frozen=True, kw_only=True)
class Snapshot(State):
    """The thread and its newest page of messages, oldest to newest."""


@dataclass(frozen=True, kw_only=True)
class Changed(State):
    """Every message that changed, itself or its generation, after revision ``since``; none when only the thread did."""

    since: int


@dataclass(frozen=True)
class Left:
    """What is left of the reader's limits, in words: it changes with the clock, by other threads, and by admins."""

    left: str


@dataclass(frozen=True)
class Reset:
    """What the reader has cannot be continued; a Snapshot follows."""


@dataclass(frozen=True)
class Gone:
    """The thread was deleted, or the reader's sign-in is over: the last change."""


@dataclass(frozen=True)
class Beat:
    """Nothing new; send a sign of life."""


Change = Snapshot | Changed | Left | Reset | Gone | Beat
Draw = Callable[[Change], str]


async def open_stream(request: Request, thread_id: str, last_event_id: str | None, draw: Draw) -> EventStream:
    """Raises Unauthenticated, NotFound or TooMany."""
    known = parse_id(thread_id)
    if known is None:
        raise NotFound
    state, since = request.app.state, parse_since(last_event_id)
    changes = follow(state.services, user_check(request), known, since, state.stopping)
    return EventStream(await anext(changes), changes, draw)


async def follow(
    services: Services,
    check: UserCheck,
    thread_id: UUID,
    since: int | None,
    stopping: asyncio.Event,
    *,
    is_window: bool = True,
) -> AsyncGenerator[Change, None]:
    """Subscribe, then read what is there, then tell what changes, until the reader or the thread is gone,
    the lifetime is over or ``stopping`` is set. No database session is held between the changes. ``check`` answers
    the signed-in user, or None once the sign-in is over; ``since`` is the revision that the reader has already, or
    None for a snapshot first. ``is_window``: it is one of those that a person may have open at once."""
    user = await check()
    if user is None:
        raise Unauthenticated()
    with (
        _slot(user.id) if is_window else nullcontext(),
        services.hub.subscribe(thread_topic(thread_id), user_topic(user.id)) as subscription,
    ):
        waker = asyncio.create_task(_notice(stopping, subscription.notice))
        try:
            known, told = 0, None
            for change in await _begin(services, user, thread_id, since):
                known, told = _heard(change, known, told)
                yield change
            ends, looked = monotonic() + LIFETIME_SECONDS * uniform(0.8, 1.0), monotonic()  # noqa: S311 (jitter)
            while monotonic() < ends:
                topics = await subscription.wait(BEAT_SECONDS)
                if stopping.is_set():
                    return
                change = Beat()
                if topics or monotonic() - looked + BEAT_SECONDS > LOOK_SECONDS:
                    looked = monotonic()
                    change = await _look(services, check, thread_id, known)
                    if isinstance(change, Beat):
                        change = await _look_at_limits(services, user.id, told)
                known, told = _heard(change, known, told)
                yield change
                if isinstance(change, Gone):
                    return
        finally:
            waker.cancel()


def parse_since(last_event_id: str | None) -> int | None:
    """The revision in a ``Last-Event-ID`` header; -1 for what cannot be one, which leads to a reset."""
    if last_event_id is None:
        return None
    return int(last_event_id) if re.fullmatch(r"[0-9]{1,18}", last_event_id, re.ASCII) else -1


def sse(data: str = "", *, event: str | None = None, id: int | None = None) -> str:
    """One server-sent event. Without data a reader only remembers the id."""
    lines = [f"event: {event}"] if event else []
    lines += [f"id: {id}"] if id is not None else []
    lines += [f"data: {line}" for line in re.split(r"\r\n|\r|\n", data)] if data else []
    return "\n".join(lines) + "\n\n"


class EventStream(StreamingResponse):
    media_type = "text/event-stream"

    def __init__(self, first: Change, changes: AsyncGenerator[Change, None], draw: Draw) -> None:
        self._changes = changes
        super().__init__(_drawn(first, changes, draw), headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await self._changes.aclose()
            return await Response(headers=dict(self.headers))(scope, receive, send)
        try:
            # A reader that stops reading would otherwise keep its place for ever.
            async with asyncio.timeout(LIFETIME_SECONDS + 60):
                await super().__call__(scope, receive, send)
        except TimeoutError:
            log.info("stream.stuck")
        finally:
            await self._changes.aclose()


async def _drawn(first: Change, changes: AsyncGenerator[Change, None], draw: Draw) -> AsyncIterator[str]:
    yield f"retry: {round(uniform(*RETRY_MILLISECONDS))}\n\n"  # noqa: S311 (jitter)
    try:
        yield draw(first) or BEAT
        async with aclosing(changes):
            async for change in changes:
                yield BEAT if isinstance(change, Beat) else draw(change) or BEAT
    except Exception:
        # The response has begun: ending it makes the reader come back and resume.
        log.exception("stream.broken")


async def _begin(services: Services, user: User, thread_id: UUID, since: int | None) -> list[Change]:
    if since is None:
        return [await _snapshot(services, user, thread_id)]
    if since >= 0:
        changed = await _changes(services, user, thread_id, since)
        if since <= changed.revision and len(changed.messages) <= MOST_CHANGES:
            return [changed]
    return [Reset(), await _snapshot(services, user, thread_id)]


async def _look(services: Services, check: UserCheck, thread_id: UUID, known: int) -> Change:
    user = await check()
    if user is None:
        return Gone()
    try:
        changed = await _changes(services, user, thread_id, known)
    except NotFound:
        return Gone()
    return changed if changed.revision > known else Beat()


async def _look_at_limits(services: Services, user_id: UUID, told: str | None) -> Left | Beat | Gone:
    """Where nothing is new in the thread."""
    try:
        async with services.transaction() as db:
            left = await left_by_the_composer(db, user_id)
    except Unauthenticated:
        return Gone()
    return Beat() if left == told else Left(left)


def _heard(change: Change, known: int, told: str | None) -> tuple[int, str | None]:
    """The revision, and what is left, as the reader knows them after this."""
    if isinstance(change, State):
        return change.revision, told if change.left is None else change.left
    return known, change.left if isinstance(change, Left) else told


async def _snapshot(services: Services, user: User, thread_id: UUID) -> Snapshot:
    return Snapshot(**await _read(services, user, thread_id, None))


async def _changes(services: Services, user: User, thread_id: UUID, since: int) -> Changed:
    return Changed(**await _read(services, user, thread_id, since), since=since)


async def _read(services: Services, user: User, thread_id: UUID, since: int | None) -> dict[str, Any]:
    """The thread first, the rows after it: a row written in between is told twice rather than never."""
    async with services.transaction() as db:
        thread = await find_thread(db, user, thread_id)
        messages: list[Message] = []
        if since is None:
            messages = await list_messages(db, thread)
        elif thread.revision > since:
            messages = await changed_since(db, thread_id, since)
        return {"thread": thread, "messages": messages, **await card_values(db, thread, messages)}


@contextmanager
def _slot(user_id: UUID) -> Iterator[None]:
    if _open[user_id] >= STREAMS_PER_USER:
        raise TooMany("Too many windows are open at once. Close some of them.", retry_after=10)
    _open[user_id] += 1
    try:
        yield
    finally:
        _open[user_id] -= 1
        if not _open[user_id]:
            del _open[user_id]


async def _notice(stopping: asyncio.Event, notice: Callable[[str], None]) -> None:
    await stopping.wait()
    notice("stopping")
