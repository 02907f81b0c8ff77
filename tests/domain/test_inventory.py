"""The written inventory names every table and column, and a deleted account leaves only what it says."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select

from chatelier.db.engine import conninfo
from chatelier.db.models import AuditEntry, Base, Export, ExportPiece, IdempotencyKey, SignInSession, User, now
from chatelier.domain import audit
from chatelier.domain.exports import run_export
from chatelier.domain.images import keep_upload
from chatelier.domain.inventory import INVENTORY, NOT_PERSONAL
from chatelier.domain.keys import add_key
from chatelier.domain.sign_in import open_session
from chatelier.domain.users import delete_user
from chatelier.ids import new_id
from chatelier.services import Services
from tests.people import People
from tests.storage.pictures import encoded
from tests.stores import BOTH_STORES

PEOPLE_COLUMNS = {"user_id", "owner_id", "actor_id", "decided_by"}
KEPT = {("audit_log", "actor_id"), ("audit_log", "target")}
NOBODY = "owner_id::text NOT LIKE '00000000-0000-0000-0000-%'"
NAMELESS = {"charges": "owner_id IS NOT NULL", "spend_sums": NOBODY, "spend_quarters": NOBODY}
AN_HOUR = timedelta(hours=1)
WORD = "zyzzyva"  # stands in everything that Ada writes


def test_every_table_is_in_the_inventory_or_said_to_hold_nobody() -> None:
    assert set(Base.metadata.tables) == set(INVENTORY) | set(NOT_PERSONAL)


@pytest.mark.parametrize("name", INVENTORY)
def test_every_column_is_exported_or_left_out_for_a_reason(name: str) -> None:
    held = INVENTORY[name]
    assert sorted(column.name for column in Base.metadata.tables[name].columns) == sorted(
        [*held.columns, *held.withheld]
    )
    assert all(held.withheld.values())
    assert not {"password_hash", "token_hash", "link_hash"} & set(held.columns)


@pytest.mark.parametrize("name", NOT_PERSONAL)
def test_a_table_of_nobody_does_not_lead_to_anybody(name: str) -> None:
    for column in Base.metadata.tables[name].columns:
        assert column.name not in PEOPLE_COLUMNS
        assert not [key for key in column.foreign_keys if key.column.table.name in INVENTORY]


async def adas_everything(services: Services, people: People) -> User:
    """At least one row in each table that the inventory names."""
    ada = await people.user("ada")
    thread = await people.thread(ada, f"{WORD} title")
    await people.finished(ada, await people.says(ada, thread, f"/imagine a {WORD} kite [[slow 0.3]]"))
    await people.answered(ada, await people.says(ada, thread, f"what is a {WORD}?"))
    await keep_upload(services, ada, thread.id, encoded())
    waiting = await people.says(ada, thread, f"/imagine a waiting {WORD} [[hang]]")
    assert waiting.reply.generation is not None
    export = Export(id=new_id(), user_id=ada.id, lease_until=now() + AN_HOUR, expires_at=now() + AN_HOUR)
    async with services.transaction() as db:
        await add_key(db, ada, f"{WORD} key", actor=ada.id)
        await open_session(db, ada, days=1)
        await audit.record(db, "sign_in.failed", target=ada.id, address="203.0.113.9")
        db.add(IdempotencyKey(user_id=ada.id, scope="s", key=WORD, body_sha256="0", answer={"text": WORD}))
        db.add(export)
    await run_export(services, export.id)
    return ada


def everywhere(url: str, *needles: str) -> set[tuple[str, str]]:
    """Tables and columns, of all that the database holds, in which one of these words stands."""
    found = set()
    with psycopg.connect(conninfo(url)) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables "
            "USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        ).fetchall()
        for table, column in columns:
            query = f'SELECT EXISTS (SELECT FROM "{table}" WHERE strpos("{column}"::text, %s) > 0)'
            for needle in needles:
                row = connection.execute(query.encode(), (needle,)).fetchone()
                if row and row[0]:
                    found.add((table, column))
    return found


@BOTH_STORES
async def test_deleting_ada_leaves_nothing_of_her_but_what_the_inventory_says(
    services: Services, people: People, worker: None, settings: object, database_url: str
) -> None:
    ada = await adas_everything(services, people)
    ben = await people.user("ben")
    filled = everywhere(database_url, str(ada.id), WORD)
    assert {("threads", "title"), ("messages", "text"), ("images", "prompt"), ("exports", "user_id")} <= filled
    async with services.transaction() as db:
        pieces = list(await db.scalars(select(ExportPiece)))
        assert b"PK" in pieces[0].content
        await delete_user(db, ada)
    left = everywhere(database_url, str(ada.id), WORD, "ada@example.org", "203.0.113.9", WORD.encode().hex())
    assert left == KEPT
    async with services.transaction() as db:
        entries = list(await db.scalars(select(AuditEntry).where(AuditEntry.target == str(ada.id))))
        assert {entry.action for entry in entries} >= {"sign_in.failed", "user.delete"}
        assert not [entry for entry in entries if entry.details]
        assert [user.id for user in await db.scalars(select(User))] == [ben.id]
        assert not list(await db.scalars(select(SignInSession)))
    for name in set(INVENTORY) - {"users", "audit_log"}:
        with psycopg.connect(conninfo(database_url)) as connection:
            named = NAMELESS.get(name, "true")
            row = connection.execute(f'SELECT count(*) FROM "{name}" WHERE {named}'.encode()).fetchone()
            assert row == (0,), name
