"""Bodies that nobody should send: refused with a sentence, and the process goes on. Reliability V23, V32, V33."""

from __future__ import annotations

import asyncio
import os
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from tests.api.caller import Caller, Json

pytestmark = pytest.mark.anyio
MALFORMED = [
    b"",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"{",
    b"{'text': 1}",
    b"\xff\xfe{}",
    b"[" * 100_000,
    b'{"text":' * 50_000,
    b'{"title": ' + b"9" * 5000 + b"}",
    b'{"title": 1e999}',
    b'{"pinned": NaN}',
    b'{"text": "\\ud800"}',
    b'{"text": "a", "text": ["b"]}',
    b'{"text": "draw", "options": {"extra": {"steps": "\\ud800"}}}',
]
FORBIDDEN = (
    "id user_id owner_id role is_admin quota cost price status created_at email_verified thread_id message_id "
    "parent_id generation_id url path storage_key object_key sha256 deleted_at revision"
).split()


async def targets(ada: Caller) -> dict[str, tuple[str, str, Json]]:
    """Every call with a JSON body: method, path, and a body that would be good."""
    image = await ada.image()
    thread = image["thread_id"]
    return {
        "new thread": ("POST", "/threads", {"title": "x"}),
        "change thread": ("PATCH", f"/threads/{thread}", {"title": "x"}),
        "message": ("POST", f"/threads/{thread}/messages", {"text": "x", "intent": "chat"}),
        "image": ("PATCH", f"/images/{image['id']}", {"alt_text": "x"}),
    }


async def test_malformed_bodies_are_refused_and_the_process_lives(ada: Caller) -> None:
    for name, (method, path, _) in (await targets(ada)).items():
        for body in MALFORMED:
            answer = await ada.http.request(method, path, content=body, headers={"Content-Type": "application/json"})
            if name in ("change thread", "image") and body == b'{"text": "\\ud800"}':
                assert answer.status_code == 422
            assert answer.status_code in (422, 201) if b"\\ud800" in body else answer.status_code == 422, (
                name,
                body[:40],
                answer.status_code,
            )
            assert answer.status_code == 201 or answer.json()["error"]["code"] == "validation_failed"
    assert psutil.Process(os.getpid()).is_running()
    await ada.call("GET", "/usage")


async def test_nobody_sets_what_is_not_theirs_to_set(ada: Caller) -> None:
    before = await everything(ada)
    calls = await targets(ada)
    before = await everything(ada)
    for method, path, good in calls.values():
        for name in FORBIDDEN:
            value: Any = True if name.startswith("is_") else "01a20000-0000-7000-8000-000000000000"
            answer = await ada.call(method, path, 422, json={**good, name: value})
            assert name in answer["error"]["fields"], (path, name)
    assert await everything(ada) == before


async def everything(ada: Caller) -> list[Json]:
    return [await ada.call("GET", path) for path in ("/threads", "/images", "/usage")]


async def test_other_kinds_of_body_are_refused(ada: Caller) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml", ""):
        answer = await ada.http.post("/threads", content=b'{"title": "x"}', headers={"Content-Type": kind})
        assert answer.status_code == 422, kind
    assert (await ada.call("GET", "/threads"))["items"] == []


async def test_a_body_without_end_is_cut_off_on_every_call(ada: Caller) -> None:
    process = psutil.Process()
    memory = process.memory_info().rss
    paths = [(method, path) for method, path, _ in (await targets(ada)).values()]
    thread = paths[1][1].split("/")[2]
    for method, path in [*paths, ("POST", f"/threads/{thread}/images")]:
        status, sent = await pour(ada, method, path)
        assert status == 413, (path, status)
        assert sent < 150_000_000
    assert process.memory_info().rss - memory < 64_000_000


async def pour(ada: Caller, method: str, path: str) -> tuple[int, int]:
    """Send chunks until the server answers; the status and how many bytes went out."""
    url = urlsplit(str(ada.http.base_url))
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    head = f"{method} {url.path.rstrip('/')}{path} HTTP/1.1\r\nHost: {url.netloc}\r\nTransfer-Encoding: chunked\r\n"
    kind = "multipart/form-data; boundary=x" if path.endswith("/images") else "application/json"
    head += f"Authorization: {ada.http.headers['authorization']}\r\nContent-Type: {kind}\r\n\r\n"
    writer.write(head.encode())
    answer = asyncio.ensure_future(reader.readuntil(b"\r\n"))
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    writer.write(f"{len(start):x}\r\n".encode() + start + b"\r\n")
    chunk, sent = b"10000\r\n" + b"x" * 65536 + b"\r\n", 0
    try:
        while not answer.done() and sent < 200_000_000:
            writer.write(chunk)
            await asyncio.wait_for(writer.drain(), 30)
            sent += 65536
            await asyncio.sleep(0)
    except ConnectionError:
        pass
    line = await asyncio.wait_for(answer, 30)
    writer.transport.abort()
    return int(line.split()[1]), sent
