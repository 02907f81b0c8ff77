"""Mail for admins: whether it works, and what could not be delivered."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from chatelier.config import Settings
from chatelier.domain import mails
from chatelier.web.admin import show
from chatelier.web.deps import AdminUser, Db, ServicesDep
from chatelier.web.render import fragment

PLACE = "/admin/mail"


async def show_mail(request: Request, admin: AdminUser, db: Db, services: ServicesDep) -> Response:
    values = {"test": await mails.newest_test(db, admin), "troubled": await mails.list_troubled(db, admin)}
    return await show(request, admin, db, "mail", server=describe(services.settings), **values)


async def send_test(admin: AdminUser, db: Db) -> Response:
    await mails.write_test(db, admin)
    return RedirectResponse(f"{PLACE}#mail", 303)


async def show_test(request: Request, admin: AdminUser, db: Db) -> Response:
    """How the newest test mail goes, asked again while it is on its way."""
    return fragment("admin/_test_mail.html", test=await mails.newest_test(db, admin), user=admin)


def describe(settings: Settings) -> dict[str, Any] | None:
    """The mail server in words, without its password; None where there is none."""
    server = settings.mail_server
    if server is None:
        return None
    ways = {"auto": "STARTTLS where it is offered", "required": "STARTTLS", "off": "no encryption"}
    name, address = settings.sender
    return {
        "where": f"{server.host}:{server.port}",
        "how": "TLS" if server.tls else ways[server.starttls],
        "user": server.user,
        "sender": f"{name} <{address}>",
    }
