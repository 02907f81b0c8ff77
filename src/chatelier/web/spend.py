"""What was spent: for admins of everybody, for each person of themselves; as a page and as a sheet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response, StreamingResponse

from chatelier.db.models import User
from chatelier.domain import unknown
from chatelier.domain.spend.calendar import Calendar, Step, Wish
from chatelier.domain.spend.report import Spend, own_sheet, own_spend, whole_sheet, whole_spend
from chatelier.errors import Invalid
from chatelier.web import spend_words
from chatelier.web.deps import AdminUser, CurrentUser, Db, ServicesDep
from chatelier.web.render import page
from chatelier.web.spend_plot import Plot, plots
from chatelier.web.threads import shell

Word = Annotated[str, Query(max_length=20)]


async def wish(first: Annotated[str, Query(alias="from", max_length=20)] = "", to: Word = "", by: Word = "") -> Wish:
    return Wish(first=first, last=to, step=by)


Find = Callable[[AsyncSession, User, Wish], Awaitable[Spend]]
Wished = Annotated[Wish, Depends(wish)]


async def show_everybody(request: Request, admin: AdminUser, db: Db, wish: Wished) -> Response:
    """What all people together have spent, when and on what."""
    spend, problem = await within(whole_spend, db, admin, wish)
    values = {**await shell(db, admin), "here": "admin", "tab": "spend", "path": "/admin/spend"}
    return show(request, spend, problem, **values)


async def resolve_unknown(admin: AdminUser, services: ServicesDep, charged: Annotated[bool, Form()]) -> Response:
    """End every attempt whose outcome is unknown: charged, or given back."""
    await unknown.resolve_unknown(services, admin, charged=charged)
    return RedirectResponse("/admin/spend", 303)


async def show_own(request: Request, user: CurrentUser, db: Db, wish: Wished) -> Response:
    """What one has spent oneself, when and on what."""
    spend, problem = await within(own_spend, db, user, wish)
    values = {**await shell(db, user), "here": "account", "tab": "", "path": "/account/spend"}
    return show(request, spend, problem, **values)


async def send_everybodys_sheet(admin: AdminUser, services: ServicesDep, wish: Wished) -> Response:
    """What everybody spent as CSV, a row an attempt."""
    return sheet(await whole_sheet(services, admin, wish), "spend-of-everybody")


async def send_own_sheet(user: CurrentUser, services: ServicesDep, wish: Wished) -> Response:
    """What one spent oneself as CSV, a row an attempt."""
    return sheet(await own_sheet(services, user, wish), "what-i-used")


async def within(find: Find, db: AsyncSession, user: User, wish: Wish) -> tuple[Spend, str]:
    """The range that was asked for; or the usual one, and why the other cannot be."""
    try:
        return await find(db, user, wish), ""
    except Invalid as error:
        return await find(db, user, Wish()), error.sentence


def show(request: Request, spend: Spend, problem: str, **values: Any) -> Response:
    of_money, of_things = trends(spend)
    values |= {"spend": spend, "calendar": spend.calendar, "of_money": of_money, "of_things": of_things}
    values |= {"words": spend_words, "money": lambda micros: spend_words.exact(micros, spend.currency)}
    values |= {"ranges": ranges(spend.calendar), "steps": list(Step), "problem": problem}
    return page(request, "spend/show.html", status=422 if problem else 200, **values)


def sheet(pieces: AsyncIterator[str], name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, headers=headers, media_type="text/csv; charset=utf-8")


def trends(spend: Spend) -> tuple[list[Plot], list[Plot]]:
    """Money, and what came of it."""
    periods = spend.periods
    money = [("settled", [one.micros for one in periods]), ("held", [one.held_micros for one in periods])]
    things = [("images", [one.images for one in periods]), ("answers", [one.answers for one in periods])]
    return (
        plots(spend.calendar, money, lambda micros: spend_words.on_axis(micros, spend.currency)),
        plots(spend.calendar, things, lambda count: f"{count:,}", whole=True),
    )


def ranges(calendar: Calendar) -> list[tuple[str, dict[str, str]]]:
    """What people look at most, in one click each."""
    today, month = calendar.today, calendar.today.replace(day=1)
    before = month - timedelta(days=1)
    spans = (
        ("This month", month, today),
        ("Last month", before.replace(day=1), before),
        ("30 days", today - timedelta(days=29), today),
        ("90 days", today - timedelta(days=89), today),
        ("A year", today - timedelta(days=364), today),
    )
    return [(words, {"from": str(first), "to": str(last)}) for words, first, last in spans]
