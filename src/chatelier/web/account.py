"""One's own account: password, sign-ins, API keys."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from chatelier.db.models import User
from chatelier.domain import preferences, upgrades
from chatelier.domain.choices import list_offers, read_engine
from chatelier.domain.exports import list_exports
from chatelier.domain.images import storage_used
from chatelier.domain.keys import add_key, list_keys, revoke_key
from chatelier.domain.quotas.report import report
from chatelier.domain.quotas.zones import change_zone
from chatelier.domain.sign_in import replace_password
from chatelier.domain.users import end_sessions
from chatelier.domain.warnings import change_warnings
from chatelier.errors import ChatelierError, Invalid
from chatelier.ids import parse_id
from chatelier.web.cookies import client_address, set_session_cookie
from chatelier.web.deps import CurrentUser, Db, ServicesDep
from chatelier.web.render import page
from chatelier.web.sessions import leave
from chatelier.web.threads import shell

Text = Annotated[str, Form()]
Checked = Annotated[bool, Form()]


async def show_account(request: Request, user: CurrentUser, db: Db) -> Response:
    """One's plan, preferences, password, keys and data."""
    return await show(request, user, db)


async def change_password(
    request: Request, user: CurrentUser, db: Db, services: ServicesDep, current: Text = "", new: Text = ""
) -> Response:
    """Change the password; every other sign-in and all API keys end."""
    try:
        token = await replace_password(services, user, current, new, address=client_address(request))
    except ChatelierError as error:
        return await show(request, user, db, status=error.status, problem=error.sentence)
    done = "The password is changed. Every other device is signed out and the API keys are revoked."
    response = await show(request, user, db, done=done)
    set_session_cookie(response, request, token)
    return response


async def change_preferences(
    request: Request,
    user: CurrentUser,
    db: Db,
    services: ServicesDep,
    engine: Text = "",
    aspect_ratio: Text = "",
    quality: Text = "",
    style: Text = "",
    confirm_paid: Checked = False,
    prompt_help: Checked = False,
    learn: Checked = False,
    describe_files: Checked = False,
) -> Response:
    """Keep what new pictures should be like, and what one wants to be asked."""
    values: dict[str, Any] = {"aspect_ratio": aspect_ratio, "quality": quality, "style": style, **read_engine(engine)}
    values |= {"confirm_paid": confirm_paid, "learn": learn, "describe_files": describe_files}
    try:
        services.providers.engine(values.get("provider"), values.get("model"))
        liked = await preferences.change_preferences(db, user, **values, prompt_help=prompt_help)
    except Invalid as error:
        return await show(request, user, db, status=error.status, problem=error.sentence)
    return await show(request, user, db, done="Your preferences are kept.", liked=liked)


async def change_time_zone(request: Request, user: CurrentUser, db: Db, time_zone: Text = "") -> Response:
    """Choose the zone in which one's days and months are counted."""
    try:
        await change_zone(db, user, time_zone)
    except Invalid as error:
        return await show(request, user, db, status=error.status, problem=error.sentence)
    return await show(request, user, db, done="Your days and months are counted in this time zone now.")


async def change_mail(request: Request, user: CurrentUser, db: Db, warnings: Checked = False) -> Response:
    """Choose whether to be warned when a limit comes near."""
    await change_warnings(db, user, wanted=warnings)
    done = "You hear when a limit comes near." if warnings else "You will not be warned when a limit comes near."
    return await show(request, user, db, done=done, warned=warnings)


async def ask_upgrade(request: Request, user: CurrentUser, db: Db, plan: Text = "", note: Text = "") -> Response:
    """Ask for a larger plan."""
    try:
        await upgrades.ask(db, user, plan, note)
    except Invalid as error:
        return await show(request, user, db, status=error.status, problem=error.sentence)
    return await show(request, user, db, done="Asked. An admin will look at it; you see the answer here.")


async def end_all_sessions(request: Request, user: CurrentUser, db: Db) -> Response:
    """Sign out everywhere."""
    await end_sessions(db, user)
    return leave(request)


async def create_key(request: Request, user: CurrentUser, db: Db, name: Text = "") -> Response:
    """Make an API key, which is shown this once."""
    token = await add_key(db, user, name, actor=user.id)
    return await show(request, user, db, new_key_token=token)


async def create_revocation(request: Request, user: CurrentUser, db: Db, key_id: str) -> Response:
    """End an API key for good."""
    await revoke_key(db, user, parse_id(key_id), actor=user.id)
    return await show(request, user, db, done="The key is revoked. Programs that use it are refused from now on.")


async def show(request: Request, user: User, db: AsyncSession, **values: Any) -> Response:
    keys = [key for key in await list_keys(db, user) if key.revoked_at is None]
    offers = list_offers(request.app.state.services.providers)
    values = {
        "liked": preferences.read_preferences(user),
        "offers": offers,
        "used": await storage_used(db, user),
        **values,
    }
    values = {"exports": await list_exports(db, user), **values}
    values = {**await plan_of(request, user, db), **values}
    return page(request, "account/show.html", **await shell(db, user), keys=keys, here="account", **values)


async def plan_of(request: Request, user: User, db: AsyncSession) -> dict[str, Any]:
    """The plan with what is used of it, and the way to a larger one."""
    return {
        "report": await report(db, user.id),
        "larger_plans": await upgrades.plans_to_ask_for(db, user),
        "wish": await upgrades.newest(db, user),
        "upgrade_url": request.app.state.settings.upgrade_url,
        "browser_zone": request.cookies.get("tz", ""),
        "warned": user.mail_warnings,
        "mails": request.app.state.settings.mail_server is not None,
    }
