"""Every route there is, walked: one that is added without a guard fails here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from chatelier.app import DOORS, create_app
from chatelier.config import Settings
from chatelier.domain.sign_in import open_session
from chatelier.services import Services
from chatelier.web.deps import current_user
from chatelier.web.streams import open_stream
from tests.people import People

HOUSE = "http://house:8080"
PUBLIC = {"/healthz", "/readyz", "/metrics", "/setup", "/sign-in", "/sign-out", "/static/{path:path}"}
PUBLIC |= {"/s/{token}", "/s/{token}/{variant}"}  # who has the link is let in, to this one image
ROUTES = [
    (method, route)
    for door in DOORS
    for route in door.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]
NAMES = [f"{method} {route.path}" for method, route in ROUTES]
CHANGES = [pair for pair in ROUTES if pair[0] not in ("GET", "HEAD")]


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(settings.model_copy(update={"worker": False}))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def services(app: FastAPI) -> Services:
    opened: Services = app.state.services
    return opened


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HOUSE) as client:
        yield client


def address(route: APIRoute) -> str:
    return re.sub(
        r"\{(\w+)(:path)?\}", lambda found: "thumbnail" if found[1] == "variant" else str(uuid4()), route.path
    )


def callables(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from callables(inner)


def test_there_are_routes() -> None:
    assert len(ROUTES) > 50
    assert {route.path for _, route in ROUTES} >= PUBLIC


@pytest.mark.parametrize(("method", "route"), ROUTES, ids=NAMES)
def test_a_route_knows_who_asks_or_is_meant_for_everybody(method: str, route: APIRoute) -> None:
    asks = current_user in callables(route.dependant)
    follows = "open_stream" in route.endpoint.__code__.co_names and open_stream is not None
    assert asks or follows or route.path in PUBLIC


async def test_without_credentials_nothing_but_the_public_pages_answers(client: httpx.AsyncClient) -> None:
    for method, route in ROUTES:
        if route.path in PUBLIC:
            continue
        answer = await client.request(method, address(route), headers={"origin": HOUSE})
        assert answer.status_code == 401 or answer.headers.get("location", "").startswith("/sign-in"), (
            method,
            route.path,
            answer.status_code,
        )


async def test_no_change_is_taken_from_another_site(
    client: httpx.AsyncClient, services: Services, people: People
) -> None:
    ada = await people.user("ada")
    async with services.transaction() as db:
        client.headers["cookie"] = f"chatelier={await open_session(db, ada, days=30)}"
    for method, route in CHANGES:
        for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {}, {"sec-fetch-site": "cross-site"}):
            answer = await client.request(method, address(route), headers=headers)
            assert answer.status_code == 403, (method, route.path, headers)


async def test_every_body_has_a_limit(client: httpx.AsyncClient, services: Services, people: People) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 1_000_000

    ada = await people.user("ada")
    async with services.transaction() as db:
        client.headers["cookie"] = f"chatelier={await open_session(db, ada, days=30)}"
    for method, route in CHANGES:
        kind = "application/json" if route.path.startswith(("/api", "/v1")) else "application/x-www-form-urlencoded"
        headers = {"origin": HOUSE, "content-type": kind, "content-length": "40000000"}
        answer = await client.request(method, address(route), headers=headers, content=b"")
        assert answer.status_code == 413, (method, route.path, answer.status_code)
        if route.dependant.body_params and "images" not in route.path:
            headers.pop("content-length")
            answer = await client.request(method, address(route), headers=headers, content=endless())
            assert answer.status_code == 413, (method, route.path, answer.status_code)


async def test_credentials_in_an_address_open_nothing(client: httpx.AsyncClient) -> None:
    for method, route in ROUTES:
        answer = await client.request(method, f"{address(route)}?access_token=x", headers={"origin": HOUSE})
        assert answer.status_code == 422, (method, route.path)
