"""An object store behind the pages: away for a while, and the admin's page about it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chatelier.domain import stores
from chatelier.domain.images import keep_upload
from tests.people import People
from tests.storage.pictures import photo
from tests.stores import come_back, go_away
from tests.web.visitor import Visitor

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("store", ["objects"], indirect=True)]


async def test_while_the_store_is_away_pictures_are_answered_with_a_sentence_and_thumbnails_as_ever(
    ada: Visitor, store: str
) -> None:
    services = ada.site.services
    assert ada.user is not None
    thread = await People(services).thread(ada.user)
    image = await keep_upload(services, ada.user, thread.id, photo())
    path, folder = f"/images/{image.id}", Path(urlsplit(store).path)
    whole = await ada.fetch("GET", f"{path}/original")
    assert whole.status_code == 200
    part = await ada.fetch("GET", f"{path}/original", headers={"Range": "bytes=300000-900000"})
    assert (part.status_code, part.content) == (206, whole.content[300_000:900_001])
    go_away(folder)
    for address in (f"{path}/original", f"{path}/preview", f"{path}/original?download=1"):
        refused = await ada.fetch("GET", address, headers={"Range": "bytes=0-9"})
        assert refused.status_code == 503, address
        assert "image store" in refused.text
        assert "etag" not in refused.headers
    zipped = await ada.fetch("POST", "/gallery/download", data={"image_id": [str(image.id)]})
    assert zipped.status_code == 503
    for address in (f"{path}/thumbnail", path, "/gallery", f"/threads/{thread.id}"):
        assert (await ada.fetch("GET", address)).status_code == 200, address
    come_back(folder)
    assert (await ada.fetch("GET", f"{path}/original")).content == whole.content


async def test_the_admin_sees_where_pictures_lie_and_when_it_is_time(
    ada: Visitor, ben: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = ada.site.services
    assert ada.user is not None
    thread = await People(services).thread(ada.user)
    await keep_upload(services, ada.user, thread.id, photo())
    facts = (await ada.page("/admin/storage")).facts()
    assert facts["In the object store"].endswith("in 2 files")
    assert facts["New ones go to"].startswith("the object store file://")
    assert "0 kB in 0 files" in facts["In the database"]
    async with services.transaction() as db:
        await stores.choose_store(db, "database")
    await keep_upload(services, ada.user, thread.id, photo())
    assert "It is time" not in (await ada.page("/admin/storage")).text
    monkeypatch.setattr(stores, "MANY_BYTES", 1_000_000)
    told = (await ada.page("/admin/storage")).text
    assert "It is time for an object store" in told
    assert "chatelier images move --to objects" in told
    assert (await ben.fetch("GET", "/admin/storage")).status_code in (403, 404)
