from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.web.visitor import Element, Visitor, parse

pytestmark = pytest.mark.anyio
EVENTS = {"Accept": "text/event-stream"}


async def follow(response: httpx.Response) -> AsyncIterator[tuple[dict[str, str], Element]]:
    """The events of a stream: its fields and what it draws."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = fields[name] + "\n" + value if name in fields else value
        else:
            if "data" in fields or "event" in fields:
                yield fields, parse(fields.get("data", ""))
            fields = {}


async def test_a_picture_comes_by_the_stream_as_the_same_parts_that_the_page_is_made_of(ada: Visitor) -> None:
    thread = await ada.begins("hello there")
    revision = (await ada.page(thread)).one("main")["data-revision"]
    seen: list[int] = []
    async with (
        asyncio.timeout(20),
        ada.http.stream("GET", f"{thread}/events", headers={**EVENTS, "Last-Event-ID": revision}) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        await ada.send(f"{thread}/messages", text="/imagine a small cat [[slow 1]]")
        async for fields, parts in follow(response):
            assert "event" not in fields
            seen += [int(bar["value"]) for bar in parts.all("progress")]
            if parts.all("figcaption"):
                drawn = parts.one("figure", class_="picture")
                assert fields["id"] == (await ada.page(thread)).one("main")["data-revision"]
                break
    assert seen == sorted(seen)
    assert len(set(seen)) >= 4
    assert drawn["id"] == (await ada.page(thread)).one("figure", class_="picture")["id"]


async def test_a_page_that_comes_back_gets_what_it_missed(ada: Visitor) -> None:
    thread = await ada.begins("hello there")
    revision = (await ada.page(thread)).one("main")["data-revision"]
    await ada.send(f"{thread}/messages", text="/imagine a small cat")
    await ada.shows(thread, class_="details")
    async with (
        asyncio.timeout(60),
        ada.http.stream("GET", f"{thread}/events", headers={**EVENTS, "Last-Event-ID": revision}) as response,
    ):
        async for _, parts in follow(response):
            assert [article["data-position"] for article in parts.all("article")][-2:] == ["3", "4"]
            assert parts.all("figcaption")
            break


async def test_asking_for_changes_does_what_the_stream_does(ada: Visitor) -> None:
    thread = await ada.begins("/imagine a small cat")
    page = await ada.shows(thread, class_="details")
    revision = page.one("main")["data-revision"]
    nothing = await ada.fetch("GET", f"{thread}/changes?after={revision}")
    assert (nothing.status_code, nothing.text, nothing.headers["thread-revision"]) == (200, "", revision)
    everything = await ada.fetch("GET", f"{thread}/changes?after=0")
    assert parse(everything.text).all("figcaption")
    ahead = await ada.fetch("GET", f"{thread}/changes?after=999999")
    assert len(parse(ahead.text).all("article")) == 2
    assert (await ada.fetch("GET", f"{thread}/changes?after=-1")).status_code == 422


async def test_a_deleted_thread_ends_the_stream(ada: Visitor) -> None:
    thread = await ada.begins("hello there")
    async with asyncio.timeout(60), ada.http.stream("GET", f"{thread}/events", headers=EVENTS) as response:
        events = follow(response)
        await anext(events)
        await ada.submit(f"{thread}/deletion", images="keep")
        told = [fields.get("event") async for fields, _ in events]
    assert told[-1] == "gone"
    assert (await ada.fetch("GET", f"{thread}/changes")).status_code == 404


async def test_signing_out_ends_the_stream_and_nobody_else_may_listen(ada: Visitor, guest: Visitor) -> None:
    thread = await ada.begins("hello there")
    assert (await guest.fetch("GET", f"{thread}/events", headers=EVENTS)).status_code == 401
    async with asyncio.timeout(60), ada.http.stream("GET", f"{thread}/events", headers=EVENTS) as response:
        events = follow(response)
        await anext(events)
        await ada.submit("/account/sign-ins/deletion")
        told = [fields.get("event") async for fields, _ in events]
    assert told[-1] == "gone"
    assert (await ada.fetch("GET", f"{thread}/changes")).status_code == 401
