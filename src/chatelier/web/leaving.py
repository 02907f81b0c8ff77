"""Taking one's data along, and deleting one's account."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from chatelier.domain import exports
from chatelier.domain.deletion import delete_own_account
from chatelier.errors import ChatelierError
from chatelier.ids import parse_id
from chatelier.web.account import show
from chatelier.web.cookies import client_address
from chatelier.web.deps import CurrentUser, Db, ServicesDep
from chatelier.web.errors import tell_when
from chatelier.web.render import fragment, page
from chatelier.web.sessions import leave
from chatelier.web.threads import shell

Text = Annotated[str, Form()]
ANCHOR = "/account#your-data"


async def create_export(
    request: Request, user: CurrentUser, db: Db, services: ServicesDep, password: Text = ""
) -> Response:
    """Begin an archive of one's own data, after the password."""
    try:
        await exports.request_export(services, user, password, address=client_address(request))
    except ChatelierError as error:
        return tell_when(await show(request, user, db, status=error.status, problem=error.sentence), error)
    return RedirectResponse(ANCHOR, 303)


async def show_exports(request: Request, user: CurrentUser, db: Db) -> Response:
    """How far the archive is, asked for again and again while it is made."""
    return fragment("account/_exports.html", exports=await exports.list_exports(db, user))


async def create_export_link(request: Request, user: CurrentUser, db: Db, export_id: str) -> Response:
    """A link that works once, and the way to it."""
    token = await exports.new_link(db, user, parse_id(export_id))
    return RedirectResponse(f"/account/archive/{token}", 303)


async def delete_export(request: Request, user: CurrentUser, db: Db, export_id: str) -> Response:
    """Throw an archive away before its time."""
    await exports.remove_export(db, user, parse_id(export_id))
    return RedirectResponse(ANCHOR, 303)


async def download_export(request: Request, user: CurrentUser, services: ServicesDep, token: str) -> Response:
    """The archive of a link, for its owner, once. Asking for its headers alone does not use the link."""
    if request.method == "HEAD":
        return Response(media_type="application/zip")
    found = await exports.open_download(services, user, token)
    headers = {
        "Content-Disposition": 'attachment; filename="chatelier-export.zip"',
        "Content-Length": str(found.size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(found.pieces, headers=headers, media_type="application/zip")


async def ask_deletion(request: Request, user: CurrentUser, db: Db) -> Response:
    """The page that asks before an account is deleted."""
    return page(request, "account/deletion.html", **await shell(db, user), here="account")


async def delete_account(
    request: Request, user: CurrentUser, db: Db, services: ServicesDep, password: Text = ""
) -> Response:
    """Delete one's own account for good, after the password."""
    try:
        await delete_own_account(services, user, password, address=client_address(request))
    except ChatelierError as error:
        values = {**await shell(db, user), "here": "account", "problem": error.sentence}
        return tell_when(page(request, "account/deletion.html", status=error.status, **values), error)
    return leave(request)
