from __future__ import annotations

import pytest
from sqlalchemy import select

from chatelier.db.models import Attempt, Charge
from chatelier.domain import ledger, token_prices
from chatelier.domain.replies import stop_reply
from chatelier.errors import BudgetExceeded, PriceUnknown
from chatelier.providers import Providers
from chatelier.services import Services
from tests.engines import Talker, limit, use_engines
from tests.people import People, until

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def engines(services: Services) -> None:
    use_engines(services, chat=Talker())


async def charge(services: Services) -> Charge:
    async with services.transaction() as db:
        return (await db.scalars(select(Charge))).one()


async def test_an_answer_is_held_at_its_ceiling_and_settled_by_the_token(
    services: Services, people: People, worker: None
) -> None:
    ada = await people.user("ada")
    posted = await people.says(ada, await people.thread(ada), "how are you?")
    assert services.providers.chat is not None
    assert (await charge(services)).held_micros == token_prices.ceiling(services.providers, services.providers.chat)
    await people.answered(ada, posted)
    settled = await charge(services)
    assert (settled.state, settled.images) == ("settled", 0)
    assert 0 < settled.micros < settled.held_micros // 10


@pytest.mark.parametrize(
    ("mark", "state", "ended"),
    [
        ("[[500]]", "released", "failed"),
        ("[[unreachable]]", "released", "failed"),
        ("[[refuse]]", "refused", "refused"),
        ("[[dies]]", "held", ""),
    ],
)
async def test_an_answer_that_failed_costs_nothing_unless_nobody_knows(
    services: Services, people: People, worker: None, mark: str, state: str, ended: str
) -> None:
    ada = await people.user("ada")
    posted = await people.says(ada, await people.thread(ada), f"how are you? {mark}")
    assert (await people.answered(ada, posted)).status == "failed"
    ending = await charge(services)
    assert (ending.state, ending.ended) == (state, ended)


async def test_an_answer_without_a_word_costs_the_tokens_that_were_counted(
    services: Services, people: People, worker: None
) -> None:
    ada = await people.user("ada")
    posted = await people.says(ada, await people.thread(ada), "how are you? [[empty]]")
    assert (await people.answered(ada, posted)).status == "failed"
    ending = await charge(services)
    assert (ending.state, ending.ended) == ("settled", "failed")
    assert 0 < ending.micros < ending.held_micros // 10


async def test_stopping_costs_nothing_before_it_was_sent_and_the_ceiling_after(
    services: Services, people: People
) -> None:
    ada = await people.user("ada")
    posted = await people.says(ada, await people.thread(ada), "how are you?")
    async with services.transaction() as db:
        await stop_reply(db, await people.message(ada, posted.reply.id))
    assert (await charge(services)).state == "released"


async def test_stopping_what_was_sent_costs_its_ceiling(services: Services, people: People, worker: None) -> None:
    ada = await people.user("ada")
    posted = await people.says(ada, await people.thread(ada), "how are you? [[hang]]")

    async def sent() -> bool | None:
        async with services.transaction() as db:
            return await db.scalar(select(Attempt.id).where(Attempt.state == "sent")) is not None or None

    await until(sent)
    async with services.transaction() as db:
        await stop_reply(db, await people.message(ada, posted.reply.id))
    stopped = await charge(services)
    assert (stopped.state, stopped.micros) == ("settled", stopped.held_micros)


async def test_talk_stops_at_the_budget_too(services: Services, people: People) -> None:
    ada = await people.user("ada")
    await limit(services, ada, money_per_day=100)
    with pytest.raises(BudgetExceeded):
        await people.says(ada, await people.thread(ada), "how are you?")


async def test_a_chat_model_without_a_price_is_refused_under_a_cap(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    await limit(services, ben)
    assert services.providers.chat is not None
    services.providers.chat.default_model = "nobody-sells-this"
    with pytest.raises(PriceUnknown):
        await people.says(ada, await people.thread(ada), "how are you?")
    await people.says(ben, await people.thread(ben), "how are you?")


async def test_settling_ten_times_is_settling_once_and_more_than_was_held_is_shown(
    services: Services, people: People
) -> None:
    ada = await people.user("ada")
    await people.says(ada, await people.thread(ada), "how are you?")
    for _ in range(10):
        async with services.transaction() as db:
            attempt = (await db.scalars(select(Attempt))).one()
            await ledger.settle(db, None, attempt, images=0, micros=attempt.held_micros + 7)
            await ledger.release(db, None, attempt)
    settled = await charge(services)
    assert (settled.state, settled.micros) == ("settled", settled.held_micros + 7)


async def test_a_count_that_is_none_is_no_price() -> None:
    providers, chat = Providers(default_image="fake", chat_price=(1.0, 2.0)), Talker()
    assert token_prices.cost(providers, chat, "", {"prompt_tokens": 10, "completion_tokens": 5}) == 20
    for usage in ({}, {"prompt_tokens": -1, "completion_tokens": 5}, {"prompt_tokens": 1e308, "completion_tokens": 1}):
        assert token_prices.cost(providers, chat, "", usage) is None
