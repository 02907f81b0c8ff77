"""Pictures whose files lie in an object store, on their way there and back, and while it is away."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from chatelier.config import Settings
from chatelier.db.models import Attempt, AuditEntry, Image, ImageFile, LooseObject, ServedDay, User, now
from chatelier.domain import moves, sealing, stores
from chatelier.domain.backup import Written, write_backup
from chatelier.domain.generations import find_generation, retry_generation
from chatelier.domain.images import keep_upload, storage_used
from chatelier.domain.messages import Posted
from chatelier.domain.moves import move_images, verify_images
from chatelier.domain.trash import find_selected, purge_images, trash_images
from chatelier.domain.upkeep import upkeep
from chatelier.domain.users import delete_user
from chatelier.errors import CannotStart, ImageLost, LimitReached, NotFound, StorageUnavailable
from chatelier.services import Services, open_services
from chatelier.storage import outbox
from chatelier.storage.database import open_file
from chatelier.storage.outbox import send
from tests import backups
from tests.people import People
from tests.storage.pictures import encoded, photo
from tests.stores import come_back, go_away, keys_in, keys_known

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("store", ["objects"], indirect=True)]


@pytest.fixture
def folder(store: str) -> Path:
    return Path(urlsplit(store).path)


@pytest.fixture
async def ada(people: People) -> User:
    return await people.user("ada")


async def uploaded(services: Services, people: People, ada: User, content: bytes | None = None) -> Image:
    thread = await people.thread(ada)
    return await keep_upload(services, ada, thread.id, content or encoded())


async def read(services: Services, image: Image, variant: str = "original") -> bytes:
    return await (await open_file(services.sessions, image.id, variant)).read()


async def let_all_be_due(services: Services) -> None:
    async with services.transaction() as db:
        await db.execute(update(LooseObject).values(due_at=now()))
    await upkeep(services)


async def test_an_original_and_its_preview_lie_in_the_store_the_thumbnail_in_the_database(
    services: Services, people: People, ada: User, folder: Path
) -> None:
    image = await uploaded(services, people, ada, photo())
    async with services.transaction() as db:
        rows = {row.variant: row for row in await db.scalars(select(ImageFile))}
        assert await storage_used(db, ada) == sum(row.bytes for row in rows.values())
    assert {name for name, row in rows.items() if row.content is None} == {"original", "preview"}
    assert {row.object_key for row in rows.values() if row.object_key} == keys_in(folder)
    assert len(await read(services, image, "preview")) == rows["preview"].bytes
    whole = await read(services, image)
    assert (folder / str(rows["original"].object_key)).read_bytes() == whole
    file = await open_file(services.sessions, image.id, "original")
    for start, end in ((0, 1), (300_000, 700_001), (len(whole) - 5, len(whole) + 5)):
        assert b"".join([piece async for piece in file.chunks(start, end)]) == whole[start:end]


async def test_what_is_deleted_leaves_the_store_too(
    services: Services, people: People, ada: User, folder: Path
) -> None:
    image, other = await uploaded(services, people, ada), await uploaded(services, people, ada)
    async with services.transaction() as db:
        await trash_images(db, await find_selected(db, ada, [image.id]))
        await purge_images(db, ada, await find_selected(db, ada, [image.id], deleted=True))
    assert len(keys_in(folder)) == 2  # for who reads it now
    await let_all_be_due(services)
    assert len(keys_in(folder)) == 1
    assert await read(services, other)
    async with services.transaction() as db:
        await delete_user(db, ada)
    await let_all_be_due(services)
    assert keys_in(folder) == set()
    assert keys_known(services.url) == (set(), set())


async def test_what_was_put_for_nothing_is_collected_when_it_is_due_and_not_before(
    services: Services, people: People, ada: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = await people.thread(ada)
    async with services.transaction() as db:
        await db.execute(update(User).where(User.id == ada.id).values(limits={"storage_bytes": 10}))
    with pytest.raises(LimitReached):
        await keep_upload(services, ada, thread.id, encoded())
    assert len(keys_in(folder)) == 1
    await upkeep(services)
    assert keys_in(folder) == set()  # it was known to be for nothing
    stored = await services.decoder.keep_upload(encoded(), max_bytes=10**6, max_pixels=10**6)
    await send(services.sessions, stored)  # and here the process dies
    await upkeep(services)
    assert len(keys_in(folder)) == 1
    await let_all_be_due(services)
    assert keys_in(folder) == set()


async def test_a_file_whose_time_is_up_before_its_row_comes_stays_in_the_database(
    services: Services, people: People, ada: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(*given: object) -> dict[str, outbox.StoredObject]:
        sent = await send(*given)  # type: ignore[arg-type]
        async with services.transaction() as db:
            await db.execute(update(LooseObject).values(due_at=now()))
        assert await outbox._doom(services.sessions)  # a sweep is about to delete it
        return sent

    monkeypatch.setattr(outbox, "send", late)
    image = await uploaded(services, people, ada)
    assert keys_known(services.url)[0] == set()
    assert await read(services, image)
    await let_all_be_due(services)
    assert keys_known(services.url)[1] == keys_in(folder) == set()


async def test_while_the_store_is_away_an_upload_is_refused_and_a_result_goes_to_the_database(
    services: Services, people: People, ada: User, worker: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_away(folder)
    thread = await people.thread(ada)
    with pytest.raises(StorageUnavailable, match="cannot be reached"):
        await keep_upload(services, ada, thread.id, encoded())
    painted = await people.finished(ada, await people.says(ada, thread, "/imagine a kite"))
    assert painted.status == "succeeded"
    (image,) = painted.images
    content = await read(services, image)
    come_back(folder)

    async def fails(*_: object) -> bool:
        raise OperationalError("the database is away for a moment", None, Exception())

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_goes_to_objects", fails)
        assert (await people.finished(ada, await people.says(ada, thread, "/imagine a boat"))).status == "succeeded"
    assert keys_in(folder) == set()
    done = await move_images(services, "objects")
    assert (done.files, done.failed) == (2, [])
    assert len(keys_in(folder)) == 2
    assert await read(services, image) == content


async def test_a_change_to_a_picture_that_cannot_be_read_is_not_charged_and_can_be_tried_again(
    services: Services, people: People, ada: User, worker: None, folder: Path
) -> None:
    thread = await people.thread(ada)
    await people.finished(ada, await people.says(ada, thread, "/imagine a kite"))
    go_away(folder)
    failed = await people.finished(ada, await people.says(ada, thread, "make it blue"))
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error["code"] == "storage_unavailable"
    assert failed.error["retryable"]
    async with services.transaction() as db:
        attempt = (await db.scalars(select(Attempt).where(Attempt.generation_id == failed.id))).one()
        assert attempt.sent_at is None
    come_back(folder)
    async with services.transaction() as db:
        again = await find_generation(db, ada, failed.id)
        asked, reply = await retry_generation(db, services.providers, ada, again)
    assert (await people.finished(ada, Posted(message=asked, reply=reply))).status == "succeeded"


async def test_a_move_there_and_back_while_somebody_reads_changes_no_byte(
    services: Services, people: People, ada: User, folder: Path
) -> None:
    image = await uploaded(services, people, ada, photo())
    whole = await read(services, image)
    reading = (await open_file(services.sessions, image.id, "original")).chunks()
    seen = await anext(reading)
    assert (await move_images(services, "database")).files == 2
    await let_all_be_due(services)
    assert keys_in(folder) == set()
    seen += await anext(reading)
    later = await uploaded(services, people, ada)  # new ones go where the move went
    assert keys_in(folder) == set()
    told: list[int] = []
    assert (await move_images(services, "objects", lambda files, size: told.append(size))).files == 3
    assert len(told) == 3
    assert (await move_images(services, "objects")).files == 0
    seen += b"".join([piece async for piece in reading])
    assert seen == whole
    checked = await verify_images(services)
    assert (checked.files, checked.failed) == (5, [])
    assert await read(services, later)
    async with services.transaction() as db:
        told_store = select(AuditEntry.details).where(AuditEntry.action == "images.store")
        assert list(await db.scalars(told_store.order_by(AuditEntry.created_at))) == [
            {"store": "database"},
            {"store": "objects"},
            {"store": "objects"},
        ]


async def test_movers_in_both_directions_and_a_deletion_meet_without_losing_anything(
    services: Services, people: People, ada: User, settings: Settings
) -> None:
    images = [await uploaded(services, people, ada) for _ in range(12)]
    contents = {image.id: await read(services, image) for image in images}

    async def purge() -> None:
        for image in images[::4]:
            async with services.transaction() as db:
                await trash_images(db, await find_selected(db, ada, [image.id]))
                await purge_images(db, ada, await find_selected(db, ada, [image.id], deleted=True))

    async with open_services(settings) as second:
        await asyncio.gather(
            move_images(services, "database"), move_images(second, "objects"), purge(), move_images(second, "database")
        )
        await let_all_be_due(second)
        left = [image for image in images if image not in images[::4]]
        for house in (services, second):
            assert [await read(house, image) for image in left] == [contents[image.id] for image in left]
        assert (await verify_images(second)).failed == []
    with pytest.raises(NotFound):
        await read(services, images[0])


async def test_files_that_are_missing_or_damaged_are_named_and_do_not_stop_the_others(
    services: Services, people: People, ada: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "PAUSE_SECONDS", 0.01)
    good, missing, damaged = [await uploaded(services, people, ada) for _ in range(3)]
    async with services.transaction() as db:
        found = await db.execute(
            select(ImageFile.image_id, ImageFile.object_key).where(ImageFile.variant == "original")
        )
        keys = {row.image_id: folder / row.object_key for row in found}
    kept = keys[missing.id].read_bytes()
    keys[missing.id].unlink()
    keys[damaged.id].write_bytes(kept[:-1] + b"\0")
    for image in (missing, damaged):
        with pytest.raises(ImageLost, match="Ask the admin"):
            await read(services, image)
    for work in (verify_images(services), move_images(services, "database")):
        named = sorted((await work).failed)
        assert [str(missing.id) in line for line in sorted(named)].count(True) == 1
        assert [str(damaged.id) in line for line in sorted(named)].count(True) == 1
        assert len(named) == 2
    assert await read(services, good)
    for image in (missing, damaged):
        keys[image.id].write_bytes(kept)
    assert (await move_images(services, "objects")).failed == []


async def test_a_backup_carries_what_lies_in_the_store_and_says_what_is_lost_there(
    services: Services,
    people: People,
    ada: User,
    settings: Settings,
    folder: Path,
    house: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sealing.SCRYPT, "n", 2**10)
    good, lost = await uploaded(services, people, ada, photo()), await uploaded(services, people, ada)
    whole = await read(services, good)
    async with services.transaction() as db:
        original = ImageFile.image_id == lost.id, ImageFile.object_key.is_not(None)  # thumbnails stay in the database
        key = await db.scalar(select(ImageFile.object_key).where(*original))
    await asyncio.to_thread((folder / str(key)).unlink)
    written = Written(made_at=datetime.now(UTC))
    backup = b"".join([piece async for piece in write_backup(services, written, passphrase=backups.WORDS)])
    assert (written.files, written.lost) == (4, 1)
    with backups.elsewhere(settings.database_url, house) as elsewhere:
        await backups.unpacked(elsewhere, backup)
        async with open_services(elsewhere) as there:
            assert await read(there, good) == whole
            assert (await verify_images(there)).failed == []
    go_away(folder)
    with pytest.raises(StorageUnavailable):
        [piece async for piece in write_backup(services, written, passphrase=backups.WORDS)]
    come_back(folder)
    async with services.transaction() as db:
        await delete_user(db, ada)
    await let_all_be_due(services)


async def test_without_the_store_nothing_moves_and_its_pictures_are_told_to_be_elsewhere(
    services: Services, people: People, ada: User, settings: Settings, folder: Path
) -> None:
    image = await uploaded(services, people, ada)
    async with open_services(settings.model_copy(update={"storage_url": ""})) as bare:
        with pytest.raises(StorageUnavailable, match="not configured"):
            await read(bare, image)
        with pytest.raises(CannotStart, match="CHATELIER_STORAGE_URL"):
            await move_images(bare, "database")
        assert await read(bare, await uploaded(bare, people, ada))
    assert await read(services, image)


async def test_it_is_time_when_there_are_many_bytes_or_many_are_handed_out(
    services: Services, people: People, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def standing() -> stores.Standing:
        async with services.transaction() as db:
            return await stores.measure(db, has_objects=True)

    await uploaded(services, people, ada)
    assert (await standing()).in_objects == 1
    await move_images(services, "database")
    assert not (await standing()).is_time
    for _ in range(3000):
        services.served.add(10)
    await stores.write_served(services)
    async with services.transaction() as db:
        yesterday = func.current_date() - 1
        db.add_all([ServedDay(day=yesterday, images=500, bytes=7), ServedDay(day=yesterday - 90, images=9**9)])
    found = await standing()
    assert (found.in_database, found.served) == (1, 1750)
    assert found.is_time
    assert "1,750 images a day" in found.reasons[0]
    monkeypatch.setattr(stores, "MANY_BYTES", 1)
    assert len((await standing()).reasons) == 2
    services.served.add(1)
    await stores.write_served(services)
    async with services.transaction() as db:
        assert await db.scalar(select(func.count()).select_from(ServedDay)) == 2  # the old day is forgotten
    await move_images(services, "objects")
    assert not (await standing()).is_time
