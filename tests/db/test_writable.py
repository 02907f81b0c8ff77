"""What PostgreSQL cannot hold is left out on the way to it, in texts, lists and JSON, whoever says it."""

from __future__ import annotations

import json

from sqlalchemy import ARRAY, Text, bindparam, func, select

from chatelier.db.models import AuditEntry, Thread
from chatelier.db.writable import as_json
from chatelier.services import Services
from tests.people import People

ODD = "a\0b\ud83dc\ud83d\ude00"  # NUL, half a character, and an emoji that came in two halves
KEPT = "abc\U0001f600"


async def test_what_no_text_may_hold_is_left_out_of_every_text(services: Services, people: People) -> None:
    ada = await people.user("ada")
    async with services.transaction() as db:
        db.add(Thread(owner_id=ada.id, title=ODD, titled_by="person"))
        db.add(AuditEntry(action="test", target=ODD, details={ODD: [ODD, {"says": ODD, "number": 1}]}))
    async with services.transaction() as db:
        assert await db.scalar(select(Thread.title).where(Thread.title == ODD)) == KEPT
        assert await db.scalar(select(AuditEntry.target).where(AuditEntry.target == ODD)) == KEPT
        told = await db.scalar(select(AuditEntry.details).where(AuditEntry.action == "test"))
        assert told == {KEPT: [KEPT, {"says": KEPT, "number": 1}]}
        assert list(await db.scalars(select(func.unnest(bindparam(None, [ODD, "x"], ARRAY(Text)))))) == [KEPT, "x"]


def test_what_only_looks_like_it_stays() -> None:
    for harmless in ("\\u0000", "\\\\u0000", "\\ud83d", "é😀"):
        assert json.loads(as_json({"says": harmless})) == {"says": harmless}
