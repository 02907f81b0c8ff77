"""The sign-in cookie, and the network address it comes from."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

SECURE_NAME = "__Host-chatelier"
PLAIN_NAME = "chatelier"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
LONGEST_SECONDS = 400 * 86_400  # browsers keep none longer; the server decides when a session is over


def is_https(connection: HTTPConnection) -> bool:
    """Whether the browser sees https: directly, or through a proxy at the configured base_url."""
    if connection.scope["scheme"] == "https":
        return True
    base = urlsplit(str(connection.app.state.settings.base_url))  # remembered by urllib
    return base.scheme == "https" and connection.headers.get("host", "").lower() == base.netloc.lower()


def is_private(connection: HTTPConnection) -> bool:
    """Whether nobody else can read along: https, or the browser runs on this machine."""
    return is_https(connection) or connection.headers.get("host", "").rsplit(":", 1)[0] in LOOPBACK


def cookie_name(connection: HTTPConnection) -> str:
    return SECURE_NAME if is_https(connection) else PLAIN_NAME


def session_token(connection: HTTPConnection) -> str | None:
    return connection.cookies.get(cookie_name(connection)) or None


def set_session_cookie(response: Response, connection: HTTPConnection, token: str) -> None:
    response.set_cookie(
        cookie_name(connection),
        token,
        max_age=LONGEST_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https(connection),
    )


def drop_session_cookie(response: Response, connection: HTTPConnection) -> None:
    """Forget the sign-in, and what this browser kept of private images."""
    response.delete_cookie(
        cookie_name(connection), path="/", httponly=True, samesite="lax", secure=is_https(connection)
    )
    response.headers["Clear-Site-Data"] = '"cache"'


def client_address(connection: HTTPConnection) -> str:
    """The visitor's network address. Headers that claim one are believed of proxies that the operator named, and of
    nobody else; the server has read those before (cli/process.py)."""
    return connection.client.host if connection.client else ""
