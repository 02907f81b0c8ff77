"""Once a night the books are compared; whatever somebody does to one of them behind our back is told."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from chatelier.db.models import AuditEntry, Mail
from chatelier.domain.spend.drift import check_books, find_drift, last_check
from chatelier.domain.spend.sums import sum_up
from chatelier.services import Services
from tests.domain.spend.books import happened, write
from tests.engines import clock, use_engines
from tests.people import People

MEDDLING = {
    "UPDATE ledger SET micros = micros + 1 WHERE kind = 'settle'": "ledger entries",
    "DELETE FROM ledger WHERE kind = 'hold' AND id = (SELECT min(id::text)::uuid FROM ledger)": "ledger entries",
    "DELETE FROM charges WHERE attempt_id = (SELECT min(attempt_id::text)::uuid FROM charges)": "ledger entries",
    "UPDATE instance_days SET held_micros = held_micros + 1": "all people together",
    "DELETE FROM instance_days": "all people together",
    "UPDATE attempts SET state = 'failed'": "still hold",
    "DELETE FROM attempts": "still hold",
    "UPDATE spend_sums SET micros = micros + 1 WHERE span = 'day'": "of the sums",
    "UPDATE spend_quarters SET images = images + 1": "of the sums",
    "DELETE FROM spend_sums WHERE span = 'month' AND owner_id = '00000000-0000-0000-0000-000000000001'": "of the sums",
    "DELETE FROM spend_quarters WHERE owner_id <> '00000000-0000-0000-0000-000000000001'": "people have other sums",
    "UPDATE spend_sums SET owner_id = gen_random_uuid() WHERE span = 'month'": "people have other sums",
}


async def full_books(services: Services, people: People) -> None:
    use_engines(services)
    ada = await people.user("ada", admin=True)
    async with services.transaction() as db:
        await write(db, happened([ada], 200, 60))
    await sum_up(services)
    await people.says(ada, await people.thread(ada), "draw a cat")


async def test_whatever_is_changed_behind_our_back_is_told(services: Services, people: People) -> None:
    await full_books(services, people)
    async with services.sessions() as db:
        assert await find_drift(db) == []
        for meddling, expected in MEDDLING.items():
            await db.execute(text(meddling))
            found = await find_drift(db)
            await db.rollback()
            assert any(expected in sentence for sentence in found), meddling


@pytest.mark.parametrize("drifted", [False, True])
async def test_a_night_has_one_check_and_drift_is_written_down(
    services: Services, people: People, drifted: bool
) -> None:
    await full_books(services, people)
    async with services.transaction() as db:
        if drifted:
            await db.execute(text("UPDATE instance_days SET images = images + 1"))
    async with clock(services) as database_clock:
        found = []
        for moment in ("2026-05-03T01:00Z", "2026-05-03T02:59Z", "2026-05-03T03:01Z", "2026-05-03T23:00Z"):
            await database_clock.set(moment)
            found.append(await check_books(services))
    assert [one is not None for one in found] == [True, False, True, False]
    assert [bool(one) for one in found] == [drifted, False, drifted, False]
    async with services.transaction() as db:
        entries = list(await db.scalars(select(AuditEntry).where(AuditEntry.action == "spend.drift")))
        check = await last_check(db)
        assert len(entries) == (2 if drifted else 0)
        mails = [mail.key[:16] for mail in await db.scalars(select(Mail))]
        assert mails == (["drift:2026-05-03"] if drifted else [])
        assert check is not None
        assert bool(check.findings) is drifted
