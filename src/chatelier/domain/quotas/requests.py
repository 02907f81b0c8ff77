"""What people ask for, as limits see it: pictures, answers in words, uploads; and what else could be offered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Attempt, Generation, Message
from chatelier.domain import attempts, ledger, prices, refusals, token_prices
from chatelier.domain.options import Options, check_options, resolve_size
from chatelier.domain.quotas.admit import Offer, admit
from chatelier.domain.quotas.judge import Ask
from chatelier.domain.quotas.words import amount
from chatelier.errors import Invalid
from chatelier.providers import Providers
from chatelier.providers.base import ChatProvider, ImageProvider, Kind

BUILT_IN = "illustrator"
WORDING_TOKENS = (4_000, 400)  # sent and written at most, where a chat model words a prompt (generations/wording.py)


async def admit_generation(db: AsyncSession, providers: Providers, generation: Generation, options: Options) -> None:
    """Before a generation is queued. Raises what ``admit`` raises, and TooMany after too many refusals."""
    await refusals.check_pace(db, generation.owner_id)
    engine = providers.engine(generation.provider, generation.model, Kind(generation.kind))
    ask = Ask(
        images=options.n or 1,
        micros=generation.estimate_micros,
        paid=not engine.capabilities.free,
        provider=generation.provider,
        model=generation.model,
        size=f"{generation.width}x{generation.height}",
        is_test=generation.is_test,
    )
    await admit(db, generation.owner_id, ask, offers=_offers(providers, generation, options))


def _offers(providers: Providers, generation: Generation, options: Options) -> Iterator[Offer]:
    """What else could paint it for less, looked for only when it is needed: the built-in engine, then the models of
    the same provider, then all others; the dearest first, as the nearest to what was asked for."""
    most = generation.estimate_micros
    able = []
    for provider, model in _models(providers):
        ask = _ask_of(providers, provider.name, model, generation, options)
        if ask is not None and ask.micros is not None and (ask.micros == 0 or (most is not None and ask.micros < most)):
            able.append((provider, ask))
    able.sort(key=lambda pair: (pair[0].name != BUILT_IN, pair[0].name != generation.provider, -(pair[1].micros or 0)))
    for provider, ask in able:
        if (ask.provider, ask.model) != (generation.provider, generation.model):
            yield f"{ask.provider}/{ask.model}", _label(provider, ask), ask


def _models(providers: Providers) -> Iterator[tuple[ImageProvider, str]]:
    for provider in providers.images.values():
        if provider.name != "fake":
            yield from ((provider, model) for model in dict.fromkeys((provider.default_model, *provider.models())))


def _label(provider: ImageProvider, ask: Ask) -> str:
    """OpenAI · the model's name, $0.01."""
    name = f"{provider.label} · {ask.model}" if len(provider.models()) > 1 else provider.label
    return f"{name}, {amount('money_per_day', ask.micros)}" if ask.micros else name


def _ask_of(providers: Providers, name: str, model: str, generation: Generation, options: Options) -> Ask | None:
    """What it would take there; None where it cannot be made there."""
    elsewhere = replace(options, provider=None, model=None)
    if generation.kind != Kind.GENERATE and not elsewhere.size:
        elsewhere = replace(elsewhere, aspect_ratio=elsewhere.aspect_ratio or f"{generation.width}:{generation.height}")
    try:
        engine = providers.engine(name, model, Kind(generation.kind))
        capabilities = engine.capabilities
        check_options(elsewhere, capabilities)
        size = resolve_size(elsewhere, capabilities)
    except Invalid:
        return None
    if generation.kind != Kind.GENERATE and not capabilities.edit:
        return None
    if generation.mask_image_id and not capabilities.mask:
        return None
    sources = len(generation.source_image_ids)
    return Ask(
        images=options.n or 1,
        micros=prices.estimate_for(capabilities, options, size, generation.prompt, sources),
        paid=not capabilities.free,
        provider=name,
        model=engine.model,
        size=str(size),
    )


async def hold_wording(
    db: AsyncSession, providers: Providers, chat: ChatProvider, owner_id: UUID, reply: Message
) -> Attempt:
    """The same for the chat model's help with a prompt, under the reply that will show the picture; no job: whoever
    asks for it does it at once."""
    sent, wrote = WORDING_TOKENS
    micros = 0 if chat.free else await asyncio.to_thread(token_prices.ceiling, providers, chat, sent=sent, wrote=wrote)
    number = await attempts.next_number(db, reply)
    return await _hold_words(db, chat, owner_id, reply, micros, number, waiting=True)


async def hold_reply(
    db: AsyncSession, providers: Providers, chat: ChatProvider, owner_id: UUID, reply: Message, number: int
) -> Attempt:
    """Let an answer in words in, and prepare its attempt with its hold. Raises as ``admit_generation`` does."""
    await refusals.check_pace(db, owner_id)
    micros: int | None = 0
    if not chat.free:
        asked = await db.scalar(select(func.char_length(Message.text)).where(Message.id == reply.reply_to))
        # The first look at published prices reads a file of some size.
        micros = await asyncio.to_thread(token_prices.ceiling, providers, chat, characters=asked or 0)
    return await _hold_words(db, chat, owner_id, reply, micros, number)


async def _hold_words(
    db: AsyncSession,
    chat: ChatProvider,
    owner_id: UUID,
    reply: Message,
    micros: int | None,
    number: int,
    *,
    waiting: bool = False,
) -> Attempt:
    is_test = chat.name == "fake"
    ask = Ask(messages=1, micros=micros, paid=not chat.free, is_test=is_test)
    await admit(db, owner_id, ask)
    attempt = await attempts.prepare(
        db,
        reply,
        provider=chat.name,
        model=chat.default_model,
        free=chat.free,
        hold=micros or 0,
        number=number,
        waiting=waiting,
    )
    await ledger.hold(db, attempt, owner_id=owner_id, is_test=is_test)
    return attempt
