"""``chatelier images move`` on a bucket over the network, killed in the middle."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from chatelier.config import load_settings
from chatelier.db.engine import conninfo
from chatelier.domain.images import keep_upload
from chatelier.services import open_database, open_services
from chatelier.storage.database import open_file
from chatelier.storage.outbox import sweep_objects
from tests.cli.conftest import Run
from tests.people import People
from tests.storage.pictures import encoded, picture
from tests.stores import Bucket, bucket, keys_known, lead_to

IMAGES = 12


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with bucket() as kept:
        lead_to(kept, monkeypatch)
        monkeypatch.setenv("CHATELIER_STORAGE_URL", "s3://pictures/ours")
        yield kept


async def upload_some() -> None:
    async with open_services(load_settings(storage_url="")) as services:
        people = People(services)
        ada = await people.user("ada")
        thread = await people.thread(ada)
        for number in range(IMAGES):
            await keep_upload(services, ada, thread.id, encoded(picture(40 + number, 40)))


async def read_all(url: str) -> set[bytes]:
    with psycopg.connect(conninfo(url)) as connection:
        ids = connection.execute("SELECT id FROM images").fetchall()
    async with open_database(load_settings()) as database:
        return {await (await open_file(database.sessions, UUID(str(one)), "original")).read() for (one,) in ids}


async def sweep() -> None:
    async with open_database(load_settings()) as database:
        await sweep_objects(database.sessions)


def test_a_move_that_is_killed_loses_nothing_goes_on_and_can_be_taken_back(
    run: Run, s3: Bucket, clean_database: str
) -> None:
    asyncio.run(upload_some())
    contents = asyncio.run(read_all(clean_database))
    assert len(contents) == IMAGES
    s3.hangs_after = 5
    command = [sys.executable, "-m", "chatelier", "images", "move", "--to", "objects"]
    with subprocess.Popen(command, env=os.environ, stderr=subprocess.PIPE) as moving:
        assert s3.hung.wait(60)
        moving.kill()
    assert moving.returncode == -9
    named, loose = keys_known(clean_database)
    assert len(named) <= 5
    assert loose, "what was on its way is not forgotten"
    assert asyncio.run(read_all(clean_database)) == contents

    s3.hangs_after = 10**9
    done = run("images", "move", "--to", "objects", "--verify")
    assert done.code == 0, done.err
    assert f"{IMAGES - len(named)} files" in done.out
    assert f"{2 * IMAGES} files" in done.out.splitlines()[1]
    assert "100 %" in done.err
    named, loose = keys_known(clean_database)
    assert len(named) == IMAGES
    assert loose
    with psycopg.connect(conninfo(clean_database), autocommit=True) as connection:
        connection.execute("UPDATE loose_objects SET due_at = chatelier_now()")
    asyncio.run(sweep())
    assert set(s3.objects) == {f"ours/{key}" for key in named}
    assert asyncio.run(read_all(clean_database)) == contents

    found = run("doctor")
    assert found.code == 0, found.out
    assert "The image store s3://pictures/ours takes, gives back and deletes." in found.out
    assert f"{IMAGES} original images and previews" in found.out
    s3.objects.pop(f"ours/{min(named)}")
    s3.objects["ours/images/00/strange"] = b"nobody knows it"
    lost = run("images", "move", "--to", "database", "--verify")
    assert lost.code == 1
    assert "1 files are missing or damaged" in lost.out
    assert "1 object in the store belong to no image here" in lost.out
    assert "images/00/strange" in lost.err
    assert "ours/images/00/strange" in s3.objects
    s3.fault = "unlisted"
    assert "does not let itself be listed" in run("images", "move", "--to", "database", "--verify").out
    assert "original of image" in lost.err
    assert len(keys_known(clean_database)[0]) == 1


def test_without_a_store_the_move_and_the_doctor_say_what_to_set(run: Run, clean_database: str) -> None:
    refused = run("images", "move", "--to", "objects")
    assert refused.code == 1
    assert "Set CHATELIER_STORAGE_URL" in refused.err
    assert run("images", "move", "--to", "cellar").code == 2
