"""The object store itself: a folder, and a bucket over the network with all its faults."""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatelier.errors import CannotStart, ImageLost, StorageUnavailable
from chatelier.storage import objects
from chatelier.storage.objects import BLOCK, Objects, block_sums, new_key
from tests.stores import Bucket, bucket, lead_to

pytestmark = pytest.mark.anyio
CONTENT = random.Random(3).randbytes(3 * BLOCK + 777)
SUMS = block_sums(CONTENT)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with bucket() as kept:
        lead_to(kept, monkeypatch)
        monkeypatch.setenv("AWS_REGION", "home")
        yield kept


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Objects]:
    if request.param == "s3":
        request.getfixturevalue("s3")
    opened = Objects("s3://pictures/ours" if request.param == "s3" else f"file://{tmp_path}/some%20objects")
    yield opened
    opened.close()


async def test_what_is_put_comes_back_whole_or_in_part_and_goes(store: Objects) -> None:
    key = new_key()
    await store.put(key, CONTENT)
    read = b""
    while len(read) < len(CONTENT):
        piece = await store.read(key, len(CONTENT), SUMS, len(read), len(CONTENT))
        assert piece
        assert len(piece) <= 2 * BLOCK
        read += piece
    assert read == CONTENT
    for start, end in (
        (0, 1),
        (BLOCK - 1, BLOCK + 1),
        (10, BLOCK),
        (2 * BLOCK, len(CONTENT)),
        (len(CONTENT) - 1, 9**9),
    ):
        assert await store.read(key, len(CONTENT), SUMS, start, min(end, len(CONTENT))) == CONTENT[start:end]
    await store.delete([key, new_key(), key])
    assert await store.read(key, len(CONTENT), SUMS, 0, 9) is None
    await store.probe()


async def test_a_folder_is_for_nobody_else_and_a_bucket_is_asked_with_a_signature(s3: Bucket, tmp_path: Path) -> None:
    folder = Objects(f"{tmp_path}/objects")
    await folder.put(new_key(), CONTENT)
    assert stat.S_IMODE(os.stat(tmp_path / "objects" / "images").st_mode) == 0o700
    store = Objects("s3://pictures/ours")
    keys = [new_key() for _ in range(3)]
    for key in keys:
        await store.put(key, CONTENT)
    assert set(s3.objects) == {f"ours/{key}" for key in keys}
    assert all(asked.startswith("PUT /pictures/ours/images/") for asked in s3.asked)
    assert s3.unsigned == 0


@pytest.mark.parametrize(
    ("fault", "error"),
    [("error", StorageUnavailable), ("hang", StorageUnavailable), ("cut", StorageUnavailable), ("wrong", ImageLost)],
)
async def test_a_store_that_fails_is_told_in_a_sentence_and_works_again_afterwards(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch, fault: str, error: type[StorageUnavailable]
) -> None:
    usual, key = Objects("s3://pictures"), new_key()
    await usual.put(key, CONTENT)
    s3.fault = fault
    if fault == "hang":
        monkeypatch.setattr(objects, "READ_SECONDS", 0.5)
    store = Objects("s3://pictures", write_seconds=0.5 if fault == "hang" else 20)
    with pytest.raises(StorageUnavailable) as told:
        await store.read(key, len(CONTENT), SUMS, 0, len(CONTENT))
    assert type(told.value) is error
    if fault in ("error", "hang"):
        for work in (store.put(new_key(), CONTENT), store.delete([new_key()])):
            with pytest.raises(StorageUnavailable):
                await work
    s3.fault = ""
    s3.let_go.set()
    monkeypatch.undo()
    assert await usual.read(key, len(CONTENT), SUMS, 0, BLOCK) == CONTENT[:BLOCK]


async def test_one_bit_that_turned_is_noticed_where_it_is_read(tmp_path: Path) -> None:
    store, key = Objects(f"file://{tmp_path}"), new_key()
    await store.put(key, CONTENT)
    damaged = bytearray(CONTENT)
    damaged[BLOCK + 5] ^= 1
    (tmp_path / key).write_bytes(damaged)
    assert await store.read(key, len(CONTENT), SUMS, 2 * BLOCK, len(CONTENT)) == CONTENT[2 * BLOCK :]
    with pytest.raises(ImageLost):
        await store.read(key, len(CONTENT), SUMS, BLOCK, BLOCK + 1)


@pytest.mark.parametrize("url", ["pictures", "s3://", "ftp://x/y", "file://host/x", "https://example.org/x", "az://x"])
def test_an_address_that_is_none_refuses_to_start(url: str) -> None:
    with pytest.raises(CannotStart, match="CHATELIER_STORAGE_URL"):
        Objects(url)


def test_a_secret_in_an_address_is_not_shown(s3: Bucket) -> None:
    assert Objects("s3://key:secret@pictures/ours?sig=secret").name == "s3://pictures/ours"
