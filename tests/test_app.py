from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from chatelier.app import FORM_FIELDS, create_app
from chatelier.config import Settings
from chatelier.db.models import Role, User
from chatelier.domain.keys import add_key
from chatelier.domain.sign_in import open_session
from chatelier.services import Services
from tests.people import People

HOUSE = "http://house:8080"
HTML = {"accept": "text/html"}
GOOD = "correct horse battery"


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(settings.model_copy(update={"worker": False}))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def services(app: FastAPI) -> Services:
    opened: Services = app.state.services
    return opened


@asynccontextmanager
async def visit(app: FastAPI, address: str = "192.0.2.9", **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, client=(address, 1234))
    async with httpx.AsyncClient(transport=transport, base_url=HOUSE, headers={"origin": HOUSE, **headers}) as client:
        yield client


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with visit(app) as client:
        yield client


@pytest.fixture
async def ada(app: FastAPI, services: Services, people: People) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser, signed in."""
    user = await people.user("ada")
    async with services.transaction() as db:
        token = await open_session(db, user, days=30)
    async with visit(app, cookie=f"chatelier={token}") as client:
        yield client


async def test_twenty_first_visitors_make_one_admin(app: FastAPI, services: Services) -> None:
    code = app.state.setup_code

    async def arrive(number: int) -> httpx.Response:
        async with visit(app) as client:
            form = {"code": code, "email": f"visitor{number}@example.org", "password": GOOD}
            return await client.post("/setup", data=form)

    answers = await asyncio.gather(*(arrive(number) for number in range(20)))
    assert sorted(answer.status_code for answer in answers) == [303] + [403] * 19
    async with services.transaction() as db:
        assert list(await db.scalars(select(User.role))) == [Role.ADMIN]
    refused = next(answer for answer in answers if answer.status_code == 403)
    assert "already set up" in refused.text


async def test_guessing_is_slowed_down_whatever_address_is_claimed(app: FastAPI) -> None:
    async with visit(app) as client:
        statuses = []
        for number in range(22):
            headers = {"x-forwarded-for": f"203.0.113.{number}", "x-real-ip": f"203.0.113.{number}"}
            form = {"email": f"person{number}@example.org", "password": "a guess"}
            answer = await client.post("/sign-in", data=form, headers=headers)
            statuses.append(answer.status_code)
    assert statuses == [401] * 20 + [429] * 2
    assert 880 <= int(answer.headers["retry-after"]) <= 900
    assert "Wait 15 minutes" in answer.text


async def test_no_secret_shows_when_the_services_are_printed(services: Services) -> None:
    shown = repr(services)
    assert services.secret_key.decode() not in shown
    assert services.url not in shown


async def test_the_process_is_alive_and_ready(app: FastAPI, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/healthz")).text == "ok"
    assert (await stranger.get("/readyz")).text == "ok"


async def test_it_is_not_ready_without_worker_listener_or_database(app: FastAPI, stranger: httpx.AsyncClient) -> None:
    services: Services = app.state.services
    services.settings = services.settings.model_copy(update={"worker": True})
    answer = await stranger.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: worker")
    services.workers_alive.set()
    assert (await stranger.get("/readyz")).status_code == 200
    services.hub._ready.clear()
    assert (await stranger.get("/readyz")).text == "not ready: listener"
    app.state.stopping.set()
    assert "shutting down" in (await stranger.get("/readyz")).text
    assert (await stranger.get("/healthz")).status_code == 200


async def test_metrics_are_for_this_machine_or_an_admin(app: FastAPI, services: Services, people: People) -> None:
    async with visit(app, "127.0.0.1") as here:
        answer = await here.get("/metrics")
        assert "chatelier_requests_total" in answer.text
        assert "chatelier_generations_queued 0.0" in answer.text
        proxied = {"x-forwarded-for": "203.0.113.5"}
        assert (await here.get("/metrics", headers=proxied)).status_code == 403
    async with visit(app) as elsewhere:
        assert (await elsewhere.get("/metrics")).status_code == 403
        for name, status in (("ada", 200), ("ben", 403)):
            user = await people.user(name, admin=name == "ada")
            async with services.transaction() as db:
                key = await add_key(db, user)
            answer = await elsewhere.get("/metrics", headers={"authorization": f"Bearer {key}"})
            assert answer.status_code == status


async def test_the_reference_is_for_people_who_are_signed_in(
    stranger: httpx.AsyncClient, ada: httpx.AsyncClient
) -> None:
    assert (await stranger.get("/docs", headers=HTML)).headers["location"] == "/sign-in?next=/docs"
    assert (await stranger.get("/docs/openapi.json")).status_code == 401
    page = await ada.get("/docs", headers=HTML)
    assert "POST /api/v1/threads/{thread_id}/messages" in page.text
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page.text)
    schema = (await ada.get("/docs/openapi.json")).json()
    assert "/api/v1/threads" in schema["paths"]
    for closed in ("/openapi.json", "/redoc"):
        assert (await ada.get(closed)).status_code == 404


async def test_people_get_a_page_and_programs_get_json_when_nothing_is_there(ada: httpx.AsyncClient) -> None:
    page = await ada.get("/nowhere", headers=HTML)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    error = (await ada.get("/api/v1/nowhere")).json()["error"]
    assert error["code"] == "not_found"
    assert error["request_id"]


async def test_a_wrong_method_says_which_are_right(ada: httpx.AsyncClient) -> None:
    answer = await ada.put("/api/v1/threads", json={})
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"title": "x", "user_id": 1}', "user_id"),
        (b'{"title": 7}', "title"),
        (b'{"title": "x"', "body"),
        (b"[]", "body"),
        (b"null", None),
        (b"[" * 100_000, "body"),
        (b'{"title": ' + b"9" * 5000 + b"}", None),
        (b'{"title": "\xff"}', None),
        (b"", None),
    ],
)
async def test_a_body_that_cannot_be_used_is_422_and_says_where(
    ada: httpx.AsyncClient, body: bytes, field: str | None
) -> None:
    answer = await ada.post("/api/v1/threads", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert error["code"] == "validation_failed"
    assert error["message"].endswith(".")
    if field:
        assert field in error.get("fields", {"body": ""})


async def test_a_form_of_too_many_fields_is_refused(stranger: httpx.AsyncClient) -> None:
    form = {f"field{number}": "x" for number in range(FORM_FIELDS + 1)}
    assert (await stranger.post("/sign-in", data=form)).status_code == 422


async def test_the_database_being_away_is_503_and_not_a_trace(
    app: FastAPI, services: Services, ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg
    from sqlalchemy.exc import OperationalError

    @asynccontextmanager
    async def broken() -> AsyncIterator[None]:
        raise OperationalError("SELECT secret", {}, psycopg.OperationalError("connection refused"))
        yield

    assert (await ada.get("/api/v1/threads")).status_code == 200
    monkeypatch.setattr(services, "transaction", broken)
    answer = await ada.get("/api/v1/threads")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "overloaded"
    assert answer.headers["retry-after"] == "5"
    assert "secret" not in answer.text


async def test_the_first_page_is_light(ada: httpx.AsyncClient) -> None:
    """What the first page loads, compressed, is at most 120 KB in 12 requests."""
    compressed = {"accept-encoding": "gzip", **HTML}
    page = await ada.get("/", headers=compressed, follow_redirects=True)
    assert page.status_code == 200
    assert page.headers["content-encoding"] == "gzip"
    assets = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    total = int(page.headers["content-length"])
    for address in assets:
        answer = await ada.get(address, headers=compressed)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        total += int(answer.headers["content-length"])
    assert 2 <= len(assets) + 1 <= 12
    assert total <= 120_000
