"""Talks that programs hold in OpenAI's protocol. Such a program sends the whole talk each time, so its thread is found
again by what was said: pictures, handles and versions of earlier turns are still there."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Message, Thread, User, now
from chatelier.domain import texts
from chatelier.domain.markdown import render
from chatelier.domain.search import write_title
from chatelier.domain.threads import create_thread, find_thread, touch
from chatelier.domain.titles import title_from
from chatelier.errors import NotFound
from chatelier.ids import new_id

MOST_TURNS = 200  # of an unknown talk that are kept, the newest
MOST_INSTRUCTIONS = 6_000  # characters; half of what is told to a chat model
PICTURES = "Pictures by API, {:%-d %B %Y}"


@dataclass(frozen=True, kw_only=True)
class Said:
    """One turn; ``role`` is user or assistant."""

    role: str
    text: str


def transcript(said: Sequence[Said]) -> bytes:
    """The same for two talks only if the same was said. What a program tells the model of itself is not counted: many
    put the time into it."""
    turns = [[one.role, one.text.strip()] for one in said]
    return hashlib.sha256(json.dumps(turns).encode()).digest()


async def open_conversation(db: AsyncSession, user: User, instructions: str, said: Sequence[Said]) -> Thread:
    """The thread in which exactly ``said`` was said, else a new one that begins with it."""
    thread = await _find(db, user, transcript(said)) if said else None
    if thread is None:
        thread = await create_thread(db, user)
        await _write(db, thread, said[-MOST_TURNS:])
    thread.instructions = texts.clean(instructions)[:MOST_INSTRUCTIONS]
    return thread


async def remember_transcript(db: AsyncSession, thread_id: UUID, said: Sequence[Said]) -> None:
    """Where the program will go on, if it does."""
    await db.execute(update(Thread).where(Thread.id == thread_id).values(transcript=transcript(said)))


async def pictures_of_today(db: AsyncSession, user: User) -> Thread:
    """The user's thread for pictures that programs ask for without a talk: one for each day of their calendar."""
    await db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"pictures by api {user.id}", 0))))
    here = func.timezone(select(User.time_zone).where(User.id == user.id).scalar_subquery(), now())
    title = PICTURES.format(await db.scalar(select(here)))
    mark = hashlib.sha256(title.encode()).digest()
    thread = await _find(db, user, mark)
    if thread is None:
        thread = await create_thread(db, user, title=title)
        thread.transcript = mark
    return thread


async def _find(db: AsyncSession, user: User, mark: bytes) -> Thread | None:
    query = select(Thread.id).where(Thread.owner_id == user.id, Thread.transcript == mark)
    newest = query.where(Thread.deleted_at.is_(None)).order_by(Thread.updated_at.desc(), Thread.id.desc()).limit(1)
    try:
        return await find_thread(db, user, await db.scalar(newest), lock=True)
    except NotFound:
        return None


async def _write(db: AsyncSession, thread: Thread, said: Sequence[Said]) -> None:
    """What was said elsewhere, as it came; nothing of it is asked or answered again."""
    if not said:
        return
    await touch(db, thread, messages=len(said))
    first = thread.last_position - len(said) + 1
    for position, (role, text, html) in enumerate(await asyncio.to_thread(_drawn, said), first):
        place = {"thread_id": thread.id, "position": position, "revision": thread.revision}
        db.add(Message(id=new_id(), role=role, text=text, html=html, **place))
    asked = next((one.text for one in said if one.role == "user" and one.text.strip()), "")
    thread.title = title_from(texts.clean(asked))
    await write_title(db, thread, thread.title)
    await db.flush()


def _drawn(said: Sequence[Said]) -> list[tuple[str, str, str]]:
    """Role, text and HTML of each turn."""
    plain = [(one.role, texts.clean(one.text).strip()[: texts.MAX_TEXT]) for one in said]
    return [(role, text, render(text) if role == "assistant" else "") for role, text in plain]
