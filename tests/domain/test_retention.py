"""What time forgets by itself."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chatelier.db.models import AuditEntry, SignInSession
from chatelier.domain import audit
from chatelier.domain.sign_in import open_session
from chatelier.domain.upkeep import upkeep
from chatelier.services import Services
from tests.engines import clock
from tests.people import People

pytestmark = pytest.mark.anyio


async def test_addresses_and_old_sign_ins_go_and_what_was_done_stays(services: Services, people: People) -> None:
    ada = await people.user("ada")
    async with clock(services, "2026-03-01 12:00 UTC") as moment:
        async with services.transaction() as db:
            await audit.record(db, "sign_in.ok", actor=ada.id, address="203.0.113.9")
            await audit.record(db, "export.request", actor=ada.id, address="203.0.113.9", images=3)
            await open_session(db, ada, days=30)
        await moment.set("2026-05-30 11:00 UTC")
        await upkeep(services)
        async with services.transaction() as db:
            assert {(row.details or {})["address"] for row in await db.scalars(select(AuditEntry))} == {"203.0.113.9"}
            assert not list(await db.scalars(select(SignInSession)))
        await moment.set("2026-05-30 13:00 UTC")
        await upkeep(services)
        async with services.transaction() as db:
            found = {row.action: row.details for row in await db.scalars(select(AuditEntry))}
    assert found == {"sign_in.ok": {}, "export.request": {"images": 3}}
