"""Pages, search, thumbnails and originals of a gallery with very many images."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import psycopg

from bench.figures import Figure, at_least, at_most, p95, told
from bench.hanging import LARGE, ORIGINALS, hang
from bench.instance import EMAIL, Instance, run, running
from chatelier.db.embedded import open_embedded
from chatelier.db.engine import conninfo
from chatelier.db.models import User
from chatelier.domain.gallery import Filters, query_marks
from chatelier.domain.pages import encode_cursor

ROUNDS = 40
SEARCHERS = 20_000
CONNECTIONS = 8
EMPTY = "an empty request"
QUIET = {"CHATELIER_CHAT_MODEL": "none"}


def gallery() -> Iterator[Figure]:
    yield from _measure(120_000)


def million() -> Iterator[Figure]:
    yield from _measure(1_000_000)


def _measure(count: int) -> Iterator[Figure]:
    with running(**QUIET) as instance:
        run(instance.data, "user", "add", "grace@example.org", "--password-stdin", stdin="a-long-benchmark-passphrase")
        grace = Instance(**{**vars(instance), "key": run(instance.data, "key", "add", "grace@example.org").split()[-1]})
        server = open_embedded(instance.data, say=lambda _: None)
        try:
            url = conninfo(server.url)
            with psycopg.connect(url) as db:
                ids = {str(email): UUID(str(id)) for id, email in db.execute("SELECT id, email FROM users").fetchall()}
            begun = time.monotonic()
            ada = ids[EMAIL]
            hang(url, {ada: count - SEARCHERS, ids["grace@example.org"]: SEARCHERS})
            yield told(f"{count:,} images made in", f"{time.monotonic() - begun:.0f} s")
            yield from _pages(instance, url, ada, count - SEARCHERS)
            yield from _search(grace)
            yield from _bytes(instance, url, ada)
            yield from _storage(url)
        finally:
            server.close()


def _pages(instance: Instance, url: str, ada: UUID, count: int) -> Iterator[Figure]:
    number = min(10_000, count // 50 - 1)
    deep = _cursor(url, ada, number * 50)
    cases: dict[str, dict[str, object]] = {
        "page 1": {},
        f"page {number:,}": {"cursor": deep},
        "oldest": {"sort": "oldest"},
        "largest": {"sort": "largest"},
        "favourites": {"favourite": True},
        "a common style": {"style": "ink"},
        "a rare style": {"style": "engraving"},
        "style and model": {"style": "ink", "model": "brush-2"},
        "nothing found": {"style": "ink", "aspect": "portrait"},
    }
    before, ours = instance.cpu(), instance.cpu(python_only=True)
    with instance.client() as client:
        took = _interleaved(client, cases)
    requests = (ROUNDS + 3) * (len(cases) + 1)
    ours = (instance.cpu(python_only=True) - ours) / requests
    database = (instance.cpu() - before) / requests - ours
    yield told("CPU of a page: ours, PostgreSQL", f"{ours * 1e3:.1f}, {database * 1e3:.1f} ms")
    yield told("  beside: an empty request, p95", f"{p95(took.pop(EMPTY)) * 1000:.1f} ms")
    first, far = statistics.median(took["page 1"]), statistics.median(took[f"page {number:,}"])
    for name, seconds in took.items():
        yield at_most(f"gallery, {name}, p95", p95(seconds) * 1000, 25, "ms", digits=1)
    yield at_most(f"  page {number:,} / page 1, medians", far / first, 1.3, "x")


def _cursor(url: str, owner: UUID, offset: int) -> str:
    with psycopg.connect(url) as db:
        query = "SELECT created_at, id FROM images WHERE owner_id = %s ORDER BY created_at DESC, id DESC"
        row = db.execute(f"{query} OFFSET %s LIMIT 1", (owner, offset)).fetchone()
    assert row
    marks = query_marks(User(id=owner), Filters())
    return encode_cursor(marks, [row[0].isoformat(), str(row[1])])


def _search(grace: Instance) -> Iterator[Figure]:
    words = {"a common word": "study", "two words": "golden fox", "a beginning": "li", "a typing mistake": "lighthuose"}
    cases: dict[str, dict[str, object]] = {name: {"q": q} for name, q in {**words, "a rare word": "number4711"}.items()}
    with grace.client() as client:
        took = _interleaved(client, cases)
        yield told("  beside: an empty request, p95", f"{p95(took.pop(EMPTY)) * 1000:.1f} ms")
        for name, seconds in took.items():
            yield at_most(f"search of {SEARCHERS:,}, {name}, p95", p95(seconds) * 1000, 80, "ms", digits=1)


def _interleaved(client: httpx.Client, cases: dict[str, dict[str, object]]) -> dict[str, list[float]]:
    """Seconds of each, and of an empty request beside them; what comes first warms up."""
    took: dict[str, list[float]] = {name: [] for name in [*cases, EMPTY]}
    for turn in range(ROUNDS + 3):
        for name in took:
            params = {"limit": 50, **cases[name]} if name in cases else {}
            begun = time.monotonic()
            client.get("/api/v1/images" if params else "/healthz", params=params).raise_for_status()  # type: ignore[arg-type]
            if turn >= 3:
                took[name].append(time.monotonic() - begun)
    return took


def _bytes(instance: Instance, url: str, ada: UUID) -> Iterator[Figure]:
    with psycopg.connect(url) as db:
        query = "SELECT id FROM images WHERE owner_id = %s ORDER BY created_at DESC LIMIT %s"
        newest = [str(row[0]) for row in db.execute(query, (ada, LARGE)).fetchall()]
    paths = [f"/api/v1/images/{image_id}/thumbnail" for image_id in newest]
    stored = asyncio.run(_load(instance, paths))
    cached = asyncio.run(_load(instance, paths[-50:] * 60))
    yield at_least("thumbnails from the database, load on the same cores", stored, 350, "/s", digits=0)
    yield at_least("thumbnails from memory", cached, 700, "/s", digits=0)
    before, highest = instance.process.memory_info().rss, 0
    originals = [f"/api/v1/images/{image_id}/original" for image_id in newest[:ORIGINALS]] * (200 // ORIGINALS)

    async def fetch_all() -> None:
        nonlocal highest
        tasks = [asyncio.create_task(_fetch(instance, [path], slowly=True)) for path in originals]
        while not all(task.done() for task in tasks):
            highest = max(highest, instance.process.memory_info().rss)
            await asyncio.sleep(0.02)
        await asyncio.gather(*tasks)

    begun = time.monotonic()
    asyncio.run(fetch_all())
    yield at_most("200 originals of 1.5 MB at once, more memory", (highest - before) / 1e6, 120, "MB", digits=0)
    yield told("  and the time they took", f"{time.monotonic() - begun:.1f} s")


async def _load(instance: Instance, paths: Sequence[str]) -> float:
    """Requests a second over eight connections."""
    begun = time.monotonic()
    await asyncio.gather(*(_fetch(instance, paths[start::CONNECTIONS]) for start in range(CONNECTIONS)))
    return len(paths) / (time.monotonic() - begun)


async def _fetch(instance: Instance, paths: Sequence[str], *, slowly: bool = False) -> None:
    host = urlsplit(instance.url).netloc
    reader, writer = await asyncio.open_connection("127.0.0.1", instance.port, limit=2**17)
    for path in paths:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {instance.key}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        assert length, head
        assert b" 200 " in head[:20], head
        left = int(length[1])
        while left:
            left -= len(await reader.read(min(left, 2**16)))
            if slowly:
                await asyncio.sleep(0.01)
    writer.close()


def _storage(url: str) -> Iterator[Figure]:
    """The same originals as BYTEA and as Base64 text, in tables of their own."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("CREATE TEMP TABLE raw AS SELECT content FROM image_files WHERE variant = 'original' WITH NO DATA")
        db.execute("CREATE TEMP TABLE coded (content text)")
        for table in ("raw", "coded"):
            db.execute(f"ALTER TABLE {table} ALTER content SET STORAGE EXTERNAL")
        db.execute("INSERT INTO raw SELECT content FROM image_files WHERE variant = 'original'")
        db.execute("INSERT INTO coded SELECT replace(encode(content, 'base64'), E'\\n', '') FROM raw")
        size = "SELECT pg_total_relation_size('raw')::float / pg_total_relation_size('coded')"
        row = db.execute(size).fetchone()
    assert row
    yield at_most("bytes stored for an original / Base64 text", row[0], 0.76, "x")
