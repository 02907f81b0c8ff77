"""Pictures of the gallery to choose from while a message is written."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from chatelier.domain.gallery import Filters, list_images
from chatelier.web.deps import CurrentUser, Db
from chatelier.web.render import fragment, is_htmx, open_path

PICKS = 24


async def show_picker(request: Request, user: CurrentUser, db: Db) -> Response:
    """Pictures of the gallery to choose from; without scripts the gallery itself, where each can be used in a
    thread."""
    if not is_htmx(request):
        return RedirectResponse("/gallery", 303)
    images = await list_images(db, user, limit=PICKS)
    return fragment("images/_picker.html", images=images, q="", open_path=open_path(request))


async def list_picks(request: Request, user: CurrentUser, db: Db, q: str = "", cursor: str | None = None) -> Response:
    """Those that match, or the next ones after ``cursor``."""
    images = await list_images(db, user, Filters(q=q), cursor=cursor, limit=PICKS)
    template = "images/_pick.html" if cursor else "images/_picks.html"
    return fragment(template, images=images, q=q, open_path=open_path(request))
