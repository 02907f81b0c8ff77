from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI, Form
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from structlog.testing import capture_logs

from chatelier.errors import TooMany
from chatelier.log import configure
from chatelier.web import middleware
from chatelier.web.errors import on_http_exception
from chatelier.web.middleware import BODY_BYTES, BodyLimit, CrossSiteGuard, Errors, RequestLog, SecurityHeaders

COOKIE = {"cookie": "chatelier=somebody"}
EVIL = "http://evil.example"


def make_app(base_url: str = "") -> FastAPI:
    """A few doors behind everything that real ones stand behind."""
    app = FastAPI(exception_handlers={404: on_http_exception, 400: on_http_exception})
    app.state.settings = SimpleNamespace(base_url=base_url)

    @app.get("/page")
    async def page(q: str = "") -> Response:
        return HTMLResponse("<p>" + "talk " * 1000)

    @app.get("/picture")
    async def picture() -> Response:
        return Response(b"\0" * 5000, media_type="image/png", headers={"Content-Security-Policy": "sandbox"})

    @app.get("/stream")
    async def stream() -> Response:
        async def events() -> AsyncIterator[str]:
            for number in range(3):
                yield f"data: {number} {'x' * 1000}\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError("the inner secret /home/ada")

    @app.get("/api/v1/limited")
    async def limited() -> None:
        raise TooMany(retry_after=28, limit=10, used=10)

    @app.post("/api/v1/things")
    @app.post("/things")
    async def change(request: Request) -> Response:
        return JSONResponse({"bytes": len(await request.body())})

    @app.post("/form")
    async def fill(text: str = Form("")) -> Response:
        return JSONResponse({"text": text[:10]})

    app.post("/threads/{thread_id}/images")(change)
    app.add_middleware(BodyLimit, upload_bytes=2_000_000)
    app.add_middleware(CrossSiteGuard)
    app.add_middleware(Errors)
    app.add_middleware(GZipMiddleware, compresslevel=5)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestLog)
    return app


def client_of(app: FastAPI, base_url: str = "http://house:8080") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(make_app()) as client:
        yield client


async def test_every_answer_carries_strict_headers_and_an_id_of_ours(client: httpx.AsyncClient) -> None:
    for path, status in (("/page", 200), ("/nowhere", 404), ("/api/v1/broken", 500), ("/api/v1/limited", 429)):
        answer = await client.get(path, headers={"x-request-id": "mine", "accept": "application/json"})
        assert answer.status_code == status
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] in ("no-store", "private, no-cache")
        assert len(answer.headers["x-request-id"]) == 36
        assert "strict-transport-security" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


async def test_other_windows_are_cut_off_where_browsers_heed_it() -> None:
    for base, opener in (
        ("https://house", "same-origin"),
        ("http://localhost:80", "same-origin"),
        ("http://house", None),
    ):
        async with client_of(make_app(), base) as client:
            assert (await client.get("/page")).headers.get("cross-origin-opener-policy") == opener


async def test_an_answer_may_be_stricter_by_itself(client: httpx.AsyncClient) -> None:
    assert (await client.get("/picture")).headers["content-security-policy"] == "sandbox"


async def test_https_is_promised_only_where_it_is_spoken() -> None:
    async with client_of(make_app(), "https://house") as direct:
        assert (await direct.get("/page")).headers["strict-transport-security"] == "max-age=31536000"
    async with client_of(make_app("https://house.example"), "http://house.example") as proxied:
        assert "strict-transport-security" in (await proxied.get("/page")).headers
    async with client_of(make_app("https://house.example"), "http://192.0.2.1:8080") as lan:
        assert "strict-transport-security" not in (await lan.get("/page")).headers


async def test_what_breaks_inside_is_not_told_outside(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/broken")
    error = answer.json()["error"]
    assert error["code"] == "internal"
    assert error["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_limit_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/limited")
    assert answer.headers["retry-after"] == "28"
    assert answer.json()["error"]["limit"] == 10


@pytest.fixture
def talkative() -> Iterator[None]:
    """The log at the level that people run it with; tests keep it quieter."""
    kept = structlog.get_config()
    configure("info")
    yield
    structlog.configure(**kept)


async def test_the_log_has_one_line_without_the_query(client: httpx.AsyncClient, talkative: None) -> None:
    with capture_logs() as lines:
        await client.get("/page?q=my+words&code=secret")
        await client.get("/no%0Awhere")
    assert [(line["path"], line["status"]) for line in lines] == [("/page", 200), ("/no%0Awhere", 404)]
    assert "secret" not in repr(lines)


async def test_text_is_compressed_and_pictures_and_streams_are_not(client: httpx.AsyncClient) -> None:
    page = await client.get("/page")
    assert page.headers["content-encoding"] == "gzip"
    assert int(page.headers["content-length"]) < 200
    assert "content-encoding" not in (await client.get("/picture")).headers
    stream = await client.get("/stream")
    assert "content-encoding" not in stream.headers
    assert stream.text.startswith("data: 0")


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"origin": EVIL}, False),
        ({"origin": "null"}, False),
        ({"referer": f"{EVIL}/page"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "http://house:8080"}, True),
        ({"origin": "https://house:8080"}, True),
        ({"origin": "http://house"}, False),
        ({"origin": "http://house:8081"}, False),
        ({"origin": "http://house:8080.evil.example"}, False),
        ({"origin": "http://house:8080@evil.example"}, False),
        ({"origin": "ftp://house:8080"}, False),
        ({"origin": "http://[::1"}, False),
        ({"origin": "http://house:99999999"}, False),
        ({"referer": "http://house:8080/threads"}, True),
        ({"origin": EVIL, "referer": "http://house:8080/threads"}, False),
        (COOKIE, False),
        ({**COOKIE, "origin": "http://house:8080"}, True),
        ({**COOKIE, "origin": "http://HOUSE:8080", "sec-fetch-site": "same-origin"}, True),
        ({**COOKIE, "origin": "http://house:8080", "sec-fetch-site": "cross-site"}, False),
        ({**COOKIE, "sec-fetch-site": "same-origin"}, False),
        ({**COOKIE, "sec-fetch-site": "none"}, False),
        ({**COOKIE, "origin": "null"}, False),
        ({**COOKIE, "authorization": "Bearer chk_x"}, False),
    ],
)
async def test_only_our_own_pages_may_change_things(
    client: httpx.AsyncClient, headers: dict[str, str], passes: bool
) -> None:
    answer = await client.post("/things", headers={**headers, "hx-request": "true"})
    assert answer.status_code == (200 if passes else 403)


async def test_reading_needs_no_origin(client: httpx.AsyncClient) -> None:
    assert (await client.get("/page", headers={**COOKIE, "origin": EVIL})).status_code == 200


async def test_a_page_loaded_without_https_may_not_act_on_it() -> None:
    async with client_of(make_app("https://house.example"), "http://house.example") as client:
        for scheme, status in (("http", 403), ("https", 200)):
            headers = {**COOKIE, "origin": f"{scheme}://house.example"}
            assert (await client.post("/things", headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("kind", "passes"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("text/plain", False),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("", False),
    ],
)
async def test_a_browser_sends_json_to_the_json_door(client: httpx.AsyncClient, kind: str, passes: bool) -> None:
    headers = {**COOKIE, "origin": "http://house:8080", "content-type": kind}
    answer = await client.post("/api/v1/things", content=b'{"a": 1}', headers=headers)
    assert answer.status_code == (200 if passes else 403)
    if not passes:
        assert answer.json()["error"]["code"] == "csrf"


async def test_a_program_with_a_key_has_no_origin(client: httpx.AsyncClient) -> None:
    headers = {"authorization": "Bearer chk_x", **COOKIE, "origin": EVIL, "content-type": "text/plain"}
    assert (await client.post("/api/v1/things", content=b"x", headers=headers)).status_code == 200
    assert (await client.post("/api/v1/things", headers={**COOKIE, "origin": "http://house:8080"})).status_code == 200


@pytest.mark.parametrize("query", ["token=x", "access_token=chk_x", "a=1&token="])
async def test_credentials_in_an_address_are_refused(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/v1/limited?{query}")
    assert answer.status_code == 422
    assert "Authorization" in answer.json()["error"]["message"]


async def endless(total: int) -> AsyncIterator[bytes]:
    for _ in range(total // 50_000):
        yield b"x" * 50_000


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient, chunked: bool) -> None:
    body: Any = endless(BODY_BYTES + 50_000) if chunked else b"x" * (BODY_BYTES + 1)
    answer = await client.post("/api/v1/things", content=body)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"
    assert answer.headers["connection"] == "close"
    assert (await client.post("/api/v1/things", content=endless(BODY_BYTES))).json() == {"bytes": BODY_BYTES}


async def trickle() -> AsyncIterator[bytes]:
    yield b"x"
    await asyncio.Event().wait()


async def test_a_body_that_never_ends_to_come_is_given_up(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(middleware, "UPLOAD_SECONDS", 0.05)
    for path in ("/api/v1/things", "/threads/x/images"):
        answer = await client.post(path, content=trickle())
        assert answer.status_code == 408
        assert answer.headers["connection"] == "close"
    assert "did not arrive in time" in (await client.post("/things", content=trickle())).text


async def test_an_upload_may_be_larger(client: httpx.AsyncClient) -> None:
    assert (await client.post("/threads/x/images", content=b"x" * 2_900_000)).status_code == 200
    assert (await client.post("/threads/x/images", content=endless(3_100_000))).status_code == 413


async def test_a_form_that_is_too_large_is_refused_while_it_is_read(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "hx-request": "true"}
    fields = await client.post("/form", content=b"a&" * 400_000, headers=headers)
    assert fields.status_code == 422
    assert (await client.post("/form", content=endless(2_000_000), headers=headers)).status_code == 413
