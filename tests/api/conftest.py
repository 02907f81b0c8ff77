"""A served app with a worker, and Ada and Ben who call it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from chatelier.config import Settings
from chatelier.services import Services
from tests.api.caller import Caller, Site, call_as, plain_http, serve
from tests.people import People


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    async with serve(settings) as site:
        yield site


@pytest.fixture
async def services(site: Site) -> Services:
    return site.services


@pytest.fixture
async def ada(site: Site, people: People) -> AsyncIterator[Caller]:
    caller = await call_as(site, await people.user("ada"))
    async with caller.http:
        yield caller


@pytest.fixture
async def ben(site: Site, people: People) -> AsyncIterator[Caller]:
    caller = await call_as(site, await people.user("ben"))
    async with caller.http:
        yield caller


@pytest.fixture
async def stranger(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without any credentials."""
    async with plain_http(f"{site.url}/api/v1") as http:
        yield http


@pytest.fixture
async def quiet(settings: Settings) -> AsyncIterator[Caller]:
    """Quinn at a site without a worker: what is asked for keeps waiting."""
    async with serve(settings.model_copy(update={"worker": False})) as site:
        caller = await call_as(site, await People(site.services).user("quinn"))
        async with caller.http:
            yield caller
