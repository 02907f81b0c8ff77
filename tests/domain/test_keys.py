from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from chatelier.db.models import ApiKey
from chatelier.domain import keys
from chatelier.domain.credentials import digest
from chatelier.domain.users import disable_user, enable_user
from chatelier.errors import Invalid, NotFound
from chatelier.services import Services
from tests.people import People


async def test_a_key_is_shown_once_and_known_by_its_hash(services: Services, people: People) -> None:
    ada = await people.user("ada")
    async with services.transaction() as db:
        token = await keys.add_key(db, ada, "  my   laptop ")
    assert token.startswith("chk_")
    assert len(token) == 4 + 43
    async with services.transaction() as db:
        [key] = await keys.list_keys(db, ada)
        assert (key.name, key.last_four, key.token_hash) == ("my laptop", token[-4:], digest(token))
        assert key.used_at is None
    owner = await keys.find_key_owner(services, token)
    assert owner is not None
    assert owner.id == ada.id
    async with services.transaction() as db:
        assert (await keys.list_keys(db, None))[0].used_at is not None


@pytest.mark.parametrize("token", ["", "chk_", "chk_wrong", "sk-123", "chk_\ud83d"])
async def test_what_is_no_key_of_ours_belongs_to_nobody(services: Services, token: str) -> None:
    assert await keys.find_key_owner(services, token) is None


async def test_a_revoked_key_is_dead_at_once(services: Services, people: People) -> None:
    ada = await people.user("ada")
    async with services.transaction() as db:
        token = await keys.add_key(db, ada)
        [key] = await keys.list_keys(db, ada)
    assert await keys.find_key_owner(services, token)
    async with services.transaction() as db:
        await keys.revoke_key(db, ada, key.id)
    assert await keys.find_key_owner(services, token) is None
    async with services.transaction() as db:
        with pytest.raises(NotFound):
            await keys.revoke_key(db, ada, key.id)


async def test_ben_cannot_revoke_adas_key(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    async with services.transaction() as db:
        await keys.add_key(db, ada)
        [key] = await keys.list_keys(db, ada)
        assert await keys.list_keys(db, ben) == []
        with pytest.raises(NotFound):
            await keys.revoke_key(db, ben, key.id)
        with pytest.raises(NotFound):
            await keys.revoke_key(db, ben, None)
        assert list(await db.scalars(select(ApiKey.revoked_at))) == [None]


async def test_the_key_of_a_disabled_user_sleeps(services: Services, people: People) -> None:
    ada = await people.user("ada")
    async with services.transaction() as db:
        token = await keys.add_key(db, ada)
    assert await keys.find_key_owner(services, token)
    async with services.transaction() as db:
        await disable_user(db, ada)
    assert await keys.find_key_owner(services, token) is None
    async with services.transaction() as db:
        await enable_user(db, ada)
    assert await keys.find_key_owner(services, token)


async def test_fifty_keys_are_enough_for_anybody(services: Services, people: People) -> None:
    ada = await people.user("ada")
    async with services.transaction() as db:
        for _ in range(keys.MOST_KEYS):
            await keys.add_key(db, ada)
        with pytest.raises(Invalid, match="Revoke one"):
            await keys.add_key(db, ada)
        with pytest.raises(Invalid):
            await keys.add_key(db, await people.user("ben"), "x" * 81)


async def test_a_disable_between_reading_and_watching_is_not_missed(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache must not keep what changed while it was being filled."""
    ada = await people.user("ada")
    async with services.transaction() as db:
        token = await keys.add_key(db, ada)
    load, calls = keys._load_owner, 0

    async def slow(db: object, key: bytes) -> object:
        nonlocal calls
        calls += 1
        user = await load(db, key)  # type: ignore[arg-type]
        if calls == 1:
            async with services.transaction() as other:
                await disable_user(other, ada)
            await asyncio.sleep(0.1)
        return user

    monkeypatch.setattr(keys, "_load_owner", slow)
    assert await keys.find_key_owner(services, token) is None
