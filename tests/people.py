"""The people of the tests, and what they usually have. Names are used as in a story: Ada owns, Ben is the stranger."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import TypeVar
from uuid import UUID

from chatelier.db.listen import Hub
from chatelier.db.models import Generation, GenerationStatus, Message, MessageStatus, Thread, User
from chatelier.domain.decisions import Draft
from chatelier.domain.messages import Posted, find_message, post_message
from chatelier.domain.threads import create_thread, find_thread
from chatelier.services import Services

T = TypeVar("T")
SECOND_LOOK = 0.5  # seconds: nothing hangs on a notification
OVER = (
    GenerationStatus.SUCCEEDED,
    GenerationStatus.FAILED,
    GenerationStatus.CANCELLED,
    GenerationStatus.UNKNOWN,
)


class People:
    def __init__(self, services: Services) -> None:
        self.services = services

    async def user(self, name: str, *, admin: bool = False) -> User:
        """``ada`` becomes ada@example.org, without a password."""
        async with self.services.transaction() as db:
            user = User(email=f"{name.lower()}@example.org", role="admin" if admin else "member")
            db.add(user)
            await db.flush()
            await db.refresh(user)
        return user

    async def thread(self, user: User, title: str = "") -> Thread:
        async with self.services.transaction() as db:
            return await create_thread(db, user, title=title)

    async def says(self, user: User, thread: Thread, text: str, **draft: object) -> Posted:
        async with self.services.transaction() as db:
            own = await find_thread(db, user, thread.id)
            return await post_message(db, self.services.providers, user, own, Draft(text=text, **draft))  # type: ignore[arg-type]

    async def message(self, user: User, message_id: UUID) -> Message:
        async with self.services.transaction() as db:
            return await find_message(db, user, message_id)

    async def finished(self, user: User, posted: Posted, *, seconds: float = 60) -> Generation:
        """The generation of this reply when it is over."""

        async def look() -> Generation | None:
            generation = (await self.message(user, posted.reply.id)).generation
            return generation if generation is not None and generation.status in OVER else None

        return await until(look, seconds=seconds, hub=self.services.hub, thread=posted.reply.thread_id)

    async def answered(self, user: User, posted: Posted, *, seconds: float = 60) -> Message:
        """The text reply when it is over."""

        async def look() -> Message | None:
            message = await self.message(user, posted.reply.id)
            return message if message.status != MessageStatus.STREAMING else None

        return await until(look, seconds=seconds, hub=self.services.hub, thread=posted.reply.thread_id)


async def until(
    look: Callable[[], Awaitable[T | None]],
    *,
    seconds: float = 60,
    hub: Hub | None = None,
    thread: UUID | str | None = None,
) -> T:
    """Ask again and again until there is an answer; fail the test when none comes in time. With a hub, what happens in
    this thread is the reason to look again, as for an open page: to ask for a page all the time would slow it down."""
    topics = [f"thread:{thread}"] if hub and thread else []
    with hub.subscribe(*topics) if hub and topics else nullcontext() as heard:
        async with asyncio.timeout(seconds):
            pause = 0.02
            while (found := await look()) is None:
                await (heard.wait(SECOND_LOOK) if heard else asyncio.sleep(pause))
                pause = min(1.2 * pause, 0.1)
            return found
