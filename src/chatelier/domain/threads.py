"""Threads: find through the owner, list, rename, pin, delete. ``touch`` is how every change gets its revision."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from chatelier.db.models import Image, Thread, User, now
from chatelier.db.topics import CHANNEL
from chatelier.domain import search, texts
from chatelier.domain.events import thread_topic
from chatelier.domain.pages import DEFAULT_LIMIT, Page, check_limit, decode_cursor, encode_cursor, read_moment
from chatelier.errors import Invalid, NotFound

TOUCHED = ("revision", "last_position", "updated_at", "current_image_id")


async def create_thread(db: AsyncSession, user: User, *, title: str = "") -> Thread:
    title = texts.line(title, name="title", longest=texts.MAX_TITLE)
    thread = Thread(owner_id=user.id, title=title, titled_by="person" if title else "first_message")
    db.add(thread)
    await db.flush()
    await db.refresh(thread)
    return thread


async def find_thread(db: AsyncSession, user: User, thread_id: UUID | None, *, lock: bool = False) -> Thread:
    """The user's own thread, or NotFound. ``lock`` takes its row lock, under which its revision rises."""
    query = select(Thread).where(Thread.id == thread_id, Thread.owner_id == user.id, Thread.deleted_at.is_(None))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    thread = await db.scalar(query)
    if thread is None:
        raise NotFound
    return thread


async def list_threads(
    db: AsyncSession,
    user: User,
    *,
    q: str = "",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    pinned_first: bool = False,
) -> Page[Thread]:
    """Newest activity first; ``q`` is looked for in titles, without regard to case."""
    query = ("threads", user.id, q, pinned_first)
    found = select(Thread).where(Thread.owner_id == user.id, Thread.deleted_at.is_(None))
    if q.strip():
        found = found.where(Thread.title.icontains(texts.clean(q.strip()), autoescape=True))
    if cursor:
        found = found.where(_after(decode_cursor(query, cursor, 3), pinned_first))
    newest = (Thread.updated_at.desc(), Thread.id.desc())
    order = (Thread.pinned.desc(), *newest) if pinned_first else newest
    rows = list(await db.scalars(found.order_by(*order).limit(check_limit(limit) + 1)))
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], encode_cursor(query, [str(last.pinned), last.updated_at.isoformat(), str(last.id)]))


def _after(key: list[str], pinned_first: bool) -> ColumnElement[bool]:
    pinned = key[0] == "True"
    older = tuple_(Thread.updated_at, Thread.id) < read_moment(key[1], key[2])
    if not pinned_first:
        return older
    same = and_(Thread.pinned.is_(pinned), older)
    return or_(same, Thread.pinned.is_(False)) if pinned else same


async def change_thread(
    db: AsyncSession, thread: Thread, *, title: str | None = None, pinned: bool | None = None
) -> None:
    if title is not None:
        title = texts.line(title, name="title", longest=texts.MAX_TITLE)
        if not title:
            raise Invalid("A title needs at least one character.", fields={"title": "empty"})
        thread.title, thread.titled_by = title, "person"
    if pinned is not None:
        thread.pinned = pinned
    await touch(db, thread, activity=False)
    if title is not None:
        await search.write_title(db, thread, thread.title)


async def delete_thread(db: AsyncSession, thread: Thread, *, images: str = "keep") -> None:
    """Hide the thread at once. ``images`` says what becomes of its pictures: keep (in the gallery) or trash."""
    if images not in ("keep", "trash"):
        raise Invalid("images must be keep or trash.", fields={"images": "keep or trash"})
    await touch(db, thread, activity=False)
    thread.deleted_at = now()
    await search.write_title(db, thread, "")
    if images == "trash":
        await db.execute(
            update(Image).where(Image.thread_id == thread.id, Image.deleted_at.is_(None)).values(deleted_at=now())
        )
    await db.flush()


async def touch(db: AsyncSession, thread: Thread, *, activity: bool = True, messages: int = 0) -> int:
    """Raise the revision under the thread's row lock and tell its open pages, in one statement. Every changed row
    carries the returned number, so that a page that comes back can ask for what it missed. ``messages`` new places
    are taken at the thread's end: ``last_position`` is the last of them. Raises NotFound."""
    row = await _touch(db, _touching(activity=activity, only_there=True), thread.id, messages)
    if row is None:
        raise NotFound  # deleted since it was found
    for name, value in zip(TOUCHED, row[: len(TOUCHED)], strict=True):
        set_committed_value(thread, name, value)
    return thread.revision


async def touch_by_id(db: AsyncSession, thread_id: UUID) -> int:
    """``touch`` for writers that hold no thread row, such as a worker reporting progress."""
    row = await _touch(db, _touching(activity=False, only_there=False), thread_id, 0)
    return row.revision if row else 0


async def _touch(db: AsyncSession, statement: Any, thread_id: UUID, messages: int) -> Any:
    values = {"thread": thread_id, "topic": thread_topic(thread_id), "messages": messages}
    return (await db.execute(statement, values)).one_or_none()


@cache
def _touching(*, activity: bool, only_there: bool) -> Any:
    """Built once for each use: putting it together costs more than running it."""
    values = {"revision": Thread.revision + 1, "last_position": Thread.last_position + bindparam("messages")}
    if activity:
        values["updated_at"] = now()
    wanted = [Thread.id == bindparam("thread"), *([Thread.deleted_at.is_(None)] if only_there else [])]
    notify = func.pg_notify(CHANNEL, bindparam("topic"))
    columns = [getattr(Thread, name) for name in TOUCHED]
    statement = update(Thread).where(*wanted).values(**values).returning(*columns, notify)
    return statement.execution_options(synchronize_session=False)


async def take_handles(
    db: AsyncSession, thread_id: UUID, count: int, *, current: UUID | None = None
) -> tuple[range, str]:
    """The next ``count`` handles of a thread (#1, #2 …), never given twice, and its title, by which its images are
    found. ``current`` becomes its current image."""
    values: dict[str, Any] = {"last_handle": Thread.last_handle + count}
    if current is not None:
        values["current_image_id"] = current
    taken = update(Thread).where(Thread.id == thread_id).values(**values)
    last, title = (await db.execute(taken.returning(Thread.last_handle, Thread.title))).one()
    return range(last - count + 1, last + 1), title


async def take_back_current(db: AsyncSession, gone: Collection[UUID]) -> None:
    """Threads whose current image is one of ``gone`` go back to their newest image that is not in the trash."""
    newest = select(Image.id).where(Image.thread_id == Thread.id, Image.deleted_at.is_(None))
    newest = newest.order_by(Image.handle.desc()).limit(1)
    statement = update(Thread).where(
        Thread.current_image_id.in_(gone), Thread.id.in_(select(Image.thread_id).where(Image.id.in_(gone)))
    )
    values = {"current_image_id": newest.correlate(Thread).scalar_subquery()}
    await db.execute(statement.values(values).execution_options(synchronize_session=False))
