"""A reply that turns into a picture, because the chat model read the message so."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Message, Thread, User
from chatelier.domain.decisions import cost_of
from chatelier.domain.given import given
from chatelier.domain.intent import Intent
from chatelier.domain.painting import explained, request_painting
from chatelier.domain.preferences import read_preferences
from chatelier.domain.talk_tools import UNCLEAR, draft_of, judge_call
from chatelier.domain.threads import find_thread
from chatelier.errors import Forbidden, Invalid
from chatelier.providers import Providers
from chatelier.providers.base import ToolCall

ASKS_FIRST = "It is not free, so I ask first, as you wished. Send {} to go on."


async def paint_call(db: AsyncSession, providers: Providers, reply: Message, call: ToolCall) -> None:
    """Queue what the call asks for in ``reply``; the caller has locked thread and reply and closed its attempt, in
    this transaction. Raises ChatelierError with what to say instead: nothing is kept then."""
    asked = await db.get_one(Message, reply.reply_to)
    draft = draft_of(asked)
    if draft is None:
        raise Invalid(UNCLEAR)
    owner = await _owner(db, reply)
    thread = await find_thread(db, owner, reply.thread_id)
    judged = explained(providers, await judge_call(db, owner, thread, draft, asked.position, call), draft)
    if read_preferences(owner).confirm_paid and cost_of(providers, judged) is not None:
        command = "/imagine" if judged.decision.kind is Intent.GENERATE else "/edit"
        words = judged.decision.instruction or judged.decision.prompt
        raise Invalid(ASKS_FIRST.format(f"`{command} {words}`"))
    await request_painting(db, providers, owner, reply, draft, judged)
    asked.decision, asked.revision = {**judged.as_json(), "given": given(draft)}, reply.revision
    await db.flush()


async def _owner(db: AsyncSession, reply: Message) -> User:
    """The person whose thread it is; a disabled one starts nothing more."""
    thread = await db.get_one(Thread, reply.thread_id)
    owner = await db.get_one(User, thread.owner_id)
    if owner.disabled_at is not None:
        raise Forbidden
    return owner
