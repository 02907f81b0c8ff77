"""The short way of a thumbnail that its owner's browser asks for. A page of the gallery asks for dozens at once, and
passing the doors and the list of all addresses takes longer than finding the picture. Whose it is is asked here
as it is there. Whatever is not a plain question with an answer goes the long way, which knows what to say."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from chatelier.domain.sign_in import find_session
from chatelier.services import Services
from chatelier.web.cookies import session_token
from chatelier.web.image_bytes import find_thumbnail

_THUMBNAIL = re.compile(r"/(images|gallery/trash)/([0-9a-f-]{36})/thumbnail")
_OTHER_QUESTIONS = ("range", "authorization", "content-length", "transfer-encoding")


class ShortWay:
    """Further in stand the guards against what only other requests can do: change something, bring a body, ask with
    words in the address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await _thumbnail(scope) if scope["type"] == "http" else None
        await (response or self.app)(scope, receive, send)


async def _thumbnail(scope: Scope) -> Response | None:
    found = _THUMBNAIL.fullmatch(scope["path"])
    if not found or scope["method"] != "GET" or scope["query_string"]:
        return None
    headers = Headers(scope=scope)
    if any(name in headers for name in _OTHER_QUESTIONS):
        return None
    connection = HTTPConnection(scope)
    services: Services = connection.app.state.services
    token = session_token(connection)
    user = await find_session(services, token) if token else None
    if user is None:
        return None
    bind_contextvars(user=str(user.id))
    return await find_thumbnail(services, user, found[2], headers, deleted=found[1] != "images")
