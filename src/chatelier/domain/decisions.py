"""What a draft would do, before it does it: the intent, its images and options. Reads, never writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image, Thread, User
from chatelier.domain import history, prices
from chatelier.domain.images import find_image
from chatelier.domain.intent import Decision, Intent, Turn, decide, prompts
from chatelier.domain.options import Options, check_options, resolve_size, with_engine
from chatelier.domain.preferences import read_preferences
from chatelier.domain.styles import carry
from chatelier.errors import Invalid, NoSourceImage
from chatelier.providers import Engine, Providers
from chatelier.providers.base import Capabilities, Kind, Size

MAX_SOURCES = 16
SURE = 0.8  # below this confidence a capable chat model decides, inside its reply
OPEN = "It could be talk or a picture: the chat model decides."
PART = "You marked a part of {}: nothing else changes."
UNFINISHED = "the picture that is being painted"
HANDLE = re.compile(r"#\d")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a person sends. ``intent`` is auto, chat, generate or edit. ``personal``: it comes from the person's own
    page, so what they prefer applies; programs get what they ask for. ``is_literal``: the prompt is sent
    as it is, without help. ``leave_style``: no style that was not asked for in this very message, from now on.
    ``instead``: a provider/model that was offered where a limit was reached, before anything said or chosen.
    ``is_test``: an admin tries a provider out; it is paid like any other, and counted apart. ``raw``: no help with the
    prompt of this one. ``asked_at``: it is read as what was said at that position of the thread, when it corrects how
    that was read."""

    text: str
    intent: str = "auto"
    options: Options = field(default_factory=Options)
    source_image_ids: tuple[UUID, ...] = ()
    mask_image_id: UUID | None = None
    personal: bool = False
    is_literal: bool = False
    leave_style: bool = False
    instead: str = ""
    is_test: bool = False
    raw: bool = False
    asked_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """``sources`` are the images an edit starts from, the main one first; ``waits_for`` is a generation that still
    runs whose image it will be. ``options`` are all that will hold: said, chosen in a form, and preferred; ``said`` are
    those without what is preferred, which gives way where the engine cannot follow it. ``is_open``: the reply may
    still turn into a picture, if the chat model reads the message so. ``carried`` is a style that this message did not
    ask for: one spoken of earlier, or the person's usual one. ``is_part``: a mask
    says what may change. ``could_edit``: there was an image that this new one could have been a change of."""

    decision: Decision
    options: Options = field(default_factory=Options)
    said: Options = field(default_factory=Options)
    sources: Sequence[Image] = ()
    waits_for: Generation | None = None
    is_open: bool = False
    carried: str = ""
    is_usual: bool = False
    left_style: bool = False
    is_part: bool = False
    could_edit: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the message."""
        decision = self.decision
        return {
            "kind": Intent.CHAT if decision.answer else decision.kind,  # it is answered in words
            "target_image_ids": [str(image.id) for image in self.sources],
            "target_handles": [image.handle for image in self.sources],
            "confidence": round(decision.confidence, 2),
            "reason": decision.reason,
            **({"answer": decision.answer} if decision.answer else {}),
            **({"style": self.carried, "usual_style": self.is_usual} if self.carried else {}),
            **({"left_style": True} if self.left_style else {}),
            **({"part": True} if self.is_part else {}),
            **({"could_edit": True} if self.could_edit else {}),
        }


async def judge(
    db: AsyncSession, user: User, thread: Thread | None, draft: Draft, *, before: int | None = None
) -> Judged:
    """Decide what ``draft`` means in ``thread`` (None: one that has not begun), or did at the position ``before``.
    Raises Invalid, NoSourceImage, and NotFound for images of somebody else."""
    if draft.intent not in ("auto", *Intent):
        raise Invalid("intent must be auto, chat, generate or edit.", fields={"intent": "unknown"})
    named = await _named_sources(db, user, draft)
    forced = None if draft.intent == "auto" else Intent(draft.intent)
    if draft.is_literal and forced is Intent.GENERATE:
        options = with_engine(draft.options, draft.instead)
        return Judged(decision=_as_written(draft.text), options=options, said=options, sources=named)
    if named and forced is None:
        forced = Intent.EDIT
    before = draft.asked_at if before is None else before
    talk = await history.read_talk(db, thread, before=before) if thread else history.Talk(turns=[])
    if named:
        return await _judge_named(db, user, thread, draft, named, talk, forced)
    waiting = talk.unfinished
    # Images still being painted stand last in the talk, under numbers that nobody can write.
    shown = [Turn(role="assistant", kind="image", text=one.meant, handle=-at) for at, one in enumerate(waiting, 1)]
    current = -len(waiting) if waiting else talk.current_handle
    decision = decide(draft.text, [*talk.turns, *shown], current_handle=current, forced=forced)
    if decision.kind is Intent.GENERATE:
        there = bool(waiting) or any(turn.kind == "image" for turn in talk.turns)
        return replace(_styled(decision, user, talk, draft), could_edit=there)
    said = _said(decision, draft)
    options = _with_preferences(said, decision, user, draft)
    unpainted = [waiting[-handle - 1] for handle in decision.target_handles if handle < 0]
    if decision.kind is Intent.EDIT and unpainted:
        return Judged(decision=_of_unpainted(decision), options=options, said=said, waits_for=unpainted[-1])
    sources = await _sources(db, thread, decision) if thread else []
    return Judged(decision=decision, options=options, said=said, sources=sources)


async def _judge_named(
    db: AsyncSession,
    user: User,
    thread: Thread | None,
    draft: Draft,
    named: list[Image],
    talk: history.Talk,
    forced: Intent | None,
) -> Judged:
    """The images were pointed at: "it" is the first of them. Those that the words name by handle come along."""
    by_handle = bool(HANDLE.search(draft.text))
    told = [turn for turn in talk.turns if turn.kind == "text" or by_handle]
    pointed = [history.named_turn(image, thread) for image in reversed(named)]
    decision = decide(draft.text, [*told, *pointed], forced=forced)
    more = await _sources(db, thread, decision) if thread and by_handle and decision.target_handles else []
    known = {image.id for image in named}
    sources = [*named, *(image for image in more if image.id not in known)][:MAX_SOURCES]
    said = _said(decision, draft)
    is_part = draft.mask_image_id is not None and decision.kind is Intent.EDIT
    if is_part:
        decision = replace(
            decision, reason=PART.format(f"#{decision.target_handles[0]}" if decision.target_handles else "the picture")
        )
    options = _with_preferences(said, decision, user, draft)
    if decision.kind is Intent.GENERATE:  # a new image starts from none
        return Judged(decision=decision, options=options, said=said, could_edit=True)
    return Judged(decision=decision, options=options, said=said, sources=sources, is_part=is_part)


def _styled(decision: Decision, user: User, talk: history.Talk, draft: Draft) -> Judged:
    said = _said(decision, draft)
    options = _with_preferences(said, decision, user, draft)
    found = carry(decision, options, said, talk, draft.text, leave=draft.leave_style)
    style: dict[str, Any] = {"carried": found.carried, "is_usual": found.is_usual, "left_style": draft.leave_style}
    return Judged(decision=found.decision, options=found.options, said=said, **style)


def left_open(judged: Judged, providers: Providers) -> Judged:
    """The same, or talk with a chat model that may still paint: where the words leave it open and it can tell."""
    decision, chat = judged.decision, providers.chat
    if decision.confidence >= SURE or decision.answer is not None or chat is None or not chat.tools:
        return judged
    offer = decision.suggestion or (decision.prompt if decision.kind is Intent.GENERATE else "")
    talk = Decision(kind=Intent.CHAT, confidence=decision.confidence, reason=OPEN, suggestion=offer)
    return Judged(decision=talk, is_open=True)


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
    size = _size_or_usual(options, engine.capabilities)
    micros = prices.estimate_for(engine.capabilities, options, size, judged.decision.prompt, sources)
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
        return with_engine(decision.options.merged(draft.options), draft.instead)
    chosen = draft.options
    if decision.kind is Intent.EDIT:
        chosen = replace(chosen, size=None, aspect_ratio=None)
    return with_engine(chosen.merged(decision.options), draft.instead)


def _with_preferences(said: Options, decision: Decision, user: User, draft: Draft) -> Options:
    if decision.kind is not Intent.GENERATE or not draft.personal:
        return said
    return read_preferences(user).options().merged(said)


def _as_written(prompt: str) -> Decision:
    return Decision(
        kind=Intent.GENERATE,
        prompt=prompt,
        subject=prompts.subject(prompt),
        confidence=1.0,
        reason="You wrote the prompt yourself.",
    )


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
