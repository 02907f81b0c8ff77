from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chatelier.db.models import Thread, User
from chatelier.domain.keys import add_key
from chatelier.domain.sign_in import open_session, sign_out
from chatelier.domain.users import disable_user, find_user
from chatelier.errors import Forbidden
from chatelier.services import Services
from chatelier.web.cookies import drop_session_cookie, set_session_cookie
from chatelier.web.deps import AdminUser, CurrentUser, Db, MaybeUser, OwnThread, user_check
from chatelier.web.errors import on_http_exception
from chatelier.web.middleware import CrossSiteGuard, Errors
from tests.people import People

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def make_app(services: Services) -> FastAPI:
    app = FastAPI(exception_handlers={404: on_http_exception})
    app.state.settings, app.state.services = services.settings, services

    @app.get("/whoami")
    @app.get("/api/v1/whoami")
    async def whoami(user: CurrentUser) -> str:
        return user.email

    @app.get("/maybe")
    async def maybe(user: MaybeUser) -> str:
        return user.email if user else "nobody"

    @app.get("/admin")
    async def admin(user: AdminUser) -> str:
        return user.email

    @app.get("/threads/{thread_id}")
    @app.get("/api/v1/threads/{thread_id}")
    async def thread(thread: OwnThread) -> str:
        return str(thread.id)

    @app.get("/still")
    async def still(request: Request, user: CurrentUser) -> str:
        check = user_check(request)
        async with services.transaction() as db:
            await disable_user(db, user)
        return str(await check())

    app.post("/users/{name}/{ending}")(make_user)

    @app.post("/enter/{token}")
    async def enter(token: str, request: Request) -> Response:
        response = PlainTextResponse("in")
        set_session_cookie(response, request, token)
        return response

    @app.post("/leave")
    async def leave(request: Request) -> Response:
        response = PlainTextResponse("out")
        drop_session_cookie(response, request)
        return response

    app.add_middleware(CrossSiteGuard)
    app.add_middleware(Errors)
    return app


async def make_user(name: str, ending: str, db: Db) -> str:
    """Writes, and then ends well, with a refusal, or with a row that the commit will not take: none that is right, one
    that somebody else has made meanwhile, or one of somebody who has gone."""
    db.add(User(email=f"{name}@example.org", role="nonsense" if ending == "commit" else "member"))
    if ending == "made-meanwhile":
        db.add(User(email=f"{name}@example.org"))
    if ending == "gone-meanwhile":
        db.add(Thread(owner_id=uuid4(), title="", titled_by="person"))
    if ending == "refused":
        await db.flush()
        raise Forbidden
    return "made"


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://house:8080") as client:
        yield client


@pytest.fixture
async def ada(people: People) -> User:
    return await people.user("ada")


async def cookie_of(services: Services, user: User) -> dict[str, str]:
    async with services.transaction() as db:
        return {"cookie": f"chatelier={await open_session(db, user, days=30)}"}


async def key_of(services: Services, user: User) -> dict[str, str]:
    async with services.transaction() as db:
        return {"authorization": f"Bearer {await add_key(db, user)}"}


@pytest.mark.parametrize(
    ("ending", "status", "made"),
    [("well", 200, True), ("refused", 403, False), ("made-meanwhile", 409, False), ("gone-meanwhile", 409, False)],
)
async def test_what_an_endpoint_writes_stands_or_falls_with_its_answer(
    services: Services, client: httpx.AsyncClient, ending: str, status: int, made: bool
) -> None:
    answer = await client.post(f"/users/chloe/{ending}", headers={"hx-request": "true"})
    assert answer.status_code == status
    async with services.transaction() as db:
        assert (await find_user(db, "chloe@example.org") is not None) is made


async def test_the_commit_comes_before_the_answer(client: httpx.AsyncClient) -> None:
    """A commit that fails after "200 OK" would be a lie."""
    assert (await client.post("/users/chloe/commit", headers={"hx-request": "true"})).status_code == 500


async def test_ada_is_known_by_her_cookie_and_on_the_json_door_by_her_key(
    services: Services, client: httpx.AsyncClient, ada: User
) -> None:
    cookie, key = await cookie_of(services, ada), await key_of(services, ada)
    for path, headers in (("/whoami", cookie), ("/api/v1/whoami", cookie), ("/api/v1/whoami", key)):
        assert (await client.get(path, headers=headers)).json() == "ada@example.org"
    lower = {"authorization": key["authorization"].replace("Bearer", "bearer")}
    assert (await client.get("/api/v1/whoami", headers=lower)).status_code == 200


async def test_a_key_opens_no_page_and_a_wrong_key_is_not_saved_by_a_cookie(
    services: Services, client: httpx.AsyncClient, ada: User
) -> None:
    cookie, key = await cookie_of(services, ada), await key_of(services, ada)
    assert (await client.get("/whoami", headers=key)).status_code == 401
    wrong = {**cookie, "authorization": "Bearer chk_wrong"}
    assert (await client.get("/api/v1/whoami", headers=wrong)).status_code == 401
    secret = key["authorization"].removeprefix("Bearer ")
    for query in (f"token={secret}", f"access_token={secret}"):
        assert (await client.get(f"/api/v1/whoami?{query}")).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": "chatelier="},
        {"cookie": "chatelier=wrong"},
        {"cookie": "__Host-chatelier=wrong"},
        {"authorization": "Bearer "},
        {"authorization": "Basic YWRhOmFkYQ=="},
        {"authorization": "Bearer " + "x" * 100_000},
    ],
)
async def test_whoever_has_no_credentials_gets_401_as_json(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.get("/api/v1/whoami", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthenticated"


async def test_a_page_leads_to_sign_in_and_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/whoami?q=a%20cat", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/whoami%3Fq%3Da%2520cat")


async def test_an_image_or_a_stream_is_not_answered_by_a_page(client: httpx.AsyncClient) -> None:
    for accept in ("image/avif,image/webp,*/*;q=0.8", "text/event-stream", "*/*"):
        answer = await client.get("/whoami", headers={"accept": accept})
        assert answer.status_code == 401
        assert "location" not in answer.headers


async def test_htmx_is_sent_to_sign_in_but_typed_text_stays(client: httpx.AsyncClient) -> None:
    htmx = {"hx-request": "true", "hx-current-url": "http://house:8080/threads/7?x=1"}
    read = await client.get("/whoami", headers=htmx)
    assert (read.status_code, read.headers["hx-redirect"]) == (401, "/sign-in?next=/threads/7%3Fx%3D1")
    evil = await client.get("/whoami", headers={**htmx, "hx-current-url": "http://evil//evil"})
    assert evil.headers["hx-redirect"] == "/sign-in"


async def test_everybody_may_see_an_open_page(services: Services, client: httpx.AsyncClient, ada: User) -> None:
    assert (await client.get("/maybe")).json() == "nobody"
    assert (await client.get("/maybe", headers=await cookie_of(services, ada))).json() == "ada@example.org"


async def test_only_an_admin_passes_the_admins_door(
    services: Services, client: httpx.AsyncClient, people: People, ada: User
) -> None:
    chloe = await people.user("chloe", admin=True)
    assert (await client.get("/admin", headers=await cookie_of(services, ada))).status_code == 403
    assert (await client.get("/admin", headers=await cookie_of(services, chloe))).json() == "chloe@example.org"
    assert (await client.get("/admin")).status_code == 401


async def test_a_strangers_thread_is_the_same_404_as_none(
    services: Services, client: httpx.AsyncClient, people: People, ada: User
) -> None:
    ben = await people.user("ben")
    thread = await people.thread(ada)
    own, other = await key_of(services, ada), await key_of(services, ben)
    assert (await client.get(f"/api/v1/threads/{thread.id}", headers=own)).json() == str(thread.id)
    bodies = []
    for path in (thread.id, uuid4(), "nonsense", "..%2f..%2fetc", "%00", str(thread.id).upper() + "x", "x" * 4000):
        answer = await client.get(f"/api/v1/threads/{path}", headers=other)
        assert answer.status_code == 404
        error = answer.json()["error"]
        bodies.append({key: error[key] for key in error if key != "request_id"})
    assert all(body == bodies[0] for body in bodies)


async def test_a_long_answer_can_ask_again_whether_its_reader_is_still_there(
    services: Services, client: httpx.AsyncClient, ada: User
) -> None:
    assert (await client.get("/still", headers=await cookie_of(services, ada))).json() == "None"


async def test_a_signed_out_cookie_is_dead(services: Services, client: httpx.AsyncClient, ada: User) -> None:
    cookie = await cookie_of(services, ada)
    async with services.transaction() as db:
        await sign_out(db, cookie["cookie"].removeprefix("chatelier="))
    assert (await client.get("/api/v1/whoami", headers=cookie)).status_code == 401


async def test_the_cookie_is_strict_and_stricter_over_https(services: Services) -> None:
    app = make_app(services)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house:8080") as plain:
        cookie = (await plain.post("/enter/abc")).headers["set-cookie"]
        assert cookie == "chatelier=abc; HttpOnly; Max-Age=34560000; Path=/; SameSite=lax"
        left = await plain.post("/leave", headers={"origin": "http://house:8080"})
        assert 'chatelier=""; ' in left.headers["set-cookie"]
        assert "Max-Age=0" in left.headers["set-cookie"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://house") as secure:
        cookie = (await secure.post("/enter/abc")).headers["set-cookie"]
        assert cookie == "__Host-chatelier=abc; HttpOnly; Max-Age=34560000; Path=/; SameSite=lax; Secure"


async def test_over_https_a_cookie_planted_without_https_is_not_believed(services: Services, ada: User) -> None:
    planted = await cookie_of(services, ada)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app(services)), base_url="https://house") as secure:
        assert (await secure.get("/api/v1/whoami", headers=planted)).status_code == 401
