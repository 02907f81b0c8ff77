"""What all together spend: alerts once, at every address, and the pause that a threshold brings."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from chatelier.config import Settings
from chatelier.db.models import Attempt, AuditEntry, Charge, Mail, SentAlert, User
from chatelier.domain import mailing, spending
from chatelier.domain.alerts import look_at_spending
from chatelier.domain.generations import retry_generation, run_generation
from chatelier.domain.replies import run_reply
from chatelier.errors import Forbidden, Invalid, NotFound, PaidPaused
from chatelier.services import Services
from tests.domain.test_warnings import newest_attempt, paints
from tests.engines import CENTS, Talker, clock, use_engines
from tests.people import People

pytestmark = pytest.mark.anyio


class Loud(ThreadingHTTPServer):
    """A server that takes alerts as JSON, or answers with the statuses that it is given first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.statuses: list[int] = []
        self.heard: list[dict[str, str]] = []


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Loud)
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if status == 200:
            self.server.heard.append(document)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def loud() -> Iterator[Loud]:
    server = Loud()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(settings: Settings, loud: Loud) -> Settings:
    urls = (f"json://127.0.0.1:{loud.server_port}/alerts", "nonsense://x")
    return settings.model_copy(update={"alert_urls": urls})


@pytest.fixture(autouse=True)
def engines(services: Services) -> None:
    use_engines(services, chat=Talker())


async def threshold(services: Services, admin: User, amount: str, *, span: str = "month", stops: bool = False) -> None:
    async with services.transaction() as db:
        await spending.add_threshold(db, admin, span, amount, stops=stops)


async def test_a_threshold_alerts_every_admin_and_address_once_in_its_month(
    services: Services, people: People, loud: Loud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "BACKOFF", (0,) * 7)
    ada, ben = await people.user("ada", admin=True), await people.user("ben")
    loud.statuses = [500]  # tried again, and heard once
    for moment in ("2030-05-31 22:00 UTC", "2030-06-01 02:00 UTC"):
        async with clock(services, moment):
            await threshold(services, ada, "0.08")
            await threshold(services, ada, "0.20")
            await paints(people, ben, 1)
            await look_at_spending(services)
            assert not await letters(services)
            await paints(people, ben, 2)
            await asyncio.gather(*(look_at_spending(services) for _ in range(4)))
            written = await letters(services)
            assert len(written) == 1 + len(services.settings.alert_urls)
            assert {mail.subject for mail in written} == {"Spending has reached $0.08 this month"}
            assert {mail.user_id for mail in written} == {ada.id, None}
            for mail in written:
                while await state(services, mail) == "waiting":
                    await mailing.run_mail(services, mail.id)
            ends = sorted([await state(services, mail) for mail in written])
            assert ends[-2:] == ["sent", "shown"]  # the server, Ada's notice
            assert ends[:-2] in (["failed"], [])  # an address that is none
            services.settings = services.settings.model_copy(update={"alert_urls": services.settings.alert_urls[:1]})
            async with services.transaction() as db:
                for mail in await db.scalars(select(Mail)):
                    await db.delete(mail)
    assert [one["title"] for one in loud.heard] == ["Spending has reached $0.08 this month"] * 2
    assert "$0.12" in loud.heard[0]["message"]
    async with services.transaction() as db:
        assert len(list(await db.scalars(select(SentAlert)))) == 2


async def test_what_is_settled_after_midnight_can_still_carry_its_own_day_past_a_threshold(
    services: Services, people: People
) -> None:
    ada, ben = await people.user("ada", admin=True), await people.user("ben")
    async with clock(services, "2030-05-30 23:59 UTC") as time:
        await threshold(services, ada, "0.04", span="day", stops=True)
        await people.says(ben, await people.thread(ben), "draw a cat")
        await time.set("2030-05-31 00:01 UTC")
        await threshold(services, ada, "0.03", span="day")  # which yesterday did not know
        await run_generation(services, await newest_attempt(services))
        for _ in range(2):
            await look_at_spending(services)
        told = {mail.subject for mail in await letters(services)}
        assert told == {"Spending has reached $0.04 yesterday"}
        async with services.transaction() as db:
            assert await spending.read_pause(db) is None


async def letters(services: Services) -> list[Mail]:
    async with services.transaction() as db:
        return list(await db.scalars(select(Mail)))


async def state(services: Services, mail: Mail) -> str:
    async with services.transaction() as db:
        return (await db.scalars(select(Mail.state).where(Mail.id == mail.id))).one()


async def test_a_threshold_that_stops_pauses_every_way_to_spend_and_nothing_that_is_free(
    services: Services, people: People
) -> None:
    ada, ben = await people.user("ada", admin=True), await people.user("ben")
    await threshold(services, ada, "0.08", stops=True)
    thread = await people.thread(ben)
    queued = await people.says(ben, thread, "draw a dog")
    queued_attempt = await newest_attempt(services)
    asked = await people.says(ben, thread, "what is a dog?")
    asked_attempt = await newest_attempt(services)
    await paints(people, ben, 2)
    for text, draft in (("draw a cat", {}), ("what is a cat?", {}), ("draw a cat", {"is_test": True})):
        with pytest.raises(PaidPaused) as refused:
            await people.says(ben, thread, text, **draft)
        assert refused.value.retry_after >= 1
        assert refused.value.extra["resets_at"].day == 1
    await run_generation(services, queued_attempt)
    await run_reply(services, asked_attempt)
    generation = (await people.message(ben, queued.reply.id)).generation
    assert generation is not None
    assert generation.error is not None
    assert (generation.status, generation.error["code"]) == ("failed", "paid_paused")
    answer = await people.message(ben, asked.reply.id)
    assert answer.error is not None
    assert (answer.status, answer.error["code"]) == ("failed", "paid_paused")
    async with services.transaction() as db:
        charges = {one.attempt_id: one for one in await db.scalars(select(Charge))}
        assert {charges[one].state for one in (queued_attempt, asked_attempt)} == {"released"}
        assert sum(one.micros for one in charges.values()) == 8 * CENTS
        assert not list(await db.scalars(select(Attempt).where(Attempt.state == "sent")))
        with pytest.raises(PaidPaused) as refused:
            await retry_generation(db, services.providers, ben, generation)
        assert refused.value.offers == (("illustrator/pencil-1", "Pencil"),)
    free = await people.says(ben, thread, "/imagine a cat --provider illustrator")
    assert free.reply.generation is not None


async def test_a_pause_is_lifted_for_its_period_by_an_admin_and_ends_with_it(
    services: Services, people: People
) -> None:
    ada, ben = await people.user("ada", admin=True), await people.user("ben")

    async def is_paused() -> bool:
        async with services.transaction() as db:
            return await spending.read_pause(db) is not None

    async with clock(services, "2030-05-30 23:00 UTC") as time:
        await threshold(services, ada, "0.04", span="day", stops=True)
        await paints(people, ben, 1)
        assert await is_paused()
        await time.set("2030-05-31 00:00 UTC")
        assert not await is_paused()
        await paints(people, ben, 1)
        assert await is_paused()
        async with services.transaction() as db:
            [one] = await spending.list_thresholds(db)
            with pytest.raises(Forbidden):
                await spending.lift_pause(db, ben, one.id)
            with pytest.raises(NotFound):
                await spending.lift_pause(db, ada, ben.id)
            await spending.lift_pause(db, ada, one.id)
        assert not await is_paused()
        await paints(people, ben, 1)
        await time.set("2030-06-01 00:00 UTC")
        await paints(people, ben, 1)
        assert await is_paused()
        async with services.transaction() as db:
            await spending.remove_threshold(db, ada, one.id)
        assert not await is_paused()
    async with services.transaction() as db:
        actions = {entry.action for entry in await db.scalars(select(AuditEntry))}
    assert {"threshold.set", "threshold.lift", "threshold.remove"} <= actions


async def test_no_nonsense_becomes_a_threshold(services: Services, people: People) -> None:
    ada = await people.user("ada", admin=True)
    for amount in ("0", "-1", "nan", "inf", "1e300", "none", "", "a lot"):
        with pytest.raises(Invalid):
            await threshold(services, ada, amount)
