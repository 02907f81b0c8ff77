"""Ada asks for her data, fetches it once over a link, and deletes her account; others cannot."""

from __future__ import annotations

import io
import zipfile

import pytest
from sqlalchemy import func, select, update

from chatelier.db.models import Export, ExportPiece, User, now
from chatelier.domain.exports import sweep_exports
from chatelier.domain.quotas.report import report
from chatelier.domain.users import change_password
from chatelier.errors import Unauthenticated
from chatelier.ids import new_id
from tests.api.caller import Site
from tests.people import until
from tests.web.visitor import Element, Visitor

pytestmark = pytest.mark.anyio
GOOD = "correct horse battery"


async def with_password(studio: Site, visitor: Visitor) -> None:
    """Also signs in again: changing a password ends all sign-ins."""
    assert visitor.user
    async with studio.services.transaction() as db:
        await change_password(db, visitor.user, GOOD)
    await visitor.submit("/sign-in", email=visitor.user.email, password=GOOD)


async def archive_of(ada: Visitor) -> Element:
    """The page's part about archives, once one is ready."""
    assert await ada.submit("/account/exports", password=GOOD) == "/account#your-data"

    async def look() -> Element | None:
        part = await ada.part("/account/exports")
        return part if "Ready" in part.text else None

    return await until(look)


async def test_ada_fetches_her_data_over_a_link_that_works_once(studio: Site, ada: Visitor, ben: Visitor) -> None:
    await with_password(studio, ada)
    thread = await ada.begins("/imagine a harbour")
    await ada.has_handles(thread, 1)
    part = await archive_of(ada)
    get_link = next(form["action"] for form in part.all("form") if form["action"].endswith("/link"))
    assert (await ben.fetch("POST", get_link)).status_code == 404
    link = await ada.submit(get_link)
    assert (await ben.fetch("GET", link)).status_code == 404
    assert (await ada.fetch("HEAD", link)).status_code == 200
    file = await ada.fetch("GET", link)
    assert int(file.headers["content-length"]) == len(file.content)
    assert file.headers["content-disposition"].startswith("attachment")
    archive = zipfile.ZipFile(io.BytesIO(file.content))
    assert archive.testzip() is None
    assert b"harbour" in archive.read("messages.jsonl")
    assert (await ada.fetch("GET", link)).status_code == 404
    older, newer = await ada.submit(get_link), await ada.submit(get_link)
    assert (await ada.fetch("GET", older)).status_code == 404
    async with studio.services.transaction() as db:
        await db.execute(update(Export).values(expires_at=now()))
    assert (await ada.fetch("GET", newer)).status_code == 404
    await sweep_exports(studio.services)
    async with studio.services.transaction() as db:
        assert not list(await db.scalars(select(ExportPiece)))


async def test_a_wrong_password_gets_no_archive_and_deletes_nothing(studio: Site, ada: Visitor) -> None:
    await with_password(studio, ada)
    for path in ("/account/exports", "/account/deletion"):
        refused = await ada.fetch("POST", path, data={"password": "wrong"})
        assert refused.status_code == 422
        assert "password is not right" in refused.text
    assert "Ready" not in (await ada.page("/account")).text
    async with studio.services.transaction() as db:
        assert not list(await db.scalars(select(Export)))


async def test_an_archive_whose_worker_died_is_begun_again(studio: Site, ada: Visitor) -> None:
    assert ada.user
    later = now() + func.make_interval(0, 0, 0, 1)
    async with studio.services.transaction() as db:
        db.add(Export(user_id=ada.user.id, lease_until=now(), runs=1, run=new_id(), expires_at=later))
    await sweep_exports(studio.services)

    async def look() -> Element | None:
        part = await ada.part("/account/exports")
        return part if "Ready" in part.text else None

    await until(look)


async def test_ben_deletes_his_account_and_the_only_admin_cannot(studio: Site, ada: Visitor, ben: Visitor) -> None:
    await with_password(studio, ada)
    await with_password(studio, ben)
    await ben.begins("hello")
    page = await ben.page("/account/deletion")
    assert "deleted at once and for good" in page.text
    assert await ben.submit("/account/deletion", password=GOOD) == "/sign-in"
    assert (await ben.fetch("GET", "/account")).status_code in (303, 401)
    refused = await ada.fetch("POST", "/account/deletion", data={"password": GOOD})
    assert refused.status_code == 403
    assert "only admin" in refused.text
    async with studio.services.transaction() as db:
        assert list(await db.scalars(select(User.email))) == ["ada@example.org"]
        with pytest.raises(Unauthenticated):  # not a failure of ours, for a request that was under way
            await report(db, new_id())
