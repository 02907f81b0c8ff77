"""Idempotency-Key: a repeated request gets the first answer again and does nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from chatelier.api.schemas import Answer
from chatelier.db.models import User
from chatelier.domain import idempotency
from chatelier.web.deps import CurrentUser, Db

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Kept for 24 hours: the same request with the same key is done once and answered alike.",
    ),
]


class Once:
    """Makes an answer in the request's transaction, or repeats the one that this key already got. What is refused
    rolls back with its claim, so that the same key may be tried again."""

    def __init__(self, db: Db, user: User, scope: str, key: str | None) -> None:
        self._db, self._user, self._scope, self._key = db, user, scope, key

    @property
    def keyed(self) -> bool:
        return self._key is not None

    async def answer(self, body: bytes, make: Callable[[], Awaitable[Answer]]) -> Response:
        if self._key is None:
            return _created((await make()).model_dump_json())
        first = await idempotency.claim(self._db, self._user, self._scope, self._key, body)
        if first is not None:
            return _created(first["body"], {"Idempotent-Replayed": "true"})
        text = (await make()).model_dump_json()
        await idempotency.remember(self._db, self._user, self._scope, self._key, {"status": 201, "body": text})
        return _created(text)


async def once(request: Request, db: Db, user: CurrentUser, key: Key = None) -> Once:
    return Once(db, user, f"{request.method} {request.url.path}", key)


OnceOnly = Annotated[Once, Depends(once)]


def _created(text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(text, 201, headers, media_type="application/json")
