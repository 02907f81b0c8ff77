"""The gallery: everything a person ever made, searched and filtered, and the trash."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from chatelier.db.models import User
from chatelier.domain.gallery import Aspect, Filters, Sort, list_images
from chatelier.domain.images import storage_used
from chatelier.domain.search import list_facets
from chatelier.errors import Invalid
from chatelier.ids import parse_id
from chatelier.web.deps import CurrentUser, Db
from chatelier.web.render import fragment, is_htmx, page, time_zone
from chatelier.web.threads import shell

TILES = 36  # on one page: whole rows at 2, 3, 4 and 6 columns

Text = Annotated[str, Query(max_length=500)]


@dataclass
class Wanted:
    """What the address says, as the form sends it: empty is no filter."""

    q: Text = ""
    favourite: Text = ""
    thread: Text = ""
    model: Text = ""
    provider: Text = ""
    style: Text = ""
    aspect: Text = ""
    since: Text = ""
    until: Text = ""
    sort: Text = ""

    def filters(self, zone: str, *, deleted: bool) -> Filters:
        """Days are the person's own, both included. Raises Invalid."""
        until = _moment("until", self.until, zone, days=1)
        return Filters(
            q=self.q,
            favourite=True if self.favourite else None,
            thread_id=_id(self.thread) if self.thread else None,
            model=self.model,
            provider=self.provider,
            style=self.style,
            aspect=_one_of(Aspect, "aspect", self.aspect) if self.aspect else None,
            since=_moment("since", self.since, zone),
            until=until,
            deleted=deleted,
            sort=_one_of(Sort, "sort", self.sort) if self.sort else Sort.NEWEST,
        )

    def given(self) -> dict[str, str]:
        """Only what was asked for, for addresses."""
        return {name: value for name, value in asdict(self).items() if value}

    def narrow(self) -> list[str]:
        """Names of the filters in use, beside search, view and order."""
        return [name for name in self.given() if name not in ("q", "favourite", "sort")]


WantedDep = Annotated[Wanted, Depends()]


async def show_gallery(
    request: Request, user: CurrentUser, db: Db, wanted: WantedDep, cursor: str | None = None
) -> Response:
    """All images of the person, searched, filtered and sorted."""
    view = "favourites" if wanted.favourite else "all"
    return await hang(request, user, db, wanted, cursor, view=view, path="/gallery")


async def show_trash(
    request: Request, user: CurrentUser, db: Db, wanted: WantedDep, cursor: str | None = None
) -> Response:
    """The images in the trash."""
    return await hang(request, user, db, wanted, cursor, view="trash", path="/gallery/trash")


async def hang(
    request: Request, user: User, db: AsyncSession, wanted: Wanted, cursor: str | None, *, view: str, path: str
) -> Response:
    """A whole page; for htmx its tiles, or the next ones after ``cursor``."""
    filters = wanted.filters(time_zone(request, user), deleted=view == "trash")
    images = await list_images(db, user, filters, cursor=cursor or None, limit=TILES)
    values: dict[str, Any] = {"images": images, "wanted": wanted, "view": view, "path": path, "cursor": cursor}
    if is_htmx(request):
        return fragment("gallery/_more.html" if cursor else "gallery/_tiles.html", **values)
    values |= {
        "here": "gallery",
        "choices": await list_facets(db, user),
        "used": await storage_used(db, user),
        "days": request.app.state.settings.trash_days,
    }
    return page(request, "gallery/index.html", **await shell(db, user), **values)


def _id(text: str) -> Any:
    found = parse_id(text)
    if found is None:
        raise Invalid("There is no such thread.", fields={"thread": "not an id"})
    return found


def _one_of(kind: Any, name: str, text: str) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        choices = ", ".join(kind)
        raise Invalid(f"{name} must be one of {choices}.", fields={name: choices}) from error


def _moment(name: str, text: str, zone: str, *, days: int = 0) -> datetime | None:
    """The first moment of a day, or of that many days later."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        return datetime(day.year, day.month, day.day, tzinfo=_zone(zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"{name} is not a day. Write it like 2026-03-31.", fields={name: "not a day"}) from error


def _zone(name: str) -> Any:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
