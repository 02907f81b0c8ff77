"""The composer's form, read into a draft; and the question before something is paid for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import HTMLResponse, Response

from chatelier.db.models import Thread, User
from chatelier.domain.decisions import Draft, Judged, judge
from chatelier.domain.intent import Intent
from chatelier.domain.preferences import read_preferences
from chatelier.domain.prices import estimate
from chatelier.errors import NotFound
from chatelier.ids import parse_id
from chatelier.providers import Providers
from chatelier.web.render import draw, is_htmx, page
from chatelier.web.words import money

Text = Annotated[str, Form()]


def posted_draft(
    text: Text = "", example: Text = "", intent: Text = "auto", source: Annotated[list[str] | None, Form()] = None
) -> Draft:
    """What was typed, or the example that was clicked, with the images it is to start from."""
    ids = [parse_id(one) for one in source or []]
    if None in ids:
        raise NotFound
    sources = tuple(found for found in ids if found is not None)
    return Draft(text=example or text, intent=intent or "auto", source_image_ids=sources, personal=True)


PostedDraft = Annotated[Draft, Depends(posted_draft)]


def body_of(draft: Draft) -> str:
    """What makes two posts of the form the same one."""
    return "\n".join([draft.text, draft.intent, *map(str, draft.source_image_ids)])


async def question_of_price(
    request: Request, db: AsyncSession, providers: Providers, user: User, thread: Thread | None, draft: Draft
) -> Response | None:
    """The price and a button to go on, for somebody who asked to be asked before each paid generation."""
    if not read_preferences(user).confirm_paid:
        return None
    judged = await judge(db, user, thread, draft)
    if judged.decision.kind is Intent.CHAT or judged.decision.answer is not None:
        return None
    values = price_words(providers, judged)
    if values is None:
        return None
    if is_htmx(request):
        notice = draw("threads/_price.html", **values)
        return HTMLResponse(notice, 409, {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
    return page(request, "threads/price.html", status=409, user=user, draft=draft, thread=thread, **values)


def price_words(providers: Providers, judged: Judged) -> dict[str, Any] | None:
    """Nothing for engines that cost nothing."""
    provider = providers.image(judged.options.provider)
    images = judged.options.n or 1
    micros = estimate(provider.capabilities, images)
    if micros == 0:
        return None
    return {
        "price": "an amount that is not known" if micros is None else f"about {money(micros, 'USD')}",
        "images": images,
        "engine": provider.label,
    }
