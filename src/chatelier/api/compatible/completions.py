"""Talk by OpenAI's protocol: what is said is read like a message in the page, so a picture is an answer, too."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from chatelier.api.compatible.bringing import bring, from_data_url
from chatelier.api.compatible.links import link_to
from chatelier.api.compatible.once import Once
from chatelier.api.compatible.schemas import NewCompletion, SentTurn
from chatelier.api.compatible.waiting import Unfinished, check_room, finished, is_over, painted, states
from chatelier.db.models import Image, Message, MessageStatus, User
from chatelier.domain.conversations import Said, open_conversation, remember_transcript
from chatelier.domain.decisions import Draft
from chatelier.domain.dialect import WHOLE, read_painter
from chatelier.domain.intent import Intent, Turn, decide
from chatelier.domain.messages import post_message
from chatelier.domain.threads import find_thread
from chatelier.errors import ChatelierError, Invalid
from chatelier.services import Services
from chatelier.web.deps import CurrentUser, ServicesDep
from chatelier.web.errors import as_json
from chatelier.web.streams import BEAT, HEADERS, sse

LINK_DAYS = 365  # talk is read again later
TELLS = ("system", "developer")
DONE = "data: [DONE]\n\n"


async def create_completion(
    body: NewCompletion, request: Request, user: CurrentUser, services: ServicesDep, once: Once
) -> Response:
    """The answer to the newest message; pictures in it are Markdown with share links."""
    check_room(user)
    instructions, said = _read(body.messages)
    options = read_painter(services.providers, body.model)
    files = [await from_data_url(address) for address in body.messages[-1].pictures()]
    draft = Draft(text=said[-1].text, options=options)
    if files:
        thread_id, brought = await _bring(services, user, instructions, said[:-1], files)
        draft = replace(draft, source_image_ids=tuple(brought) if _is_change(draft.text) else ())
    async with services.transaction() as db:

        async def make() -> Message:
            thread = await (
                find_thread(db, user, thread_id) if files else open_conversation(db, user, instructions, said[:-1])
            )
            return (await post_message(db, services.providers, user, thread, draft)).reply

        reply = await once.reply(db, body.model_dump_json().encode(), make)
    if body.stream:
        chunks = _chunks(request, user, body, reply, said)
        return StreamingResponse(chunks, media_type="text/event-stream", headers=HEADERS)
    content = await _content(request, user, await finished(request, reply.thread_id, reply.id))
    await _remember(services, reply, said, content)
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return JSONResponse(_told(body, reply, "chat.completion", choice))


def _read(turns: Sequence[SentTurn]) -> tuple[str, list[Said]]:
    """What the program tells the model, and what was said. Raises Invalid when there is nothing to answer."""
    told = "\n\n".join(turn.text() for turn in turns if turn.role in TELLS)
    said = [Said(role=turn.role, text=turn.text()) for turn in turns if turn.role not in TELLS]
    if not said or turns[-1].role != "user":
        raise Invalid("The last message has to be the user's.", fields={"messages": "the last one is not the user's"})
    return told, said


async def _chunks(
    request: Request, user: User, body: NewCompletion, reply: Message, said: Sequence[Said]
) -> AsyncIterator[str]:
    services: Services = request.app.state.services
    sent = ""
    yield _chunk(body, reply, {"role": "assistant", "content": ""})
    try:
        async for message in states(request, reply.thread_id, reply.id):
            if message is None or (message.generation and not is_over(message)):
                yield BEAT
                continue
            content = await _content(request, user, message) if is_over(message) else message.text
            if content != sent:
                more = content.removeprefix(sent) if content.startswith(sent) else f"\n\n{content}"
                yield _chunk(body, reply, {"content": more})
                sent = content
        await _remember(services, reply, said, sent)
    except ChatelierError as error:
        yield sse(json.dumps({"error": as_json(request, error)}))
        return
    yield _chunk(body, reply, {}, finish_reason="stop")
    yield DONE


async def _content(request: Request, user: User, message: Message) -> str:
    """The answer as Markdown. Raises Unfinished where there is none."""
    if message.generation is None:
        if message.status == MessageStatus.FAILED:
            raise Unfinished(message.error)
        return message.text
    shown = [await _shown(request, user, image) for image in painted(message).images]
    return "\n\n".join([*([message.text] if message.text else []), *shown])


async def _shown(request: Request, user: User, image: Image) -> str:
    words = " ".join((image.alt_text or image.meant).replace("[", " ").replace("]", " ").split())
    return f"![{words[:200]}]({await link_to(request, user, image, days=LINK_DAYS)})"


async def _remember(services: Services, reply: Message, said: Sequence[Said], content: str) -> None:
    async with services.transaction() as db:
        await remember_transcript(db, reply.thread_id, [*said, Said(role="assistant", text=content)])


def _chunk(body: NewCompletion, reply: Message, delta: dict[str, str], *, finish_reason: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return sse(json.dumps(_told(body, reply, "chat.completion.chunk", choice)))


def _told(body: NewCompletion, reply: Message, kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{reply.id.hex}",
        "object": kind,
        "created": int(reply.created_at.timestamp()),
        "model": body.model or WHOLE,
        "choices": [choice],
    }


async def _bring(
    services: Services, user: User, instructions: str, said: Sequence[Said], files: Sequence[bytes]
) -> tuple[UUID, list[UUID]]:
    """The thread of this talk, and the ids of the new pictures in it. They stay there when the message is refused,
    like those that somebody brought in the page and has not written to yet."""
    async with services.transaction() as db:
        thread = await open_conversation(db, user, instructions, said)
    return thread.id, await bring(services, user, thread.id, files)


def _is_change(text: str) -> bool:
    """Of the picture that comes with it; else it is a question about it."""
    picture = Turn(role="user", kind="image", text="", handle=1)
    return decide(text, [picture], current_handle=1).kind is Intent.EDIT
