"""The composer's form, read into a draft; and the question before something is paid for."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import HTMLResponse, Response

from chatelier.db.models import Thread, User
from chatelier.domain.decisions import Draft, cost_of, judge
from chatelier.domain.preferences import read_preferences
from chatelier.errors import NotFound
from chatelier.ids import parse_id
from chatelier.services import Services
from chatelier.web.options import ChosenOptions
from chatelier.web.render import draw, is_htmx, page
from chatelier.web.words import money

Text = Annotated[str, Form()]


def posted_draft(
    options: ChosenOptions,
    text: Text = "",
    example: Text = "",
    intent: Text = "auto",
    source: Annotated[list[str] | None, Form()] = None,
) -> Draft:
    """What was typed, or the example that was clicked, with its options and the images it is to start from."""
    ids = [parse_id(one) for one in source or []]
    if None in ids:
        raise NotFound
    sources = tuple(found for found in ids if found is not None)
    words, kind = example or text, intent or "auto"
    return Draft(text=words, intent=kind, options=options, source_image_ids=sources, personal=True)


PostedDraft = Annotated[Draft, Depends(posted_draft)]


def body_of(draft: Draft) -> str:
    """What makes two posts of the form the same one."""
    chosen = json.dumps(draft.options.to_json(), sort_keys=True)
    return "\n".join([draft.text, draft.intent, chosen, *map(str, draft.source_image_ids)])


async def question_of_price(
    request: Request, db: AsyncSession, services: Services, user: User, thread: Thread | None, draft: Draft
) -> Response | None:
    """The price and a button to go on, for somebody who asked to be asked before each paid generation."""
    if not read_preferences(user).confirm_paid:
        return None
    cost = cost_of(services.providers, await judge(db, user, thread, draft))
    if cost is None:
        return None
    price = "an amount that is not known" if cost.micros is None else f"about {money(cost.micros, 'USD')}"
    values = {"price": price, "images": cost.images, "engine": cost.engine}
    if is_htmx(request):
        notice = draw("threads/_price.html", **values)
        return HTMLResponse(notice, 409, {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
    return page(request, "threads/price.html", status=409, user=user, draft=draft, thread=thread, **values)
