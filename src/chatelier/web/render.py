"""Drawing: the one Jinja environment, whole pages, fragments and errors. The same partials draw a page, an
answer to htmx and the live stream."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from chatelier.db.models import Generation, Image, Role, User
from chatelier.domain.intent.commands import COMMAND_HELP, FLAG_HELP
from chatelier.domain.quotas.limits import read
from chatelier.domain.quotas.words import amount, moment, summary
from chatelier.errors import ChatelierError, LimitReached, TooMany, Unauthenticated
from chatelier.web import words
from chatelier.web.again import sent_form
from chatelier.web.assets import asset
from chatelier.web.cookies import is_private
from chatelier.web.paths import local_part
from chatelier.web.wash import wash

THEMES = ("light", "dark")
HEADINGS = {401: "Please sign in", 403: "Not allowed", 404: "Nothing here", 413: "Too large", 429: "One moment, please"}
EXAMPLES = (
    ("brush", "Draw a lighthouse by the sea at sunset"),
    ("gallery", "Paint a fox under an autumn tree, in watercolor"),
    ("again", "/imagine a city at night under a full moon --ar 16:9"),
    ("talk", "What makes a picture feel calm?"),
)


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(str(files("chatelier") / "templates")),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(
        asset=asset,
        byte_words=words.byte_words,
        command_help=COMMAND_HELP,
        count=words.image_count,
        day=lambda when: f"{when:%-d %B %Y}",
        examples=EXAMPLES,
        fit=fit,
        flag_help=FLAG_HELP,
        generation_sentence=words.generation_sentence,
        generation_summary=words.generation_summary,
        generation_title=words.generation_title,
        amount=amount,
        is_running=words.is_running,
        limit_words=words.limit_title,
        plan_summary=lambda plan: summary(read(plan.limits)),
        when=moment,
        new_key=lambda: uuid4().hex,
        plain=lambda values: [(value, value) for value in values],
        query=query,
        stage_words=words.stage_words,
        wash=wash,
    )
    return env


def draw(template: str, **values: Any) -> str:
    return environment().get_template(template).render(values)


def fragment(template: str, *, headers: dict[str, str] | None = None, **values: Any) -> Response:
    """A part of a page, for htmx."""
    return HTMLResponse(draw(template, **values), headers=headers)


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """A whole page."""
    values["open_path"] = request.url.path
    values["theme"] = theme if (theme := request.cookies.get("theme")) in THEMES else ""
    values["plain_http"] = is_warned(request, values.get("user"))
    return HTMLResponse(draw(template, **values), status)


def render_error(request: Request, error: ChatelierError) -> Response:
    """For htmx a notice above the composer, where the typed text stays; else a page of its own."""
    if is_htmx(request):
        link = ("/sign-in", "Sign in") if isinstance(error, Unauthenticated) else None
        notice = draw("errors/_notice.html", sentence=error.sentence, link=link)
        if isinstance(error, TooMany):
            notice = draw("errors/_limit.html", **limit_words(request, error))
        return HTMLResponse(notice, error.status, {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
    heading = HEADINGS.get(error.status, "That did not work")
    request_id = getattr(request.state, "request_id", "") if error.status >= 500 else ""
    values = {"heading": heading, "sentence": error.sentence, "request_id": request_id, **ways_on(request, error)}
    return page(request, "errors/show.html", status=error.status, **values)


def limit_words(request: Request, error: TooMany) -> dict[str, Any]:
    """``wait`` is in seconds where the sentence names them, so that they can be counted down."""
    wait = error.retry_after if f" {error.retry_after} s" in error.sentence else 0
    words: dict[str, Any] = {"sentence": error.sentence, "wait": wait}
    return words | ways_on(request, error)


def ways_on(request: Request, error: ChatelierError) -> dict[str, Any]:
    """What helps where a limit was reached: a larger plan, and engines by which the same request can be made again, by
    the form that stands on the page, else by one with the same fields."""
    if not isinstance(error, LimitReached):
        return {"upgrade": "", "offers": ()}
    sent = sent_form(request)
    if sent is None:
        return {"upgrade": error.upgrade, "offers": ()}
    values = {"form": sent.id if is_htmx(request) else "", "fields": sent.fields, "url": request.url.path}
    return {"upgrade": error.upgrade, "offers": error.offers, **values}


def is_htmx(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def open_path(request: Request) -> str:
    """The page that is open in the browser while htmx asks for a part."""
    return local_part(request.headers.get("HX-Current-URL", "")).partition("?")[0]


def is_warned(request: Request, user: User | None) -> bool:
    """Whether to tell the admin that others could read along: plain http, and not only on this machine."""
    return user is not None and user.role == Role.ADMIN and not is_private(request)


def time_zone(request: Request, user: User) -> str:
    """The browser's own, which a script tells by cookie; else the one in the account."""
    return request.cookies.get("tz") or user.time_zone


def fit(thing: Image | Generation, width: int, height: int) -> tuple[int, int]:
    """The size at which a picture shows when it has to fit into so many CSS pixels; never enlarged."""
    scale = min(1.0, width / thing.width, height / thing.height)
    return max(1, round(thing.width * scale)), max(1, round(thing.height * scale))


def query(**values: Any) -> str:
    """The query part of an address, without what is empty."""
    return urlencode({key: value for key, value in values.items() if value not in (None, "")})
