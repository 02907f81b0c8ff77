"""What a capable chat model may do inside its reply: ask for the picture that a message left open.

Nothing it says is believed as it is. Only a message that our own reading left open can be answered so, images are
found in the thread by their handles, and words that lost what the person said give way to our own reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Message, Thread, User
from chatelier.domain.content_words import content_words, share_kept
from chatelier.domain.decisions import MAX_SOURCES, Draft, Judged, judge
from chatelier.domain.given import draft_again
from chatelier.domain.images import find_handles
from chatelier.domain.intent import Intent, prompts
from chatelier.errors import Invalid, NoSourceImage
from chatelier.providers.base import Tool, ToolCall

LONGEST = 2000  # characters of a prompt or an instruction
KEPT = 0.5  # share of the person's words that the model's have to keep
REASON = "The chat model read it as a wish for {}."
UNCLEAR = "I am not sure which picture you mean. Say it as in *draw a fox in the snow*, or *make #2 darker*."
WORDS = {"type": "string", "minLength": 1, "maxLength": LONGEST}


def _parameters(required: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [required], "additionalProperties": False}


GENERATE = Tool(
    name="generate_image",
    description="Paint a new image, when the newest message of the user asks for one.",
    parameters=_parameters(
        "prompt",
        {"prompt": {**WORDS, "description": "What is to be seen, in the user's own words and language."}},
    ),
)
EDIT = Tool(
    name="edit_image",
    description="Change images of this thread, when the newest message of the user asks for a change.",
    parameters=_parameters(
        "instruction",
        {
            "instruction": {**WORDS, "description": "The change, in the user's own words and language."},
            "images": {
                "type": "array",
                "items": {"type": "integer"},
                "description": "Their numbers, as in 2 for #2; left out: the current image.",
            },
        },
    ),
)
TOOLS = (GENERATE, EDIT)


class _Generate(BaseModel):
    prompt: str = Field(min_length=1, max_length=LONGEST)


class _Edit(BaseModel):
    instruction: str = Field(min_length=1, max_length=LONGEST)
    images: list[Annotated[int, Field(strict=True, ge=1, lt=2**31)]] = Field([], max_length=MAX_SOURCES)


def draft_of(asked: Message) -> Draft | None:
    """The draft of an open message, None for any other."""
    return draft_again(asked) if (asked.decision or {}).get("open") else None


async def judge_call(
    db: AsyncSession, user: User, thread: Thread, draft: Draft, position: int, call: ToolCall
) -> Judged:
    """What the call asks for, as if the person had chosen it at that position of the thread. Raises Invalid for what
    is no call of ours, NoSourceImage for images that are not there."""
    try:
        if call.name == GENERATE.name:
            return await _generate(db, user, thread, draft, position, _Generate.model_validate_json(call.arguments))
        if call.name == EDIT.name:
            return await _edit(db, user, thread, draft, position, _Edit.model_validate_json(call.arguments))
    except ValidationError as error:
        raise Invalid(UNCLEAR) from error
    raise Invalid(UNCLEAR)


async def _generate(
    db: AsyncSession, user: User, thread: Thread, draft: Draft, position: int, wish: _Generate
) -> Judged:
    judged = await judge(db, user, thread, replace(draft, intent=Intent.GENERATE), before=position)
    own, theirs = judged.decision.prompt, prompts.tidy(wish.prompt)
    if not content_words(own):
        raise Invalid(UNCLEAR)
    prompt = theirs if theirs and share_kept(own, theirs) >= KEPT else own
    reason = REASON.format("a picture")
    decision = replace(judged.decision, prompt=prompt, subject=prompts.subject(prompt), reason=reason)
    return replace(judged, decision=decision)


async def _edit(db: AsyncSession, user: User, thread: Thread, draft: Draft, position: int, wish: _Edit) -> Judged:
    named = await find_handles(db, user, thread, wish.images)
    missing = [handle for handle in wish.images if handle not in named]
    if missing:
        raise NoSourceImage(await _which(db, user, thread, missing[0]))
    ids = tuple(named[handle].id for handle in dict.fromkeys(wish.images))
    judged = await judge(db, user, thread, replace(draft, intent=Intent.EDIT, source_image_ids=ids), before=position)
    return replace(judged, decision=replace(judged.decision, reason=REASON.format("a change")))


async def _which(db: AsyncSession, user: User, thread: Thread, missing: int) -> str:
    known = sorted(await find_handles(db, user, thread))[-12:]
    if not known:
        return f"There is no image #{missing} in this thread yet."
    listed = ", ".join(f"#{handle}" for handle in known)
    are = "is" if len(known) == 1 else "are"
    return f"There is no image #{missing} in this thread. There {are} {listed}: which one do you mean?"
