"""Messages: post, stop, try again, paint what was suggested. What is posted twice is done once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from chatelier.db.models import Message, Thread, User
from chatelier.domain import idempotency, messages, replies
from chatelier.domain.messages import Posted
from chatelier.domain.quotas.report import left_by_the_composer
from chatelier.domain.threads import create_thread, find_thread
from chatelier.web.again import AskAgain
from chatelier.web.cards import card_values
from chatelier.web.deps import CurrentUser, Db, OwnMessage, OwnThread, ServicesDep
from chatelier.web.drafts import AskPrice, PostedDraft, body_of
from chatelier.web.render import fragment, is_htmx, is_warned
from chatelier.web.threads import Position, shell, talk


class Once:
    """Does what a form asks for, or finds what it already led to: a double click makes one message."""

    def __init__(
        self, request: Request, db: Db, user: CurrentUser, idempotency_key: Annotated[str, Form()] = ""
    ) -> None:
        self._db, self._user, self._key = db, user, idempotency_key
        self._scope = f"page {request.method} {request.url.path}"

    async def messages(self, body: str, make: Callable[[], Awaitable[Sequence[Message]]]) -> list[Message]:
        """The messages that ``make`` made, now or the first time. Without a key it is simply done."""
        if not self._key:
            return list(await make())
        first = await idempotency.claim(self._db, self._user, self._scope, self._key, body.encode())
        if first is not None:
            return [await messages.find_message(self._db, self._user, UUID(known)) for known in first["message_ids"]]
        made = list(await make())
        answer = {"message_ids": [str(message.id) for message in made]}
        await idempotency.remember(self._db, self._user, self._scope, self._key, answer)
        return made


OnceOnly = Annotated[Once, Depends()]


async def create_message(
    request: Request,
    user: CurrentUser,
    db: Db,
    services: ServicesDep,
    thread: OwnThread,
    draft: PostedDraft,
    once: OnceOnly,
    price: AskPrice,
    again: AskAgain,
) -> Response:
    """Send a message."""
    draft = again.composed(draft)

    async def make() -> Sequence[Message]:
        return both(await messages.post_message(db, services.providers, user, thread, draft))

    question = await price.question(thread, draft)
    return question or await answer(request, user, db, await once.messages(body_of(draft), make))


async def create_first_message(
    request: Request,
    user: CurrentUser,
    db: Db,
    services: ServicesDep,
    draft: PostedDraft,
    once: OnceOnly,
    price: AskPrice,
    again: AskAgain,
) -> Response:
    """Send a message that begins its own thread; the page becomes that thread's."""
    draft = again.composed(draft)

    async def make() -> Sequence[Message]:
        thread = await create_thread(db, user)
        return both(await messages.post_message(db, services.providers, user, thread, draft))

    question = await price.question(None, draft)
    if question:
        return question
    posted = await once.messages(body_of(draft), make)
    return await begin(request, user, db, await find_thread(db, user, posted[0].thread_id))


async def create_correction(
    request: Request,
    user: CurrentUser,
    db: Db,
    services: ServicesDep,
    message: OwnMessage,
    once: OnceOnly,
    price: AskPrice,
    again: AskAgain,
    intent: Annotated[str, Form()] = "chat",
    leave_style: Annotated[str, Form()] = "",
) -> Response:
    """Say how a message was meant: what is painted for it stops, and the same words are answered as ``intent``."""
    meant = "generate" if leave_style else intent
    draft = await messages.corrected(db, user, message, meant, leave_style=bool(leave_style))
    draft = again.draft(draft, intent=intent, leave_style=leave_style)

    async def make() -> Sequence[Message]:
        return await messages.correct_message(db, services.providers, user, message, draft)

    thread = await find_thread(db, user, message.thread_id)
    question = await price.question(thread, draft, intent=intent, leave_style=leave_style)
    return question or await answer(request, user, db, await once.messages(intent + leave_style, make))


async def list_earlier(thread: OwnThread, db: Db, before: Position = None) -> Response:
    """The messages before a position, for the top of the talk."""
    return fragment("messages/_messages.html", **await talk(db, thread, before=before))


async def cancel_reply(request: Request, user: CurrentUser, db: Db, message: OwnMessage) -> Response:
    """Stop an answer that is being written; what is there stays."""
    await replies.stop_reply(db, message)
    return await answer(request, user, db, [await messages.find_message(db, user, message.id)])


async def retry_reply(
    request: Request, user: CurrentUser, db: Db, services: ServicesDep, message: OwnMessage, once: OnceOnly
) -> Response:
    """Write a failed or stopped answer anew, in its place."""

    async def make() -> Sequence[Message]:
        await replies.retry_reply(db, services.providers, user, message)
        return [await messages.find_message(db, user, message.id)]

    return await answer(request, user, db, await once.messages("", make))


async def create_painting(
    request: Request,
    user: CurrentUser,
    db: Db,
    services: ServicesDep,
    message: OwnMessage,
    once: OnceOnly,
    price: AskPrice,
    again: AskAgain,
) -> Response:
    """Paint what an answer offered, by one click on "Paint this"."""
    thread, draft = await find_thread(db, user, message.thread_id), again.draft(messages.suggested(message))

    async def make() -> Sequence[Message]:
        return [message, *both(await messages.post_message(db, services.providers, user, thread, draft))]

    question = await price.question(thread, draft, confirmed="1")
    return question or await answer(request, user, db, await once.messages("", make))


def both(posted: Posted) -> Sequence[Message]:
    return posted.message, posted.reply


async def answer(request: Request, user: User, db: AsyncSession, changed: Sequence[Message], **more: Any) -> Response:
    """The changed messages with a fresh key for the composer; without htmx the page they stand on."""
    thread = await find_thread(db, user, changed[-1].thread_id)
    if not is_htmx(request):
        return RedirectResponse(f"/threads/{thread.id}#message-{changed[-1].id}", 303)
    values = await card_values(db, thread, changed)
    return fragment("messages/_posted.html", thread=thread, messages=changed, **values, **more)


async def begin(request: Request, user: User, db: AsyncSession, thread: Thread) -> Response:
    """The new thread in the place of the empty page, and the list beside it."""
    if not is_htmx(request):
        return RedirectResponse(f"/threads/{thread.id}", 303)
    values = {**await shell(db, user), **await talk(db, thread), "plain_http": is_warned(request, user)}
    values["left"] = await left_by_the_composer(db, user.id)
    return fragment("threads/_begun.html", headers={"HX-Push-Url": f"/threads/{thread.id}"}, **values)
