"""Ada takes everything along, and it comes in under new ids elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from chatelier.db.models import Generation, Image, Message, Thread, User
from chatelier.domain.export_archive import write_archive
from chatelier.domain.images import find_image, keep_upload
from chatelier.domain.importing import import_archive
from chatelier.domain.trash import trash_images
from chatelier.errors import Invalid
from chatelier.services import Services
from chatelier.storage.database import open_file
from tests.people import People
from tests.storage.pictures import encoded
from tests.stores import BOTH_STORES

pytestmark = pytest.mark.anyio


async def adas_zip(services: Services, people: People) -> tuple[User, bytes]:
    """Three images: one brought, one made, one made from it and thrown away; and a stranger beside her."""
    ada, ben = await people.user("ada"), await people.user("ben")
    thread = await people.thread(ada, "Boats")
    await people.finished(ada, await people.says(ada, thread, "/imagine a boat --seed 7"))
    edit = await people.finished(ada, await people.says(ada, thread, "/edit #1 make it night"))
    await keep_upload(services, ada, thread.id, encoded())
    async with services.transaction() as db:
        await trash_images(db, [await find_image(db, ada, edit.images[0].id)])
    await people.finished(ben, await people.says(ben, await people.thread(ben), "/imagine ben's secret"))
    return ada, b"".join([piece async for piece in write_archive(services.sessions, ada.id)])


def rows(archive: zipfile.ZipFile, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(f"{table}.jsonl").decode().splitlines()]


@BOTH_STORES
async def test_the_archive_holds_all_of_ada_and_nothing_of_ben(
    services: Services, people: People, worker: None
) -> None:
    _, content = await adas_zip(services, people)
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    images = rows(archive, "images")
    assert [image["handle"] for image in images] == [1, 2, 3]
    assert [bool(image["deleted_at"]) for image in images] == [False, True, False]
    for image in images:
        (name,) = [name for name in archive.namelist() if image["id"] in name]
        assert hashlib.sha256(archive.read(name)).hexdigest() == image["sha256"]
    assert len(rows(archive, "messages")) == 4
    assert [row["email"] for row in rows(archive, "users")] == ["ada@example.org"]
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"secret" not in everything
    assert b"_hash" not in everything


@BOTH_STORES
async def test_it_comes_in_elsewhere_under_new_ids(
    services: Services, people: People, worker: None, tmp_path: Path
) -> None:
    ada, content = await adas_zip(services, people)
    file = tmp_path / "ada.zip"
    file.write_bytes(content)
    cleo = await people.user("cleo")
    for round in (1, 2):
        done = await import_archive(services, cleo, file)
        assert (done.threads, done.messages, done.images, done.skipped) == (1, 4, 3, 0), round
    async with services.transaction() as db:
        threads = list(await db.scalars(select(Thread).where(Thread.owner_id == cleo.id)))
        theirs = list(await db.scalars(select(Image).where(Image.owner_id == cleo.id).order_by(Image.handle)))
        hers = list(await db.scalars(select(Image).where(Image.owner_id == ada.id).order_by(Image.handle)))
        assert not {image.id for image in theirs} & {image.id for image in hers}
        assert [image.sha256 for image in theirs[::2]] == [image.sha256 for image in hers]
        assert (await open_file(services.sessions, theirs[0].id, "thumbnail")).bytes
        for thread in threads:
            assert thread.title == "Boats"
            assert thread.current_image_id in {image.id for image in theirs if image.thread_id == thread.id}
            made = list(await db.scalars(select(Generation).where(Generation.thread_id == thread.id)))
            (edit,) = [generation for generation in made if generation.kind == "edit"]
            assert edit.source_image_ids == [str(image.id) for image in theirs if image.thread_id == thread.id][:1]
            texts = list(await db.scalars(select(Message.text).where(Message.thread_id == thread.id)))
            assert "/imagine a boat --seed 7" in texts


async def test_nothing_comes_in_from_a_damaged_or_hostile_file(
    services: Services, people: People, worker: None, tmp_path: Path
) -> None:
    _, content = await adas_zip(services, people)
    mia = await people.user("mia")
    for name, bad in hostile(content).items():
        file = tmp_path / "bad.zip"
        file.write_bytes(bad)
        with pytest.raises(Invalid, match="Nothing was imported"):
            await import_archive(services, mia, file)
        async with services.transaction() as db:
            assert not list(await db.scalars(select(Thread).where(Thread.owner_id == mia.id))), name


ONE, *OTHERS = (f"{number * 8}-1111-7111-8111-111111111111" for number in "123")
OPEN, LOCKED = b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"  # with the flag of encryption


def hostile(content: bytes) -> dict[str, bytes]:
    head = {"format": "chatelier-export", "version": 1}
    deep = "[" * 100_000
    talk = [json.dumps({"id": other, "thread_id": ONE, "position": 1}) for other in OTHERS]
    twice = 2 * '{"id": "11111111-1111-7111-8111-111111111111"}\n'
    return {
        "cut": content[: len(content) // 2],
        "no zip": b"hello",
        "another zip": zipped({"hello.txt": "x"}),
        "another version": zipped({"export.json": json.dumps({**head, "version": 2})}),
        "rows that are none": zipped({"export.json": json.dumps(head), "threads.jsonl": "[1]\n"}),
        "without ids": zipped({"export.json": json.dumps(head), "threads.jsonl": "{}\n"}),
        "deep": zipped({"export.json": json.dumps(head), "threads.jsonl": deep}),
        "two at one place": zipped(
            {
                "export.json": json.dumps(head),
                "threads.jsonl": json.dumps({"id": ONE}),
                "messages.jsonl": "\n".join(talk),
            }
        ),
        "locked": zipped({"export.json": json.dumps(head)}).replace(OPEN, LOCKED),
        "twice the same": zipped({"export.json": json.dumps(head), "threads.jsonl": twice}),
    }


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


async def test_strange_values_become_harmless_ones(services: Services, people: People, tmp_path: Path) -> None:
    mia = await people.user("mia")
    one = "11111111-1111-7111-8111-111111111111"
    two = "22222222-2222-7222-8222-222222222222"
    thread = {"id": one, "title": "a\0b" + "x" * 999, "created_at": "yesterday", "last_handle": -5, "pinned": "yes"}
    message = {"id": two, "thread_id": one, "role": "admin", "text": "<script>alert(1)</script>", "html": "<script>"}
    stray = {"id": "33333333-3333-7333-8333-333333333333", "thread_id": "not one", "text": "stray"}
    file = tmp_path / "odd.zip"
    lines = "\n".join(map(json.dumps, (message, stray)))
    head = json.dumps({"format": "chatelier-export", "version": 1})
    file.write_bytes(zipped({"export.json": head, "threads.jsonl": json.dumps(thread), "messages.jsonl": lines}))
    done = await import_archive(services, mia, file)
    assert (done.threads, done.messages) == (1, 1)
    async with services.transaction() as db:
        kept = (await db.scalars(select(Thread).where(Thread.owner_id == mia.id))).one()
        assert (len(kept.title), kept.pinned, kept.last_handle) == (200, False, 0)
        said = (await db.scalars(select(Message).where(Message.thread_id == kept.id))).one()
        assert said.role == "assistant"
        assert "<script" not in said.html
