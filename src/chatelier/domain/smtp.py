"""The conversation with a mail server, cut where it matters: until the text of a mail goes out, nothing was delivered
for certain; after that only an answer says so. The only aiosmtplib user."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from ipaddress import ip_address
from socket import gethostname
from typing import TYPE_CHECKING

from chatelier.config import MailServer

if TYPE_CHECKING:
    import aiosmtplib

COMMAND_SECONDS = 15.0  # that one answer of the server may take
DATA_SECONDS = 60.0


class NotTaken(Exception):
    """Certainly not delivered. ``for_good``: trying again would end the same way."""

    def __init__(self, detail: str, *, for_good: bool = False) -> None:
        self.detail = detail
        self.for_good = for_good
        super().__init__(detail)


class Unsure(Exception):
    """The text went out and no answer came."""


class Conversation:
    """One connection that is signed in and carries one mail."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client
        self._unicode = False

    async def address(self, sender: str, recipient: str) -> None:
        """Whom it is from and for. Raises NotTaken."""
        self._unicode = not f"{sender}{recipient}".isascii()
        if self._unicode and not self._client.supports_extension("smtputf8"):
            raise NotTaken(f"the mail server cannot write to {recipient}", for_good=True)
        options = ["SMTPUTF8"] if self._unicode else []
        with _not_taken():
            await self._client.mail(sender, options=options, encoding="utf-8" if self._unicode else "ascii")
            await self._client.rcpt(recipient, encoding="utf-8" if self._unicode else "ascii")

    async def hand_over(self, message: EmailMessage) -> None:
        """The text. Raises NotTaken where the server said no, Unsure where it said nothing."""
        from aiosmtplib import SMTPDataError, SMTPException

        content = message.as_bytes(policy=SMTPUTF8 if self._unicode else SMTP)
        try:
            await self._client.data(content, timeout=DATA_SECONDS)
        except SMTPDataError as error:
            raise NotTaken(_said(error.code, error.message), for_good=error.code >= 500) from error
        except (SMTPException, OSError, TimeoutError) as error:
            raise Unsure(_short(error)) from error


@asynccontextmanager
async def converse(server: MailServer) -> AsyncIterator[Conversation]:
    """Connect, encrypt, sign in. Raises NotTaken."""
    import aiosmtplib

    context = await asyncio.to_thread(_tls_context, server.ca)
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls,
        start_tls=False,
        tls_context=context,
        timeout=COMMAND_SECONDS,
        local_hostname=gethostname(),
    )
    try:
        with _not_taken():
            await client.connect()
            await _sign_in(client, server)
        yield Conversation(client)
    finally:
        await _leave(client)


async def _sign_in(client: aiosmtplib.SMTP, server: MailServer) -> None:
    await client.ehlo()
    if not server.tls and server.starttls != "off":
        if client.supports_extension("starttls"):
            await client.starttls()
        elif server.starttls == "required":
            raise NotTaken("the mail server does not offer STARTTLS")
    if server.user:
        if client.get_transport_info("sslcontext") is None and not _is_here(server.host):
            raise NotTaken("the mail server offers no encryption, so the password was not sent")
        await client.login(server.user, server.password)


async def _leave(client: aiosmtplib.SMTP) -> None:
    """A mail that was handed over stays handed over, however the parting goes."""
    from aiosmtplib import SMTPException

    with contextlib.suppress(SMTPException, OSError, TimeoutError):
        if client.is_connected:
            await client.quit(timeout=2)
    client.close()


@contextlib.contextmanager
def _not_taken() -> Iterator[None]:
    """Whatever goes wrong in here, the text has not gone out."""
    from aiosmtplib import SMTPException, SMTPRecipientRefused, SMTPResponseException

    try:
        yield
    except SMTPRecipientRefused as error:
        raise NotTaken(_said(error.code, error.message), for_good=error.code >= 500) from error
    except SMTPResponseException as error:
        raise NotTaken(_said(error.code, error.message)) from error
    except (SMTPException, OSError, TimeoutError, UnicodeError, ValueError) as error:
        raise NotTaken(_short(error)) from error


def compose(*, sender: tuple[str, str], recipient: str, subject: str, text: str, name: str) -> EmailMessage:
    """The letter. A header cannot hold a line's end: the library refuses it, and a subject is made one line before.
    ``name`` makes the same mail carry the same id whenever it is sent. Raises NotTaken for an unusable address."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(sender[0], addr_spec=sender[1])
        message["To"] = Address(addr_spec=recipient)
    except (MessageError, ValueError, IndexError) as error:
        raise NotTaken(f"not an address: {_short(error)}", for_good=True) from error
    message["Subject"] = " ".join("".join(c if c.isprintable() else " " for c in subject).split())
    message["Message-ID"] = f"<{name}@{sender[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _tls_context(ca: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca or None)
    except OSError as error:
        raise NotTaken(f"the certificates in {ca} cannot be read") from error


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _said(code: int, message: str) -> str:
    return f"{code} {' '.join(message.split())}"[:300]


def _short(error: BaseException) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:300]
