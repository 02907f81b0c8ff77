"""The composer's form, read into a draft; and the question before something is paid for."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from chatelier.db.models import Thread
from chatelier.domain.decisions import Draft, cost_of, judge
from chatelier.domain.preferences import read_preferences
from chatelier.errors import NotFound
from chatelier.ids import parse_id
from chatelier.web.deps import CurrentUser, Db, ServicesDep
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
    leave_style: Text = "",
    raw: Text = "",
) -> Draft:
    """What was typed, or the example that was clicked, with its options and the images it is to start from."""
    ids = [parse_id(one) for one in source or []]
    if None in ids:
        raise NotFound
    sources = tuple(found for found in ids if found is not None)
    return Draft(
        text=example or text,
        intent=intent or "auto",
        options=options,
        source_image_ids=sources,
        personal=True,
        leave_style=bool(leave_style),
        raw=bool(raw),
    )


PostedDraft = Annotated[Draft, Depends(posted_draft)]


def body_of(draft: Draft) -> str:
    """What makes two posts of the form the same one."""
    options = json.dumps(draft.options.to_json(), sort_keys=True)
    chosen = [options, str(draft.leave_style), str(draft.raw), draft.instead]
    return "\n".join([draft.text, draft.intent, *chosen, *map(str, draft.source_image_ids)])


class PriceFirst:
    """Asks with the price, for somebody who wished to be asked before each paid generation, unless the answer came
    along. ``fields`` are what the form has to send again; without any it is the composer's own."""

    def __init__(
        self,
        request: Request,
        db: Db,
        services: ServicesDep,
        user: CurrentUser,
        confirmed: Annotated[bool, Form()] = False,
    ) -> None:
        self._request, self._db, self._services, self._user = request, db, services, user
        self._confirmed = confirmed

    async def question(self, thread: Thread | None, draft: Draft, *, form: str = "", **fields: str) -> Response | None:
        """``form`` is the id of another form than the composer, which stands on the page and can be sent again."""
        if self._confirmed or not read_preferences(self._user).confirm_paid:
            return None
        cost = cost_of(self._services.providers, await judge(self._db, self._user, thread, draft))
        if cost is None:
            return None
        price = "an amount that is not known" if cost.micros is None else f"about {money(cost.micros, 'USD')}"
        values: dict[str, Any] = {"price": price, "images": cost.images, "engine": cost.engine, "fields": fields}
        values["form"], values["instead"] = form or ("" if fields else "composer"), draft.instead
        values["url"] = self._request.url.path
        if is_htmx(self._request):
            notice = draw("threads/_price.html", **values)
            return HTMLResponse(notice, 409, {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
        values |= {"draft": draft, "thread": thread, "user": self._user}
        return page(self._request, "threads/price.html", status=409, **values)


AskPrice = Annotated[PriceFirst, Depends()]
