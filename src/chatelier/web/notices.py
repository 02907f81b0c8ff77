"""Notices that stand in pages until they are sent away."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from chatelier.domain.mails import dismiss_notice, list_notices
from chatelier.ids import parse_id
from chatelier.web.deps import CurrentUser, Db
from chatelier.web.render import fragment, is_htmx


async def dismiss(request: Request, user: CurrentUser, db: Db, mail_id: str) -> Response:
    """Send a notice away; the next one takes its place."""
    await dismiss_notice(db, user, parse_id(mail_id))
    if not is_htmx(request):
        return RedirectResponse("/", 303)
    return fragment("shared/_mail_notices.html", mail_notices=await list_notices(db, user))
