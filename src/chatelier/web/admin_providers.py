"""Providers, for admins: those of the settings to look at, those of the database to add, change, try and delete."""

from __future__ import annotations

import json
import tomllib
from typing import Annotated, Any

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from chatelier.db.models import StoredProvider, User
from chatelier.domain import stored_providers
from chatelier.domain.decisions import Draft
from chatelier.domain.engines import list_prices
from chatelier.domain.messages import post_message
from chatelier.domain.options import Options
from chatelier.domain.threads import create_thread
from chatelier.errors import ChatelierError, Invalid
from chatelier.services import Services
from chatelier.web.deps import AdminUser, Db, ServicesDep
from chatelier.web.render import page
from chatelier.web.threads import shell

Text = Annotated[str, Form()]
PLACE = "/admin/providers"
TEST_PROMPT = "a small red house under a green tree, by the sea"
PLAIN = ("type", "label", "base_url", "api_key", "api_version", "model", "edit_model", "like")
ABILITIES = ("edit", "mask", "seed", "negative_prompt")


async def posted_table(request: Request) -> dict[str, Any]:
    """The form as a provider's table. Raises Invalid for options that are no TOML."""
    form = await request.form()
    given = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    table: dict[str, Any] = {name: given[name] for name in PLAIN if given.get(name)}
    table["can"] = tuple(name for name in form.getlist("can") if name in ABILITIES)
    if given.get("models"):
        table["models"] = tuple(filter(None, (name.strip() for name in given["models"].split(","))))
    for name in ("price", "deadline"):
        if given.get(name):
            table[name] = given[name]
    try:
        table["options"] = tomllib.loads(given.get("options", ""))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Invalid(f'More options are written as in quality = "low": {error}.') from error
    return table


async def show_providers(request: Request, admin: AdminUser, db: Db, services: ServicesDep) -> Response:
    """The providers of the settings and those that were added here, with their prices."""
    return await show(request, admin, db, services)


async def save(request: Request, admin: AdminUser, db: Db, services: ServicesDep, name: Text = "") -> Response:
    """Add a provider or change it; a form that cannot be used comes back with its sentence."""
    try:
        key, table = services.secret_key, await posted_table(request)
        async with db.begin_nested():
            await stored_providers.save_provider(db, services.providers, key, name.strip(), table, actor=admin.id)
    except ChatelierError as error:
        form = await request.form()
        given = {**form, "can": form.getlist("can"), "options_text": form.get("options")}
        return await show(request, admin, db, services, status=error.status, problem=error.sentence, given=given)
    return RedirectResponse(f"{PLACE}#provider-{name.strip()}", 303)


async def choose_usual(admin: AdminUser, db: Db, name: Text = "") -> Response:
    """Who paints when nobody says; '' for what the settings say."""
    await stored_providers.make_default(db, name, actor=admin.id)
    return RedirectResponse(PLACE, 303)


async def choose_fallback(
    request: Request, admin: AdminUser, db: Db, services: ServicesDep, fallback: Text = ""
) -> Response:
    """Who is asked where one cannot be reached."""
    names = [name for part in fallback.split(",") if (name := part.strip())]
    try:
        await stored_providers.save_fallback(db, services.providers, names, actor=admin.id)
    except Invalid as error:
        typed = {"problem": error.sentence, "order": fallback}
        return await show(request, admin, db, services, status=error.status, **typed)
    return RedirectResponse(f"{PLACE}#fallback", 303)


async def delete(admin: AdminUser, db: Db, name: str) -> Response:
    """Take away a provider that was added here."""
    await stored_providers.delete_provider(db, name, actor=admin.id)
    return RedirectResponse(PLACE, 303)


async def ask(request: Request, admin: AdminUser, db: Db, services: ServicesDep, name: str) -> Response:
    """Whether it answers, and which models it lists; nothing is painted."""
    answer = await stored_providers.ask_provider(services.providers, name)
    return await show(request, admin, db, services, asked=name, answer=answer)


async def paint_test(admin: AdminUser, db: Db, services: ServicesDep, name: str) -> Response:
    """A picture in a thread of its own, counted as a test."""
    thread = await create_thread(db, admin, title=f"Test of {services.providers.image(name).label}")
    draft = Draft(text=TEST_PROMPT, intent="generate", options=Options(provider=name), is_test=True)
    await post_message(db, services.providers, admin, thread, draft)
    return RedirectResponse(f"/threads/{thread.id}", 303)


async def show(
    request: Request, admin: User, db: AsyncSession, services: Services, *, status: int = 200, **values: Any
) -> Response:
    rows = await stored_providers.list_stored(db)
    prices: dict[str, list[Any]] = {}
    for priced in list_prices(services.providers):
        prices.setdefault(priced.provider, []).append(priced)
    values = {
        "given": {},
        "types": stored_providers.list_types(),
        "abilities": ABILITIES,
        "prices": prices,
        "rows": rows,
        "own_fallback": services.settings.image_fallback,
        "order": ", ".join(services.providers.fallback),
        **values,
    }
    values |= {"providers": services.providers, "shown": as_form, "tab": "providers"}
    return page(request, "admin/providers.html", status=status, **await shell(db, admin), here="providers", **values)


def as_form(row: StoredProvider) -> dict[str, Any]:
    """A stored table as the form shows it."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in row.settings.get("options", {}).items()]
    models = ", ".join(row.settings.get("models", ()))
    return {**row.settings, "models": models, "options_text": "\n".join(lines)}
