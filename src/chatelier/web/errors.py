"""The one error handler: every refusal and every failure becomes an answer here, in the form its reader takes:
JSON for programs, a notice for htmx, a page for people. Nothing of what went wrong inside is told outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from chatelier.db.engine import is_outage, is_race, is_unholdable
from chatelier.errors import (
    ChatelierError,
    Invalid,
    NotFound,
    Overloaded,
    Overtaken,
    TooLarge,
    TooMany,
    TooSlow,
    Unauthenticated,
)
from chatelier.log import log
from chatelier.web.paths import is_api, local_part, sign_in_path

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
RETRY_SECONDS = 5  # for 503
LONGEST_WAIT = 60  # seconds; for more the openai packages do not wait, they ask again at once
# as OpenAI's protocol names what went wrong; whatever else is below 500 is the request's fault
TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
TYPES |= dict.fromkeys((500, 502, 503, 504), "server_error")
UNHOLDABLE = "Something in this request cannot be kept, such as a number that is too large. Check it and try again."
ENDED = "Your sign-in has ended. Sign in again in another tab, then send this once more: nothing you typed is lost."


class WrongMethod(ChatelierError):
    status = 405
    code = "method_not_allowed"
    sentence = "This address exists, but does not answer to that method."


class Internal(ChatelierError):
    status = 500
    code = "internal"
    sentence = "Something went wrong on our side. It has been noted; please try again."


def answer(request: Request, error: ChatelierError) -> Response:
    """The error as this request's reader can take it, with Retry-After, Allow and Connection where they belong."""
    if is_api(request.url.path):
        response: Response = JSONResponse({"error": as_json(request, error)}, error.status)
        if error.final or getattr(error, "retry_after", 0) > LONGEST_WAIT:
            response.headers["X-Should-Retry"] = "false"  # as the openai packages read it
    elif isinstance(error, Unauthenticated):
        response = _ask_to_sign_in(request, error)
    else:
        response = _drawn(request, error)
    if isinstance(error, TooLarge | TooSlow):
        response.headers["Connection"] = "close"  # or the rest of the body would be read to the end
    return tell_when(response, error)


def tell_when(response: Response, error: ChatelierError) -> Response:
    """Say when to come back, where the error knows; for pages that draw a refusal themselves, too."""
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    elif error.status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def as_json(request: Request, error: ChatelierError) -> dict[str, Any]:
    extra = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in error.extra.items()}
    told = {"code": error.code, "message": error.sentence, "request_id": request_id(request), **extra}
    if request.url.path.startswith("/v1/"):
        told |= {
            "type": TYPES.get(error.status, "invalid_request_error"),
            "param": next(iter(extra.get("fields", ())), None),
        }
    return told


def request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


def from_exception(error: Exception) -> ChatelierError:
    """What to say about any exception; logs those that nobody expected."""
    if isinstance(error, ChatelierError):
        return error
    if is_outage(error):
        log.error("database.outage", reason=str(error).strip().splitlines()[0])
        return Overloaded()
    log.error("request.failed", exc_info=error)
    if is_race(error):
        return Overtaken()
    return Invalid(UNHOLDABLE) if is_unholdable(error) else Internal()


async def on_http_exception(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown paths, wrong methods, bodies that cannot be read."""
    assert isinstance(error, HTTPException)
    cause = error.__cause__
    if isinstance(cause, ChatelierError):
        return answer(request, cause)
    response = answer(request, _from_status(error))
    response.headers.update(error.headers or {})
    return response


async def on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(request, from_validation(error.errors()))


def from_validation(problems: Sequence[Any]) -> Invalid:
    """One sentence for the first problem, and every field with its own."""
    fields = {_field(problem["loc"]): _why(problem) for problem in problems}
    first = problems[0]
    if first["type"] == "json_invalid":
        return Invalid("The body is not valid JSON.", fields={"body": "not valid JSON"})
    if first["type"] == "extra_forbidden":
        return Invalid(f"There is no field {_field(first['loc'])} here.", fields=fields)
    return Invalid(f"{_field(first['loc'])} cannot be used: {_why(first)}.", fields=fields)


def _why(problem: Any) -> str:
    return str(problem["msg"]).removeprefix("Value error, ")


def _field(place: Sequence[Any]) -> str:
    """Its name, without the kinds of value that were tried for it."""
    names = [str(part) for part in place[1:] if "[" not in str(part)] or [str(part) for part in place]
    return ".".join(names)[:200]


def _from_status(error: HTTPException) -> ChatelierError:
    if error.status_code == 404:
        return NotFound()
    if error.status_code == 405:
        return WrongMethod()
    if error.status_code == 413:
        return TooLarge()
    return Invalid("The request could not be read. Check its form and try again.")


def _ask_to_sign_in(request: Request, error: ChatelierError) -> Response:
    """Pages lead to the sign-in page and back. What was typed is never lost: a form that was sent gets a notice."""
    if request.headers.get("hx-request"):
        if request.method not in SAFE_METHODS:
            return _drawn(request, Unauthenticated(ENDED) if error.sentence == Unauthenticated.sentence else error)
        target = sign_in_path(local_part(request.headers.get("hx-current-url", "")))
        return Response(status_code=401, headers={"HX-Redirect": target})
    if request.method in SAFE_METHODS and _wants_page(request):
        return RedirectResponse(sign_in_path(local_part(str(request.url))), 303)
    if request.method in SAFE_METHODS:  # an image, a stream: a redirect would answer with a page instead
        return PlainTextResponse(error.sentence, error.status)
    return _drawn(request, error)


def _drawn(request: Request, error: ChatelierError) -> Response:
    from chatelier.web.render import render_error

    return render_error(request, error)


def _wants_page(request: Request) -> bool:
    return request.url.path == "/" or "text/html" in request.headers.get("accept", "")
