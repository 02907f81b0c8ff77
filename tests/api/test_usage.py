from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from chatelier.db.models import LedgerEntry
from tests.api.caller import Caller, Site
from tests.engines import CENTS, limit, use_engines
from tests.storage.pictures import encoded
from tests.web.visitor import HTMX, visit_as

pytestmark = pytest.mark.anyio


async def shown(caller: Caller) -> dict[str, Any]:
    return {one["name"]: one for one in (await caller.call("GET", "/usage"))["limits"]}


async def test_ada_sees_her_plan_and_what_is_left_of_it(ada: Caller) -> None:
    usage = await ada.call("GET", "/usage")
    assert (usage["plan"], usage["time_zone"]) == ("member", "UTC")
    at_once, money = usage["limits"]
    nothing = {"used": 0, "held": 0}
    expected = {"name": "simultaneous", "unit": "images", "limit": 2, "remaining": 2, "resets_at": None, **nothing}
    assert at_once == expected
    assert (money["name"], money["unit"], money["remaining"]) == ("money_per_month", "micros", 5_000_000)
    assert money["resets_at"].endswith("-01T00:00:00Z")


async def test_a_picture_is_held_first_and_used_when_it_is_there(site: Site, ada: Caller) -> None:
    use_engines(site.services)
    await limit(site.services, ada.user, images_per_day=3, money_per_month=100 * CENTS)
    thread = await ada.thread()
    slow = await ada.asks(thread, "draw a cat [[hang]]")
    image = await ada.image(thread, n=2)
    found = await shown(ada)
    assert image["width"] == 256
    assert {key: found["images_per_day"][key] for key in ("used", "held", "remaining")} == {
        "used": 2,
        "held": 1,
        "remaining": 0,
    }
    assert (found["money_per_month"]["used"], found["money_per_month"]["held"]) == (8 * CENTS, 4 * CENTS)
    await ada.call("POST", f"/generations/{slow['id']}/cancellation")


async def test_every_way_in_moves_the_same_counters_and_is_refused_by_the_same_limit(site: Site, ada: Caller) -> None:
    use_engines(site.services)
    thread = await ada.thread()
    image = await ada.image(thread)
    failed = (await ada.finished(await ada.asks(thread, "draw a cat [[flaky]]")))["id"]
    page, talk = f"/threads/{thread}/messages", [{"role": "user", "content": "draw a cat"}]
    source = {"source_image_ids": [image["id"]]}
    file = {"image": ("a.png", encoded(), "image/png")}
    ways: list[tuple[str, dict[str, Any]]] = [
        (f"/api/v1{page}", {"json": {"text": "draw a cat"}}),
        (f"/api/v1{page}", {"json": {"text": "make it red", "intent": "edit", **source}}),
        (f"/api/v1/generations/{failed}/retry", {}),
        ("/v1/images/generations", {"json": {"prompt": "a cat"}}),
        ("/v1/images/edits", {"data": {"prompt": "make it red"}, "files": file}),
        ("/v1/chat/completions", {"json": {"model": "auto", "messages": talk}}),
        (page, {"data": {"text": "draw a cat"}}),
        (f"/images/{image['id']}/variation", {}),
        (f"/generations/{image['generation_id']}/prompt", {"data": {"prompt": "a wolf"}}),
    ]
    browser = await visit_as(site, ada.user)
    async with browser.http:

        async def goes(path: str, more: dict[str, Any]) -> int:
            if path.startswith(("/api", "/v1")):
                return (await ada.http.post(f"{site.url}{path}", **more)).status_code
            return (await browser.fetch("POST", path, headers=HTMX, **more)).status_code

        async def held() -> int:
            """Holds so far, which only become more: what fails or is over gives nothing of this back."""
            async with site.services.transaction() as db:
                mine = (LedgerEntry.owner_id == ada.user.id, LedgerEntry.kind == "hold")
                return int(await db.scalar(select(func.sum(LedgerEntry.images)).where(*mine)) or 0)

        await limit(site.services, ada.user, images_per_day=1)
        assert [await goes(*way) for way in ways] == [429] * len(ways)
        before = await held()
        assert before == 2, "the picture and the failure"
        await limit(site.services, ada.user, images_per_day=100)

        for number, way in enumerate(ways, 1):
            assert await goes(*way) in (200, 201), way[0]
            assert await held() == before + number, way[0]


async def test_a_refusal_says_which_limit_and_when_to_come_back(site: Site, ada: Caller) -> None:
    use_engines(site.services)
    await limit(site.services, ada.user, images_per_hour=1)
    thread = await ada.thread()
    await ada.asks(thread, "draw a cat")
    path, body = f"/threads/{thread}/messages", {"text": "draw a dog", "intent": "generate"}
    response = await ada.http.post(path, json=body)
    error = response.json()["error"]
    assert response.status_code == 429
    assert (error["code"], error["limit"], error["used"]) == ("quota_exceeded", 1, 1)
    assert 1 <= int(response.headers["retry-after"]) <= 3600
    assert error["resets_at"] > "2026"
    texts = [message["text"] for message in (await ada.call("GET", f"/threads/{thread}/messages"))["items"]]
    assert texts == ["draw a cat", ""]


async def test_every_way_in_moves_the_same_counter(site: Site, ada: Caller) -> None:
    """A message, an edit, a variation, what waits for a picture, a retry: each takes one, and none is free."""
    use_engines(site.services)
    thread = await ada.thread()
    await limit(site.services, ada.user, images_per_day=10)
    image = await ada.image(thread)
    sources = {"source_image_ids": [image["id"]]}
    failing = await ada.asks(thread, "draw a cat [[refuse]]")
    failed = await ada.finished(failing)
    await limit(site.services, ada.user, images_per_day=1)
    for body in (
        {"text": "draw a dog"},
        {"text": "make it night", "intent": "edit", **sources},
        {"text": "another one", **sources},
    ):
        answer = await ada.http.post(f"/threads/{thread}/messages", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "quota_exceeded"), body
    retried = await ada.http.post(f"/generations/{failed['id']}/retry")
    assert (retried.status_code, retried.json()["error"]["used"]) == (429, 1)


async def test_a_full_store_takes_no_upload_and_no_new_picture(site: Site, ada: Caller) -> None:
    use_engines(site.services)
    await limit(site.services, ada.user, storage_bytes=10)
    thread = await ada.thread()
    refused = await ada.upload(thread, encoded(), 429)
    assert refused["error"]["code"] == "quota_exceeded"
    await limit(site.services, ada.user, storage_bytes=1_000_000)
    await ada.upload(thread, encoded())
    await limit(site.services, ada.user, storage_bytes=10)
    answer = await ada.http.post(f"/threads/{thread}/messages", json={"text": "draw a dog"})
    assert answer.status_code == 429
