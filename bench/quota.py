"""What a look at the limits adds to a post, at 1,000 people with 200 generations each this month; and 200 at once."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select, text

from bench.figures import Figure, at_most, p95, told
from bench.instance import scratch
from chatelier.config import Settings
from chatelier.db.models import Attempt, User
from chatelier.domain import ledger
from chatelier.domain.decisions import Draft
from chatelier.domain.messages import post_message
from chatelier.domain.plans import limit_instance, limit_user
from chatelier.domain.quotas.admit import admit
from chatelier.domain.quotas.judge import Ask
from chatelier.domain.threads import create_thread, find_thread
from chatelier.errors import LimitReached
from chatelier.ids import new_id
from chatelier.providers.fake import FakePainter
from chatelier.services import Services, open_services

PEOPLE, EACH = 1000, 200
ROUNDS, AT_ONCE, ALLOWED = 200, 200, 20
ALL = {
    "simultaneous": 10**6,
    "cooldown_seconds": 0,
    "images_per_hour": 10**6,
    "images_per_day": 10**6,
    "images_per_month": 10**6,
    "money_per_day": 10**12,
    "money_per_month": 10**12,
    "messages_per_minute": 10**6,
}
SEED = f"""
INSERT INTO users (id, email) SELECT gen_random_uuid(), 'person' || n || '@example.org'
FROM generate_series(1, {PEOPLE}) AS n;
INSERT INTO charges (attempt_id, owner_id, subject, state, held_images, held_micros, images, micros, provider, model,
                     paid, cooling, is_test, counted_at)
SELECT gen_random_uuid(), users.id, 'picture', 'settled', 1, 40000, 1, 40000, 'brush', 'brush-1', true, true, false,
       now() - (now() - date_trunc('month', now())) * random() AS counted_at
FROM users, generate_series(1, {EACH}) ORDER BY counted_at;
INSERT INTO instance_days (day, piece, images, micros)
SELECT cast(counted_at AT TIME ZONE 'UTC' AS date), get_byte(uuid_send(owner_id), 15) % 16, sum(images), sum(micros)
FROM charges GROUP BY 1, 2;
ANALYZE
"""


class Brush(FakePainter):
    name = "brush"


def quota() -> Iterator[Figure]:
    with scratch() as data:
        yield from asyncio.run(_measure(Settings(data_dir=data, fake_provider=True, chat_model="none")))


async def _measure(settings: Settings) -> list[Figure]:
    async with open_services(settings) as services:
        images = {**services.providers.images, "brush": Brush()}
        services.providers = replace(services.providers, images=images, default_image="brush")
        async with services.transaction() as db:
            for statement in SEED.split(";"):
                await db.execute(text(statement))
            users = list(await db.scalars(select(User).limit(50)))
            for user in users:
                await limit_user(db, user, ALL)
        alone = [await _look(services, users[at % 50]) for at in range(ROUNDS)]
        async with services.transaction() as db:
            await limit_instance(db, ALL)
        together = [await _look(services, users[at % 50]) for at in range(ROUNDS)]
        async with services.transaction() as db:
            await limit_instance(db, {})
            await limit_user(db, users[0], {**ALL, "images_per_day": 10**6, "simultaneous": ALLOWED})
        seconds, accepted = await _rush(services, users[0])
    return [
        *_figures("limits of one person, added to a post", alone),
        *_figures("the same with limits of all together", together),
        at_most(f"{AT_ONCE} posts of one person at once", seconds, 3, "s"),
        told(f"of them let in where {ALLOWED} were allowed", str(accepted)),
    ]


def _figures(what: str, looks: list[tuple[float, float]]) -> list[Figure]:
    return [
        at_most(f"{what}, p95", p95([wall for wall, _ in looks]) * 1000, 5, "ms"),
        told("  of it our CPU, on average", f"{statistics.fmean(cpu for _, cpu in looks) * 1000:.2f} ms"),
    ]


async def _look(services: Services, user: User) -> tuple[float, float]:
    """The check and the hold, by the clock and in our CPU. The attempt stands for one that a post writes anyway."""
    ask = Ask(images=1, micros=40_000, paid=True, provider="brush", model="brush-1")
    ids = {"id": new_id(), "generation_id": new_id()}
    attempt = Attempt(**ids, held_micros=40_000, provider="brush", model="brush-1", free=False)
    async with services.transaction() as db:
        await db.execute(text("SELECT 1"))
        begun, used = time.perf_counter(), time.process_time()
        await admit(db, user.id, ask)
        await ledger.hold(db, attempt, owner_id=user.id, images=1)
        return time.perf_counter() - begun, time.process_time() - used


async def _rush(services: Services, user: User) -> tuple[float, int]:
    async with services.transaction() as db:
        threads = [(await create_thread(db, user)).id for _ in range(AT_ONCE)]

    async def post(at: int) -> bool:
        try:
            async with services.transaction() as db:
                thread = await find_thread(db, user, threads[at])
                await post_message(db, services.providers, user, thread, Draft(text="draw a cat"))
            return True
        except LimitReached:
            return False

    begun = time.perf_counter()
    done = await asyncio.gather(*(post(at) for at in range(AT_ONCE)))
    return time.perf_counter() - begun, sum(done)
