"""A real mail server (aiosmtpd in a thread) that can misbehave, and the mails that it took."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "house", "s3cret with spaces"


@dataclass
class Post:
    """``faults`` are used up one a conversation: "450 …" or "550 …" at the address, "text 451 …" after the text, "drop"
    before the text, "drop after", "hang" for good after it. ``texts`` counts every text that came in whole."""

    faults: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    texts: int = 0
    recipients: list[str] = field(default_factory=list)
    port: int = 0
    encrypted: list[bool] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)
    _fault: str = ""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: Any) -> str:
        self._fault = self.faults.pop(0) if self.faults else ""
        if self._fault[:3].isdigit():
            return self._fault
        if self._fault == "drop":
            _drop(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.texts += 1
        if self._fault.startswith("text "):
            return self._fault.removeprefix("text ")
        content = envelope.original_content or b""
        self.mails.append(message_from_bytes(content, EmailMessage, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        assert isinstance(server.transport, asyncio.Transport)
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        if self._fault == "drop after":
            _drop(server)
        if self._fault == "hang":
            self.hanging.set()
            await asyncio.Event().wait()
        return "250 Kept"


def _drop(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class Anywhere(Controller):
    """On a free port of the system's choice."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's


def _knows(*arguments: Any) -> AuthResult:
    given = arguments[-1]
    return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()))


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, from_the_start: bool = False, signs_in: bool = False
) -> Iterator[Post]:
    post = Post()
    options: dict[str, Any] = {"authenticator": _knows, "auth_required": True} if signs_in else {}
    if signs_in and (tls is None or from_the_start):
        options["auth_require_tls"] = False
    options |= {"ssl_context": tls} if from_the_start else {"tls_context": tls, "require_starttls": tls is not None}
    server = Anywhere(post, hostname="127.0.0.1", port=0, ready_timeout=60, **options)
    server.start()
    try:
        post.port = server.port
        yield post
    finally:
        server.stop(no_assert=True)
