"""What Chatelier answers itself, without a chat model: its commands, its styles, one's usage, and steps back."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image, Message, Thread, User
from chatelier.domain.decisions import Judged
from chatelier.domain.generations.request import new_reply
from chatelier.domain.intent.commands import COMMAND_HELP, FLAG_HELP
from chatelier.domain.intent.model import Answer
from chatelier.domain.markdown import render
from chatelier.domain.quotas.limits import NAMES
from chatelier.domain.quotas.report import Report, report
from chatelier.domain.quotas.words import moment
from chatelier.domain.spend.calendar import Wish, read_calendar
from chatelier.domain.spend.figures import recent
from chatelier.domain.spend.report import CURRENCY
from chatelier.domain.spend.words import counted, exact
from chatelier.domain.versions import make_current
from chatelier.providers import Providers

EXAMPLES = "You can also just say it: *draw a fox in the snow*, *make it night*, *another one*, *go back*."
MORE = "Day by day, with a sheet for download: on your account page, *What you used*."


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
    """The month of the user's own calendar, and what is left of each limit of their plan."""
    calendar = await read_calendar(db, user.time_zone, Wish())
    _, _, month = await recent(db, calendar, user.id)
    found = await report(db, user.id)
    held = f", and {exact(month.held_micros, CURRENCY)} set aside" if month.held_micros else ""
    waiting = await db.scalar(
        select(func.count()).where(Generation.owner_id == user.id, Generation.status.in_(("queued", "running")))
    )
    painting = f" {waiting} more {'is' if waiting == 1 else 'are'} being painted." if waiting else ""
    made = f"{counted(month.images, 'picture')}, {counted(month.answers, 'answer')} in words"
    spent = f"**This month**: {made}, {exact(month.micros, CURRENCY)}{held}.{painting}"
    return f"{spent}\n\n**Left of your plan, {found.standing.label}**\n\n{_left(found)}\n\n{MORE}"


def _left(found: Report) -> str:
    """A line for each limit, with when it comes back."""
    standing = found.standing
    lines = []
    for one in found.limits:
        back = one.resets_at if one.used or one.held else None
        after = f", comes back {moment(back, standing.now, standing.time_zone)}" if back else ""
        title = NAMES[one.name].words
        lines.append(f"- {title[0].upper()}{title[1:]}: {one.left}{after}")
    return "\n".join(lines) or "Nothing is limited."


async def _restore(db: AsyncSession, user: User, thread: Thread, image: Image) -> str:
    if thread.current_image_id == image.id:
        return f"#{image.handle} is the current image already; there is nothing to undo."
    await make_current(db, user, image)
    return f"Back to #{image.handle}. What you ask for next starts from it."
