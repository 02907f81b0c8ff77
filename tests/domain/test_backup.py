"""A backup of a living instance is the same instance elsewhere, or it is refused and nothing changes there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from chatelier.config import Settings
from chatelier.db import copying
from chatelier.db.engine import parse_url
from chatelier.db.migrate import head, migrate, upgrade_within
from chatelier.db.models import Attempt, Base, Generation, User
from chatelier.domain import backup_tables, sealing, stored_providers
from chatelier.domain.backup import first_id
from chatelier.domain.backup_file import Reader
from chatelier.domain.images import keep_upload
from chatelier.domain.restore_key import choose_key
from chatelier.domain.sealing import unseal
from chatelier.domain.sweep import sweep
from chatelier.errors import CannotStart, Invalid
from chatelier.ids import new_id
from chatelier.services import Services, open_services, read_secret_key
from tests import backups
from tests.backups import ask, contents, is_untouched, packed, unpacked, with_head
from tests.engines import CENTS, use_engines
from tests.people import People, until
from tests.storage.pictures import encoded

pytestmark = pytest.mark.anyio

CHANGED = {"attempts", "audit_log"}  # their jobs are not there; one entry more


@pytest.fixture
def elsewhere(database_url: str, house: Path) -> Iterator[Settings]:
    with backups.elsewhere(database_url, house) as settings:
        yield settings


@pytest.fixture(autouse=True)
def quick_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drill in tests/stories waits as long as people do."""
    monkeypatch.setitem(sealing.SCRYPT, "n", 2**10)


async def adas_studio(services: Services, people: People) -> User:
    """Two pictures, one made and paid, one brought; and a provider with a key."""
    use_engines(services)
    ada = await people.user("ada", admin=True)
    thread = await people.thread(ada, "Boats — лодки 船\t\\N")
    await people.finished(ada, await people.says(ada, thread, "/imagine a boat"))
    await keep_upload(services, ada, thread.id, encoded())
    table = {"base_url": "http://127.0.0.1:9/v1", "model": "m", "api_key": "sk-lantern"}
    async with services.transaction() as db:
        await stored_providers.save_provider(db, services.providers, services.secret_key, "own", table, actor=ada.id)
    return ada


def url(settings: Settings) -> str:
    return settings.database_url


async def test_everything_is_the_same_elsewhere(
    services: Services, people: People, worker: None, settings: Settings, elsewhere: Settings
) -> None:
    """Row by row, byte by byte, and keys of providers are readable; the archive gives none of them away."""
    await adas_studio(services, people)
    backup = await packed(settings)
    assert b"sk-lantern" not in backup
    assert services.secret_key not in backup
    done = await unpacked(elsewhere, backup)
    assert (done.people, done.images, done.missing, done.changed, done.stopped) == (1, 2, 0, 0, 0)
    for table in {*backup_tables.KEPT, backup_tables.FILES, "storage_use"} - CHANGED:
        assert contents(url(elsewhere), table) == contents(url(settings), table), table
    async with open_services(elsewhere) as there, there.transaction() as db:
        (provider,) = await stored_providers.list_stored(db)
        assert provider.sealed_key is not None
        assert unseal(there.secret_key, provider.sealed_key) == "sk-lantern"


async def test_what_was_on_its_way_is_unknown_and_what_waited_is_not_painted_again(
    services: Services, people: People, worker: None, settings: Settings, elsewhere: Settings
) -> None:
    """The instance goes on after its backup: what waited there is paid there."""
    ada = await adas_studio(services, people)
    thread = await people.thread(ada)
    sent = await people.says(ada, thread, "/imagine a kite [[hang]]")
    waiting = await people.says(ada, thread, "make it bluer")

    async def is_sent() -> bool | None:
        async with services.transaction() as db:
            query = select(Attempt.id).join(Generation, Generation.id == Attempt.generation_id)
            return (
                await db.scalar(query.where(Generation.message_id == sent.reply.id, Attempt.state == "sent")) and True
            )

    await until(is_sent)
    done = await unpacked(elsewhere, await packed(settings))
    assert done.stopped == 1
    async with open_services(elsewhere) as there:
        await sweep(there)
        async with there.transaction() as db:
            found = {one.message_id: one for one in await db.scalars(select(Generation))}
    assert found[sent.reply.id].status == "unknown"
    assert found[waiting.reply.id].status == "failed"
    error = found[waiting.reply.id].error or {}
    assert error["retryable"]
    assert "still waiting when the backup was made" in error["message"]
    assert ask(url(elsewhere), "SELECT state, held_micros FROM charges WHERE state = 'held'") == [("held", 4 * CENTS)]
    assert ask(url(elsewhere), "SELECT sum(held_micros), sum(micros) FROM instance_days") == [(4 * CENTS, 4 * CENTS)]
    assert ask(url(elsewhere), "SELECT count(*) FROM procrastinate_jobs") == [(0,)]


async def test_a_damaged_file_is_refused_and_leaves_nothing(
    services: Services, people: People, worker: None, settings: Settings, elsewhere: Settings
) -> None:
    await adas_studio(services, people)
    whole = await packed(settings)
    picture = whole.index(b"\x89PNG")
    for content in (
        b"",
        encoded(),  # another file
        whole[: picture // 2],  # cut in the rows
        whole[: whole.index(b"end.json")],
        whole[:-1500],
        whole.replace(b"ada@example.org", b"eve@example.org"),
        whole[:-1024] + whole[:1024] + whole[-1024:],  # more at its end
    ):
        with pytest.raises(Invalid, match="Nothing was restored"):
            await read_through(content)
    await read_through(whole)
    changed = whole[: picture + 99] + bytes([whole[picture + 99] ^ 1]) + whole[picture + 100 :]
    for content in (whole[: picture + 100], changed):
        with pytest.raises(Invalid, match="Nothing was restored"):
            await unpacked(elsewhere, content)
        assert is_untouched(url(elsewhere))
        assert not elsewhere.data_dir.exists()


async def read_through(backup: bytes) -> None:
    async for _ in Reader(io.BytesIO(backup)).batches():
        pass


async def test_without_the_secret_key_only_keys_of_providers_are_lost(
    services: Services, people: People, worker: None, settings: Settings, elsewhere: Settings
) -> None:
    """It comes with the passphrase alone, or was kept apart; else there is a new one."""
    await adas_studio(services, people)
    backup = await packed(settings)
    with pytest.raises(Invalid, match="not the passphrase"):
        await unpacked(elsewhere, backup, passphrase="four words of yours")
    other = elsewhere.model_copy(update={"secret_key": "another-key-that-somebody-set-here"})
    with pytest.raises(CannotStart, match="CHATELIER_SECRET_KEY is not the key"):
        await unpacked(other, backup)
    assert is_untouched(url(elsewhere))
    kept_apart = elsewhere.model_copy(update={"secret_key": services.secret_key.decode()})
    head = Reader(io.BytesIO(await packed(settings, passphrase=""))).head
    assert head["secret_key"] is None
    assert not choose_key(kept_apart, head, pytest.fail, without=False).is_lost
    assert choose_key(elsewhere, head, pytest.fail, without=False).is_lost
    await unpacked(elsewhere, backup, without_key=True)
    async with open_services(elsewhere) as there, there.transaction() as db:
        assert there.secret_key != services.secret_key
        (provider,) = await stored_providers.list_stored(db)
        assert (provider.settings["model"], provider.sealed_key, provider.last_four) == ("m", None, "")


async def test_only_an_empty_instance_that_does_not_run_is_filled(
    services: Services, people: People, settings: Settings, elsewhere: Settings
) -> None:
    await people.user("ada")
    backup = await packed(settings)
    with pytest.raises(CannotStart, match="Chatelier is running on this database"):
        await unpacked(settings, backup)
    async with open_services(elsewhere):  # started once, by somebody who looked whether it works
        pass
    first_key = read_secret_key(elsewhere)
    assert (await unpacked(elsewhere, backup)).people == 1
    assert read_secret_key(elsewhere) == services.secret_key
    assert (elsewhere.data_dir / "secret.key.before-restore").read_bytes() == first_key
    with pytest.raises(CannotStart, match="There is something here already"):
        await unpacked(elsewhere, backup)


LONG_AGO = """
SET session_replication_role = replica;
UPDATE images SET id = overlay(id::text PLACING '0190' FROM 1 FOR 4)::uuid;
UPDATE image_files SET image_id = overlay(image_id::text PLACING '0190' FROM 1 FOR 4)::uuid
"""  # ids begin with their time: this one was in the summer of 2024


async def test_a_newer_backup_may_leave_out_the_bytes_that_an_older_one_has(
    services: Services, people: People, worker: None, settings: Settings, elsewhere: Settings
) -> None:
    ada = await adas_studio(services, people)
    ask(url(settings), LONG_AGO)
    full = await packed(settings)
    late = await keep_upload(services, ada, (await people.thread(ada)).id, encoded(kind="JPEG"))
    newer = await packed(settings, since=datetime.now(UTC))
    assert len(newer) < len(full)
    with pytest.raises(Invalid, match=r"files of 2 pictures from before .* chatelier restore NEWER OLDER"):
        await unpacked(elsewhere, newer)
    with pytest.raises(Invalid, match="are in another backup"):
        await unpacked(elsewhere, newer, newer)
    assert is_untouched(url(elsewhere))
    done = await unpacked(elsewhere, newer, full)
    assert (done.images, done.missing) == (3, 0)
    assert contents(url(elsewhere), "image_files") == contents(url(settings), "image_files")
    assert first_id(datetime.now(UTC)) < late.id


async def test_a_backup_of_an_older_schema_comes_up_to_date(
    database_url: str, house: Path, elsewhere: Settings
) -> None:
    """Made at the revision at which an installation was before it was upgraded."""
    ada, thread, image = new_id(), new_id(), new_id()
    with backups.elsewhere(database_url, house) as old:
        engine = create_engine(parse_url(url(old)))
        with engine.begin() as connection:
            upgrade_within(connection, "0001")
        engine.dispose()
        ask(url(old), "INSERT INTO users (id, email, role) VALUES (%s, 'ada@example.org', 'admin')", ada)
        ask(url(old), "INSERT INTO threads (id, owner_id, title) VALUES (%s, %s, 'Boats')", thread, ada)
        ask(url(old), IMAGE, image, ada, thread)
        ask(url(old), "INSERT INTO image_files VALUES (%s, 'original', 'image/png', 3, 'x', 'abc')", image)
        backup = await packed(old)
        migrate(url(elsewhere))
        with pytest.raises(CannotStart, match=r"of schema .* Make a new database"):
            await unpacked(elsewhere, backup)
        ask(url(elsewhere), "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        assert (await unpacked(elsewhere, backup)).images == 1
    assert ask(url(elsewhere), "SELECT version_num FROM alembic_version") == [(head(),)]
    assert ask(url(elsewhere), "SELECT email, plan FROM users") == [("ada@example.org", "owner")]
    assert ask(url(elsewhere), "SELECT bytes, images FROM storage_use") == [(3, 1)]
    assert ask(url(elsewhere), "SELECT content FROM image_files") == [(b"abc",)]


IMAGE = """
INSERT INTO images (id, owner_id, thread_id, origin, handle, width, height, media_type, bytes, sha256, thumbhash)
VALUES (%s, %s, %s, 'upload', 1, 1, 1, 'image/png', 3, 'x', 'h')
"""


async def test_what_is_newer_than_this_version_is_refused(
    services: Services, people: People, settings: Settings, elsewhere: Settings
) -> None:
    backup = await packed(settings)
    for changed in ({"revision": "9999"}, {"version": 2}):
        with pytest.raises(Invalid, match=r"newer|A newer version"):
            await unpacked(elsewhere, with_head(backup, **changed))
    with pytest.raises(CannotStart, match="nothing to back up yet"):
        await packed(elsewhere)
    ask(url(elsewhere), "CREATE TABLE stray (n int)")
    with pytest.raises(CannotStart, match="There is something here already"):
        await unpacked(elsewhere, backup)
    migrate(url(elsewhere))
    with pytest.raises(CannotStart, match="does not know: stray"):
        await packed(elsewhere)
    ask(url(elsewhere), "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CannotStart, match="Back it up with the newer version"):
        await packed(elsewhere)


async def test_sequences_go_on_behind_what_came_in(services: Services, clean_database: str) -> None:
    ask(clean_database, "CREATE TABLE counted (n bigserial, m int)")
    try:
        async with services.engine.connect() as connection, connection.begin():
            raw = await copying.prepare_to_fill(connection)
            await copying.rows_in(raw, "counted", ["n", "m"], b"41\t1\n")
            await copying.set_sequences(raw, ["counted", "plans"])
            assert await copying.read_value(raw, "INSERT INTO counted (m) VALUES (2) RETURNING n") == 42
    finally:
        ask(clean_database, "DROP TABLE counted")


def test_every_table_is_kept_or_left_out_for_a_reason() -> None:
    tables = set(Base.metadata.tables)
    assert set(backup_tables.KEPT) | {backup_tables.FILES} | set(backup_tables.LEFT_OUT) == tables | {"alembic_version"}
    assert all(backup_tables.LEFT_OUT.values())
