"""Post a message, and everything that follows from it, in one transaction: the main path begins here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from chatelier.db.models import Generation, Message, MessageStatus, Thread, User
from chatelier.domain import house_answers, replies, search, texts
from chatelier.domain.decisions import Draft, Judged, judge, left_open
from chatelier.domain.generations.cancel import cancel_generation
from chatelier.domain.generations.find import attach
from chatelier.domain.generations.request import new_reply
from chatelier.domain.given import draft_again, given, mask_still_there, still_there
from chatelier.domain.intent import Intent
from chatelier.domain.options import Options
from chatelier.domain.pages import DEFAULT_LIMIT
from chatelier.domain.painting import explained, request_painting
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
    judged = explained(providers, left_open(await judge(db, user, thread, draft), providers), draft)
    message = _add_message(db, thread, draft, judged)
    if message.position == 1 and thread.last_handle:  # it began with an upload, whose thread has its title now
        await search.write_title(db, thread, thread.title)
    if judged.decision.answer is not None:
        reply = await house_answers.answer(db, providers, user, thread, message, judged)
    elif judged.decision.kind is Intent.CHAT:
        reply = await replies.request_reply(db, providers, thread, message, suggestion=judged.decision.suggestion)
        attach(reply, None)
    else:
        reply = await new_reply(db, thread, message)
        await request_painting(db, providers, user, reply, draft, judged)
    return Posted(message=message, reply=reply)


def suggested(message: Message) -> Draft:
    """The one click "Paint this" under a text answer: its suggested prompt becomes a generation."""
    if not message.suggestion:
        raise NotFound
    return Draft(text=message.suggestion[: texts.MAX_TEXT], intent=Intent.GENERATE)


def rewritten(generation: Generation, text: str) -> Draft:
    """The prompt of a generation (for a change: its instruction) as the person rewrote it, with its options and
    sources. Other words keep the seed, so that they alone make the difference; the same words get a new one."""
    options = Options.from_json(generation.options)
    sources = tuple(UUID(source) for source in generation.source_image_ids) if generation.instruction else ()
    is_change = generation.kind == Kind.EDIT and bool(sources)
    if text.split() != (generation.instruction if is_change else generation.prompt).split():
        options = replace(options, seed=generation.seed)
    if is_change:
        change = Draft(text=text, intent=Intent.EDIT, options=options, is_literal=True)
        return replace(change, source_image_ids=sources, mask_image_id=generation.mask_image_id)
    return Draft(text=text, intent=Intent.GENERATE, options=options, is_literal=True)


async def correct_message(
    db: AsyncSession, providers: Providers, user: User, asked: Message, draft: Draft
) -> list[Message]:
    """The user's message was read wrongly: what is being painted for it is stopped, and ``draft`` is posted in its
    place. Returns every message that changed or is new."""
    if asked.role != "user":
        raise NotFound
    thread = await find_thread(db, user, asked.thread_id)
    wrong = await db.scalar(_loaded().where(Message.thread_id == thread.id, Message.reply_to == asked.id).limit(1))
    if wrong is not None and wrong.generation is not None:
        await cancel_generation(db, wrong.generation)
    posted = await post_message(db, providers, user, thread, draft)
    return [asked, *([wrong] if wrong else []), posted.message, posted.reply]


async def corrected(db: AsyncSession, user: User, asked: Message, intent: str, *, leave_style: bool = False) -> Draft:
    """The same words with all that came with them as ``intent``, perhaps without the style that they carried. Pictures
    that went to the trash since are left out."""
    draft = draft_again(asked, intent=intent)
    return replace(
        draft,
        source_image_ids=await still_there(db, user, draft.source_image_ids),
        mask_image_id=await mask_still_there(db, user, draft.mask_image_id),
        personal=True,
        leave_style=leave_style,
        asked_at=asked.position,
    )


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
    return select(Message).options(joinedload(Message.generation).selectinload(Generation.images))


def _add_message(db: AsyncSession, thread: Thread, draft: Draft, judged: Judged) -> Message:
    text = draft.text
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
        decision={**judged.as_json(), "given": given(draft), **({"open": True} if judged.is_open else {})},
    )
    attach(message, None)
    db.add(message)
    return message
