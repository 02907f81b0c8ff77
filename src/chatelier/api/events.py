"""One thread live, as server-sent JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Header, Request
from pydantic import BaseModel

from chatelier.api.schemas import GenerationAnswer, MessageAnswer, SnapshotAnswer, ThreadAnswer
from chatelier.db.models import Message
from chatelier.web.streams import Change, Changed, EventStream, Gone, Left, Snapshot, open_stream, sse


async def follow_thread(
    thread_id: str,
    request: Request,
    last_event_id: Annotated[
        str | None, Header(description="The last `id` seen: only what changed since is sent.")
    ] = None,
) -> EventStream:
    """What happens in a thread, as it happens: first a `snapshot` (or, with Last-Event-ID, what was missed), then
    `message` and `generation` events with whole objects to put in the place of the old ones. `reset` says that what
    the reader has cannot be continued; a snapshot follows. `gone` is the last event: the thread was deleted or the
    sign-in is over. The stream ends after at most ten minutes; come back with the last `id`."""
    return await open_stream(request, thread_id, last_event_id, draw)


def draw(change: Change) -> str:
    match change:
        case Snapshot():
            messages = [MessageAnswer.of(message, change.places) for message in change.messages]
            body = SnapshotAnswer(thread=ThreadAnswer.of(change.thread), messages=messages)
            return sse(body.model_dump_json(), event="snapshot", id=change.revision)
        case Changed():
            return _changed(change)
        case Gone():
            return sse("{}", event="gone")
        case Left():
            return ""
    return sse("{}", event="reset")


def _changed(change: Changed) -> str:
    """Only the last event carries the id: a reader that was cut off before it gets all of this again."""
    news = [found for message in change.messages for found in _news(message, change)]
    ids = [None] * (len(news) - 1) + [change.revision]
    return "".join(sse(body.model_dump_json(), event=name, id=id) for (name, body), id in zip(news, ids, strict=False))


def _news(message: Message, change: Changed) -> Iterator[tuple[str, BaseModel]]:
    if message.revision > change.since:
        yield "message", MessageAnswer.of(message, change.places)
    elif message.generation:
        place = change.places.get(message.generation.id)
        yield "generation", GenerationAnswer.of(message.generation, place=place)
