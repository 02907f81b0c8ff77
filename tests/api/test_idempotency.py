from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import text

from chatelier.services import Services
from tests.api.caller import Caller, Json
from tests.storage.pictures import encoded, picture

pytestmark = pytest.mark.anyio


def key(value: str) -> dict[str, str]:
    return {"Idempotency-Key": value}


async def count(services: Services, table: str) -> int:
    async with services.transaction() as db:
        return int(await db.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def test_twenty_clicks_at_once_make_one_generation(quiet: Caller) -> None:
    thread = await quiet.thread()
    body = {"text": "a small cat", "intent": "generate"}

    async def click() -> tuple[int, bool, bytes]:
        answer = await quiet.http.post(f"/threads/{thread}/messages", json=body, headers=key("one-click"))
        return answer.status_code, answer.headers.get("idempotent-replayed") == "true", answer.content

    answers = await asyncio.gather(*(click() for _ in range(20)))
    assert {status for status, _, _ in answers} == {201}
    assert sorted(replayed for _, replayed, _ in answers) == [False] + [True] * 19
    assert len({content for _, _, content in answers}) == 1
    assert len((await quiet.call("GET", f"/threads/{thread}/messages"))["items"]) == 2
    posted = json.loads(answers[0][2])
    assert posted["reply"]["generation"]["queue_position"] == 1


async def test_one_click_is_one_job_one_hold_and_one_attempt(ada: Caller, services: Services) -> None:
    thread = await ada.thread()
    for _ in range(3):
        await ada.http.post(
            f"/threads/{thread}/messages", json={"text": "a cat", "intent": "generate"}, headers=key("k")
        )
    for table in ("generations", "attempts"):
        assert await count(services, table) == 1
    async with services.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM ledger WHERE kind = 'hold'")) == 1


async def post(caller: Caller, path: str, body: Json, name: str, status: int) -> Json:
    return await caller.call("POST", path, status, json=body, headers=key(name))


async def test_another_body_with_the_same_key_is_refused(ada: Caller) -> None:
    path = f"/threads/{await ada.thread()}/messages"
    first = await post(ada, path, {"text": "a cat", "intent": "chat"}, "k", 201)
    refused = await post(ada, path, {"text": "a dog", "intent": "chat"}, "k", 409)
    assert refused["error"]["code"] == "idempotency_conflict"
    assert await post(ada, path, {"intent": "chat", "text": "a cat"}, "k", 201) == first


async def test_a_key_belongs_to_one_person_one_route_and_one_thread(ada: Caller, ben: Caller) -> None:
    body = {"text": "a cat", "intent": "chat"}
    one, other, bens = await ada.thread(), await ada.thread(), await ben.thread()
    seen = set()
    for caller, thread in ((ada, one), (ada, other), (ben, bens)):
        posted = await post(caller, f"/threads/{thread}/messages", body, "same", 201)
        assert posted["message"]["thread_id"] == thread
        seen.add(posted["message"]["id"])
    assert len(seen) == 3
    assert (await post(ada, "/threads", {"title": "one"}, "same", 201))["title"] == "one"


async def test_a_refusal_is_not_remembered(ada: Caller) -> None:
    path = f"/threads/{await ada.thread()}/messages"
    body = {"text": "make it blue", "intent": "edit"}
    for _ in range(2):
        assert (await post(ada, path, body, "k", 422))["error"]["code"] == "no_source_image"
    await post(ada, path, {"text": "a cat", "intent": "generate"}, "k", 201)


async def test_a_new_thread_is_made_once(ada: Caller) -> None:
    first = await post(ada, "/threads", {"title": "Sunsets"}, "k", 201)
    again = await ada.http.post("/threads", json={"title": "Sunsets"}, headers=key("k"))
    assert (again.status_code, again.json()) == (201, first)
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await ada.call("GET", "/threads"))["items"]) == 1


async def test_a_retry_happens_once(quiet: Caller) -> None:
    thread = await quiet.thread()
    asked = await quiet.asks(thread, "a cat")
    await quiet.call("POST", f"/generations/{asked['id']}/cancellation")
    path = f"/generations/{asked['id']}/retry"
    answers = [await quiet.call("POST", path, 201, headers=key("k")) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len((await quiet.call("GET", f"/threads/{thread}/messages"))["items"]) == 3


async def test_an_upload_is_kept_once_however_often_it_is_sent(ada: Caller) -> None:
    path = f"/threads/{await ada.thread()}/images"
    content = encoded(picture(64, 48))

    async def send() -> Json:
        files = {"file": ("a.png", content, "image/png")}
        return await ada.call("POST", path, 201, files=files, headers=key("k"))

    answers = await asyncio.gather(*(send() for _ in range(8)))
    assert {answer["id"] for answer in answers} == {answers[0]["id"]}
    assert len((await ada.call("GET", "/images"))["items"]) == 1
    other = {"file": ("b.png", encoded(picture(65, 48)), "image/png")}
    await ada.call("POST", path, 409, files=other, headers=key("k"))


async def test_a_key_is_1_to_255_visible_characters(ada: Caller) -> None:
    for value in ("", "a b", "x" * 256, "tab\there", "é"):
        answer = await ada.http.post("/threads", json={}, headers=[(b"Idempotency-Key", value.encode("latin-1"))])
        assert answer.status_code == 422, value
        assert answer.json()["error"]["code"] == "validation_failed"
    await ada.call("POST", "/threads", 201, json={}, headers=key("x" * 255))
