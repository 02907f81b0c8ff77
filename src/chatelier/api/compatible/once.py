"""One request is done once, also when the program's library repeats it by itself because a connection broke. Such
libraries count their tries in a header (Stainless, which makes the openai packages), so that a repetition is told
from a second request for the same."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Message, User
from chatelier.domain import idempotency
from chatelier.domain.messages import find_message
from chatelier.web.deps import CurrentUser

TRIES = "x-stainless-retry-count"


class OncePerRequest:
    def __init__(self, request: Request, user: User) -> None:
        self._user, self._scope = user, f"{request.method} {request.url.path}"
        self._given, self._tries = request.headers.get("idempotency-key"), request.headers.get(TRIES)

    async def reply(self, db: AsyncSession, body: bytes, make: Callable[[], Awaitable[Message]]) -> Message:
        """The reply that ``make`` asks for, or the one that this very request already led to."""
        key = self._given or (f"again-{hashlib.sha256(body).hexdigest()}" if self._tries else "")
        if not key:
            return await make()
        if not self._given and self._tries == "0":
            await idempotency.renew(db, self._user, self._scope, key, body)
        elif (first := await idempotency.claim(db, self._user, self._scope, key, body)) is not None:
            return await find_message(db, self._user, UUID(first["reply_id"]))
        reply = await make()
        await idempotency.remember(db, self._user, self._scope, key, {"reply_id": str(reply.id)})
        return reply


async def _once(request: Request, user: CurrentUser) -> OncePerRequest:
    return OncePerRequest(request, user)


Once = Annotated[OncePerRequest, Depends(_once)]
