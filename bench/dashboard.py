"""The page of what was spent, at a million ledger entries: spread over a year, and all of them in one month."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import httpx
import psycopg
from sqlalchemy import text

from bench.figures import Figure, at_most, p95, told
from bench.instance import EMAIL, PASSWORD, Instance, running
from chatelier.config import Settings
from chatelier.db.embedded import open_embedded
from chatelier.db.engine import conninfo
from chatelier.domain.spend.drift import find_drift
from chatelier.domain.spend.sums import sum_up
from chatelier.services import open_services

PEOPLE, ATTEMPTS, ROUNDS = 1000, 500_000, 30  # each attempt has two entries
BUDGET = 150
SEED = f"""
INSERT INTO users (id, email, plan) SELECT gen_random_uuid(), 'person' || n || '@example.org',
  (ARRAY['free', 'member', 'premium'])[1 + n % 3] FROM generate_series(1, {PEOPLE}) AS n;
CREATE TEMP TABLE who AS SELECT row_number() OVER () AS place, id, plan FROM users;
CREATE TEMP TABLE painters AS SELECT * FROM (VALUES
  (0, 'openai', 'gpt-image-2'), (1, 'openai', 'gpt-image-2-mini'), (2, 'azure', 'gpt-image-2'), (3, 'home', 'sdxl'),
  (4, 'illustrator', 'noto-1'), (5, 'openai', 'gpt-4o-mini')) AS one (place, provider, model);
INSERT INTO charges (attempt_id, owner_id, plan, subject, state, held_images, held_micros, images, micros, provider,
                     model, paid, cooling, is_test, ended, counted_at)
SELECT gen_random_uuid(), who.id, who.plan, 'picture',
       CASE n % 40 WHEN 38 THEN 'released' WHEN 39 THEN 'refused' ELSE 'settled' END,
       1, 50000, (n % 40 < 38)::int, CASE WHEN n % 40 < 38 THEN 30000 + n % 17001 ELSE 0 END, provider, model,
       true, false, n % 100 = 0, CASE n % 40 WHEN 38 THEN 'failed' WHEN 39 THEN 'refused' ELSE '' END,
       now() - interval 'SPAN' * (1 - n::float / {ATTEMPTS})
FROM generate_series(1, {ATTEMPTS}) AS n
JOIN painters ON painters.place = n % 6 JOIN who ON who.place = 1 + (n * 611) % {PEOPLE};
"""
ENTRIES = """
INSERT INTO ledger (id, owner_id, attempt_id, kind, images, micros, provider, model, is_test, created_at)
SELECT gen_random_uuid(), owner_id, attempt_id, kind, CASE kind WHEN 'hold' THEN held_images ELSE images END,
       CASE kind WHEN 'hold' THEN held_micros ELSE micros END, provider, model, is_test, counted_at
FROM charges, LATERAL (VALUES ('hold'), (CASE state WHEN 'settled' THEN 'settle' ELSE 'release' END)) AS one (kind);
INSERT INTO instance_days (day, piece, images, micros)
SELECT cast(counted_at AT TIME ZONE 'UTC' AS date), get_byte(uuid_send(owner_id), 15) % 16, sum(images), sum(micros)
FROM charges WHERE NOT is_test GROUP BY 1, 2;
"""
EMPTY_AGAIN = """
TRUNCATE charges, ledger, instance_days, spend_sums, spend_quarters;
DELETE FROM users WHERE email LIKE 'person%'
"""


def dashboard() -> Iterator[Figure]:
    with running(CHATELIER_CHAT_MODEL="none") as instance:
        server = open_embedded(instance.data, say=lambda _: None)
        try:
            url = conninfo(server.url)
            yield from _measure(instance, url, "365 days", "over a year")
            with psycopg.connect(url, autocommit=True) as db:
                db.execute(EMPTY_AGAIN)
                db.execute("DROP TABLE IF EXISTS who, painters")
            yield from _measure(instance, url, "28 days", "in four weeks")
        finally:
            server.close()


def _measure(instance: Instance, url: str, span: str, words: str) -> Iterator[Figure]:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(SEED.replace("SPAN", span).encode())
        db.execute(ENTRIES.encode())
        db.execute("VACUUM ANALYZE")
    _sum_up(instance.data)
    yield told(f"a million ledger entries {words}", "")
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("VACUUM ANALYZE")
    today = date.today()
    cases = {
        "this month": {},
        "90 days by day": {"from": today - timedelta(days=89), "to": today, "by": "day"},
        "a year by week": {"from": today - timedelta(days=364), "to": today, "by": "week"},
        "a year by month": {"from": today - timedelta(days=364), "to": today, "by": "month"},
    }
    with closing(_signed_in(instance)) as client:
        for name, params in cases.items():
            before, ours = instance.cpu(), instance.cpu(python_only=True)
            took = [_look(client, "/admin/spend", params) for _ in range(ROUNDS)]
            ours = (instance.cpu(python_only=True) - ours) / ROUNDS * 1000
            database = (instance.cpu() - before) / ROUNDS * 1000 - ours
            yield at_most(f"  dashboard, {name}, p95", p95(took[3:]) * 1000, BUDGET, "ms", digits=0)
            yield told("    of it CPU: ours, PostgreSQL", f"{ours:.0f}, {database:.0f} ms")
        own = [_look(client, "/account/spend", cases["a year by month"]) for _ in range(ROUNDS + 3)][3:]
        yield at_most("  one's own year, p95", p95(own) * 1000, BUDGET, "ms", digits=0)
    yield told("  beside: one grouping of the charges themselves", f"{_without_sums(url) * 1000:.0f} ms")
    seconds, drift = _check(instance.data)
    yield told(f"  the nightly check of the books: {drift} faults, in", f"{seconds:.1f} s")


def _without_sums(url: str) -> float:
    """The median of what a single table of the page would take without sums, over the same year."""
    query = """
    SELECT owner_id, provider, model, plan, count(*), sum(micros), sum(images) FROM charges
    WHERE NOT is_test AND counted_at > now() - interval '365 days' GROUP BY 1, 2, 3, 4
    """
    took = []
    with psycopg.connect(url) as db:
        for _ in range(5):
            begun = time.perf_counter()
            db.execute(query).fetchall()
            took.append(time.perf_counter() - begun)
    return statistics.median(took)


def _signed_in(instance: Instance) -> httpx.Client:
    client = httpx.Client(base_url=instance.url, headers={"Origin": instance.url}, timeout=60)
    client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    return client


def _look(client: httpx.Client, path: str, params: dict[str, object]) -> float:
    begun = time.perf_counter()
    answer = client.get(path, params=params)  # type: ignore[arg-type]
    took = time.perf_counter() - begun
    assert answer.status_code == 200, answer.status_code
    return took


def _sum_up(data: Path) -> None:
    """All of it, together with the worker, which may be at it."""

    async def all_of_it() -> None:
        fresh = text("SELECT EXISTS (SELECT FROM charges WHERE NOT summed)")
        async with open_services(Settings(data_dir=data, chat_model="none")) as services:
            while True:
                await sum_up(services)
                async with services.transaction() as db:
                    if not await db.scalar(fresh):
                        return
                await asyncio.sleep(0.5)

    asyncio.run(all_of_it())


def _check(data: Path) -> tuple[float, int]:
    async def look() -> tuple[float, int]:
        async with open_services(Settings(data_dir=data, chat_model="none")) as services:
            begun = time.perf_counter()
            async with services.transaction() as db:
                found = await find_drift(db)
            return time.perf_counter() - begun, len(found)

    return asyncio.run(look())
