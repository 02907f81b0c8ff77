"""Notices that stand in pages until they are sent away."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from chatelier.domain.mails import dismiss_notice
from chatelier.ids import parse_id
from chatelier.web.deps import CurrentUser, Db
from chatelier.web.render import is_htmx


async def dismiss(request: Request, user: CurrentUser, db: Db, mail_id: str) -> Response:
    """For htmx nothing stands where it stood."""
    await dismiss_notice(db, user, parse_id(mail_id))
    return Response(media_type="text/html") if is_htmx(request) else RedirectResponse("/", 303)
