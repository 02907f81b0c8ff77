"""Generations: stop, try again, tell everything about one, show how far it is."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request
from starlette.responses import Response

from chatelier.db.models import Message
from chatelier.domain.generations import cancel_generation, find_generation, retry_generation
from chatelier.domain.generations.wording import price_of_words
from chatelier.domain.messages import find_message
from chatelier.ids import parse_id
from chatelier.storage.database import read_partial
from chatelier.web.again import AskAgain
from chatelier.web.deps import CurrentUser, Db, OwnGeneration, ServicesDep
from chatelier.web.messages import OnceOnly, answer
from chatelier.web.render import fragment
from chatelier.web.words import generation_facts

PARTIAL_HEADERS = {"Cache-Control": "private, max-age=600", "Content-Security-Policy": "default-src 'none'; sandbox"}


async def cancel(request: Request, user: CurrentUser, db: Db, generation: OwnGeneration) -> Response:
    """Stop a generation while it waits or runs."""
    await cancel_generation(db, generation)
    return await answer(request, user, db, [await find_message(db, user, generation.message_id)])


async def retry(
    request: Request,
    user: CurrentUser,
    db: Db,
    services: ServicesDep,
    generation: OwnGeneration,
    once: OnceOnly,
    again: AskAgain,
) -> Response:
    """Ask again, by a new generation at the thread's end; the card that failed comes along for its fresh key."""
    instead = again.offer()

    async def make() -> Sequence[Message]:
        _, reply = await retry_generation(db, services.providers, user, generation, instead=instead)
        return [await find_message(db, user, generation.message_id), reply]

    return await answer(request, user, db, await once.messages(instead, make))


async def show_details(user: CurrentUser, db: Db, generation: OwnGeneration) -> Response:
    """Everything there is to know about a generation."""
    asked = await find_message(db, user, generation.message.reply_to) if generation.message.reply_to else None
    reason = str((asked.decision or {}).get("reason", "")) if asked else ""
    image = generation.images[0] if generation.images else None
    facts = generation_facts(generation, image, reason, words_micros=await price_of_words(db, generation))
    return fragment("generations/_facts.html", facts=facts, generation=generation, thread_page=True)


async def show_partial(user: CurrentUser, services: ServicesDep, generation_id: str) -> Response:
    """The newest partial image; ``?number=`` in the address only tells browsers one frame from the next. Nothing
    where the picture has ended meanwhile: a page that asked a moment ago has no reason to complain."""
    async with services.transaction() as db:
        generation = await find_generation(db, user, parse_id(generation_id))
    frame = await read_partial(services.sessions, generation.id)
    if frame is None:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    media_type, _, content = frame
    return Response(content, headers=PARTIAL_HEADERS, media_type=media_type)
