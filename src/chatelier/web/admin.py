"""People, plans and what people ask for, for admins."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from chatelier.db.models import User
from chatelier.domain import plans, upgrades
from chatelier.domain.quotas.limits import COUNTED, LISTED
from chatelier.domain.quotas.report import report
from chatelier.domain.users import search_users
from chatelier.ids import parse_id
from chatelier.web.deps import AdminUser, Db
from chatelier.web.limit_forms import PostedLimits, fields
from chatelier.web.render import page
from chatelier.web.threads import shell

Text = Annotated[str, Form()]
Checked = Annotated[bool, Form()]
Search = Annotated[str, Query(max_length=254)]
EVERY = (*(line.name for line in COUNTED), *LISTED)


async def show_people(request: Request, admin: AdminUser, db: Db, email: Search = "") -> Response:
    """Accounts, found by their address, and the open wishes for a larger plan."""
    found, more = await search_users(db, admin, email)
    values = {"people": found, "more": more, "email": email, "requests": await upgrades.list_open(db)}
    return await show(request, admin, db, "people", **values)


async def show_person(request: Request, admin: AdminUser, db: Db, user_id: str) -> Response:
    """One account with its plan, its own limits and what is used of them."""
    person = await plans.find_account(db, admin, parse_id(user_id))
    values = {"person": person, "fields": fields(person.limits), "report": await report(db, person.id)}
    return await show(request, admin, db, "person", **values)


async def move_user(admin: AdminUser, db: Db, user_id: str, plan: Text = "") -> Response:
    """Put somebody on another plan."""
    person = await plans.find_account(db, admin, parse_id(user_id))
    await plans.move_user(db, person, plan, actor=admin.id)
    return RedirectResponse(f"/admin/people/{person.id}", 303)


async def limit_user(admin: AdminUser, db: Db, user_id: str, own: PostedLimits) -> Response:
    """Set limits that hold for somebody instead of the plan's."""
    person = await plans.find_account(db, admin, parse_id(user_id))
    await plans.limit_user(db, person, own, actor=admin.id)
    return RedirectResponse(f"/admin/people/{person.id}", 303)


async def show_plans(request: Request, admin: AdminUser, db: Db) -> Response:
    """All plans with their limits, and the limits of all people together."""
    shared = fields(await plans.instance_limits(db))
    return await show(request, admin, db, "plans", shared=shared, fields=fields)


async def add_plan(admin: AdminUser, db: Db, name: Text = "") -> Response:
    """Add a plan without limits."""
    plan = await plans.add_plan(db, name.strip().lower(), actor=admin.id)
    return RedirectResponse(f"/admin/plans#{plan.name}", 303)


async def change_plan(
    admin: AdminUser, db: Db, name: str, given: PostedLimits, label: Text = "", offered: Checked = False
) -> Response:
    """Set a plan's limits; what is left empty is not limited."""
    plan = await plans.find_plan(db, name)
    changes = {**dict.fromkeys(EVERY), "paid_only": False, **given}
    await plans.change_plan(db, plan, label=label, offered=offered, changes=changes, actor=admin.id)
    return RedirectResponse(f"/admin/plans#{plan.name}", 303)


async def limit_instance(admin: AdminUser, db: Db, given: PostedLimits) -> Response:
    """Set limits for all people together."""
    await plans.limit_instance(db, given, actor=admin.id)
    return RedirectResponse("/admin/plans#together", 303)


async def approve_upgrade(admin: AdminUser, db: Db, request_id: str) -> Response:
    """Grant a wish for a larger plan."""
    await upgrades.decide_upgrade(db, admin, parse_id(request_id), approve=True)
    return RedirectResponse("/admin/people", 303)


async def decline_upgrade(admin: AdminUser, db: Db, request_id: str) -> Response:
    """Decline a wish for a larger plan."""
    await upgrades.decide_upgrade(db, admin, parse_id(request_id), approve=False)
    return RedirectResponse("/admin/people", 303)


async def show(request: Request, admin: User, db: AsyncSession, name: str, **values: Any) -> Response:
    listed = await plans.list_plans(db)
    values = {**await shell(db, admin), "plans": listed, "here": "admin", "tab": name, **values}
    return page(request, f"admin/{name}.html", **values)
