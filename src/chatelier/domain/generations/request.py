"""Ask for images: generation, attempt, hold, job and event in the caller's one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from chatelier.db.models import Generation, GenerationStatus, Image, Message, MessageStatus, PromptBy, Thread, User
from chatelier.domain import attempts, ledger, prices, sentences
from chatelier.domain.generations.find import attach
from chatelier.domain.options import Options, as_ratio, check_options, is_possible, resolve_size, with_engine
from chatelier.domain.quotas.requests import admit_generation
from chatelier.domain.threads import find_thread, touch
from chatelier.errors import Invalid, NotRetryable
from chatelier.ids import new_id
from chatelier.providers import Engine, Providers
from chatelier.providers.base import Capabilities, Kind, Size

WAITING = "Waiting for the picture it starts from"
FINAL_BUT_RETRYABLE = (GenerationStatus.FAILED, GenerationStatus.CANCELLED, GenerationStatus.UNKNOWN)


async def request_generation(
    db: AsyncSession,
    providers: Providers,
    reply: Message,
    *,
    owner: User,
    kind: Kind,
    prompt: str,
    description: str = "",
    prompt_by: PromptBy = PromptBy.PERSON,
    instruction: str,
    subject: str,
    options: Options,
    sources: Sequence[Image] = (),
    mask_image_id: UUID | None = None,
    waits_for: Generation | None = None,
    retry_of: Generation | None = None,
    is_test: bool = False,
) -> Generation:
    """Queue it; ``reply`` is the assistant's message that will show it. ``prompt`` will be sent, ``description`` is
    what it was worded from ('' for the same). ``waits_for`` is a generation whose image it will start from: its job is
    deferred when that is there (wait.py). Raises Invalid for options the provider cannot do, and LimitReached."""
    engine = providers.engine(options.provider, options.model, kind)
    provider, can = engine.provider, engine.capabilities
    check_options(options, can)
    if mask_image_id and not can.mask:
        raise Invalid(f"{provider.label} cannot use a mask.", fields={"mask_image_id": "not supported"})
    starts_from: Sequence[Image | Generation] = sources or ((waits_for,) if waits_for else ())
    size = _size(options, starts_from, engine)
    generation = Generation(
        id=new_id(),
        owner_id=owner.id,
        thread_id=reply.thread_id,
        message_id=reply.id,
        kind=kind,
        subject=subject,
        instruction=instruction,
        prompt=prompt,
        description=description,
        prompt_by=prompt_by,
        options=options.to_json(),
        source_image_ids=[str(image.id) for image in sources],
        mask_image_id=mask_image_id,
        waits_for=waits_for.id if waits_for else None,
        note=WAITING if waits_for else "",
        provider=provider.name,
        model=engine.model,
        seed=_seed(options, kind, starts_from),
        width=size.width,
        height=size.height,
        retry_of=retry_of.id if retry_of else None,
        is_test=is_test or provider.name == "fake",
        estimate_micros=prices.estimate_for(can, options, size, prompt, len(starts_from)),
        revision=reply.revision,
    )
    with db.no_autoflush:  # or the messages, which new_reply has kept back, would be written only to be taken back
        await admit_generation(db, providers, generation, options)
    await _queue(db, generation, free=can.free, images=options.n or 1)
    attach(reply, generation)
    return generation


async def _queue(db: AsyncSession, generation: Generation, *, free: bool, images: int) -> None:
    """The rows that stand or fall together with it: attempt, job and hold."""
    db.add(generation)
    await db.flush()
    attempt = await attempts.prepare(
        db,
        generation,
        provider=generation.provider,
        model=generation.model,
        free=free,
        hold=generation.estimate_micros or 0,
        waiting=generation.waits_for is not None,
    )
    await ledger.hold(db, attempt, owner_id=generation.owner_id, images=images, is_test=generation.is_test)
    set_committed_value(generation, "images", [])


async def retry_generation(
    db: AsyncSession, providers: Providers, user: User, generation: Generation, *, instead: str = ""
) -> tuple[Message, Message]:
    """Ask again for what failed, was stopped or is unknown: a new generation in a new reply at the thread's end,
    perhaps by another provider/model ``instead``.
    Returns the user's message and the new reply."""
    if generation.status not in FINAL_BUT_RETRYABLE:
        raise NotRetryable
    if generation.waits_for is not None:
        raise NotRetryable(sentences.NO_SOURCE.message)
    thread = await find_thread(db, user, generation.thread_id, lock=True)
    asked = await _asked(db, generation)
    sources = await _sources_of(db, generation, user)
    reply = await add_reply(db, thread, asked)
    options = with_engine(replace(Options.from_json(generation.options), seed=generation.seed), instead)
    await request_generation(
        db,
        providers,
        reply,
        owner=user,
        kind=Kind(generation.kind),
        prompt=generation.prompt,
        description=generation.description,
        instruction=generation.instruction,
        subject=generation.subject,
        options=options,
        sources=sources,
        mask_image_id=generation.mask_image_id,
        retry_of=generation,
    )
    return asked, reply


async def add_reply(db: AsyncSession, thread: Thread, asked: Message) -> Message:
    """An assistant's message at the end of the thread that will hold a generation."""
    await touch(db, thread, messages=1)
    return await new_reply(db, thread, asked)


async def new_reply(db: AsyncSession, thread: Thread, asked: Message) -> Message:
    """The same on the place that the caller has just taken with ``touch``. Nothing is written yet: most requests that
    are refused are refused by a limit, which is looked at first."""
    reply = Message(
        id=new_id(),
        thread_id=thread.id,
        position=thread.last_position,
        role="assistant",
        text="",  # as the user's message has it: both go in one INSERT
        status=MessageStatus.COMPLETE,
        reply_to=asked.id,
        revision=thread.revision,
    )
    attach(reply, None)
    db.add(reply)
    return reply


async def _asked(db: AsyncSession, generation: Generation) -> Message:
    reply = await db.get_one(Message, generation.message_id)
    asked = await db.get_one(Message, reply.reply_to)
    attach(asked, None)
    return asked


async def _sources_of(db: AsyncSession, generation: Generation, user: User) -> list[Image]:
    """All of them, in their order: the first is what changes. Raises NotRetryable when one is in the trash."""
    wanted = [UUID(text) for text in generation.source_image_ids]
    query = select(Image).where(Image.id.in_(wanted), Image.owner_id == user.id, Image.deleted_at.is_(None))
    found = {image.id: image for image in await db.scalars(query)}
    if len(found) < len(set(wanted)):
        raise NotRetryable(sentences.SOURCE_GONE.message)
    return [found[image_id] for image_id in wanted]


def _size(options: Options, sources: Sequence[Image | Generation], engine: Engine) -> Size:
    """Raises Invalid, with the shape in the sentence where it was not asked for but came with a picture."""
    wanted = _sized_like(options, sources, engine.capabilities)
    try:
        return resolve_size(wanted, engine.capabilities)
    except Invalid as error:
        if wanted == options:
            raise
        shown = f"{sources[0].width} × {sources[0].height}"
        can, label = engine.capabilities, engine.provider.label
        raise Invalid(
            f"{label} changes pictures from {as_ratio(can.min_ratio)} to {as_ratio(can.max_ratio)}, and this one is "
            f"{shown}. Crop it and bring it again, or say another shape, as in --ar 3:1.",
            fields=error.extra.get("fields"),
        ) from error


def _sized_like(options: Options, sources: Sequence[Image | Generation], can: Capabilities) -> Options:
    """An edit keeps the size of its source unless another was asked for. An engine that cannot make that size gets its
    ratio, and so does one that costs money: the more pixels, the higher its price."""
    if options.size or options.aspect_ratio or not sources:
        return options
    size = Size(width=sources[0].width, height=sources[0].height)
    if can.free and is_possible(size, can):
        return replace(options, size=size)
    return replace(options, aspect_ratio=f"{size.width}:{size.height}")


def _seed(options: Options, kind: Kind, sources: Sequence[Image | Generation]) -> int:
    if options.seed is not None:
        return options.seed
    if kind is Kind.EDIT and sources and sources[0].seed is not None:
        return sources[0].seed
    return secrets.randbelow(2**32)
