"""Post a message, and everything that follows from it, in one transaction: the main path begins here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from chatelier.db.models import Generation, Message, MessageStatus, Thread, User
from chatelier.domain import house_answers, preferences, replies, texts
from chatelier.domain.decisions import Draft, Judged, fitting_options, judge
from chatelier.domain.generations.cancel import cancel_generation
from chatelier.domain.generations.find import attach
from chatelier.domain.generations.request import new_reply, request_generation
from chatelier.domain.images import find_image
from chatelier.domain.intent import Decision, Intent
from chatelier.domain.pages import DEFAULT_LIMIT
from chatelier.domain.threads import find_thread, touch
from chatelier.domain.titles import title_from
from chatelier.errors import NotFound
from chatelier.ids import new_id
from chatelier.providers import Providers
from chatelier.providers.base import Kind


@dataclass(frozen=True, kw_only=True)
class Posted:
    """The user's message and the assistant's reply to it, with its generation when it is a picture."""

    message: Message
    reply: Message


async def post_message(db: AsyncSession, providers: Providers, user: User, thread: Thread, draft: Draft) -> Posted:
    """Decide, write both messages, and queue the reply or the generation. Raises Invalid, NoSourceImage."""
    draft = replace(draft, text=texts.message_text(draft.text))
    await touch(db, thread, messages=2)
    judged = await judge(db, user, thread, draft)
    message = _add_message(db, thread, draft.text, judged)
    if judged.decision.answer is not None:
        reply = await house_answers.answer(db, providers, user, thread, message, judged)
    elif judged.decision.kind is Intent.CHAT:
        reply = await replies.request_reply(db, providers, thread, message, suggestion=judged.decision.suggestion)
        attach(reply, None)
    else:
        reply = await new_reply(db, thread, message)
        await _request(db, providers, user, reply, draft, judged)
    return Posted(message=message, reply=reply)


async def _request(
    db: AsyncSession, providers: Providers, user: User, reply: Message, draft: Draft, judged: Judged
) -> None:
    decision = judged.decision
    await request_generation(
        db,
        providers,
        reply,
        owner=user,
        kind=_kind(decision),
        prompt=decision.prompt,
        instruction=decision.instruction or draft.text,
        subject=decision.subject,
        options=fitting_options(providers, judged),
        sources=judged.sources,
        waits_for=judged.waits_for,
        mask_image_id=await _mask(db, user, draft),
        is_test=draft.is_test,
    )
    if draft.personal:
        await preferences.learn(db, user, decision.options.merged(draft.options))


async def paint_suggestion(db: AsyncSession, providers: Providers, user: User, message: Message) -> Posted:
    """The one click "Paint this" under a text answer: its suggested prompt becomes a generation."""
    if not message.suggestion:
        raise NotFound
    thread = await find_thread(db, user, message.thread_id)
    return await post_message(
        db, providers, user, thread, Draft(text=message.suggestion[: texts.MAX_TEXT], intent=Intent.GENERATE)
    )


async def correct_message(
    db: AsyncSession, providers: Providers, user: User, asked: Message, intent: str
) -> list[Message]:
    """The user's message was read wrongly: what is being painted for it is stopped, and its words are posted again as
    ``intent``. Returns every message that changed or is new."""
    if asked.role != "user":
        raise NotFound
    thread = await find_thread(db, user, asked.thread_id)
    wrong = await db.scalar(_loaded().where(Message.thread_id == thread.id, Message.reply_to == asked.id).limit(1))
    if wrong is not None and wrong.generation is not None:
        await cancel_generation(db, wrong.generation)
    posted = await post_message(db, providers, user, thread, Draft(text=asked.text, intent=intent, personal=True))
    return [asked, *([wrong] if wrong else []), posted.message, posted.reply]


async def list_messages(
    db: AsyncSession, thread: Thread, *, before: int | None = None, limit: int = DEFAULT_LIMIT
) -> list[Message]:
    """The newest page before position ``before``, oldest to newest inside, with generations and images."""
    query = _loaded().where(Message.thread_id == thread.id).order_by(Message.position.desc()).limit(limit)
    if before is not None:
        query = query.where(Message.position < before)
    return list(reversed(list(await db.scalars(query))))


async def changed_since(db: AsyncSession, thread_id: UUID, revision: int) -> list[Message]:
    """Every message that, or whose generation, carries a higher revision; in the order of the thread."""
    query = (
        _loaded()
        .outerjoin(Generation, Generation.message_id == Message.id)
        .where(
            Message.thread_id == thread_id,
            or_(Message.revision > revision, Generation.revision > revision),
        )
        .order_by(Message.position)
    )
    return list(await db.scalars(query.execution_options(populate_existing=True)))


async def find_message(db: AsyncSession, user: User, message_id: UUID | None) -> Message:
    query = (
        _loaded()
        .join(Thread, Thread.id == Message.thread_id)
        .where(Message.id == message_id, Thread.owner_id == user.id, Thread.deleted_at.is_(None))
    )
    message = await db.scalar(query)
    if message is None:
        raise NotFound
    return message


def _loaded() -> Select[Message]:
    return select(Message).options(selectinload(Message.generation).selectinload(Generation.images))


def _add_message(db: AsyncSession, thread: Thread, text: str, judged: Judged) -> Message:
    decision = judged.decision
    position = thread.last_position - 1  # the reply has the last place
    if position == 1 and thread.titled_by == "first_message":
        thread.title = title_from(text)
    message = Message(
        id=new_id(),
        thread_id=thread.id,
        position=position,
        role="user",
        text=text,
        status=MessageStatus.COMPLETE,
        revision=thread.revision,
        decision={
            "kind": Intent.CHAT if decision.answer else decision.kind,  # it is answered in words
            "target_image_ids": [str(image.id) for image in judged.sources],
            "target_handles": [image.handle for image in judged.sources],
            "confidence": round(decision.confidence, 2),
            "reason": decision.reason,
            **({"answer": decision.answer} if decision.answer else {}),
        },
    )
    attach(message, None)
    db.add(message)
    return message


def _kind(decision: Decision) -> Kind:
    if decision.kind is Intent.GENERATE:
        return Kind.GENERATE
    return Kind.VARIATION if decision.variation else Kind.EDIT


async def _mask(db: AsyncSession, user: User, draft: Draft) -> UUID | None:
    if draft.mask_image_id is None:
        return None
    return (await find_image(db, user, draft.mask_image_id)).id
