"""A served studio with a worker, and people who visit its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chatelier.config import Settings
from tests.api.caller import Site, serve
from tests.people import People
from tests.web.visitor import Visitor, visit, visit_as


@pytest.fixture
async def studio(settings: Settings) -> AsyncIterator[Site]:
    async with serve(settings) as site:
        yield site


@pytest.fixture
async def guest(studio: Site) -> AsyncIterator[Visitor]:
    """Somebody who is not signed in."""
    visitor = visit(studio)
    async with visitor.http:
        yield visitor


@pytest.fixture
async def ada(studio: Site) -> AsyncIterator[Visitor]:
    visitor = await visit_as(studio, await People(studio.services).user("ada", admin=True))
    async with visitor.http:
        yield visitor


@pytest.fixture
async def ben(studio: Site) -> AsyncIterator[Visitor]:
    visitor = await visit_as(studio, await People(studio.services).user("ben"))
    async with visitor.http:
        yield visitor
