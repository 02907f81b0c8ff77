"""Signing in and out, and the first run."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from chatelier.db.models import User
from chatelier.domain import setup
from chatelier.domain.engines import describe_engines
from chatelier.domain.quotas.zones import adopt_zone
from chatelier.domain.sign_in import open_session, sign_in, sign_out
from chatelier.errors import ChatelierError
from chatelier.services import Services
from chatelier.web.cookies import client_address, drop_session_cookie, session_token, set_session_cookie
from chatelier.web.deps import Db, MaybeUser, ServicesDep
from chatelier.web.errors import tell_when
from chatelier.web.paths import own_path
from chatelier.web.rates import GuestPost
from chatelier.web.render import page

Text = Annotated[str, Form()]


async def show_setup(request: Request, services: ServicesDep, db: Db, code: str = "") -> Response:
    """The page of the first visit, until the first account is made."""
    if not await setup.is_open(db):
        return RedirectResponse("/sign-in", 303)
    return page(request, "sessions/setup.html", code=code, engines=describe_engines(services.providers))


async def create_admin(
    request: Request, services: ServicesDep, counted: GuestPost, code: Text = "", email: Text = "", password: Text = ""
) -> Response:
    """The first account; whoever made it is signed in."""
    try:
        user = await setup.set_up(services, code.strip(), email, password)
    except ChatelierError as error:
        values = {"problem": error.sentence, "email": email, "code": code if error.status == 422 else ""}
        return page(request, "sessions/setup.html", status=error.status, **values)
    async with services.transaction() as db:
        token = await open_session(db, user, days=services.settings.session_days)
    await tell_zone(request, services, user)
    return enter(request, token, "/")


async def show_sign_in(request: Request, user: MaybeUser, db: Db, next: str = "") -> Response:
    """The page to sign in; who is signed in already is led on."""
    if user is not None:
        return RedirectResponse(own_path(next), 303)
    if await setup.is_open(db):
        return RedirectResponse("/setup", 303)
    return page(request, "sessions/sign_in.html", next=own_path(next, ""))


async def create_sign_in(
    request: Request, services: ServicesDep, counted: GuestPost, email: Text = "", password: Text = "", next: Text = ""
) -> Response:
    """Sign in, and go on to where one was going."""
    try:
        user, token = await sign_in(
            services, email, password, address=client_address(request), old_token=session_token(request)
        )
    except ChatelierError as error:
        values = {"problem": error.sentence, "email": email, "next": own_path(next, "")}
        return tell_when(page(request, "sessions/sign_in.html", status=error.status, **values), error)
    await tell_zone(request, services, user)
    return enter(request, token, own_path(next))


async def delete_sign_in(request: Request, db: Db) -> Response:
    """Sign out in this browser."""
    if token := session_token(request):
        await sign_out(db, token)
    return leave(request)


async def tell_zone(request: Request, services: Services, user: User) -> None:
    """Days and months of somebody who never chose a time zone are those of the browser they came with."""
    if (zone := request.cookies.get("tz", "")) and not user.zone_chosen:
        async with services.transaction() as db:
            await adopt_zone(db, user, zone)


def enter(request: Request, token: str, target: str) -> Response:
    response = RedirectResponse(target, 303)
    set_session_cookie(response, request, token)
    return response


def leave(request: Request) -> Response:
    response = RedirectResponse("/sign-in", 303)
    drop_session_cookie(response, request)
    return response
