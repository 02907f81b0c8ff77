"""The operator's alert addresses: each is known by a fingerprint, since the address itself is a secret. Apprise runs in
a process of its own (domain/alert_child.py): it costs 50 MB and half a second to load, blocks, and knows no deadline
that can be relied on; a process can be ended."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from urllib.parse import urlsplit

from chatelier.domain.alert_child import REFUSED, SECONDS, TAKEN, UNUSABLE
from chatelier.domain.smtp import NotTaken, Unsure
from chatelier.storage.children import Child

MODULE = "chatelier.domain.alert_child"
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def channels(urls: tuple[str, ...]) -> dict[str, str]:
    """Addresses by their fingerprints."""
    return {hashlib.sha256(url.encode()).hexdigest()[:16]: url for url in urls}


def kinds(urls: tuple[str, ...]) -> list[str]:
    """What sort of address each is, for people: discord, mailto, json …"""
    return [urlsplit(url).scheme or "?" for url in urls]


async def post(url: str, subject: str, text: str) -> None:
    """Raises NotTaken where apprise says that it failed, Unsure where it said nothing in time."""
    environment = {name: os.environ[name] for name in PROXIES if name in os.environ}
    child = Child(MODULE, environment=environment)
    document = json.dumps({"url": url, "subject": subject, "text": text}).encode()
    try:
        async with asyncio.timeout(SECONDS):
            code = await asyncio.to_thread(_run, child, document)
    except TimeoutError as error:
        raise Unsure("no answer in time") from error
    finally:
        child.end()
    if code == REFUSED:
        raise NotTaken("the address did not take it")
    if code == UNUSABLE:
        raise NotTaken("apprise does not know such an address", for_good=True)
    if code != TAKEN:
        raise Unsure(f"apprise ended with {code}")


def _run(child: Child, document: bytes) -> int | None:
    child.start()
    try:
        child.requests.write(document)
        child.requests.close()
    except OSError:
        return None
    child.answers.read()  # until it ends
    return child.exit_code()
