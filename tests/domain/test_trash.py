"""Into the trash, back, and out of it for good."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select, text, update

from chatelier.db.models import Attempt, AuditEntry, Image, ImageFile, ImageWord, User, now
from chatelier.domain import trash
from chatelier.domain.gallery import Filters, list_images
from chatelier.domain.generations import find_generation, retry_generation, run_generation
from chatelier.domain.images import change_image, find_image, storage_used
from chatelier.domain.threads import delete_thread, find_thread
from chatelier.domain.upkeep import upkeep
from chatelier.errors import Invalid, NotFound, NotRetryable
from chatelier.ids import new_id
from chatelier.services import Services
from tests.domain.pictures import hang
from tests.people import People
from tests.stores import BOTH_STORES

pytestmark = pytest.mark.anyio


async def throw(services: Services, user: User, images: Sequence[Image], *, days: int = 0) -> None:
    async with services.transaction() as db:
        await trash.trash_images(db, await trash.find_selected(db, user, [image.id for image in images]))
        ago = now() - func.make_interval(0, 0, 0, days, 0, 1)
        await db.execute(update(Image).where(Image.id.in_([i.id for i in images])).values(deleted_at=ago))


async def prompts(services: Services, user: User, **filters: object) -> list[str]:
    async with services.transaction() as db:
        return [image.prompt for image in (await list_images(db, user, Filters(**filters))).items]  # type: ignore[arg-type]


@BOTH_STORES
async def test_after_its_days_a_picture_leaves_with_its_files_and_words_and_that_is_written_down(
    services: Services, people: People
) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    old, young, kept = await hang(services, ada, ["an old zebra", "a young zebra", "a kept fox"])
    (his,) = await hang(services, ben, ["his zebra"])
    await throw(services, ada, [old], days=30)
    await throw(services, ada, [young], days=29)
    await throw(services, ben, [his], days=31)
    await upkeep(services)
    async with services.transaction() as db:
        assert set(await db.scalars(select(Image.id))) == {young.id, kept.id}
        assert set(await db.scalars(select(ImageFile.image_id))) == {young.id, kept.id}
        words = set(await db.scalars(select(ImageWord.word).where(ImageWord.owner_id == ada.id)))
        assert {"zebra", "young", "fox"} <= words
        assert "old" not in words
        assert not list(await db.scalars(select(ImageWord).where(ImageWord.owner_id == ben.id)))
        assert await storage_used(db, ada) == young.stored_bytes + kept.stored_bytes
        told = (await db.scalars(select(AuditEntry).where(AuditEntry.action == "image.purge"))).all()
    details = {"images": 1, "bytes": old.stored_bytes, "days": 30}
    assert sorted(entry.target for entry in told) == sorted([str(ada.id), str(ben.id)])
    assert all(entry.details == details and entry.actor_id is None for entry in told)
    assert await prompts(services, ada, deleted=True) == ["a young zebra"]


async def test_more_than_a_batch_goes_and_two_at_it_take_each_picture_once(
    services: Services, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "BATCH", 3)
    ada = await people.user("ada")
    images = await hang(services, ada, [f"kite {number}" for number in range(10)])
    await throw(services, ada, images, days=40)
    await asyncio.gather(*(trash.purge_expired(services) for _ in range(3)))
    await trash.purge_expired(services)
    assert await prompts(services, ada, deleted=True) == []
    async with services.transaction() as db:
        assert await storage_used(db, ada) == 0
        rows = await db.scalars(select(AuditEntry).where(AuditEntry.action == "image.purge"))
        assert sum((entry.details or {})["images"] for entry in rows) == 10


async def test_many_go_and_come_back_and_a_thread_steps_back_to_what_it_still_has(
    services: Services, people: People
) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    one, two, three = await hang(services, ada, ["one", "two", "three"], thread=thread)
    async with services.transaction() as db:
        own = await find_thread(db, ada, thread.id)
        own.current_image_id = three.id
    await throw(services, ada, [two, three])
    async with services.transaction() as db:
        own = await find_thread(db, ada, thread.id)
        assert own.current_image_id == one.id
        revision = own.revision
    assert await prompts(services, ada) == ["one"]
    async with services.transaction() as db:
        await trash.restore_images(db, await trash.find_selected(db, ada, [two.id, three.id], deleted=True))
    assert await prompts(services, ada) == ["three", "two", "one"]
    async with services.transaction() as db:
        assert (await find_thread(db, ada, thread.id)).revision == revision + 1


async def test_a_selection_holds_only_ones_own(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    (mine,) = await hang(services, ada, ["mine"])
    (his,) = await hang(services, ben, ["his"])
    async with services.transaction() as db:
        found = await trash.find_selected(db, ada, [his.id, mine.id, mine.id, new_id()])
        assert [image.id for image in found] == [mine.id]
        for ids in ([his.id], [new_id()]):
            with pytest.raises(NotFound):
                await trash.find_selected(db, ada, ids)
        with pytest.raises(NotFound):
            await trash.find_selected(db, ada, [mine.id], deleted=True)
        for wrong in ([], [new_id() for _ in range(501)]):
            with pytest.raises(Invalid):
                await trash.find_selected(db, ada, wrong)


async def test_only_what_is_in_the_trash_can_be_deleted_for_good(services: Services, people: People) -> None:
    ada = await people.user("ada")
    images = await hang(services, ada, ["one", "two"])
    await throw(services, ada, images[:1])
    async with services.transaction() as db:
        await trash.purge_images(db, ada, images)
    assert await prompts(services, ada) == ["two"]
    assert await prompts(services, ada, deleted=True) == []


async def test_whoever_meets_in_the_same_threads_gets_through(services: Services, people: People) -> None:
    ada = await people.user("ada")
    rows = [await hang(services, ada, [f"kite {number}", f"boat {number}"]) for number in range(4)]
    kites, boats = [row[0] for row in rows], [row[1] for row in rows]

    async def throw_and_restore(images: Sequence[Image]) -> None:
        ids = [image.id for image in images]
        for _ in range(5):
            async with services.transaction() as db:
                await trash.trash_images(db, await trash.find_selected(db, ada, ids))
            async with services.transaction() as db:
                await trash.restore_images(db, await trash.find_selected(db, ada, ids, deleted=True))

    async def mark(image: Image) -> None:
        for turn in range(10):
            async with services.transaction() as db:
                await change_image(db, await find_image(db, ada, image.id), favourite=bool(turn % 2))

    others = [rows[0][1], rows[3][1]]
    await asyncio.gather(throw_and_restore(kites), throw_and_restore(boats[2:0:-1]), *map(mark, others))
    assert len(await prompts(services, ada)) == 8


async def test_pictures_thrown_away_with_their_thread_come_back_without_it(services: Services, people: People) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    (image,) = await hang(services, ada, ["one"], thread=thread)
    async with services.transaction() as db:
        await delete_thread(db, await find_thread(db, ada, thread.id), images="trash")
    assert await prompts(services, ada, deleted=True) == ["one"]
    async with services.transaction() as db:
        await trash.restore_images(db, await trash.find_selected(db, ada, [image.id], deleted=True))
    assert await prompts(services, ada) == ["one"]
    async with services.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM images WHERE deleted_at IS NULL")) == 1


async def test_a_change_whose_source_was_thrown_away_meanwhile_paints_nothing_else(
    services: Services, people: People
) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    fox, kite = await hang(services, ada, ["a fox", "a kite"], thread=thread)
    posted = await people.says(ada, thread, "put them together", intent="edit", source_image_ids=(kite.id, fox.id))
    assert posted.reply.generation
    await throw(services, ada, [fox])
    async with services.transaction() as db:
        attempt = (await db.scalars(select(Attempt))).one()
    await run_generation(services, attempt.id)
    async with services.transaction() as db:
        failed = await find_generation(db, ada, posted.reply.generation.id)
        assert (failed.status, failed.images, (failed.error or {})["code"]) == ("failed", [], "no_source_image")
        assert (await db.scalars(select(Attempt.sent_at))).one() is None
        with pytest.raises(NotRetryable, match="in the trash"):
            await retry_generation(db, services.providers, ada, failed)
    async with services.transaction() as db:
        await trash.restore_images(db, await trash.find_selected(db, ada, [fox.id], deleted=True))
        _, reply = await retry_generation(db, services.providers, ada, await find_generation(db, ada, failed.id))
    assert reply.generation
    assert reply.generation.source_image_ids == [str(kite.id), str(fox.id)]
