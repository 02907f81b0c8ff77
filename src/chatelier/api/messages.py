"""Messages as JSON."""

from __future__ import annotations

from fastapi import Response

from chatelier.api.once import OnceOnly
from chatelier.api.paging import Cursor, Limit
from chatelier.api.schemas import Decision, Listing, MessageAnswer, NewMessage, PostedMessageAnswer
from chatelier.domain import messages
from chatelier.domain.pages import decode_cursor, encode_cursor
from chatelier.errors import InvalidCursor
from chatelier.web.cards import queue_places
from chatelier.web.deps import CurrentUser, Db, OwnThread, ServicesDep


async def post_message(
    body: NewMessage, thread: OwnThread, db: Db, user: CurrentUser, services: ServicesDep, once: OnceOnly
) -> Response:
    """Say something. The reply holds a generation when an image was asked for; for talk it is still streaming."""

    async def make() -> PostedMessageAnswer:
        posted = await messages.post_message(db, services.providers, user, thread, body.draft())
        places = await queue_places(db, [posted.reply])
        return PostedMessageAnswer(
            message=MessageAnswer.of(posted.message),
            reply=MessageAnswer.of(posted.reply, places),
            decision=Decision.model_validate(posted.message.decision),
        )

    return await once.answer(body.model_dump_json(exclude_unset=True).encode(), make)


async def list_messages(thread: OwnThread, db: Db, cursor: Cursor = None, limit: Limit = 24) -> Listing[MessageAnswer]:
    """The newest page first; inside a page from oldest to newest."""
    query = ("messages", thread.id)
    before = _position(decode_cursor(query, cursor, 1)[0]) if cursor else None
    found = await messages.list_messages(db, thread, before=before, limit=limit)
    more = bool(found) and found[0].position > 1
    places = await queue_places(db, found)
    return Listing(
        items=[MessageAnswer.of(message, places) for message in found],
        next_cursor=encode_cursor(query, [str(found[0].position)]) if more else None,
    )


def _position(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidCursor
    return int(text)
