"""The hub: one LISTEN connection per process, fanned out to the pages that are open here.

A notification says only "look": topics like ``thread:<id>``, never content. After a reconnect everybody looks,
since what was notified in between is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import structlog

from chatelier.db.engine import conninfo
from chatelier.db.tasks import end_task
from chatelier.db.topics import CHANNEL
from chatelier.errors import CannotStart

SERVER, WORKER = "chatelier-server", "chatelier-hub"  # what a process calls its listening connection
log = structlog.get_logger()


class Subscription:
    """What one open page waits on; changes that come while it is busy are folded into one look. ``at_once``: it hears
    what this process commits without waiting for the notification, which comes as well."""

    def __init__(self, *, at_once: bool = False) -> None:
        self.at_once = at_once
        self._changed: set[str] = set()
        self._event = asyncio.Event()

    def notice(self, topic: str) -> None:
        self._changed.add(topic)
        self._event.set()

    async def wait(self, timeout: float) -> set[str]:  # noqa: ASYNC109 (a time-out is an answer here, not an error)
        """Topics that changed since the last call; the empty set after ``timeout`` seconds without any."""
        if timeout > 0:  # to look without waiting, as each request of somebody signed in does, costs no task
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._event.wait(), timeout)
        self._event.clear()
        changed, self._changed = self._changed, set()
        return changed


class Hub:
    def __init__(self, url: str, name: str = WORKER) -> None:
        self._conninfo = conninfo(url)
        self._name = name
        self._subscribers: dict[str, set[Subscription]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def alive(self) -> bool:
        return self._ready.is_set()

    @property
    def size(self) -> int:
        return sum(len(found) for found in self._subscribers.values())

    async def start(self) -> None:
        """Listen, and prove that a notification arrives: behind a transaction pooler LISTEN fails silently."""
        self._task = asyncio.create_task(self._run(), name="hub")
        test = f"self-test:{uuid4()}"
        with self.subscribe(test) as heard:
            try:
                await asyncio.wait_for(self._ready.wait(), 10)
            except TimeoutError:
                raise CannotStart("The database does not accept a listening connection.") from None
            async with await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
                await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, test))
            if not await heard.wait(5):
                raise CannotStart(
                    "Notifications of the database do not arrive. If CHATELIER_DATABASE_URL points at a pooler, "
                    "give the address of PostgreSQL itself or set the pooler to session mode."
                )

    async def stop(self) -> None:
        if self._task:
            await end_task(self._task)

    @contextlib.contextmanager
    def subscribe(self, *topics: str, at_once: bool = False) -> Iterator[Subscription]:
        subscription = Subscription(at_once=at_once)
        for topic in topics:
            self._subscribers[topic].add(subscription)
        try:
            yield subscription
        finally:
            for topic in topics:
                self._subscribers[topic].discard(subscription)
                if not self._subscribers[topic]:
                    del self._subscribers[topic]

    def hear(self, topic: str) -> None:
        """A transaction of this process has just said so (db/topics.py)."""
        for subscription in tuple(self._subscribers.get(topic, ())):
            if subscription.at_once:
                subscription.notice(topic)

    async def _run(self) -> None:
        delay = 0.1
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                log.warning("hub.reconnect", reason=str(error).strip(), seconds=delay)
            self._ready.clear()
            await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 (jitter, not a secret)
            delay = min(delay * 2, 5.0)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, application_name=self._name, keepalives_idle=15
        )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._ready.set()
            self._wake_everybody()
            async for notification in connection.notifies():
                for subscription in tuple(self._subscribers.get(notification.payload, ())):
                    subscription.notice(notification.payload)

    def _wake_everybody(self) -> None:
        for topic, subscriptions in tuple(self._subscribers.items()):
            if not topic.startswith("self-test:"):
                for subscription in tuple(subscriptions):
                    subscription.notice(topic)
