"""What every request passes, outermost first: identity and log line, security headers, errors into answers,
refusal of what other sites send, and a limit on bodies. Plain ASGI: streams and disconnects pass unhindered."""

from __future__ import annotations

import re
from time import perf_counter
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from chatelier.errors import CrossSite, Invalid, TooLarge
from chatelier.ids import new_id
from chatelier.log import log
from chatelier.web import metrics
from chatelier.web.cookies import is_https, is_private
from chatelier.web.deps import bearer_key
from chatelier.web.errors import SAFE_METHODS, answer, from_exception
from chatelier.web.paths import is_api

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
RAW_HEADERS = tuple((name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items())
HSTS = (b"strict-transport-security", b"max-age=31536000")
OPENER = (b"cross-origin-opener-policy", b"same-origin")
OWN_SITES = ("same-origin", "none")  # what Sec-Fetch-Site may say; none: typed or bookmarked by the person
UPLOADS = re.compile(
    r"/(?:api/v1/)?threads/[^/]+/images|/images|/images/[^/]+/part|/v1/images/edits|/v1/chat/completions"
)
UPLOAD_SLACK = 1_000_000  # bytes of form around an uploaded image
BODY_BYTES = 1_000_000
CREDENTIALS = {"token", "access_token"}
SECRET = re.compile(r"^(/s/|/account/archive/)[^/]+")  # links that are whole in their path
LEFT = 499  # who asked has gone: nothing was answered
# What pages bring along and machines ask all day is told at level debug, unless it was refused or failed.
QUIET = re.compile(r"/(static/.*|healthz|readyz|metrics)|/(images|gallery/trash)/[^/]+/thumbnail")


class RequestLog:
    """Gives each request an id of ours, tells it in X-Request-ID, and logs one line when the answer is through.
    Queries are never logged: they hold setup codes and people's words."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = perf_counter(), LEFT
        identity = str(new_id())
        scope.setdefault("state", {})["request_id"] = identity

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = identity
            await send(message)

        with bound_contextvars(request_id=identity):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                self._note(scope, status, perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        metrics.requests.count(scope["method"], status, seconds)
        path = SECRET.sub(r"\1…", scope.get("raw_path", b"").decode("latin-1") or scope["path"])
        is_quiet = (status < 400 or status == LEFT) and QUIET.fullmatch(path)
        write = log.debug if is_quiet else log.info
        write("request", method=scope["method"], path=path[:500], status=status, ms=round(seconds * 1000, 1))


class SecurityHeaders:
    """Strict defaults that an answer may replace by its own, as image bytes do."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers, connection = message["headers"], HTTPConnection(scope)
                given = {name for name, _ in headers}
                more = RAW_HEADERS
                if is_https(connection):
                    more = (*more, HSTS)
                if is_private(connection):  # elsewhere browsers ignore it, with an error in the console
                    more = (*more, OPENER)
                headers += (one for one in more if one[0] not in given)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Errors:
    """Turns whatever is raised further in into an answer; once an answer has begun it can only be cut off."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = False

        async def send_and_remember(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_remember)
        except ClientDisconnect:
            return
        except Exception as error:
            said = from_exception(error)
            if begun:
                raise
            response = answer(Request(scope, receive), said)
            await response(scope, receive, send)


class CrossSiteGuard:
    """Refuses changes that another site makes a signed-in browser send. A request with an API key is exempt:
    no browser adds one by itself. Credentials in the address are refused everywhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            connection = HTTPConnection(scope)
            if scope["query_string"] and CREDENTIALS & connection.query_params.keys():
                raise Invalid("Keys do not belong in an address. Send yours as Authorization: Bearer.")
            if scope["method"] not in SAFE_METHODS and bearer_key(connection) is None:
                _check_origin(connection)
                _check_json(connection)
        await self.app(scope, receive, send)


def _check_origin(connection: HTTPConnection) -> None:
    headers = connection.headers
    if headers.get("sec-fetch-site", "none") not in OWN_SITES:
        raise CrossSite
    source = headers.get("origin") or headers.get("referer")
    if source is None:
        if "cookie" in headers:
            raise CrossSite
        return
    if not _is_own(connection, source):
        raise CrossSite


def _is_own(connection: HTTPConnection, source: str) -> bool:
    """Host and port must be those the browser asked for; a page loaded by http may not act on https."""
    try:
        origin = urlsplit(source)
        given = (origin.hostname, origin.port or _default_port(origin.scheme))
        host = urlsplit(f"//{connection.headers.get('host', '')}")
        own = (host.hostname, host.port or _default_port(origin.scheme))
    except ValueError:
        return False
    allowed = ("https",) if is_https(connection) else ("http", "https")  # https: a proxy of which nobody told us
    return origin.scheme in allowed and given[0] is not None and given == own


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _check_json(connection: HTTPConnection) -> None:
    """The JSON doors take JSON and uploads from a browser's session, none of the kinds a foreign form can send."""
    headers = connection.headers
    if not is_api(connection.url.path) or "cookie" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if has_body and kind != "application/json" and not (kind == "multipart/form-data" and _is_upload(connection.scope)):
        raise CrossSite("Send JSON with Content-Type: application/json.")


class BodyLimit:
    """Refuses a body that is too large: at once where its length is announced, else as soon as it has become so."""

    def __init__(self, app: ASGIApp, *, upload_bytes: int) -> None:
        self.app = app
        self.upload_bytes = upload_bytes + UPLOAD_SLACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        most = self.upload_bytes if _is_upload(scope) else BODY_BYTES
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > most:
            raise _too_large(most)
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _too_large(most)
            return message

        await self.app(scope, count, send)


def _is_upload(scope: Scope) -> bool:
    return UPLOADS.fullmatch(scope["path"]) is not None


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        f"That is too large: at most {most / 1_000_000:g} MB can be sent here. Make it smaller and try again."
    )
