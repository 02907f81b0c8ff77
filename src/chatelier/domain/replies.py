"""The assistant's text turns: asked for in the poster's transaction, written by a job on the talk queue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from chatelier.db import queue
from chatelier.db.models import Attempt, AttemptState, Message, MessageStatus, Thread, User
from chatelier.domain import attempts, history, ledger, moderation, refusals, reply_money, room, sentences
from chatelier.domain.generations.request import new_reply
from chatelier.domain.generations.sources import user_ref
from chatelier.domain.markdown import render
from chatelier.domain.moderation import DoorClosed
from chatelier.domain.quotas import words
from chatelier.domain.quotas.admit import take_turn
from chatelier.domain.quotas.requests import hold_reply
from chatelier.domain.refusals import Door
from chatelier.domain.reply_pictures import paint_call
from chatelier.domain.shown_images import show_images
from chatelier.domain.spending import read_pause
from chatelier.domain.talk_tools import TOOLS, draft_of
from chatelier.domain.threads import find_thread, touch, touch_by_id
from chatelier.domain.token_prices import most_tokens
from chatelier.errors import ChatelierError, NotRetryable
from chatelier.providers import Providers
from chatelier.providers.base import (
    ChatDelta,
    ChatImage,
    ChatProvider,
    ChatRequest,
    ChatResult,
    FailureKind,
    ProviderError,
    ToolCall,
)
from chatelier.services import Services

FLUSH_SECONDS = 0.15
MAX_ANSWER = 64_000  # characters
log = structlog.get_logger()


async def request_reply(
    db: AsyncSession, providers: Providers, thread: Thread, asked: Message, *, suggestion: str
) -> Message:
    """An empty streaming message and the job that fills it; without any chat model, an honest answer at once."""
    reply = await new_reply(db, thread, asked)
    reply.suggestion = suggestion
    if providers.chat is None:
        reply.text, reply.html = sentences.NO_CHAT, render(sentences.NO_CHAT)
    else:
        await _begin(db, providers, providers.chat, reply, thread.owner_id)
    await db.flush()
    return reply


async def _begin(
    db: AsyncSession, providers: Providers, chat: ChatProvider, reply: Message, owner_id: UUID, *, again: bool = False
) -> None:
    reply.status, reply.note = MessageStatus.STREAMING, chat.note
    number = await attempts.next_number(db, reply) if again else 1
    await hold_reply(db, providers, chat, owner_id, reply, number)


async def stop_reply(db: AsyncSession, message: Message) -> Message:
    """Stop writing; what was written stays. Unchanged when it is over."""
    revision = await touch_by_id(db, message.thread_id)
    reply = await _locked(db, message.id)
    if reply is None or reply.status != MessageStatus.STREAMING:
        return message
    reply.status, reply.revision = MessageStatus.STOPPED, revision
    attempt = await attempts.open_attempt(db, reply)
    if attempt is not None:
        was_sent = attempt.state == AttemptState.SENT
        await attempts.close(db, attempt, AttemptState.FAILED, detail="stopped")
        await reply_money.close_stopped(db, attempt, was_sent=was_sent)
        if attempt.job_id:
            await queue.cancel(db, attempt.job_id)
    await db.flush()
    return message


async def retry_reply(db: AsyncSession, providers: Providers, user: User, message: Message) -> Message:
    """Write a failed or stopped answer anew, in its place. Raises NotRetryable."""
    thread = await find_thread(db, user, message.thread_id, lock=True)
    revision = await touch(db, thread)
    reply = await _locked(db, message.id)
    over = (MessageStatus.FAILED, MessageStatus.STOPPED)
    if reply is None or reply.status not in over or providers.chat is None:
        raise NotRetryable("This answer cannot be written again: it is still being written, or it is complete.")
    reply.text = reply.html = ""
    reply.error, reply.revision = None, revision
    await _begin(db, providers, providers.chat, reply, user.id, again=True)
    await db.flush()
    return message


async def run_reply(services: Services, attempt_id: UUID) -> None:
    """One attempt at an answer, from claim to end; the same rules as for a picture."""
    async with services.transaction() as db:
        attempt = await attempts.claim(db, attempt_id)
    if attempt is None or attempt.message_id is None or services.providers.chat is None:
        return
    services.leases.keep(attempt.token)
    writer = Writer(services, attempt, attempt.message_id)
    try:
        if await room.is_short(services.settings):
            await writer.finish(AttemptState.FAILED, error=sentences.NO_ROOM.as_error())
            return
        await _pass_door(services, attempt)
        chat = services.providers.chat
        images = await show_images(services, attempt.message_id) if chat.image_tokens else []
        request = await _mark_sent(services, attempt, chat, images)
        if request is not None:
            await _write(chat, request, writer)
    except DoorClosed as closed:
        log.info("reply.turned_away", message_id=str(attempt.message_id), door=closed.door, code=closed.sentence.code)
        detail = f"door: {closed.door or closed.sentence.code}"
        await writer.finish(AttemptState.FAILED, detail=detail, error=closed.sentence.as_error(), door=closed.door)
    except ProviderError as error:
        log.info("reply.failed", message_id=str(attempt.message_id), kind=error.kind, detail=error.detail)
        state = reply_money.state_after(error, attempt)
        door = Door.PROVIDER if error.kind is FailureKind.REFUSED else None
        told = sentences.of_talk(error)
        await writer.finish(state, detail=error.detail, error=told, billed=error.billed, door=door)
    except Exception:
        log.exception("reply.internal_error", message_id=str(attempt.message_id))
        await writer.finish(AttemptState.FAILED, error=sentences.INTERNAL.as_error())
    finally:
        services.leases.drop(attempt.token)


async def _pass_door(services: Services, attempt: Attempt) -> None:
    """What is answered, as it was written, by somebody who may still ask. Raises DoorClosed."""
    reply = aliased(Message)
    query = (
        select(Message.text, User.id, User.disabled_at)
        .join(reply, reply.reply_to == Message.id)
        .join(Thread, Thread.id == reply.thread_id)
        .join(User, User.id == Thread.owner_id)
        .where(reply.id == attempt.message_id)
    )
    async with services.transaction() as db:
        text, owner_id, disabled_at = (await db.execute(query)).one()
    if disabled_at is not None:
        raise DoorClosed(sentences.NOT_ALLOWED)
    await moderation.check_words(services, owner_id, [text])
    await moderation.ask_service(services, [text])


async def _mark_sent(
    services: Services, attempt: Attempt, chat: ChatProvider, images: Sequence[ChatImage]
) -> ChatRequest | None:
    """What to send, after ``sent`` is committed; None when the answer is no longer wanted. Tools come along where the
    message that is answered leaves open whether it wants a picture."""
    async with services.transaction() as db:
        reply = await db.get_one(Message, attempt.message_id)
        revision = await touch_by_id(db, reply.thread_id)
        locked = await _locked(db, reply.id)
        if locked is None or locked.status != MessageStatus.STREAMING:
            await attempts.close(db, attempt, AttemptState.FAILED, detail="ended before it started")
            await reply_money.close_failed(db, attempt, billed=False)
            return None
        if not attempt.free and (pause := await read_pause(db)) is not None:
            await attempts.close(db, attempt, AttemptState.FAILED, detail="paused")
            await reply_money.close_failed(db, attempt, billed=False)
            locked.status, locked.revision = MessageStatus.FAILED, revision
            locked.error = sentences.PAUSED.as_error(words.paused(pause.ends))
            return None
        if not await attempts.mark_sent(db, attempt):
            return None
        thread = await db.get_one(Thread, reply.thread_id)
        recent = await history.recent_messages(db, thread, before=reply.position)
        asked = next((message for message in recent if message.id == reply.reply_to), None)
        tools = TOOLS if chat.tools and asked is not None and draft_of(asked) else ()
        own = thread.instructions
        talk = history.chat_messages(recent, may_paint=bool(tools), images=images, instructions=own)
        person = user_ref(services.secret_key, thread.owner_id)
        return ChatRequest(
            messages=talk, model=chat.default_model, max_tokens=most_tokens(chat), user_ref=person, tools=tools
        )


async def _write(chat: ChatProvider, request: ChatRequest, writer: Writer) -> None:
    call: ToolCall | None = None
    async with aclosing(chat.reply(request)) as events:
        async for event in events:
            match event:
                case ChatDelta():
                    await writer.add(event.text)
                case ToolCall():
                    call = call or event  # a reply holds one picture at most
                case ChatResult():
                    writer.request_id, writer.model, writer.usage = event.request_id, event.model, event.usage
    if call is not None and request.tools:
        await writer.paint(call)
        return
    if not writer.text.strip():
        # Who thinks aloud and says nothing counts its tokens all the same.
        raise ProviderError(FailureKind.UNAVAILABLE, "the answer was empty", billed=bool(writer.usage))
    await writer.finish(AttemptState.SUCCEEDED)


class Writer:
    """Flushes the growing text to its row: the first token at once, then every 150 ms."""

    def __init__(self, services: Services, attempt: Attempt, message_id: UUID) -> None:
        self.text = ""
        self.request_id: str | None = None
        self.model = ""
        self.usage: Mapping[str, Any] = {}
        self._services = services
        self._attempt = attempt
        self._message_id = message_id
        self._flushed = 0.0

    async def add(self, piece: str) -> None:
        self.text += piece.replace("\x00", "")
        if len(self.text) > MAX_ANSWER:
            raise ProviderError(FailureKind.UNAVAILABLE, "the answer never ended", billed=True)
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            await self._save()

    async def finish(
        self,
        state: AttemptState,
        *,
        detail: str = "",
        error: dict[str, object] | None = None,
        billed: bool = False,
        door: Door | None = None,
    ) -> None:
        html = await _rendered(self.text)
        micros = await reply_money.price_of(self._services.providers, self._attempt, self.model, self.usage)
        async with self._services.transaction() as db:
            reply = await db.get_one(Message, self._message_id)
            revision = await touch_by_id(db, reply.thread_id)
            closed = await attempts.close(db, self._attempt, state, detail=detail, request_id=self.request_id)
            if closed is not None and error is None:
                await ledger.settle(db, None, closed, images=0, micros=micros)
            elif closed is not None:
                await reply_money.close_failed(db, closed, billed=billed, micros=micros, refused=door is not None)
            locked = await _locked(db, self._message_id)
            if door and closed is not None:
                owner_id = (await db.get_one(Thread, reply.thread_id)).owner_id
                await refusals.record(db, owner_id, door, attempt_id=closed.id, provider=closed.provider)
            if closed is None or locked is None or locked.status == MessageStatus.STOPPED:
                return
            locked.text, locked.html, locked.revision = self.text, html, revision
            locked.status = MessageStatus.FAILED if error else MessageStatus.COMPLETE
            locked.error = error

    async def paint(self, call: ToolCall) -> None:
        """The reply becomes the picture that the model asks for, or says why not; the words so far stay."""
        html = await _rendered(self.text)
        micros = await reply_money.price_of(self._services.providers, self._attempt, self.model, self.usage)
        try:
            async with self._services.transaction() as db:
                reply = await db.get_one(Message, self._message_id)
                revision = await touch_by_id(db, reply.thread_id)
                await take_turn(db, (await db.get_one(Thread, reply.thread_id)).owner_id)
                closed = await attempts.close(db, self._attempt, AttemptState.SUCCEEDED, request_id=self.request_id)
                if closed is not None:
                    await ledger.settle(db, None, closed, images=0, micros=micros)
                locked = await _locked(db, self._message_id)
                if closed is None or locked is None or locked.status != MessageStatus.STREAMING:
                    return
                locked.text, locked.html, locked.revision = self.text, html, revision
                locked.status, locked.suggestion, locked.note = MessageStatus.COMPLETE, "", ""
                await paint_call(db, self._services.providers, locked, call)
        except ChatelierError as error:
            log.info("reply.no_picture", message_id=str(self._message_id), tool=call.name[:100], reason=error.sentence)
            self.text = f"{self.text}\n\n{error.sentence}".strip()
            await self.finish(AttemptState.SUCCEEDED)

    async def _save(self) -> None:
        self._flushed = time.monotonic()
        html = await _rendered(self.text)
        async with self._services.transaction() as db:
            thread_id = select(Message.thread_id).where(Message.id == self._message_id)
            revision = await touch_by_id(db, (await db.scalars(thread_id)).one())
            await db.execute(
                update(Message)
                .where(Message.id == self._message_id, Message.status == MessageStatus.STREAMING)
                .values(text=self.text, html=html, revision=revision)
            )


async def _rendered(text: str) -> str:
    """Long answers are rendered in a thread: the event loop has other people to serve."""
    return render(text) if len(text) < 4000 else await asyncio.to_thread(render, text)


async def _locked(db: AsyncSession, message_id: UUID) -> Message | None:
    query = select(Message).where(Message.id == message_id).with_for_update()
    return await db.scalar(query.execution_options(populate_existing=True))
