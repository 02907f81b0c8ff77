"""Waiting for a reply as long as its program does. No database session is held meanwhile, and what was accepted is
finished whether or not anybody waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import Request

from chatelier.db.models import Generation, GenerationStatus, Message, MessageStatus, User
from chatelier.domain.history import UNFINISHED
from chatelier.domain.messages import find_message
from chatelier.errors import ChatelierError, NotFound, Overloaded, TooMany
from chatelier.services import Services
from chatelier.web.deps import current_user, user_check
from chatelier.web.streams import Beat, Change, Gone, State, follow

WAITS_PER_USER = 100  # in this process
STATUSES = {
    "refused": HTTPStatus.BAD_REQUEST,
    "bad_request": HTTPStatus.BAD_REQUEST,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "timed_out": HTTPStatus.GATEWAY_TIMEOUT,
}

_waits: Counter[UUID] = Counter()


class Unfinished(ChatelierError):
    """It was accepted and led to nothing; to repeat the request by itself could have it paid twice."""

    status = HTTPStatus.BAD_GATEWAY
    code = "provider_error"
    sentence = "Generation failed, please try again."
    final = True

    def __init__(self, error: dict[str, Any] | None) -> None:
        told = error or {"code": "cancelled", "message": "It was stopped before it was finished."}
        self.code = told["code"]
        self.status = STATUSES.get(self.code, HTTPStatus.CONFLICT if error is None else HTTPStatus.BAD_GATEWAY)
        super().__init__(told["message"])


class StillRunning(Overloaded):
    code = "still_running"
    sentence = "It takes longer than a request can wait. It goes on: you will find it in Chatelier."
    final = True


async def states(request: Request, thread_id: UUID, reply_id: UUID) -> AsyncIterator[Message | None]:
    """The reply as it is, then each time it changed, its final state last; None as a sign of life. Raises NotFound when
    it was deleted, StillRunning when the wait is over before the reply is."""
    services: Services = request.app.state.services
    async with _waiting(request) as user:
        async with services.transaction() as db:
            reply = await find_message(db, user, reply_id)
        yield reply
        if is_over(reply):  # perhaps long ago, that of a request which is repeated: no newest page would hold it
            return
        since = max(reply.revision, reply.generation.revision if reply.generation else 0)
        check, stopping = user_check(request), request.app.state.stopping
        async with aclosing(follow(services, check, thread_id, since, stopping, is_window=False)) as changes:
            async for message in _changes(changes, reply_id):
                yield message
                if message is not None and is_over(message):
                    return
    raise StillRunning


async def _changes(changes: AsyncIterator[Change], reply_id: UUID) -> AsyncIterator[Message | None]:
    async for change in changes:
        match change:
            case Gone():
                raise NotFound
            case Beat():
                yield None
            case State():
                for message in change.messages:
                    if message.id == reply_id:
                        yield message


def check_room(user: User) -> None:
    """Raises TooMany. Asked before anything is accepted: what is accepted is waited for, not refused by then."""
    if _waits[user.id] >= WAITS_PER_USER:
        raise TooMany("Too many requests wait at once. Send the next when some of them are answered.", retry_after=5)


@asynccontextmanager
async def _waiting(request: Request) -> AsyncIterator[User]:
    user = await current_user(request)
    _waits[user.id] += 1
    try:
        yield user
    finally:
        _waits[user.id] -= 1
        if not _waits[user.id]:
            del _waits[user.id]


async def finished(request: Request, thread_id: UUID, reply_id: UUID) -> Message:
    """The reply in its final state."""
    async for message in states(request, thread_id, reply_id):
        if message is not None and is_over(message):
            return message
    raise StillRunning


def is_over(message: Message) -> bool:
    if message.generation is not None:
        return message.generation.status not in UNFINISHED
    return message.status != MessageStatus.STREAMING


def painted(message: Message) -> Generation:
    """The generation behind a reply that is over. Raises Unfinished when it made nothing."""
    generation = message.generation
    if generation is None or generation.status != GenerationStatus.SUCCEEDED or not generation.images:
        raise Unfinished(generation.error if generation else message.error)
    return generation
