"""Mail and alerts for admins: whether they work, what could not be delivered, and what all together may spend."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from chatelier.config import Settings
from chatelier.domain import alerts, mails, spending
from chatelier.domain.alert_channels import kinds
from chatelier.ids import parse_id
from chatelier.web.admin import show
from chatelier.web.deps import AdminUser, Db, ServicesDep
from chatelier.web.render import fragment

PLACE = "/admin/mail"
Text = Annotated[str, Form()]
Checked = Annotated[bool, Form()]


async def show_mail(request: Request, admin: AdminUser, db: Db, services: ServicesDep) -> Response:
    """Whether mail and alerts work, the thresholds, and what was not delivered."""
    values: dict[str, Any] = {"test": await mails.newest_test(db, admin), "server": describe(services.settings)}
    values |= {"troubled": await mails.list_troubled(db, admin), "channels": kinds(services.settings.alert_urls)}
    values |= {"thresholds": await spending.list_thresholds(db), "pause": await spending.read_pause(db)}
    return await show(request, admin, db, "mail", **values)


async def send_test(admin: AdminUser, db: Db) -> Response:
    """Send a test mail to oneself."""
    await mails.write_test(db, admin)
    return RedirectResponse(f"{PLACE}#mail", 303)


async def show_test(request: Request, admin: AdminUser, db: Db) -> Response:
    """How the newest test mail goes, asked again while it is on its way."""
    return fragment("admin/_test_mail.html", test=await mails.newest_test(db, admin), user=admin)


async def send_test_alert(admin: AdminUser, db: Db, services: ServicesDep) -> Response:
    """Send a test to every alert address."""
    await alerts.write_test(db, services.settings.alert_urls, admin)
    return RedirectResponse(f"{PLACE}#alerts", 303)


async def add_threshold(
    admin: AdminUser, db: Db, amount: Text = "", span: Text = "", stops: Checked = False
) -> Response:
    """Set a threshold of what all people together spend."""
    await spending.add_threshold(db, admin, span, amount.strip(), stops=stops)
    return RedirectResponse(f"{PLACE}#alerts", 303)


async def lift_pause(admin: AdminUser, db: Db, threshold_id: str) -> Response:
    """Let engines that cost something go on until the period ends."""
    await spending.lift_pause(db, admin, parse_id(threshold_id))
    return RedirectResponse(f"{PLACE}#alerts", 303)


async def remove_threshold(admin: AdminUser, db: Db, threshold_id: str) -> Response:
    """Remove a threshold; a pause that it brought ends."""
    await spending.remove_threshold(db, admin, parse_id(threshold_id))
    return RedirectResponse(f"{PLACE}#alerts", 303)


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
