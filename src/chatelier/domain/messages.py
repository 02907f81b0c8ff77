"""Post a message, and everything that follows from it, in one transaction: the main path begins here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from chatelier.db.models import Generation, Image, Message, MessageStatus, Thread, User
from chatelier.domain import history, replies, texts
from chatelier.domain.generations.find import attach
from chatelier.domain.generations.request import new_reply, request_generation
from chatelier.domain.images import find_image
from chatelier.domain.intent import Decision, Intent, decide
from chatelier.domain.options import Options
from chatelier.domain.pages import DEFAULT_LIMIT
from chatelier.domain.threads import find_thread, touch
from chatelier.domain.titles import title_from
from chatelier.errors import Invalid, NoSourceImage, NotFound
from chatelier.ids import new_id
from chatelier.providers import Providers
from chatelier.providers.base import Kind

MAX_SOURCES = 16


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a person sends. ``intent`` is auto, chat, generate or edit."""

    text: str
    intent: str = "auto"
    options: Options = field(default_factory=Options)
    source_image_ids: tuple[UUID, ...] = ()
    mask_image_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Posted:
    """The user's message and the assistant's reply to it, with its generation when it is a picture."""

    message: Message
    reply: Message


async def post_message(db: AsyncSession, providers: Providers, user: User, thread: Thread, draft: Draft) -> Posted:
    """Decide, write both messages, and queue the reply or the generation. Raises Invalid, NoSourceImage."""
    text = texts.message_text(draft.text)
    if draft.intent not in ("auto", *Intent):
        raise Invalid("intent must be auto, chat, generate or edit.", fields={"intent": "unknown"})
    await touch(db, thread, messages=2)
    current = await _current_handle(db, thread)
    forced = None if draft.intent == "auto" else Intent(draft.intent)
    named = await _named_sources(db, user, draft)
    if named and forced is None:
        forced = Intent.EDIT
    talk = [*await history.turns(db, thread), *(history.named_turn(image, thread) for image in named)]
    decision = decide(text, talk, current_handle=current, forced=forced)
    sources = named or await _sources(db, thread, decision)
    message = _add_message(db, thread, text, decision, sources)
    if decision.kind is Intent.CHAT:
        reply = await replies.request_reply(db, providers, thread, message, suggestion=decision.suggestion)
        attach(reply, None)
        return Posted(message=message, reply=reply)
    reply = await new_reply(db, thread, message)
    await request_generation(
        db,
        providers,
        reply,
        owner=user,
        kind=_kind(decision),
        prompt=decision.prompt,
        instruction=decision.instruction or text,
        subject=decision.subject,
        options=decision.options.merged(draft.options),
        sources=sources,
        mask_image_id=await _mask(db, user, draft),
    )
    return Posted(message=message, reply=reply)


async def paint_suggestion(db: AsyncSession, providers: Providers, user: User, message: Message) -> Posted:
    """The one click "Paint this" under a text answer: its suggested prompt becomes a generation."""
    if not message.suggestion:
        raise NotFound
    thread = await find_thread(db, user, message.thread_id)
    return await post_message(
        db, providers, user, thread, Draft(text=message.suggestion[: texts.MAX_TEXT], intent=Intent.GENERATE)
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
    return select(Message).options(selectinload(Message.generation).selectinload(Generation.images))


def _add_message(db: AsyncSession, thread: Thread, text: str, decision: Decision, sources: Sequence[Image]) -> Message:
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
            "kind": decision.kind,
            "target_image_ids": [str(image.id) for image in sources],
            "confidence": round(decision.confidence, 2),
            "reason": decision.reason,
        },
    )
    attach(message, None)
    db.add(message)
    return message


def _kind(decision: Decision) -> Kind:
    if decision.kind is Intent.GENERATE:
        return Kind.GENERATE
    return Kind.VARIATION if decision.variation else Kind.EDIT


async def _current_handle(db: AsyncSession, thread: Thread) -> int | None:
    return await db.scalar(select(Image.handle).where(Image.id == thread.current_image_id, Image.deleted_at.is_(None)))


async def _mask(db: AsyncSession, user: User, draft: Draft) -> UUID | None:
    if draft.mask_image_id is None:
        return None
    return (await find_image(db, user, draft.mask_image_id)).id


async def _named_sources(db: AsyncSession, user: User, draft: Draft) -> list[Image]:
    """The images the request names, found through their owner: a stranger's id is not found."""
    if len(draft.source_image_ids) > MAX_SOURCES:
        raise Invalid(f"At most {MAX_SOURCES} source images.", fields={"source_image_ids": f"at most {MAX_SOURCES}"})
    return [await find_image(db, user, image_id) for image_id in draft.source_image_ids]


async def _sources(db: AsyncSession, thread: Thread, decision: Decision) -> list[Image]:
    """The images an edit starts from: those the words point at, else the current one."""
    if decision.kind is not Intent.EDIT:
        return []
    here = select(Image).where(
        Image.owner_id == thread.owner_id, Image.thread_id == thread.id, Image.deleted_at.is_(None)
    )
    if decision.target_handles:
        here = here.where(Image.handle.in_(decision.target_handles))
    elif thread.current_image_id:
        here = here.where(Image.id == thread.current_image_id)
    images = list(await db.scalars(here.order_by(Image.handle.desc()).limit(MAX_SOURCES)))
    if not images:
        raise NoSourceImage
    return images if decision.target_handles else images[:1]
