from __future__ import annotations

import asyncio
import statistics
import time

import pytest
from sqlalchemy import func, select, update

from chatelier.db.listen import Hub
from chatelier.db.models import AuditEntry, SignInSession, User, now
from chatelier.db.topics import tell
from chatelier.domain import sign_in
from chatelier.domain.credentials import digest
from chatelier.domain.preferences import change_preferences, read_preferences
from chatelier.domain.users import create_user, disable_user
from chatelier.errors import Forbidden, Invalid, TooMany, Unauthenticated
from chatelier.services import Services, open_services
from tests.people import until

GOOD = "correct horse battery"
BETTER = "a rather better phrase"


@pytest.fixture
async def ada(services: Services) -> User:
    async with services.transaction() as db:
        return await create_user(db, "ada@example.org", password=GOOD)


async def test_ada_signs_in_and_is_found_by_her_token(services: Services, ada: User) -> None:
    user, token = await sign_in.sign_in(services, " ADA@example.org", GOOD, address="192.0.2.7")
    assert user.id == ada.id
    found = await sign_in.find_session(services, token)
    assert found is not None
    assert found.id == ada.id
    assert await sign_in.find_session(services, token + "x") is None
    async with services.transaction() as db:
        assert list(await db.scalars(select(SignInSession.token_hash))) == [digest(token)]
        entry = await db.scalar(select(AuditEntry).where(AuditEntry.action == "sign_in.ok"))
        assert entry is not None
        assert (entry.actor_id, entry.details) == (ada.id, {"address": "192.0.2.7"})


async def test_every_wrong_pair_gets_the_same_sentence(services: Services, ada: User) -> None:
    for number, (email, password) in enumerate(
        [
            *(("ada@example.org", password) for password in ("wrong", "", "x" * 300, "half \ud83d")),
            *((email, "wrong") for email in ("nobody@example.org", "no address", "a\x00b@c.d", "\ud83d", "")),
        ]
    ):
        with pytest.raises(Unauthenticated) as refused:
            await sign_in.sign_in(services, email, password, address=f"192.0.2.{number}")
        assert refused.value.sentence == sign_in.WRONG


async def test_an_unknown_account_takes_as_long_as_a_wrong_password(services: Services, ada: User) -> None:
    async def seconds(email: str, number: int) -> float:
        began = time.perf_counter()
        with pytest.raises(Unauthenticated):
            await sign_in.sign_in(services, email, "wrong", address=f"192.0.2.{number}")
        return time.perf_counter() - began

    await seconds("warm@example.org", 200)
    known, unknown = [], []
    for number in range(7):
        known.append(await seconds("ada@example.org", number))
        unknown.append(await seconds("nobody@example.org", number + 100))
    assert statistics.median(unknown) == pytest.approx(statistics.median(known), rel=0.5)
    assert statistics.median(unknown) > 0.01


async def test_after_five_failures_even_the_right_password_waits(services: Services, ada: User) -> None:
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await sign_in.sign_in(services, "ada@example.org", "wrong", address="192.0.2.7")
    with pytest.raises(TooMany) as refused:
        await sign_in.sign_in(services, "ada@example.org", GOOD, address="192.0.2.7")
    assert 890 <= refused.value.retry_after <= 900
    assert "Wait 15 minutes" in refused.value.sentence
    await sign_in.sign_in(services, "ada@example.org", GOOD, address="192.0.2.8")


async def test_forty_guesses_at_once_are_not_judged_more_than_five_times(services: Services, ada: User) -> None:
    async def guess(number: int) -> type[Exception]:
        try:
            await sign_in.sign_in(services, "ada@example.org", f"guess {number}", address="192.0.2.7")
        except (Unauthenticated, TooMany) as error:
            return type(error)
        raise AssertionError

    outcomes = await asyncio.gather(*(guess(number) for number in range(40)))
    assert outcomes.count(Unauthenticated) == 5
    assert outcomes.count(TooMany) == 35


async def test_a_session_of_the_same_browser_ends_at_the_next_sign_in(services: Services, ada: User) -> None:
    _, first = await sign_in.sign_in(services, "ada@example.org", GOOD)
    _, other = await sign_in.sign_in(services, "ada@example.org", GOOD)
    _, second = await sign_in.sign_in(services, "ada@example.org", GOOD, old_token=first)
    assert first != second
    assert await sign_in.find_session(services, first) is None
    assert await sign_in.find_session(services, other) is not None


async def test_signing_out_ends_one_session_in_every_process_at_once(services: Services, ada: User) -> None:
    _, token = await sign_in.sign_in(services, "ada@example.org", GOOD)
    _, other = await sign_in.sign_in(services, "ada@example.org", GOOD)
    async with open_services(services.settings) as elsewhere:
        for process in (services, elsewhere):
            assert await sign_in.find_session(process, token) is not None
        async with services.transaction() as db:
            await sign_in.sign_out(db, token)
            await sign_in.sign_out(db, "no token of anybody")
        assert await sign_in.find_session(services, token) is None

        async def gone() -> bool | None:
            return None if await sign_in.find_session(elsewhere, token) else True

        await until(gone, seconds=30)
        for process in (services, elsewhere):
            assert await sign_in.find_session(process, other) is not None


async def test_a_disabled_ada_is_out_at_once_and_told_why_only_with_her_password(services: Services, ada: User) -> None:
    _, token = await sign_in.sign_in(services, "ada@example.org", GOOD)
    assert await sign_in.find_session(services, token)
    async with services.transaction() as db:
        await disable_user(db, ada)
    assert await sign_in.find_session(services, token) is None
    with pytest.raises(Forbidden, match="disabled"):
        await sign_in.sign_in(services, "ada@example.org", GOOD)
    with pytest.raises(Unauthenticated):
        await sign_in.sign_in(services, "ada@example.org", "wrong")


async def test_a_session_is_read_from_the_database_once_in_a_while_only(services: Services, ada: User) -> None:
    _, token = await sign_in.sign_in(services, "ada@example.org", GOOD)
    first = await sign_in.find_session(services, token)
    assert await sign_in.find_session(services, token) is first
    async with services.transaction() as db:  # behind the back of everybody: nothing is published
        await db.execute(update(SignInSession).values(expires_at=now()))
    assert await sign_in.find_session(services, token) is first


async def test_what_ada_changes_holds_for_her_next_click_even_while_no_notification_arrives(
    services: Services, ada: User
) -> None:
    services.hub = Hub(services.url)
    services.hub._ready.set()  # it believes that it listens, and hears nothing
    tell(services.sessions, services.hub.hear)
    _, token = await sign_in.sign_in(services, "ada@example.org", GOOD)
    before = await sign_in.find_session(services, token)
    assert before is await sign_in.find_session(services, token)  # from memory
    async with services.sessions() as db:
        await change_preferences(db, ada, confirm_paid=True)
        await db.rollback()
    assert before is await sign_in.find_session(services, token)
    async with services.transaction() as db:
        await change_preferences(db, ada, confirm_paid=True)
        async with db.begin_nested():
            await db.execute(update(User).values(time_zone="Africa/Cairo"))
        assert before is await sign_in.find_session(services, token)  # nothing is committed yet
    after = await sign_in.find_session(services, token)
    assert after is not None
    assert read_preferences(after).confirm_paid


async def test_a_session_ends_when_unused_and_is_moved_on_by_use(services: Services, ada: User) -> None:
    _, token = await sign_in.sign_in(services, "ada@example.org", GOOD)
    _, stale = await sign_in.sign_in(services, "ada@example.org", GOOD)
    hours = func.make_interval(0, 0, 0, 0, 2)
    async with services.transaction() as db:
        await db.execute(
            update(SignInSession)
            .where(SignInSession.token_hash == digest(token))
            .values(seen_at=now() - hours, expires_at=now() + hours)
        )
        await db.execute(
            update(SignInSession).where(SignInSession.token_hash == digest(stale)).values(expires_at=now() - hours)
        )
    assert await sign_in.find_session(services, stale) is None
    assert await sign_in.find_session(services, token) is not None
    async with services.transaction() as db:
        days = await db.scalar(
            select(func.extract("day", SignInSession.expires_at - now())).where(
                SignInSession.token_hash == digest(token)
            )
        )
    assert days in (29, 30)


async def test_ada_changes_her_password_and_only_her_new_session_lives(services: Services, ada: User) -> None:
    _, old = await sign_in.sign_in(services, "ada@example.org", GOOD)
    assert await sign_in.find_session(services, old)
    new = await sign_in.replace_password(services, ada, GOOD, BETTER)
    assert await sign_in.find_session(services, old) is None
    assert await sign_in.find_session(services, new)
    with pytest.raises(Unauthenticated):
        await sign_in.sign_in(services, "ada@example.org", GOOD)
    await sign_in.sign_in(services, "ada@example.org", BETTER)


async def test_a_wrong_current_password_changes_nothing(services: Services, ada: User) -> None:
    with pytest.raises(Invalid) as refused:
        await sign_in.replace_password(services, ada, "wrong", BETTER)
    assert "current" in refused.value.extra["fields"]
    with pytest.raises(Invalid):
        await sign_in.replace_password(services, ada, GOOD, "12345678")
    await sign_in.sign_in(services, "ada@example.org", GOOD)


async def test_failures_are_audited_without_what_was_typed(services: Services, ada: User) -> None:
    for email in ("ada@example.org", "nobody@example.org"):
        with pytest.raises(Unauthenticated):
            await sign_in.sign_in(services, email, "my secret phrase")
    async with services.transaction() as db:
        entries = list(await db.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in.failed")))
    assert [entry.target for entry in entries] == [str(ada.id), ""]
    assert "secret" not in repr([(entry.target, entry.details) for entry in entries])
