"""Ben tries everything with Ada's ids, on every route there is: to him they are the ids of nothing.
Reliability V14 to V16, V19, V20."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi.routing import APIRoute

from chatelier.app import DOORS
from chatelier.config import Settings
from chatelier.domain.images import find_image
from chatelier.domain.keys import list_keys
from chatelier.domain.shares import create_link
from chatelier.ids import new_id
from tests.api.caller import Caller, Json, Site, call_as, serve
from tests.people import People
from tests.storage.pictures import encoded, picture
from tests.web.visitor import visit_as

pytestmark = pytest.mark.anyio
UPLOAD = {"file": ("a.png", encoded(picture(64, 48)), "image/png")}
FORM = {"title": "Ben was here", "text": "Ben was here", "pinned": "on", "favourite": "on", "images": "trash"}


@dataclass
class Story:
    """Ada with a thread, talk, an image, an upload and a generation that waits."""

    site: Site
    ada: Caller
    ben: Caller
    ids: dict[str, str]  # as they are named in paths
    variant: str = "original"

    def nowhere(self) -> dict[str, str]:
        return {name: str(new_id()) for name in self.ids}


@pytest.fixture
async def story(settings: Settings) -> AsyncIterator[Story]:
    """What is finished was painted by a worker; then it stops, so that one generation keeps waiting."""
    async with serve(settings) as site:
        ada = await call_as(site, await People(site.services).user("ada"))
        async with ada.http:
            ids = await _begin(site, ada)
    async with serve(settings.model_copy(update={"worker": False})) as site:
        ben = await call_as(site, await People(site.services).user("ben"))
        ada = await call_as(site, ada.user)
        async with ada.http, ben.http:
            asked = await ada.asks(ids["thread_id"], "a secret that takes time")
            yield Story(site, ada, ben, {**ids, "generation_id": asked["id"], "user_id": str(ada.user.id)})


async def _begin(site: Site, ada: Caller) -> dict[str, str]:
    thread = await ada.thread("Ada's secret thread")
    image = await ada.image(thread, "Ada's secret picture")
    await ada.upload(thread, encoded(picture(64, 48)))
    reply = (await ada.says(thread, "tell me a secret", intent="chat"))["reply"]
    await ada.answered(thread, reply)
    async with site.services.transaction() as db:
        (key,) = await list_keys(db, ada.user)
        shared = await find_image(db, ada.user, UUID(image["id"]))
        link, _ = await create_link(db, ada.user, shared, days=7, with_prompt=True)
    ids = {"thread_id": thread, "message_id": reply["id"], "image_id": image["id"]}
    return {**ids, "key_id": str(key.id), "link_id": str(link.id)}


async def all_of(ada: Caller, ids: dict[str, str]) -> list[Json]:
    """Everything that Ada can see, as it is now."""
    paths = ["/threads", "/images", "/images?deleted=true", f"/threads/{ids['thread_id']}"]
    paths += [f"/threads/{ids['thread_id']}/messages?limit=50", f"/generations/{ids['generation_id']}"]
    return [await ada.call("GET", path) for path in paths]


def operations(site: Site) -> list[tuple[str, str]]:
    """From the API's own description: a new call is tried without anybody thinking of it."""
    paths = site.app.openapi()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def body_of(method: str, path: str) -> dict[str, Any]:
    if path.endswith("/threads/{thread_id}/images"):
        return {"files": UPLOAD}
    if path.endswith("/messages") and method == "POST":
        return {"json": {"text": "Ben was here", "intent": "generate"}}
    good = {"{thread_id}": {"title": "Ben was here"}, "{image_id}": {"favourite": True}}
    return {"json": good[path.rsplit("/", 1)[1]]} if method == "PATCH" else {}


def said(answer: httpx.Response, ids: dict[str, str]) -> tuple[int, str]:
    """Status and body, without what differs from request to request."""
    text = re.sub(r'"request_id":"[^"]+"', "", answer.text)
    for name, id in ids.items():
        text = text.replace(id, name)
    return answer.status_code, re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{22}", "", text)


async def test_to_ben_every_call_with_adas_ids_is_a_call_with_nobodys(story: Story) -> None:
    before = await all_of(story.ada, story.ids)
    tried = 0
    for method, path in operations(story.site):
        if "{" not in path:
            continue
        answers = []
        for ids in (story.ids, story.nowhere()):
            where = path.format(**ids, variant=story.variant).removeprefix("/api/v1")
            answers.append(said(await story.ben.http.request(method, where, **body_of(method, path)), ids))
        assert answers[0][0] == 404, (method, path, answers[0])
        assert answers[0] == answers[1], (method, path)
        assert "secret" not in answers[0][1]
        tried += 1
    assert tried >= 14
    assert await all_of(story.ada, story.ids) == before


async def test_ada_herself_can_do_all_of_it(story: Story) -> None:
    """Else the calls above would be refused for another reason. What ends something comes last."""
    last = {"DELETE": 3, "POST /cancellation": 1, "POST /retry": 2}
    calls = sorted(
        (call for call in operations(story.site) if "{" in call[1] and not call[1].endswith("/events")),
        key=lambda call: last.get(call[0], last.get(f"{call[0]} /{call[1].rsplit('/', 1)[1]}", 0)),
    )
    for method, path in sorted(calls, key=lambda call: call == ("DELETE", "/api/v1/threads/{thread_id}")):
        where = path.format(**story.ids, variant=story.variant).removeprefix("/api/v1")
        answer = await story.ada.http.request(method, where, **body_of(method, path))
        assert answer.status_code in (200, 201, 204), (method, path, answer.text[:300])


async def test_ben_finds_nothing_in_his_own_lists(story: Story) -> None:
    for path in ("/threads", "/threads?q=secret", "/images", "/images?q=secret", "/images?deleted=true"):
        assert (await story.ben.call("GET", path))["items"] == []
    stolen = await story.ben.call("GET", f"/images?thread_id={story.ids['thread_id']}")
    assert stolen == {"items": [], "next_cursor": None}


async def test_adas_ids_inside_bens_bodies_are_not_found(story: Story) -> None:
    before = await all_of(story.ada, story.ids)
    path = f"/threads/{await story.ben.thread()}/messages"
    for id in (story.ids["image_id"], str(new_id())):
        for intent in ("auto", "generate", "edit", "chat"):
            body = {"text": "make it blue", "intent": intent, "source_image_ids": [id]}
            await story.ben.call("POST", path, 404, json=body)
        masked = {"text": "make it blue", "intent": "generate", "mask_image_id": id}
        await story.ben.call("POST", path, 404, json=masked)
    assert (await story.ben.call("GET", path))["items"] == []
    assert await all_of(story.ada, story.ids) == before


async def test_to_ben_every_page_with_adas_ids_is_a_page_with_nobodys(story: Story) -> None:
    before = await all_of(story.ada, story.ids)
    ben = await visit_as(story.site, story.ben.user)
    tried = 0
    async with ben.http:
        for method, path in pages():
            answers = []
            for ids in (story.ids, story.nowhere()):
                options: dict[str, Any] = {} if method == "GET" else {"data": FORM}
                if (method, path) == ("POST", "/threads/{thread_id}/images"):
                    options = {"files": UPLOAD}
                answer = await ben.fetch(method, path.format_map(Ids(ids, variant="thumbnail")), **options)
                answers.append(said(answer, ids))
            refused = 403 if path.startswith("/admin/") else 404
            assert answers[0][0] == refused, (method, path, answers[0])
            assert answers[0] == answers[1], (method, path)
            assert "secret" not in answers[0][1]
            tried += 1
    assert tried >= 20
    assert await all_of(story.ada, story.ids) == before


class Ids(dict[str, str]):
    """What Ada never made, as an export, has its stories elsewhere: here it is nobody's in both calls."""

    def __missing__(self, name: str) -> str:
        return "01900000-0000-7000-8000-000000000000"


def pages() -> list[tuple[str, str]]:
    routes = [route for door in DOORS for route in door.routes if isinstance(route, APIRoute)]
    mine = [route for route in routes if "_id}" in route.path and not route.path.startswith("/api/")]
    return [(method, route.path) for route in mine for method in sorted((route.methods or set()) - {"HEAD"})]
