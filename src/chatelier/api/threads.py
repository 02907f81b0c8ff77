"""Threads as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response

from chatelier.api.once import OnceOnly
from chatelier.api.paging import Cursor, Limit, Words
from chatelier.api.schemas import Listing, NewThread, ThreadAnswer, ThreadChange
from chatelier.domain import deletion, threads
from chatelier.web.deps import CurrentUser, Db, OwnThread


async def create_thread(body: NewThread, db: Db, user: CurrentUser, once: OnceOnly) -> Response:
    """Start a thread. Without a title it is named after its first message."""

    async def make() -> ThreadAnswer:
        return ThreadAnswer.of(await threads.create_thread(db, user, title=body.title))

    return await once.answer(body.model_dump_json().encode(), make)


async def list_threads(
    db: Db, user: CurrentUser, q: Words = "", cursor: Cursor = None, limit: Limit = 24
) -> Listing[ThreadAnswer]:
    """The caller's threads, newest activity first; `q` is looked for in titles."""
    page = await threads.list_threads(db, user, q=q, cursor=cursor, limit=limit)
    return Listing(items=[ThreadAnswer.of(thread) for thread in page.items], next_cursor=page.next_cursor)


async def get_thread(thread: OwnThread) -> ThreadAnswer:
    """One thread."""
    return ThreadAnswer.of(thread)


async def change_thread(body: ThreadChange, thread: OwnThread, db: Db) -> ThreadAnswer:
    """Rename or pin; what is left out stays."""
    await threads.change_thread(db, thread, **body.model_dump(exclude_unset=True))
    return ThreadAnswer.of(thread)


async def delete_thread(
    thread: OwnThread,
    db: Db,
    images: Annotated[
        Literal["keep", "trash"],
        Query(description="Its images: keep them in the gallery, or trash, which stops what is still painted."),
    ] = "keep",
) -> None:
    """Delete the thread; from then on it is a 404."""
    await deletion.delete_thread(db, thread, images=images)
