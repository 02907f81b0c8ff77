from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import delete, select

from chatelier.db.models import AuditEntry, Instance, Role, User
from chatelier.domain import setup
from chatelier.domain.users import create_user
from chatelier.errors import Forbidden, Invalid
from chatelier.services import Services

GOOD = "correct horse battery"


async def code_of(services: Services) -> str:
    async with services.transaction() as db:
        code = await setup.setup_code(db)
    assert code is not None
    return code


async def test_the_code_is_made_once_and_long_enough(services: Services) -> None:
    first, second = await asyncio.gather(code_of(services), code_of(services))
    assert first == second
    assert len(first) >= 20


async def test_the_first_visitor_becomes_the_admin_and_setup_is_over(services: Services) -> None:
    ada = await setup.set_up(services, await code_of(services), "ada@example.org", GOOD)
    assert ada.role == Role.ADMIN
    async with services.transaction() as db:
        assert await setup.setup_code(db) is None
        assert not await setup.is_open(db)
        assert await db.scalar(select(Instance.setup_code)) is None
        done = await db.scalars(select(AuditEntry.actor_id).where(AuditEntry.action == "setup.done"))
        assert list(done) == [ada.id]


async def test_twenty_visitors_at_once_make_exactly_one_admin(services: Services) -> None:
    code = await code_of(services)

    async def visit(number: int) -> str:
        try:
            await setup.set_up(services, code, f"visitor{number}@example.org", GOOD)
        except Forbidden as error:
            return error.sentence
        return "made"

    outcomes = await asyncio.gather(*(visit(number) for number in range(20)))
    assert outcomes.count("made") == 1
    assert outcomes.count(setup.DONE) == 19
    async with services.transaction() as db:
        assert len(list(await db.scalars(select(User)))) == 1


@pytest.mark.parametrize("code", ["", "wrong", "\ud83d", "None"])
async def test_a_wrong_code_makes_nobody(services: Services, code: str) -> None:
    await code_of(services)
    with pytest.raises(Forbidden, match="code is not right"):
        await setup.set_up(services, code, "ada@example.org", GOOD)
    async with services.transaction() as db:
        assert list(await db.scalars(select(User))) == []


async def test_without_a_code_made_no_code_is_right(services: Services) -> None:
    with pytest.raises(Forbidden):
        await setup.set_up(services, "", "ada@example.org", GOOD)


async def test_a_weak_password_leaves_setup_open(services: Services) -> None:
    code = await code_of(services)
    with pytest.raises(Invalid):
        await setup.set_up(services, code, "ada@example.org", "12345678")
    assert (await setup.set_up(services, code, "ada@example.org", GOOD)).email == "ada@example.org"


async def test_an_admin_from_the_command_line_closes_setup_for_visitors(services: Services) -> None:
    code = await code_of(services)
    async with services.transaction() as db:
        await create_user(db, "ada@example.org", password=None, admin=True)
    with pytest.raises(Forbidden, match="already set up"):
        await setup.set_up(services, code, "ben@example.org", GOOD)


async def test_an_admin_from_the_command_line_closes_it_also_where_no_server_ever_ran(services: Services) -> None:
    async with services.transaction() as db:
        await db.execute(delete(Instance))
        await create_user(db, "ada@example.org", password=GOOD, admin=True)
        assert await setup.setup_code(db) is None
