"""Pictures by OpenAI's protocol: made, or changed from pictures that come along."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Form, Request
from starlette.responses import Response, StreamingResponse

from chatelier.api.compatible.bringing import bring, take_back
from chatelier.api.compatible.links import link_to
from chatelier.api.compatible.once import Once
from chatelier.api.compatible.schemas import NewEdit, NewPictures
from chatelier.api.compatible.waiting import check_room, finished, is_over, painted, states
from chatelier.db.models import Generation, Image, Message, User
from chatelier.domain.conversations import pictures_of_today
from chatelier.domain.decisions import MAX_SOURCES, Draft
from chatelier.domain.dialect import read_options
from chatelier.domain.intent import Intent
from chatelier.domain.messages import post_message
from chatelier.errors import ChatelierError, Invalid
from chatelier.services import Services
from chatelier.storage.database import read_partial
from chatelier.web.deps import CurrentUser, ServicesDep, read_upload
from chatelier.web.errors import as_json
from chatelier.web.image_bytes import data_url
from chatelier.web.streams import BEAT, HEADERS, sse

LINK_DAYS = 1
FILES = {"image", "images", "mask"}


async def create_pictures(
    body: NewPictures, request: Request, user: CurrentUser, services: ServicesDep, once: Once
) -> Response:
    """The prompt is sent as it is; the pictures stand in the thread of the day and in the gallery, too."""
    check_room(user)
    options = read_options(services.providers, Intent.GENERATE, body.model_dump())
    draft = Draft(text=body.prompt, intent=Intent.GENERATE, options=options, is_literal=True)
    reply = await _post(services, user, once, draft, body.model_dump_json().encode())
    return await _answer(request, user, body, reply, "image_generation")


async def create_edit(
    form: Annotated[NewEdit, Form(media_type="multipart/form-data")],
    request: Request,
    user: CurrentUser,
    services: ServicesDep,
    once: Once,
) -> Response:
    """A change of the pictures that come along; where ``mask`` is transparent, and nowhere else, if there is one."""
    check_room(user)
    options = read_options(services.providers, Intent.EDIT, form.model_dump(exclude=FILES))
    files = [await read_upload(services, file) for file in (*form.image, *form.images)]
    if not 1 <= len(files) <= MAX_SOURCES:
        raise Invalid(f"Send 1 to {MAX_SOURCES} pictures as image.", fields={"image": f"1 to {MAX_SOURCES}"})
    masks = [await read_upload(services, form.mask)] if form.mask else []
    async with services.transaction() as db:
        thread = await pictures_of_today(db, user)
    brought = await bring(services, user, thread.id, [*files, *masks])
    draft = Draft(
        text=form.prompt,
        intent=Intent.EDIT,
        options=options,
        is_literal=True,
        source_image_ids=tuple(brought[: len(files)]),
        mask_image_id=brought[-1] if masks else None,
    )
    said = form.model_dump_json(exclude=FILES).encode()
    async with take_back(services, user, brought) as wanted:
        reply = await _post(services, user, once, draft, said)
        wanted(reply)
    return await _answer(request, user, form, reply, "image_edit")


async def _post(services: Services, user: User, once: Once, draft: Draft, body: bytes) -> Message:
    async with services.transaction() as db:

        async def make() -> Message:
            thread = await pictures_of_today(db, user)
            return (await post_message(db, services.providers, user, thread, draft)).reply

        return await once.reply(db, body, make)


async def _answer(request: Request, user: User, asked: NewPictures, reply: Message, name: str) -> Response:
    if asked.stream:
        events = _events(request, reply, name)
        return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)
    generation = painted(await finished(request, reply.thread_id, reply.id))
    as_link = asked.response_format == "url"
    data = [await _datum(request, user, generation, image, as_link=as_link) for image in generation.images]
    told = {"created": int(generation.created_at.timestamp()), "data": data, **_facts(generation, generation.images[0])}
    text = await asyncio.to_thread(json.dumps, told)
    return Response(text, media_type="application/json")


async def _datum(
    request: Request, user: User, generation: Generation, image: Image, *, as_link: bool
) -> dict[str, str]:
    services: Services = request.app.state.services
    revised = {"revised_prompt": generation.revised_prompt} if generation.revised_prompt else {}
    if as_link:
        return {"url": await link_to(request, user, image, days=LINK_DAYS), **revised}
    return {"b64_json": await _base64(services, image), **revised}


async def _events(request: Request, reply: Message, name: str) -> AsyncIterator[str]:
    """Rough pictures as they come, then each finished one."""
    services: Services = request.app.state.services
    shown = 0
    try:
        async for message in states(request, reply.thread_id, reply.id):
            if message is None:
                yield BEAT
            elif is_over(message):
                generation = painted(message)
                for image in generation.images:
                    done = {"b64_json": await _base64(services, image), **_facts(generation, image)}
                    yield await _event(f"{name}.completed", done)
            elif message.generation and message.generation.partials > shown:
                shown = message.generation.partials
                if frame := await read_partial(services.sessions, message.generation.id):
                    rough = {"b64_json": base64.b64encode(frame[2]).decode(), "partial_image_index": frame[1] - 1}
                    yield await _event(f"{name}.partial_image", rough)
    except ChatelierError as error:
        yield sse(json.dumps({"error": as_json(request, error)}), event="error")


async def _event(name: str, facts: dict[str, Any]) -> str:
    return sse(await asyncio.to_thread(json.dumps, {"type": name, **facts}), event=name)


async def _base64(services: Services, image: Image) -> str:
    return (await data_url(services, image)).partition(",")[2]


def _facts(generation: Generation, image: Image) -> dict[str, Any]:
    kind = image.media_type.removeprefix("image/")
    return {
        "created_at": int(generation.created_at.timestamp()),
        "size": f"{image.width}x{image.height}",
        "output_format": kind,
        "model": generation.model,
    }
