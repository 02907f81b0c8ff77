"""Requests are counted at every door, whoever claims to send them."""

from __future__ import annotations

import socket
import time

import pytest

from chatelier.config import Settings
from chatelier.domain.throttle.rates import ALONE, count_servers, counting
from chatelier.domain.users import create_user
from chatelier.services import open_services
from tests.api.caller import call_as, plain_http, serve
from tests.people import People
from tests.web.visitor import HTMX, visit, visit_as

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def within_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a busy machine takes for a few requests, the counters' minute does not go on meanwhile."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


async def test_ada_is_told_to_wait_at_every_door_and_reads_on(settings: Settings) -> None:
    async with serve(settings.model_copy(update={"posts_per_minute": 3, "api_calls_per_minute": 4})) as site:
        user = await People(site.services).user("ada")
        page, program = await visit_as(site, user), await call_as(site, user)
        async with page.http, program.http:
            for _ in range(2):
                await page.submit("/threads")
            await program.thread()
            refused = await page.fetch("POST", "/messages", data={"text": "draw a cat"}, headers=HTMX)
            assert (refused.status_code, refused.headers["hx-retarget"]) == (429, "#notice")
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert "Too many requests, please wait a moment" in refused.text
            assert f'data-wait="{refused.headers["retry-after"]}"' in refused.text
            by_key = await program.call("POST", "/threads", 429, json={})
            assert (by_key["error"]["code"], by_key["error"]["limit"]) == ("rate_limited", 3)
            for _ in range(2):
                await program.call("GET", "/usage")
            assert (await program.call("GET", "/usage", 429))["error"]["limit"] == 4
            assert len((await page.page("/threads")).all("a")) >= 3


async def guesses(site_url: str, **headers: str) -> int:
    """One API call with a key that nobody has."""
    async with plain_http(site_url) as http:
        answer = await http.get("/api/v1/usage", headers={"Authorization": "Bearer chk_wrong", **headers})
        return answer.status_code


async def test_who_claims_to_be_somebody_else_is_still_counted(settings: Settings) -> None:
    async with serve(settings.model_copy(update={"api_calls_per_minute": 3})) as site:
        said = [
            await guesses(site.url, **{name: f"203.0.113.{at}"})
            for at, name in enumerate(("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-For", "X-Real-IP"))
        ]
        assert said == [401, 401, 401, 429, 429]


async def test_behind_a_proxy_that_is_known_the_visitors_count(settings: Settings) -> None:
    known = {"api_calls_per_minute": 2, "trusted_proxies": "127.0.0.1"}
    async with serve(settings.model_copy(update=known)) as site:
        for visitor in ("203.0.113.1", "203.0.113.2", "2001:db8::1"):
            said = [await guesses(site.url, **{"X-Forwarded-For": f"198.51.100.{at}, {visitor}"}) for at in range(3)]
            assert said == [401, 401, 429], visitor
        assert await guesses(site.url, **{"X-Forwarded-For": "2001:db8::ffff"}) == 429


async def test_without_redis_people_sign_in_paint_and_are_limited(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        place = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        async with serve(settings.model_copy(update={"redis_url": place, "posts_per_minute": 20})) as site:
            async with site.services.transaction() as db:
                await create_user(db, "ada@example.org", password=PASSWORD)
            async with visit(site).http as http:
                right = {"email": "ada@example.org", "password": PASSWORD}
                assert (await http.post("/sign-in", data=right)).status_code == 303
                assert (await http.post("/messages", data={"text": "draw a cat"})).status_code == 303
                wrong = {"email": "ada@example.org", "password": "a wrong one"}
                said = [(await http.post("/sign-in", data=wrong)).status_code for _ in range(6)]
                assert said == [401, 401, 401, 401, 401, 429]
                said = [(await http.post("/threads")).status_code for _ in range(20)]
                assert (said[:19], said[-1]) == ([303] * 19, 429)


async def test_a_second_server_on_one_database_is_told_that_it_counts_alone(settings: Settings) -> None:
    async with serve(settings), open_services(settings) as worker:
        assert await count_servers(worker) == 1
        said: list[str] = []
        async with open_services(settings, serves=True) as second, counting(second, say=said.append):
            assert said == [ALONE]
