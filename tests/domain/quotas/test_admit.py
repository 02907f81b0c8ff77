from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import event, func, select

from chatelier.db.models import Charge, Generation, LedgerEntry, User
from chatelier.domain.messages import Posted
from chatelier.errors import (
    BudgetExceeded,
    ChatelierError,
    CoolingDown,
    Forbidden,
    LimitReached,
    PriceUnknown,
    TooManyAtOnce,
)
from chatelier.services import Services
from tests.engines import CENTS, Talker, clock, limit, use_engines
from tests.people import People

pytestmark = pytest.mark.anyio
PENCIL, BRUSH = ("illustrator/pencil-1", "Pencil"), ("brush/brush-1", "Brush, $0.04")


@pytest.fixture(autouse=True)
def engines(services: Services) -> None:
    use_engines(services)


async def paints(people: People, user: User, times: int = 1, **draft: Any) -> list[Posted | ChatelierError]:
    """So many requests at once, each in a thread of its own; what became of each."""
    threads = [await people.thread(user) for _ in range(times)]

    async def one(at: int) -> Posted | ChatelierError:
        try:
            return await people.says(user, threads[at], "draw a cat", **draft)
        except ChatelierError as error:
            return error

    return list(await asyncio.gather(*(one(at) for at in range(times))))


def accepted(results: list[Posted | ChatelierError]) -> int:
    return sum(isinstance(one, Posted) for one in results)


async def refusal(people: People, user: User, text: str = "draw a cat", **draft: Any) -> LimitReached:
    with pytest.raises(LimitReached) as refused:
        await people.says(user, await people.thread(user), text, **draft)
    return refused.value


@pytest.mark.parametrize("name", ["images_per_month", "simultaneous"])
async def test_of_fifty_requests_at_once_the_one_that_is_left_is_let_in(
    services: Services, people: People, name: str
) -> None:
    ada = await people.user("ada")
    await limit(services, ada, **{name: 1})
    results = await paints(people, ada, 50)
    assert accepted(results) == 1
    assert all(isinstance(one, Posted | LimitReached) for one in results)
    async with services.transaction() as db:
        assert await db.scalar(select(func.count()).select_from(Generation)) == 1
        assert await db.scalar(select(func.count()).select_from(LedgerEntry)) == 1


async def test_fifty_at_once_spend_no_more_than_the_budget(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, money_per_month=11 * CENTS)
    results = await paints(people, ada, 50)
    assert accepted(results) == 2
    assert {type(one) for one in results} == {Posted, BudgetExceeded}


async def test_four_where_three_are_left_are_refused_whole(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, images_per_day=3)
    refused = await refusal(people, ada, "/imagine a cat --n 4")
    assert (refused.code, refused.extra["limit"], refused.extra["used"]) == ("quota_exceeded", 3, 0)
    await people.says(ada, await people.thread(ada), "/imagine a cat --n 3")
    refused = await refusal(people, ada)
    assert (refused.extra["used"], refused.extra["limit"]) == (3, 3)
    assert refused.sentence.startswith("0 of 3 left today.")


async def test_one_limit_that_refuses_keeps_all_others_untouched(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, images_per_day=5, money_per_month=3 * CENTS)
    async with services.transaction() as db:
        engine = (await db.connection()).sync_engine
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    assert (await refusal(people, ada)).code == "budget_exceeded"
    assert not [one for one in said if "INTO messages" in one or "INTO charges" in one], "written to be taken back"
    async with services.transaction() as db:
        assert await db.scalar(select(func.count()).select_from(Charge)) == 0


async def test_waiting_as_told_is_enough_and_a_second_less_is_not(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, images_per_hour=3)
    async with clock(services, "2026-05-01 10:00:00.25 UTC") as now:
        await people.says(ada, await people.thread(ada), "draw a cat")
        await now.set("2026-05-01 10:20:00 UTC")
        await people.says(ada, await people.thread(ada), "/imagine a cat --n 2")
        await now.set("2026-05-01 10:30:00.5 UTC")
        one = await refusal(people, ada)
        assert (one.retry_after, one.extra["resets_at"].minute) == (1800, 0)
        two = await refusal(people, ada, "/imagine a cat --n 2")
        assert (two.retry_after, two.extra["resets_at"].minute) == (3000, 20)
        await now.set("2026-05-01 10:59:59.5 UTC")
        assert (await refusal(people, ada)).retry_after == 1
        await now.set("2026-05-01 11:00:00.5 UTC")
        await people.says(ada, await people.thread(ada), "draw a cat")


async def test_a_cooldown_counts_from_acceptance(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, cooldown_seconds=30)
    async with clock(services, "2026-05-01 10:00:00 UTC") as now:
        await people.says(ada, await people.thread(ada), "draw a cat")
        await now.set("2026-05-01 10:00:02 UTC")
        refused = await refusal(people, ada)
        assert isinstance(refused, CoolingDown)
        assert (refused.code, refused.retry_after) == ("cooldown", 28)
        assert refused.sentence == "Please wait 28 s before the next picture."
        await now.set("2026-05-01 10:00:30 UTC")
        await people.says(ada, await people.thread(ada), "draw a cat")


@pytest.mark.parametrize(("mark", "lifted"), [("[[500]]", True), ("[[bad-request]]", False), ("[[refuse]]", False)])
async def test_a_cooldown_is_lifted_when_the_failure_was_not_adas(
    services: Services, people: People, worker: None, mark: str, lifted: bool
) -> None:
    ada = await people.user("ada")
    await limit(services, ada, cooldown_seconds=600)
    posted = await people.says(ada, await people.thread(ada), f"draw a cat {mark}")
    assert (await people.finished(ada, posted)).status == "failed"
    if lifted:
        await people.says(ada, await people.thread(ada), "draw a cat")
    else:
        assert (await refusal(people, ada)).code == "cooldown"


async def test_what_the_provider_declined_still_counts_in_its_hour(
    services: Services, people: People, worker: None
) -> None:
    ada = await people.user("ada")
    await limit(services, ada, images_per_hour=1, images_per_day=1)
    posted = await people.says(ada, await people.thread(ada), "draw a cat [[refuse]]")
    await people.finished(ada, posted)
    refused = await refusal(people, ada)
    assert refused.sentence.startswith("0 of 1 left this hour.")


async def test_as_many_at_a_time_as_the_plan_has_and_talk_goes_on(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, simultaneous=2)
    thread = await people.thread(ada)
    for _ in range(2):
        await people.says(ada, thread, "draw a cat")
    refused = await refusal(people, ada)
    assert isinstance(refused, TooManyAtOnce)
    assert refused.retry_after >= 1
    assert (await people.says(ada, thread, "how are you?")).reply.generation is None


async def test_members_are_limited_on_paid_engines_alone(services: Services, people: People) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    for _ in range(3):
        await people.says(ada, thread, "draw a cat", options=of("illustrator"))
    for _ in range(2):
        await people.says(ada, thread, "draw a cat")
    refused = await refusal(people, ada)
    assert refused.code == "concurrency"
    assert refused.offers == (("illustrator/pencil-1", "Pencil"),)


async def test_an_empty_budget_still_paints_what_costs_nothing(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, money_per_month=0)
    refused = await refusal(people, ada)
    assert (refused.code, refused.offers) == ("budget_exceeded", (("illustrator/pencil-1", "Pencil"),))
    await people.says(ada, await people.thread(ada), "draw a cat", options=of("illustrator"))


@pytest.mark.parametrize(
    ("own", "offers"),
    [
        ({"money_per_day": 5 * CENTS}, (PENCIL, ("easel/easel-small", "Easel · easel-small, $0.01"))),
        ({"money_per_day": CENTS // 2}, (PENCIL,)),
        ({"money_per_day": 5 * CENTS, "providers": ["easel"]}, (("easel/easel-small", "Easel · easel-small, $0.01"),)),
        ({"money_per_day": 5 * CENTS, "models": ["easel-large"]}, ()),
        ({"money_per_day": 5 * CENTS, "providers": ["easel", "brush"], "models": ["easel-large", "brush-1"]}, (BRUSH,)),
    ],
)
async def test_what_is_cheaper_and_has_room_is_offered(
    services: Services, people: People, own: dict[str, Any], offers: tuple[tuple[str, str], ...]
) -> None:
    ada = await people.user("ada")
    await limit(services, ada, **own)
    assert (await refusal(people, ada, options=of("easel"))).offers == offers
    for engine, _ in offers:
        await people.says(ada, await people.thread(ada), "/imagine a cat --model easel-large", instead=engine)
        async with services.transaction() as db:
            newest = select(Generation).order_by(Generation.created_at.desc()).limit(1)
            painted = (await db.scalars(newest)).one()
        assert f"{painted.provider}/{painted.model}" == engine


async def test_what_is_exhausted_everywhere_is_offered_nowhere(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, images_per_day=1)
    await people.says(ada, await people.thread(ada), "draw a cat")
    assert (await refusal(people, ada)).offers == ()


async def test_a_price_that_nobody_knows_is_refused_only_under_a_cap(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    object.__setattr__(services.providers.image("brush").capabilities, "price_micros", None)
    await limit(services, ada, money_per_day=10_000 * CENTS)
    await limit(services, ben)
    with pytest.raises(PriceUnknown):
        await people.says(ada, await people.thread(ada), "draw a cat")
    posted = await people.says(ben, await people.thread(ben), "draw a cat")
    assert posted.reply.generation is not None
    assert posted.reply.generation.estimate_micros is None


async def test_the_larger_plan_that_can_be_asked_for_is_named(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, images_per_day=1)
    await people.says(ada, await people.thread(ada), "draw a cat")
    assert (await refusal(people, ada)).upgrade == "Premium has 100 a day"


async def test_a_plan_says_which_engines_sizes_and_numbers_it_includes(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, providers=["illustrator"], sizes=["1024x1024"], images_per_request=2)
    thread = await people.thread(ada)
    for draft in (
        {"text": "draw a cat"},
        {"text": "/imagine a cat --size 512x512", "options": of("illustrator")},
        {"text": "/imagine a cat --n 3", "options": of("illustrator")},
    ):
        with pytest.raises(Forbidden):
            await people.says(ada, thread, **draft)
    await people.says(ada, thread, "draw a cat", options=of("illustrator"))


async def test_lowering_a_cap_below_what_is_used_refuses_new_ones_and_raising_helps_at_once(
    services: Services, people: People
) -> None:
    ada = await people.user("ada")
    await limit(services, ada, images_per_day=5)
    first = (await paints(people, ada, 3))[0]
    await limit(services, ada, images_per_day=2)
    refused = await refusal(people, ada)
    assert (refused.extra["used"], refused.extra["limit"]) == (3, 2)
    assert isinstance(first, Posted)
    assert (await people.message(ada, first.reply.id)).generation.status == "queued"  # type: ignore[union-attr]
    await limit(services, ada, images_per_day=4)
    assert accepted(await paints(people, ada, 2)) == 1


async def test_messages_a_minute_are_counted_for_talk(services: Services, people: People) -> None:
    use_engines(services, chat=Talker())
    ada = await people.user("ada")
    await limit(services, ada, messages_per_minute=2)
    thread = await people.thread(ada)
    for _ in range(2):
        await people.says(ada, thread, "how are you?")
    refused = await refusal(people, ada, "and now?", intent="chat")
    assert refused.code == "rate_limited"
    assert 1 <= refused.retry_after <= 60


async def test_tests_are_counted_apart(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, images_per_day=0, simultaneous=0, money_per_month=0)
    await people.says(ada, await people.thread(ada), "draw a cat", options=of("fake"))
    assert (await refusal(people, ada)).extra["used"] == 0


def of(provider: str) -> Any:
    from chatelier.domain.options import Options

    return Options(provider=provider)
