"""The one client for addresses that a provider or a person gave: what it fetches is on the open internet, or at the
origin that the operator configured, and nowhere else.

Each hop is checked anew: the scheme, the name, and every address that the name has. The connection then goes to the
very address that was checked, so a name that changes its mind in between (DNS rebinding) changes nothing. Proxy
variables are not obeyed: behind a proxy nobody could tell where a name leads.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from urllib.parse import urljoin, urlsplit

import httpx2

from chatelier.providers import wire
from chatelier.providers.base import ProviderError

MAX_HOPS = 3
REDIRECTS = (301, 302, 303, 307, 308)
# What a resolver would read as a number: 2130706433, 0x7f.1, 127.1. Written addresses come in one form only.
_NUMBER_LIKE = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}\.?", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}

Resolve = Callable[[str, int], Awaitable[list[str]]]


class Refused(Exception):
    """The address may not be fetched, or what it answered cannot be used. Its text is for the log."""


async def fetch(
    url: str, *, origin: str = "", max_bytes: int, seconds: float = 60.0, resolve: Resolve | None = None
) -> bytes:
    """The bytes at ``url``. ``origin`` is an address of the operator's whose scheme, host and port may be private.
    Raises Refused."""
    try:
        async with asyncio.timeout(seconds):
            for _ in range(MAX_HOPS + 1):
                found = await _hop(url, origin, max_bytes, resolve or _resolve)
                if isinstance(found, bytes):
                    return found
                url = found
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ProviderError) as error:
        raise Refused(f"{type(error).__name__}: {error}"[:300]) from None
    raise Refused("too many redirects")


async def _hop(url: str, origin: str, max_bytes: int, resolve: Resolve) -> bytes | str:
    """The body, or the next address."""
    scheme, host, port = split(url)
    address = await _checked(host, port, resolve, is_trusted=bool(origin) and (scheme, host, port) == split(origin))
    target = httpx2.URL(url).copy_with(host=address)
    headers = {"Host": host if port == _PORTS[scheme] else f"{host}:{port}", "Accept": "image/*"}
    headers["Accept-Encoding"] = "identity"  # the cap counts what is unpacked
    extensions = {"sni_hostname": host} if scheme == "https" else {}
    async with (
        httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=httpx2.Timeout(30.0, connect=5.0)) as http,
        http.stream("GET", target, headers=headers, extensions=extensions) as response,
    ):
        if response.status_code in REDIRECTS and "location" in response.headers:
            return urljoin(url, response.headers["location"])
        if response.status_code != 200:
            raise Refused(f"it answered {response.status_code}")
        return await _read(response, max_bytes)


async def _read(response: httpx2.Response, max_bytes: int) -> bytes:
    parts, size = [], 0
    async with aclosing(response.aiter_raw()) as chunks:
        async for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise Refused("it was larger than the cap")
            parts.append(chunk)
    return b"".join(parts)


def split(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises Refused for anything but a plain http or https address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"not an address: {error}") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not host or parts.username is not None or parts.password is not None:
        raise Refused("only plain http and https addresses are fetched")
    if re.search(r"[\s\\\x00-\x1f]", url):
        raise Refused("an address has no blanks and backslashes")
    return parts.scheme, host, port or _PORTS[parts.scheme]


async def _checked(host: str, port: int, resolve: Resolve, *, is_trusted: bool) -> str:
    """The address to connect to. Where one of several is private, none is used."""
    written = _written(host)
    found = (
        [written] if written else [ipaddress.ip_address(text.partition("%")[0]) for text in await resolve(host, port)]
    )
    if not found:
        raise Refused("it has no address")
    if not is_trusted and not all(wire.is_public(address) for address in found):
        raise Refused("it lies inside a private network")
    if not is_trusted:
        wire.check_host(host)
    return str(found[0])


def _written(host: str) -> wire.Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        if _NUMBER_LIKE.fullmatch(host):
            raise Refused("an address is written in the usual form") from None
        return None


async def _resolve(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused("its name is not known") from error
    return [str(entry[4][0]).partition("%")[0] for entry in found]
