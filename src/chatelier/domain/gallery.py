"""The gallery: everything a person ever made, searched, filtered and sorted, a page at a time."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased, defer

from chatelier.db.models import Image, Thread, User
from chatelier.domain import search
from chatelier.domain.pages import DEFAULT_LIMIT, Page, check_limit, decode_cursor, encode_cursor, read_moment
from chatelier.errors import InvalidCursor


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    LARGEST = "largest"


class Aspect(StrEnum):
    SQUARE = "square"
    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which images. ``since`` and ``until`` (without it) are about when it was made. The trash has one order of its
    own, the newest deletion first, whatever ``sort`` says."""

    q: str = ""
    thread_id: UUID | None = None
    favourite: bool | None = None
    deleted: bool = False
    model: str = ""
    provider: str = ""
    style: str = ""
    aspect: Aspect | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: Sort = Sort.NEWEST


NOTHING = Filters()
MOST_ORIGINS = 50  # threads in one list to choose from
MOST_SEARCHED = 500


async def list_images(
    db: AsyncSession,
    user: User,
    filters: Filters = NOTHING,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Image]:
    """A page of the user's images. Reads rows only, never files, and of a row no more than a list shows."""
    check_limit(limit)
    marks = query_marks(user, filters)
    column, falls = _order(filters)
    found = await _chosen(db, user, filters)
    if cursor:
        key = decode_cursor(marks, cursor, 2)
        place, last = tuple_(column, Image.id), _read_key(column, key)
        found = found.where(place < last if falls else place > last)
    order = (column.desc(), Image.id.desc()) if falls else (column, Image.id)
    lean = (defer(Image.recipe), defer(Image.details))
    rows = list(await db.scalars(found.order_by(*order).limit(limit + 1).options(*lean)))
    if len(rows) <= limit:
        return Page(rows, None)
    edge = rows[limit - 1]
    value = getattr(edge, column.key)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return Page(rows[:limit], encode_cursor(marks, [text, str(edge.id)]))


def query_marks(user: User, filters: Filters) -> tuple[object, ...]:
    """What a cursor is bound to."""
    return ("images", user.id, *(str(value) for value in astuple(filters)))


async def find_neighbours(db: AsyncSession, user: User, image: Image) -> tuple[UUID | None, UUID | None]:
    """The next newer and the next older image of the gallery, by id."""
    place = tuple_(Image.created_at, Image.id)
    here = (image.created_at, image.id)
    own = select(Image.id).where(Image.owner_id == user.id, Image.deleted_at.is_(None))
    newer = own.where(place > here).order_by(Image.created_at, Image.id).limit(1)
    older = own.where(place < here).order_by(Image.created_at.desc(), Image.id.desc()).limit(1)
    return await db.scalar(newer), await db.scalar(older)


async def list_origins(db: AsyncSession, user: User) -> list[tuple[UUID, str]]:
    """Ids and titles of threads that hold images, in the order of the list of threads: the choices of that filter.
    Looked for among the newest, one thread after the other: a join might read all the images of somebody."""
    order = (Thread.pinned.desc(), Thread.updated_at.desc(), Thread.id.desc())
    own = select(Thread).where(Thread.owner_id == user.id, Thread.deleted_at.is_(None))
    newest = aliased(Thread, own.order_by(*order).limit(MOST_SEARCHED).subquery())
    first = select(Image.id).where(Image.thread_id == newest.id, Image.owner_id == user.id).limit(1).lateral()
    order = (newest.pinned.desc(), newest.updated_at.desc(), newest.id.desc())
    rows = await db.execute(select(newest.id, newest.title).join(first, true()).order_by(*order).limit(MOST_ORIGINS))
    return [(row.id, row.title) for row in rows]


async def _chosen(db: AsyncSession, user: User, filters: Filters) -> Select[Image]:
    found = select(Image).where(Image.owner_id == user.id)
    found = found.where(Image.deleted_at.is_not(None) if filters.deleted else Image.deleted_at.is_(None))
    facets = {name: getattr(filters, name) for name in ("model", "provider", "aspect")}
    style = filters.style.strip().casefold()
    matches = await search.matching(db, user, filters.q, {**facets, "style": style})
    conditions: list[ColumnElement[bool]] = [] if matches is None else [matches]
    if filters.thread_id is not None:
        conditions.append(Image.thread_id == filters.thread_id)
    if filters.favourite is not None:
        bare = and_(Image.favourite)  # "IS true" would not be taken for what its index is about
        conditions.append(bare if filters.favourite else ~bare)
    if filters.since is not None:
        conditions.append(Image.created_at >= filters.since)
    if filters.until is not None:
        conditions.append(Image.created_at < filters.until)
    return found.where(*conditions)


def _order(filters: Filters) -> tuple[InstrumentedAttribute[Any], bool]:
    """The column, and whether it falls."""
    if filters.deleted:
        return Image.deleted_at, True
    if filters.sort is Sort.LARGEST:
        return Image.bytes, True
    return Image.created_at, filters.sort is Sort.NEWEST


def _read_key(column: InstrumentedAttribute[Any], key: list[str]) -> tuple[Any, UUID]:
    """The sort key out of a cursor, which anybody may have made up. Raises InvalidCursor."""
    if column is not Image.bytes:
        return read_moment(key[0], key[1])
    try:
        size = int(key[0])
        if not 0 <= size < 2**63:
            raise InvalidCursor
        return size, UUID(key[1])
    except ValueError as error:
        raise InvalidCursor from error
