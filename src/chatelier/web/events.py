"""One thread live for its open pages: the same parts that the page is made of, as a stream or asked for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query, Request
from starlette.responses import Response

from chatelier.domain.messages import changed_since, list_messages
from chatelier.web.cards import card_values
from chatelier.web.deps import Db, OwnThread
from chatelier.web.render import draw, fragment
from chatelier.web.streams import Change, EventStream, Gone, Left, State, open_stream, sse

Revision = Annotated[int, Query(ge=0, le=2**53)]


async def follow_thread(
    request: Request, thread_id: str, last_event_id: Annotated[str | None, Header()] = None
) -> EventStream:
    """A thread as it changes, in the parts that its page is made of."""
    return await open_stream(request, thread_id, last_event_id, draw_change)


def draw_change(change: Change) -> str:
    """Parts are put in place by their id, so a snapshot, a change and a repetition are drawn alike."""
    if isinstance(change, State):
        cards = {"places": change.places, "lines": change.lines, "left": change.left}
        parts = draw("threads/_changes.html", thread=change.thread, messages=change.messages, **cards)
        return sse(parts, id=change.revision)
    if isinstance(change, Left):
        return sse(draw("threads/_allowance.html", left=change.left))
    return sse("gone", event="gone") if isinstance(change, Gone) else ""


async def show_changes(db: Db, thread: OwnThread, after: Revision = 0) -> Response:
    """What changed after a revision, for pages that no stream reaches."""
    headers = {"Thread-Revision": str(thread.revision)}
    if after == thread.revision:
        return Response(headers=headers)
    known = after < thread.revision
    messages = await changed_since(db, thread.id, after) if known else await list_messages(db, thread)
    cards = await card_values(db, thread, messages)
    return fragment("threads/_changes.html", headers=headers, thread=thread, messages=messages, **cards)
