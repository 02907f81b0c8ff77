"""What a draft would do, before it does it: the intent, its images and options. Reads, never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image, Thread, User
from chatelier.domain import history, prices
from chatelier.domain.images import find_image
from chatelier.domain.intent import Decision, Intent, Turn, decide
from chatelier.domain.options import Options, check_options, resolve_size
from chatelier.domain.preferences import read_preferences
from chatelier.errors import Invalid, NoSourceImage
from chatelier.providers import Engine, Providers
from chatelier.providers.base import Capabilities, Kind, Size

MAX_SOURCES = 16
UNFINISHED = "the picture that is being painted"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a person sends. ``intent`` is auto, chat, generate or edit. ``personal``: it comes from the person's own
    page, so what was learned of their taste applies; programs get what they ask for. ``is_test``: an admin tries a
    provider out; it is paid like any other, and counted apart."""

    text: str
    intent: str = "auto"
    options: Options = field(default_factory=Options)
    source_image_ids: tuple[UUID, ...] = ()
    mask_image_id: UUID | None = None
    personal: bool = False
    is_test: bool = False


@dataclass(frozen=True, kw_only=True)
class Judged:
    """``sources`` are the images an edit starts from, the main one first; ``waits_for`` is a generation that still
    runs whose image it will be. ``options`` are all that will hold: said, chosen in a form, and preferred; ``said`` are
    those without the person's taste, which gives way where the engine cannot follow it."""

    decision: Decision
    options: Options = field(default_factory=Options)
    said: Options = field(default_factory=Options)
    sources: Sequence[Image] = ()
    waits_for: Generation | None = None


async def judge(db: AsyncSession, user: User, thread: Thread | None, draft: Draft) -> Judged:
    """Decide what ``draft`` means in ``thread`` (None: one that has not begun). Raises Invalid, NoSourceImage, and
    NotFound for images of somebody else."""
    if draft.intent not in ("auto", *Intent):
        raise Invalid("intent must be auto, chat, generate or edit.", fields={"intent": "unknown"})
    named = await _named_sources(db, user, draft)
    forced = None if draft.intent == "auto" else Intent(draft.intent)
    if named and forced is None:
        forced = Intent.EDIT
    talk = await history.read_talk(db, thread) if thread else history.Talk(turns=[])
    waiting = talk.unfinished
    # Images still being painted stand last in the talk, under numbers that nobody can write.
    shown = [Turn(role="assistant", kind="image", text=one.prompt, handle=-at) for at, one in enumerate(waiting, 1)]
    turns = [*talk.turns, *shown, *(history.named_turn(image, thread) for image in named)]
    current = -len(waiting) if waiting else talk.current_handle
    decision = decide(draft.text, turns, current_handle=current, forced=forced)
    said = _said(decision, draft)
    options = _with_taste(said, decision, user, draft)
    unpainted = [waiting[-handle - 1] for handle in decision.target_handles if handle < 0]
    if decision.kind is Intent.EDIT and unpainted and not named:
        return Judged(decision=_of_unpainted(decision), options=options, said=said, waits_for=unpainted[-1])
    sources = named or (await _sources(db, thread, decision) if thread else [])
    return Judged(decision=decision, options=options, said=said, sources=sources)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """``micros`` are millionths of a US dollar for all ``images``, None when the price is not known."""

    micros: int | None
    images: int
    engine: str


def cost_of(providers: Providers, judged: Judged) -> Cost | None:
    """What the draft would cost at most; None when nothing is painted or the engine costs nothing."""
    if judged.decision.kind is Intent.CHAT or judged.decision.answer is not None:
        return None
    options = fitting_options(providers, judged)
    engine = engine_of(providers, options, judged.decision)
    images = options.n or 1
    sources = len(judged.sources) or int(judged.waits_for is not None)
    micros = prices.estimate(
        engine.capabilities,
        images,
        size=_size_or_usual(options, engine.capabilities),
        quality=options.quality,
        sources=min(sources, engine.capabilities.max_sources),
        characters=len(judged.decision.prompt),
    )
    return None if micros == 0 else Cost(micros=micros, images=images, engine=engine.provider.label)


def _size_or_usual(options: Options, can: Capabilities) -> Size:
    """An impossible size is refused when the request is made, not when its price is asked for."""
    try:
        return resolve_size(options, can)
    except Invalid:
        return can.default_size


def fitting_options(providers: Providers, judged: Judged) -> Options:
    """All wishes where the engine can follow them; else those that were said, and the request is refused for these
    alone."""
    options = judged.options
    if options == judged.said:
        return options
    try:
        can = engine_of(providers, options, judged.decision).capabilities
        check_options(options, can)
        resolve_size(options, can)
    except Invalid:
        return judged.said
    return options


def engine_of(providers: Providers, options: Options, decision: Decision) -> Engine:
    kind = Kind.GENERATE if decision.kind is Intent.GENERATE else Kind.EDIT
    return providers.engine(options.provider, options.model, kind)


def _said(decision: Decision, draft: Draft) -> Options:
    """A program's options go before the words. A person's form stays open from message to message, so there the words
    go before it, and the shape of an edit is its picture's."""
    if not draft.personal:
        return decision.options.merged(draft.options)
    chosen = draft.options
    if decision.kind is Intent.EDIT:
        chosen = replace(chosen, size=None, aspect_ratio=None)
    return chosen.merged(decision.options)


def _with_taste(said: Options, decision: Decision, user: User, draft: Draft) -> Options:
    if decision.kind is not Intent.GENERATE or not draft.personal:
        return said
    return read_preferences(user).options().merged(said)


def _of_unpainted(decision: Decision) -> Decision:
    names = [f"#{handle}" for handle in decision.target_handles]
    reason = decision.reason.replace(" and ".join(names), UNFINISHED)
    return replace(decision, reason=reason, target_handles=())


async def _named_sources(db: AsyncSession, user: User, draft: Draft) -> list[Image]:
    """The images the request names, found through their owner: a stranger's id is not found."""
    if len(draft.source_image_ids) > MAX_SOURCES:
        raise Invalid(f"At most {MAX_SOURCES} source images.", fields={"source_image_ids": f"at most {MAX_SOURCES}"})
    return [await find_image(db, user, image_id) for image_id in draft.source_image_ids]


async def _sources(db: AsyncSession, thread: Thread, decision: Decision) -> list[Image]:
    """The images an edit or a step back starts from: those the words point at, in their order, else the current."""
    if decision.kind is not Intent.EDIT and not decision.target_handles:
        return []
    here = select(Image).where(
        Image.owner_id == thread.owner_id, Image.thread_id == thread.id, Image.deleted_at.is_(None)
    )
    if not decision.target_handles:
        newest = here.where(Image.id == thread.current_image_id) if thread.current_image_id else here
        found = list(await db.scalars(newest.order_by(Image.handle.desc()).limit(1)))
    else:
        wanted = decision.target_handles[:MAX_SOURCES]
        known = {image.handle: image for image in await db.scalars(here.where(Image.handle.in_(wanted)))}
        found = [known[handle] for handle in wanted if handle in known]
    if not found:
        raise NoSourceImage
    return found
