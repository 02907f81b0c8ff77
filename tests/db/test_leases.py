"""A lease is renewed by a thread: a busy event loop does not look like a dead worker."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from sqlalchemy import select

from chatelier.db import leases
from chatelier.db.engine import conninfo
from chatelier.db.models import Attempt
from chatelier.domain import attempts
from chatelier.services import Services
from tests.db.visitors import ask, until
from tests.people import People


async def lease_of(services: Services) -> datetime:
    async with services.transaction() as db:
        found = (await db.scalars(select(Attempt.lease_until))).one()
    assert found is not None
    return found


async def test_a_lease_goes_on_while_the_event_loop_is_blocked(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.1)
    ada = await people.user("Ada")
    await people.says(ada, await people.thread(ada), "/imagine a lighthouse")
    async with services.transaction() as db:
        attempt_id = (await db.scalars(select(Attempt.id))).one()
        attempt = await attempts.claim(db, attempt_id)
    assert attempt is not None
    first = await lease_of(services)
    services.leases.keep(attempt.token)
    until(lambda: ask(conninfo(services.url), "SELECT lease_until FROM attempts") > first)  # the loop waits
    services.leases.drop(attempt.token)


async def test_a_dropped_lease_is_not_renewed(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.1)
    ada = await people.user("Ada")
    await people.says(ada, await people.thread(ada), "/imagine a lighthouse")
    async with services.transaction() as db:
        attempt = await attempts.claim(db, (await db.scalars(select(Attempt.id))).one())
    assert attempt is not None
    services.leases.keep(attempt.token)
    services.leases.drop(attempt.token)
    first = await lease_of(services)
    time.sleep(0.5)  # noqa: ASYNC251 (the thread has its chance)
    assert await lease_of(services) == first
