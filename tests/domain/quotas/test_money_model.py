"""Money under any order of events: Hypothesis asks, sends, answers, fails, crashes, sweeps, stops, tries again and
does things twice, on the real database; after each step the books agree and no cap is passed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from io import BytesIO
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test
from PIL import Image
from sqlalchemy import func, select, text, update

from chatelier.config import Settings
from chatelier.db.models import Attempt, AttemptState, Charge, Generation, GenerationStatus, InstanceDay, User, now
from chatelier.domain import attempts
from chatelier.domain.generations import cancel_generation, find_generation, finish, retry_generation
from chatelier.domain.generations.progress import Reporter
from chatelier.domain.quotas.report import report
from chatelier.domain.spend.drift import find_drift
from chatelier.domain.spend.sums import sum_up
from chatelier.domain.sweep import sweep
from chatelier.errors import LimitReached, NotRetryable
from chatelier.providers.base import FailureKind, ImageResult, ProducedImage, ProviderError
from chatelier.services import Services, open_services
from tests.engines import CENTS, Brush, limit, use_engines
from tests.people import People

T = TypeVar("T")
IMAGES, MONEY, PRICE = 12, 40 * CENTS, 4 * CENTS
FAILURES = {
    "refused": (FailureKind.REFUSED, False),
    "refused and billed": (FailureKind.REFUSED, True),
    "unavailable": (FailureKind.UNAVAILABLE, False),
    "timed out": (FailureKind.TIMED_OUT, False),
    "broken off": (FailureKind.UNKNOWN, False),
}
# Every attempt has exactly one hold, at most one end, and counts for what these say.
DISAGREEMENTS = """
SELECT charges.attempt_id FROM charges LEFT JOIN ledger ON ledger.attempt_id = charges.attempt_id
GROUP BY charges.attempt_id HAVING NOT (
  count(*) FILTER (WHERE kind = 'hold' AND ledger.images = held_images AND ledger.micros = held_micros) = 1
  AND count(*) FILTER (WHERE kind <> 'hold' AND ledger.images = charges.images AND ledger.micros = charges.micros)
      = (state <> 'held')::int
  AND count(*) = 1 + (state <> 'held')::int)
"""


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 64), "#336699").save(out, "PNG")
    return out.getvalue()


class Books(RuleBasedStateMachine):
    """``services`` and ``run`` are set by the test: one database for all examples, one new person for each."""

    services: Services
    run: Callable[[Awaitable[Any]], Any]
    people: ClassVar[Counter[str]] = Counter()
    asked = Bundle("asked")

    def __init__(self) -> None:
        super().__init__()
        Books.people["ada"] += 1
        self.sent: Counter[UUID] = Counter()
        self.ada: User = self.run(People(self.services).user(f"ada{Books.people['ada']}"))
        self.run(limit(self.services, self.ada, images_per_month=IMAGES, money_per_month=MONEY))
        self.thread = self.run(People(self.services).thread(self.ada))

    @rule(target=asked, n=strategies.integers(1, 4))
    def asks(self, n: int) -> Any:
        before = self.run(self._taken())
        fits = before[0] + n <= IMAGES and before[1] + n * PRICE <= MONEY
        try:
            said = People(self.services).says(self.ada, self.thread, f"/imagine a cat --n {n} --size 64x64")
            posted = self.run(said)
        except LimitReached:
            assert not fits
            return multiple()
        assert fits
        return posted.reply.generation.id

    @rule(generation=asked)
    def is_sent(self, generation: UUID) -> None:
        self.run(self._send(generation))

    @rule(generation=asked, times=strategies.integers(1, 3))
    def is_answered(self, generation: UUID, times: int) -> None:
        self.run(self._answer(generation, times))

    @rule(generation=asked, how=strategies.sampled_from(sorted(FAILURES)), times=strategies.integers(1, 3))
    def fails(self, generation: UUID, how: str, times: int) -> None:
        kind, billed = FAILURES[how]
        self.run(self._fail(generation, ProviderError(kind, how, billed=billed), times))

    @rule(generation=asked)
    def is_stopped(self, generation: UUID) -> None:
        self.run(self._stop(generation))

    @rule(target=asked, generation=asked)
    def is_tried_again(self, generation: UUID) -> Any:
        return self.run(self._retry(generation)) or multiple()

    @rule()
    def workers_die(self) -> None:
        self.run(self._crash())

    @rule()
    def a_day_passes(self) -> None:
        self.run(self._age())

    @invariant()
    def the_books_agree(self) -> None:
        self.run(self._agree())

    def teardown(self) -> None:
        """At rest: only what has an unknown outcome is still held."""
        self.run(self._crash())
        self.run(self._crash())
        self.run(self._only_unknown_is_held())

    async def _send(self, generation_id: UUID) -> None:
        async with self.services.transaction() as db:
            attempt = await self._attempt(db, generation_id)
            claimed = await attempts.claim(db, attempt.id)
            if claimed is None or not await attempts.mark_sent(db, claimed):
                return
            self.sent[attempt.id] += 1
            running = update(Generation).where(Generation.id == generation_id)
            await db.execute(running.values(status=GenerationStatus.RUNNING))

    async def _answer(self, generation_id: UUID, times: int) -> None:
        generation, attempt = await self._sent_pair(generation_id)
        if attempt is None:
            return
        images = [ProducedImage(content=png())] * int(generation.options.get("n", 1))
        for _ in range(times):
            reporter = Reporter(self.services, generation)
            result = ImageResult(images=images)
            await finish.store(self.services, generation, attempt, Brush().capabilities, result, reporter)

    async def _fail(self, generation_id: UUID, error: ProviderError, times: int) -> None:
        generation, attempt = await self._sent_pair(generation_id)
        for _ in range(times if attempt is not None else 0):
            assert attempt is not None
            await finish.fail(self.services, generation, attempt, error)

    async def _sent_pair(self, generation_id: UUID) -> tuple[Generation, Attempt | None]:
        """A result may come late, to an attempt that is unknown by now, but never to one that was not sent."""
        async with self.services.transaction() as db:
            attempt = await self._attempt(db, generation_id)
            generation = await find_generation(db, self.ada, generation_id)
        return generation, attempt if self.sent[attempt.id] else None

    async def _attempt(self, db: Any, generation_id: UUID) -> Attempt:
        found: Attempt = (await db.scalars(select(Attempt).where(Attempt.generation_id == generation_id))).one()
        return found

    async def _stop(self, generation_id: UUID) -> None:
        async with self.services.transaction() as db:
            await cancel_generation(db, await find_generation(db, self.ada, generation_id))

    async def _retry(self, generation_id: UUID) -> UUID | None:
        try:
            async with self.services.transaction() as db:
                generation = await find_generation(db, self.ada, generation_id)
                _, reply = await retry_generation(db, self.services.providers, self.ada, generation)
                return reply.generation.id if reply.generation else None
        except (NotRetryable, LimitReached):
            return None

    async def _crash(self) -> None:
        async with self.services.transaction() as db:
            past = now() - func.make_interval(0, 0, 0, 0, 0, 1)
            claimed = Attempt.state.in_((AttemptState.PREPARED, AttemptState.SENT)), Attempt.lease_until.is_not(None)
            await db.execute(update(Attempt).where(*claimed).values(lease_until=past))
        await sweep(self.services)
        await sum_up(self.services)

    async def _age(self) -> None:
        async with self.services.transaction() as db:
            older = Attempt.sent_at - func.make_interval(0, 0, 0, 0, 25)
            await db.execute(update(Attempt).where(Attempt.state == AttemptState.UNKNOWN).values(sent_at=older))
        await sweep(self.services)

    async def _taken(self) -> tuple[int, int]:
        async with self.services.transaction() as db:
            images, money = (await report(db, self.ada.id)).limits
            return images.used + images.held, money.used + money.held

    async def _agree(self) -> None:
        async with self.services.transaction() as db:
            assert (await db.execute(text(DISAGREEMENTS))).all() == []
            assert await find_drift(db) == []
            sums = [
                func.coalesce(func.sum(column).filter(Charge.state == state), 0)
                for state in ("held", "settled")
                for column in (Charge.images, Charge.micros)
            ]
            days = [InstanceDay.held_images, InstanceDay.held_micros, InstanceDay.images, InstanceDay.micros]
            together = (await db.execute(select(*(func.coalesce(func.sum(day), 0) for day in days)))).one()
            assert tuple((await db.execute(select(*sums))).one()) == tuple(together)
            mine = (await db.execute(select(*sums).where(Charge.owner_id == self.ada.id))).one()
            images, money = (await report(db, self.ada.id)).limits
            assert (images.held, money.held, images.used, money.used) == tuple(mine)
            assert images.used + images.held <= IMAGES
            assert money.used + money.held <= MONEY
        assert all(times == 1 for times in self.sent.values())

    async def _only_unknown_is_held(self) -> None:
        async with self.services.transaction() as db:
            held = select(Charge.attempt_id).where(Charge.state == "held", Charge.owner_id == self.ada.id)
            open_states = select(Attempt.state).where(Attempt.id.in_(held)).distinct()
            assert set(await db.scalars(open_states)) <= {AttemptState.UNKNOWN, AttemptState.PREPARED}


@pytest.fixture
def run(settings: Settings) -> Iterator[Callable[[Awaitable[Any]], Any]]:
    """Runs one coroutine after another on a loop of its own, with services that stay open."""
    with asyncio.Runner() as runner:

        def run(coroutine: Awaitable[T]) -> T:
            return runner.run(_await(coroutine))

        opened = open_services(settings)
        services = run(opened.__aenter__())
        use_engines(services)
        Books.services, Books.run = services, staticmethod(run)
        yield run
        run(opened.__aexit__(None, None, None))


async def _await(coroutine: Awaitable[T]) -> T:
    return await coroutine


def test_the_books_agree_whatever_happens(run: Callable[[Awaitable[Any]], Any]) -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
