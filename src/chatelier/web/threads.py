"""Threads: the talk itself, the list beside it, and what can be done to a thread."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from chatelier.db.models import Thread, User
from chatelier.domain import threads
from chatelier.domain.images import find_handle, find_image
from chatelier.domain.mails import list_notices
from chatelier.domain.messages import list_messages
from chatelier.domain.quotas.report import left_by_the_composer
from chatelier.ids import parse_id
from chatelier.web.cards import card_values
from chatelier.web.deps import CurrentUser, Db, OwnThread
from chatelier.web.render import fragment, is_htmx, open_path, page

SIDEBAR = 40  # threads in one piece of the list
LONGEST_STRETCH = 200  # messages shown at once when somebody comes for an old picture

Sources = Annotated[list[str] | None, Query(max_length=16)]
Source = Annotated[str | None, Query(max_length=40)]
Position = Annotated[int | None, Query(ge=1, le=2**53)]


async def start(request: Request, user: CurrentUser, db: Db, source: Sources = None, like: Source = None) -> Response:
    """A thread that does not exist until the first message; ``source`` names the images it will start from, ``like``
    one whose prompt stands ready to be sent again."""
    targets = [await find_image(db, user, parse_id(one)) for one in source or []]
    draft = f"/imagine {(await find_image(db, user, parse_id(like))).meant}" if like else ""
    values = {**await shell(db, user), **await talk(db, None), "left": await left_by_the_composer(db, user.id)}
    return page(request, "threads/show.html", **values, targets=targets, draft=draft)


async def create_thread(user: CurrentUser, db: Db) -> Response:
    """Begin an empty thread."""
    thread = await threads.create_thread(db, user)
    return RedirectResponse(f"/threads/{thread.id}", 303)


async def list_threads(request: Request, user: CurrentUser, db: Db, q: str = "", cursor: str | None = None) -> Response:
    """The list for the sidebar: the first piece, or the one after ``cursor``."""
    if not is_htmx(request):
        values = {**await shell(db, user, q), **await talk(db, None), "left": await left_by_the_composer(db, user.id)}
        return page(request, "threads/show.html", **values)
    listed = await sidebar(db, user, q, cursor)
    return fragment(
        "threads/_more.html" if cursor else "threads/_threads.html", threads=listed, q=q, open_path=open_path(request)
    )


async def show_thread(
    request: Request,
    user: CurrentUser,
    db: Db,
    thread: OwnThread,
    at: Position = None,
    change: Position = None,
    source: Sources = None,
) -> Response:
    """The newest messages; ``at`` makes sure that an old one is among them. ``change`` (a handle) and ``source``
    (images of any thread) begin a change."""
    values = {**await shell(db, user), **await talk(db, thread, at=at), "left": await left_by_the_composer(db, user.id)}
    found = await find_handle(db, user, thread, change) if change else None
    targets = [found] if found else [await find_image(db, user, parse_id(one)) for one in source or []]
    return page(request, "threads/show.html", **values, targets=targets)


async def ask_title(request: Request, user: CurrentUser, db: Db, thread: OwnThread) -> Response:
    """The form for another title."""
    return await ask(request, user, db, thread, "threads/_title.html")


async def change_title(
    request: Request, user: CurrentUser, db: Db, thread: OwnThread, title: Annotated[str, Form()] = ""
) -> Response:
    """Rename a thread."""
    await threads.change_thread(db, thread, title=title)
    if not is_htmx(request):
        return RedirectResponse(f"/threads/{thread.id}", 303)
    return fragment("threads/_changes.html", thread=thread, messages=[])


async def change_pin(
    request: Request, user: CurrentUser, db: Db, thread: OwnThread, pinned: Annotated[bool, Form()]
) -> Response:
    """Keep a thread at the top of the list, or no longer."""
    await threads.change_thread(db, thread, pinned=pinned)
    if not is_htmx(request):
        return RedirectResponse(f"/threads/{thread.id}", 303)
    return fragment("threads/_threads.html", threads=await sidebar(db, user), open_path=open_path(request))


async def ask_deletion(request: Request, user: CurrentUser, db: Db, thread: OwnThread) -> Response:
    """Ask what becomes of the images before a thread is deleted."""
    return await ask(request, user, db, thread, "threads/_deletion.html")


async def delete_thread(user: CurrentUser, db: Db, thread: OwnThread, images: Annotated[str, Form()]) -> Response:
    """Delete a thread; its images stay in the gallery or go to the trash."""
    await threads.delete_thread(db, thread, images=images)
    return RedirectResponse("/", 303)


async def ask(request: Request, user: User, db: AsyncSession, thread: Thread, question: str) -> Response:
    """A question before something is done: in the dialog, or as a page."""
    if is_htmx(request):
        return fragment(question, thread=thread)
    return page(request, "threads/question.html", **await shell(db, user), thread=thread, question=question)


async def shell(db: AsyncSession, user: User, q: str = "") -> dict[str, Any]:
    """What stands around every page of a signed-in person."""
    notices = await list_notices(db, user)
    return {"user": user, "q": q, "threads": await sidebar(db, user, q), "mail_notices": notices}


async def sidebar(db: AsyncSession, user: User, q: str = "", cursor: str | None = None) -> Any:
    return await threads.list_threads(db, user, q=q, cursor=cursor, limit=SIDEBAR, pinned_first=True)


async def talk(
    db: AsyncSession, thread: Thread | None, *, before: int | None = None, at: int | None = None
) -> dict[str, Any]:
    """A page of messages, and where the earlier ones go on."""
    if thread is None:
        return {"thread": None, "messages": []}
    limit = min(LONGEST_STRETCH, max(24, thread.last_position - at + 4)) if at else 24
    messages = await list_messages(db, thread, before=before, limit=limit)
    # The revision stays that of before the messages: what happened in between is told again by the stream.
    await db.refresh(thread, ["current_image_id"])
    older = messages[0].position if messages and messages[0].position > 1 else None
    return {"thread": thread, "messages": messages, "older": older, **await card_values(db, thread, messages)}
