"""The gallery: everything a person ever made, newest first, and the trash."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import Response

from chatelier.domain.images import list_images
from chatelier.web.deps import CurrentUser, Db
from chatelier.web.render import fragment, is_htmx, page
from chatelier.web.threads import shell

TILES = 36  # on one page: whole rows at 2, 3, 4 and 6 columns


async def show_gallery(
    request: Request, user: CurrentUser, db: Db, q: str = "", favourite: bool = False, cursor: str | None = None
) -> Response:
    wanted = {"q": q, "favourite": favourite or None}
    view = "favourites" if favourite else "all"
    return await hang(request, user, db, wanted, cursor, view=view, path="/gallery")


async def show_trash(request: Request, user: CurrentUser, db: Db, q: str = "", cursor: str | None = None) -> Response:
    return await hang(request, user, db, {"q": q, "deleted": True}, cursor, view="trash", path="/gallery/trash")


async def hang(
    request: Request, user: CurrentUser, db: Db, wanted: dict[str, Any], cursor: str | None, *, view: str, path: str
) -> Response:
    """A whole page; for htmx its tiles, or the next ones after ``cursor``."""
    images = await list_images(db, user, **wanted, cursor=cursor, limit=TILES)
    values = {"images": images, "wanted": wanted["q"], "view": view, "path": path, "here": "gallery"}
    if is_htmx(request):
        return fragment("gallery/_more.html" if cursor else "gallery/_tiles.html", **values)
    return page(request, "gallery/index.html", **await shell(db, user), **values)
