"""From what was judged to a generation, for a message and for a reply that turned into a picture."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Message, PromptBy, User
from chatelier.domain import preferences
from chatelier.domain.decisions import Draft, Judged, engine_of, fitting_options
from chatelier.domain.generations.request import request_generation
from chatelier.domain.intent import Decision, Intent
from chatelier.domain.masks import find_mask
from chatelier.domain.prompting import helped
from chatelier.domain.several import fitted
from chatelier.errors import Invalid
from chatelier.providers import Providers
from chatelier.providers.base import Kind

RAW = re.compile(r"(?:^|\s)--raw(?=\s|$)", re.IGNORECASE)  # the flag; what is read of a message leaves it out
ANEW = "cannot change pictures, so it paints the whole picture anew from its words, with the same seed."


async def request_painting(
    db: AsyncSession, providers: Providers, user: User, reply: Message, draft: Draft, judged: Judged
) -> Generation:
    """Queue the picture that ``reply`` will show, and remember what was asked for in so many words."""
    judged = replace(judged, options=fitting_options(providers, judged))
    decision = judged.decision
    _check_sources(providers, judged)
    prompt = decision.prompt if draft.is_literal else worded(providers, user, draft, judged)
    generation = await request_generation(
        db,
        providers,
        reply,
        owner=user,
        kind=_kind(decision),
        prompt=prompt,
        description="" if prompt == decision.prompt else decision.prompt,
        prompt_by=PromptBy.PERSON if prompt == decision.prompt else PromptBy.RULES,
        instruction=decision.instruction or draft.text,
        subject=decision.subject,
        options=judged.options,
        sources=judged.sources,
        waits_for=judged.waits_for,
        mask_image_id=await find_mask(db, user, draft.mask_image_id),
        is_test=draft.is_test,
    )
    if draft.personal:
        await preferences.learn(db, user, decision.options.merged(draft.options))
    return generation


def worded(providers: Providers, user: User, draft: Draft, judged: Judged) -> str:
    """The prompt to send: what was understood, with help where the person wants it and the engine likes it. An engine
    that edits the picture itself gets the instruction, which is nobody's to change."""
    decision = judged.decision
    capabilities = engine_of(providers, fitting_options(providers, judged), decision).capabilities
    if draft.raw or RAW.search(draft.text) or not preferences.read_preferences(user).prompt_help:
        return decision.prompt
    if decision.kind is Intent.EDIT and capabilities.edit:
        return decision.prompt
    return helped(decision.prompt, capabilities.prompt_kind, judged.options)


def explained(providers: Providers, judged: Judged, draft: Draft) -> Judged:
    """With a word about it where an engine cannot look at all the pictures, or has to paint the whole one anew."""
    decision = judged.decision
    if decision.kind is not Intent.EDIT or decision.answer is not None:
        return judged
    engine = engine_of(providers, fitting_options(providers, judged), decision)
    judged = fitted(judged, engine, draft)
    if engine.capabilities.edit:
        return judged
    decision = judged.decision
    return replace(judged, decision=replace(decision, reason=f"{decision.reason} {engine.provider.label} {ANEW}"))


def _check_sources(providers: Providers, judged: Judged) -> None:
    """Raises Invalid for more pictures than the engine can look at, and for one that it cannot look at at all."""
    if judged.decision.kind is not Intent.EDIT:
        return
    engine = engine_of(providers, judged.options, judged.decision)
    provider, can = engine.provider, engine.capabilities
    most = can.max_sources
    if can.edit and len(judged.sources) > most:
        pictures = "one picture" if most == 1 else f"{most} pictures"
        raise Invalid(
            f"{provider.label} works from {pictures} at a time, not {len(judged.sources)}. Name fewer of them.",
            fields={"source_image_ids": f"at most {most}"},
        )
    if not can.edit and judged.sources and not judged.sources[0].meant:
        raise Invalid(
            f"{provider.label} cannot change pictures, and this one was brought without words to paint it from. "
            "Choose another provider, or describe the picture you want.",
            fields={"source_image_ids": "not supported"},
        )


def _kind(decision: Decision) -> Kind:
    if decision.kind is Intent.GENERATE:
        return Kind.GENERATE
    return Kind.VARIATION if decision.variation else Kind.EDIT
