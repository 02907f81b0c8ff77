"""What Chatelier answers itself, without a chat model: its commands, its styles, one's usage, and steps back."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image, LedgerEntry, LedgerKind, Message, Thread, User, now
from chatelier.domain.decisions import Judged
from chatelier.domain.generations.request import new_reply
from chatelier.domain.intent.commands import COMMAND_HELP, FLAG_HELP
from chatelier.domain.intent.model import Answer
from chatelier.domain.markdown import render
from chatelier.domain.versions import make_current
from chatelier.providers import Providers

EXAMPLES = "You can also just say it: *draw a fox in the snow*, *make it night*, *another one*, *go back*."


async def answer(
    db: AsyncSession, providers: Providers, user: User, thread: Thread, asked: Message, judged: Judged
) -> Message:
    """A complete reply at once; a step back also makes its image the current one."""
    match judged.decision.answer:
        case Answer.STYLES:
            text = _styles(providers)
        case Answer.USAGE:
            text = await _usage(db, user)
        case Answer.RESTORE:
            text = await _restore(db, user, thread, judged.sources[0])
        case _:
            text = _help()
    reply = await new_reply(db, thread, asked)
    reply.text, reply.html = text, render(text)
    await db.flush()
    return reply


def _help() -> str:
    commands = "\n".join(f"- `/{name}` {line}" for name, line in COMMAND_HELP.items())
    flags = "\n".join(f"- `{name}` {line}" for name, line in FLAG_HELP.items())
    return f"**Commands**\n\n{commands}\n\n**After a command**\n\n{flags}\n\n{EXAMPLES}"


def _styles(providers: Providers) -> str:
    lines = []
    for provider in providers.images.values():
        styles = provider.capabilities.styles
        lines.append(f"- **{provider.label}**: {', '.join(styles) if styles else 'any style, in your own words'}")
    return "Add a style to a request, as in `--style watercolor` or *a fox, watercolor*.\n\n" + "\n".join(lines)


async def _usage(db: AsyncSession, user: User) -> str:
    """The month of the user's own calendar."""
    month = func.date_trunc("month", now(), user.time_zone)
    settled = select(func.coalesce(func.sum(LedgerEntry.images), 0), func.coalesce(func.sum(LedgerEntry.micros), 0))
    mine = settled.where(
        LedgerEntry.owner_id == user.id,
        LedgerEntry.kind == LedgerKind.SETTLE,
        LedgerEntry.is_test.is_(False),
        LedgerEntry.created_at >= month,
    )
    images, micros = (await db.execute(mine)).one()
    waiting = await db.scalar(
        select(func.count()).where(Generation.owner_id == user.id, Generation.status.in_(("queued", "running")))
    )
    painting = f" {waiting} more {'is' if waiting == 1 else 'are'} being painted." if waiting else ""
    pictures = "picture" if images == 1 else "pictures"
    return f"This month: {images} {pictures}, {int(micros) / 1_000_000:.2f} USD.{painting}"


async def _restore(db: AsyncSession, user: User, thread: Thread, image: Image) -> str:
    if thread.current_image_id == image.id:
        return f"#{image.handle} is the current image already; there is nothing to undo."
    await make_current(db, user, image)
    return f"Back to #{image.handle}. What you ask for next starts from it."
