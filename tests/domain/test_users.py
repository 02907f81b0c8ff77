from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from chatelier.db.models import ApiKey, AuditEntry, Instance, Role, SignInSession, Thread, User
from chatelier.domain import plans, users
from chatelier.domain.keys import add_key, list_keys
from chatelier.domain.sign_in import open_session
from chatelier.errors import Forbidden, Invalid
from chatelier.services import Services
from tests.people import People

GOOD = "correct horse battery"


async def make(services: Services, email: str, *, password: str | None = None, admin: bool = False) -> User:
    async with services.transaction() as db:
        return await users.create_user(db, email, password=password, admin=admin)


async def actions(services: Services) -> list[str]:
    async with services.transaction() as db:
        return list(await db.scalars(select(AuditEntry.action).order_by(AuditEntry.created_at, AuditEntry.id)))


async def test_ada_gets_an_account_under_her_address_in_lower_case(services: Services) -> None:
    ada = await make(services, "  Ada@Example.ORG ", password=GOOD)
    assert (ada.email, ada.role, ada.plan) == ("ada@example.org", Role.MEMBER, "member")
    assert ada.password_hash
    assert ada.password_hash.startswith("$argon2id$")
    async with services.transaction() as db:
        found = await users.find_user(db, "ADA@example.org")
        assert found is not None
        assert found.id == ada.id
        assert await users.find_user(db, "ben@example.org") is None
        assert await users.find_user(db, "ada\x00@example.org") is None
    assert await actions(services) == ["user.create"]


@pytest.mark.parametrize(
    "email",
    [
        *("", "ada", "@example.org", "ada@", "a b@example.org", "ada@@example.org", "ada@ex..org", "ada@.org"),
        *("ada@example.org\x00", "<ada@example.org>", "ada@exam\u200bple.org", "x" * 65 + "@example.org"),
        "ada@" + "x" * 260,
    ],
)
async def test_what_is_no_address_is_refused(services: Services, email: str) -> None:
    with pytest.raises(Invalid) as refused:
        await make(services, email)
    assert refused.value.extra["fields"]["email"]


async def test_a_local_address_will_do_for_a_family(services: Services) -> None:
    assert (await make(services, "ada@home")).email == "ada@home"


async def test_an_address_is_taken_once_even_when_two_come_at_once(services: Services) -> None:
    async def try_it() -> str:
        try:
            await make(services, "ada@example.org")
        except Invalid as error:
            return error.sentence
        return "made"

    outcomes = await asyncio.gather(*(try_it() for _ in range(8)))
    assert sorted(set(outcomes)) == ["There is already an account for ada@example.org.", "made"]
    assert outcomes.count("made") == 1


@pytest.mark.parametrize(
    ("password", "part"),
    [
        ("short", "too short"),
        ("x" * 257, "too long"),
        ("Password123", "first that anybody would guess"),
        ("aabbaabbaabb", "first that anybody would guess"),
        ("ada@example.org", "address itself"),
        ("half a pair \ud83d", "cannot be stored"),
    ],
)
async def test_a_weak_password_is_refused_with_a_reason(services: Services, password: str, part: str) -> None:
    with pytest.raises(Invalid) as refused:
        await make(services, "ada@example.org", password=password)
    assert part in refused.value.sentence
    assert part in refused.value.extra["fields"]["password"]


async def test_a_new_password_ends_sign_ins_and_kills_keys(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    async with services.transaction() as db:
        for person in (ada, ben):
            await open_session(db, person, days=30)
            await add_key(db, person, "laptop")
    async with services.transaction() as db:
        await users.change_password(db, ada, GOOD)
    async with services.transaction() as db:
        assert list(await db.scalars(select(SignInSession.user_id))) == [ben.id]
        assert [key.revoked_at is None for key in await list_keys(db, ada)] == [False]
        assert [key.revoked_at is None for key in await list_keys(db, ben)] == [True]
    assert "user.password" in await actions(services)


async def test_another_plan_is_kept_and_nonsense_refused(services: Services, people: People) -> None:
    ada = await people.user("ada")
    async with services.transaction() as db:
        await plans.move_user(db, ada, "premium")
    async with services.transaction() as db:
        assert [user.plan for user in await users.list_users(db)] == ["premium"]
        with pytest.raises(Invalid):
            await plans.move_user(db, ada, "Premium!")


async def test_a_disabled_account_is_signed_out_and_can_come_back(services: Services, people: People) -> None:
    ada = await people.user("ada")
    async with services.transaction() as db:
        await open_session(db, ada, days=30)
        await users.disable_user(db, ada)
    async with services.transaction() as db:
        assert (await db.scalar(select(func.count()).select_from(SignInSession))) == 0
        assert (await users.list_users(db))[0].disabled_at is not None
        await users.enable_user(db, ada)
    async with services.transaction() as db:
        assert (await users.list_users(db))[0].disabled_at is None


async def test_deleting_ben_removes_what_he_owns_and_nothing_of_ada(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    for person in (ada, ben):
        await people.thread(person, "a thread")
        async with services.transaction() as db:
            await add_key(db, person, "laptop")
    async with services.transaction() as db:
        await users.delete_user(db, ben)
    async with services.transaction() as db:
        assert list(await db.scalars(select(Thread.owner_id))) == [ada.id]
        assert list(await db.scalars(select(ApiKey.user_id))) == [ada.id]


@pytest.mark.parametrize("verb", ["delete", "disable", "demote"])
async def test_the_only_admin_stays(services: Services, people: People, verb: str) -> None:
    ada = await people.user("ada", admin=True)
    await people.user("ben")

    async def take_away() -> None:
        async with services.transaction() as db:
            if verb == "delete":
                await users.delete_user(db, ada)
            elif verb == "disable":
                await users.disable_user(db, ada)
            else:
                await users.set_role(db, ada, Role.MEMBER)

    with pytest.raises(Forbidden, match="only admin"):
        await take_away()
    await people.user("chloe", admin=True)
    await take_away()


async def test_of_two_admins_that_remove_each_other_one_stays(services: Services, people: People) -> None:
    ada, ben = await people.user("ada", admin=True), await people.user("ben", admin=True)

    async def disable(user: User) -> bool:
        try:
            async with services.transaction() as db:
                await users.disable_user(db, user)
        except Forbidden:
            return False
        return True

    assert sorted(await asyncio.gather(disable(ada), disable(ben))) == [False, True]


async def test_a_new_role_ends_sign_ins(services: Services, people: People) -> None:
    await people.user("ada", admin=True)
    ben = await people.user("ben")
    async with services.transaction() as db:
        await open_session(db, ben, days=30)
        await users.set_role(db, ben, Role.ADMIN)
    async with services.transaction() as db:
        assert (await db.scalar(select(func.count()).select_from(SignInSession))) == 0
        assert await db.scalar(select(User.role).where(User.id == ben.id)) == Role.ADMIN


async def test_an_admin_made_by_the_operator_closes_setup(services: Services) -> None:
    await make(services, "ben@example.org")
    async with services.transaction() as db:
        assert await db.scalar(select(Instance.setup_done_at)) is None
    await make(services, "ada@example.org", admin=True)
    async with services.transaction() as db:
        assert await db.scalar(select(Instance.setup_done_at)) is not None
