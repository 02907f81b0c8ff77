"""Many pictures at once: by a browser without script, by htmx, and by a stranger."""

from __future__ import annotations

import io
import zipfile
from uuid import UUID

import pytest

from chatelier.db.models import Image
from chatelier.domain import trash
from chatelier.web import images
from tests.domain.pictures import hang
from tests.stores import BOTH_STORES
from tests.web.visitor import Element, Visitor, parse

pytestmark = pytest.mark.anyio
HTMX = {"HX-Request": "true"}


async def hung(ada: Visitor, *prompts: str, **options: object) -> list[str]:
    assert ada.user
    images = await hang(ada.site.services, ada.user, prompts, **options)  # type: ignore[arg-type]
    return [str(image.id) for image in images]


def words(page: Element) -> list[str]:
    return [tile.one("span", class_="tile__words").text for tile in page.all("li", class_="tile")]


async def send(ada: Visitor, path: str, ids: list[str], status: int = 200, **more: str) -> Element:
    answer = await ada.fetch("POST", path, data={"image_id": ids, **more}, headers=HTMX)
    assert answer.status_code == status, answer.text[:300]
    return parse(answer.text)


async def test_a_tile_can_be_chosen_and_the_buttons_belong_to_one_form(ada: Visitor) -> None:
    (one,) = await hung(ada, "a kite")
    page = await ada.page("/gallery")
    box = page.one("input", type="checkbox")
    assert (box["value"], box["form"]) == (one, page.one("form", id="selection")["id"])
    form = page.one("form", id="selection")
    assert [button.attrs.get("formaction", form["action"]) for button in form.all("button", type="submit")] == [
        "/gallery/download",
        "/gallery/favourites",
        "/gallery/trash",
    ]


async def test_many_become_favourites_and_their_tiles_say_so(ada: Visitor) -> None:
    one, two, _ = await hung(ada, "one", "two", "three")
    part = await send(ada, "/gallery/favourites", [one, two], favourite="1")
    assert "2 pictures marked as favourites." in part.text
    assert {tile["id"] for tile in part.all("li", class_="tile")} == {f"tile-{one}", f"tile-{two}"}
    assert len(part.all("span", class_="tile__star")) == 2
    assert words(await ada.page("/gallery?favourite=1")) == ["two", "one"]
    await send(ada, "/gallery/favourites", [two], favourite="0")
    assert words(await ada.page("/gallery?favourite=1")) == ["one"]


async def test_to_the_trash_with_a_way_back_and_for_good_only_when_sure(ada: Visitor) -> None:
    one, two, _ = await hung(ada, "one", "two", "three")
    part = await send(ada, "/gallery/trash", [one, two], back="/gallery?q=o")
    assert "2 pictures moved to the trash." in part.text
    assert [gone["hx-swap"] for gone in part.all("hx-partial")] == ["delete", "delete"]
    undo = part.one("form")
    kept = [hidden["value"] for hidden in undo.all("input", name="image_id")]
    answer = await ada.fetch(
        "POST", undo["action"], data={"image_id": kept, "back": undo.one("input", name="back")["value"]}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/gallery?q=o")
    assert words(await ada.page("/gallery")) == ["three", "two", "one"]

    await send(ada, "/gallery/trash", [one, two])
    page = await ada.page("/gallery/trash")
    assert "for 30 days is deleted for good" in page.text
    assert page.all("li", class_="tile")[0].one("a")["href"] == f"/gallery/trash/{two}"
    question = await send(ada, "/gallery/purge", [one])
    assert "Delete 1 picture for good?" in question.text
    assert words(await ada.page("/gallery/trash")) == ["two", "one"]
    answer = await ada.fetch("POST", "/gallery/purge", data={"image_id": [one], "sure": "1", "back": "//evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/gallery/trash")
    assert words(await ada.page("/gallery/trash")) == ["two"]
    assert "Delete 1 picture" in parse((await ada.fetch("POST", "/gallery/purge", data={"image_id": [two]})).text).text


@BOTH_STORES
async def test_a_zip_holds_the_originals_under_their_words(ada: Visitor) -> None:
    ids = await hung(ada, "a red kite", "Ein Drache über München", "猫", "../../etc/passwd")
    answer = await ada.fetch("POST", "/gallery/download", data={"image_id": ids})
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        contents = [archive.read(name) for name in names]
    assert names == ["001-a-red-kite.png", "002-ein-drache-über-münchen.png", "003-猫.png", "004-etc-passwd.png"]
    originals = [(await ada.fetch("GET", f"/images/{one}/original")).content for one in ids]
    assert contents == originals


async def test_a_picture_deleted_while_the_zip_is_made_is_left_out(ada: Visitor) -> None:
    ids = await hung(ada, "one", "two", "three")
    async with ada.site.services.transaction() as db:
        gone = await db.get_one(Image, UUID(ids[1]))
        images = [await db.get_one(Image, UUID(one)) for one in ids]
        await db.delete(gone)
    from chatelier.web.archive import serve_archive

    assert ada.user
    answer = await serve_archive(ada.site.services, ada.user, images)
    packed = b"".join([piece async for piece in answer.body_iterator])  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["001-one.png", "003-three.png"]


async def test_to_ben_adas_pictures_are_nothing_and_among_his_own_they_are_left_out(ada: Visitor, ben: Visitor) -> None:
    (hers,) = await hung(ada, "her secret")
    (trashed,) = await hung(ada, "her thrown secret")
    await send(ada, "/gallery/trash", [trashed])
    (his,) = await hung(ben, "his own")
    nobody = "01a00000-0000-7000-8000-000000000000"
    for path in ("favourites", "trash", "download", "restoration", "purge"):
        for wrong in ([hers], [trashed], [nobody], ["nonsense", "../x"]):
            answers = await ben.fetch(
                "POST", f"/gallery/{path}", data={"image_id": wrong, "favourite": "1", "sure": "1"}
            )
            assert answers.status_code == (422 if wrong[0] == "nonsense" else 404), (path, wrong)
            assert "secret" not in answers.text
    await send(ben, "/gallery/favourites", [hers, his], favourite="1")
    await send(ben, "/gallery/trash", [hers, his])
    for path in (f"/gallery/trash/{trashed}", f"/gallery/trash/{trashed}/thumbnail", f"/gallery/trash/{hers}"):
        assert (await ben.fetch("GET", path)).status_code == 404
    assert words(await ada.page("/gallery")) == ["her secret"]
    assert not (await ada.page("/gallery")).all("span", class_="tile__star")
    assert words(await ben.page("/gallery/trash")) == ["his own"]


async def test_nothing_or_too_much_is_refused_with_a_sentence(ada: Visitor) -> None:
    assert "Select at least one" in (await send(ada, "/gallery/trash", [], 422)).text
    (kite,) = await hung(ada, "a kite")
    most = [kite, *(f"01a00000-0000-7000-8000-{number:012}" for number in range(trash.MOST - 1))]
    for many in ([*most, most[1]], [*most, *most]):
        assert "500 pictures are the most" in (await send(ada, "/gallery/trash", many, 422)).text
    assert "1 picture moved" in (await send(ada, "/gallery/trash", most)).text
    assert (await ada.fetch("POST", "/gallery/download", data={"image_id": "x" * 2000})).status_code == 422


async def test_filters_stand_in_the_address_and_go_along_from_page_to_page(ada: Visitor) -> None:
    await hung(ada, *(f"kite {number}" for number in range(40)), style="ink")
    await hung(ada, "a boat", style="oil", size=(96, 64))
    page = await ada.page("/gallery?style=ink&q=kite&sort=oldest&aspect=square&since=2020-01-01&until=&model=")
    assert words(page)[:2] == ["kite 0", "kite 1"]
    more = page.one("li", class_="more").one("a")["href"]
    rest = await ada.page(more)
    assert words(rest) == ["kite 36", "kite 37", "kite 38", "kite 39"]
    assert "Back to the beginning" in rest.text
    assert page.one("select", name="style").one("option", value="ink").attrs.get("selected") == ""
    assert [o["value"] for o in page.one("select", name="style").all("option")] == ["", "ink", "oil"]
    assert words(await ada.page("/gallery?aspect=landscape")) == ["a boat"]
    assert "No picture is like that" in (await ada.page("/gallery?style=ink&aspect=landscape")).text
    assert "in use" in page.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=31.12.2026", "since is not a day"),
        ("until=9999-12-31", "until is not a day"),
        ("aspect=round", "aspect must be one of"),
        ("sort=best", "sort must be one of"),
        ("thread=nonsense", "no such thread"),
    ],
)
async def test_what_cannot_be_a_filter_is_refused_with_a_sentence(ada: Visitor, query: str, sentence: str) -> None:
    assert sentence in (await ada.page(f"/gallery?{query}", 422)).text


async def test_days_are_those_of_the_browsers_zone(ada: Visitor) -> None:
    ids = await hung(ada, "late evening")
    async with ada.site.services.transaction() as db:
        image = await db.get_one(Image, UUID(ids[0]))
        image.created_at = image.created_at.replace(year=2026, month=3, day=1, hour=20, minute=0)
    ada.http.cookies.set("tz", "Asia/Tokyo", domain="127.0.0.1")
    assert words(await ada.page("/gallery?since=2026-03-02&until=2026-03-02")) == ["late evening"]
    assert words(await ada.page("/gallery?until=2026-03-01")) == []
    ada.http.cookies.set("tz", "Europe/Berlin", domain="127.0.0.1")
    assert words(await ada.page("/gallery?since=2026-03-01&until=2026-03-01")) == ["late evening"]


async def test_a_thumbnail_in_memory_is_still_only_for_its_owner_and_only_while_it_is_there(
    ada: Visitor, ben: Visitor, guest: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = await hung(ada, "one")
    path = f"/images/{one}/thumbnail"
    first = await ada.fetch("GET", path)
    whole = await ada.fetch("HEAD", path)  # takes the long way, by the doors and the list of addresses
    assert ada.site.services.thumbnails.cached.get(UUID(one))
    again = await ada.fetch("GET", path)
    unlike = ("date", "x-request-id")
    assert again.content == first.content
    seen = [{k: v for k, v in one.headers.items() if k not in unlike} for one in (again, first, whole)]
    assert seen[0] == seen[1] == seen[2]
    assert (await ada.fetch("GET", path, headers={"If-None-Match": first.headers["etag"]})).status_code == 304
    assert (await ben.fetch("GET", path)).status_code == 404
    assert (await guest.fetch("GET", path)).status_code == 401
    assert (await ada.fetch("GET", path, headers={"Range": "bytes=0-9"})).content == first.content[:10]
    assert (await ada.fetch("GET", f"{path}?token=1")).status_code == 422
    await send(ada, "/gallery/trash", [one])
    assert (await ada.fetch("GET", path)).status_code == 404
    assert (await ada.fetch("GET", f"/gallery/trash/{one}/thumbnail")).content == first.content
    assert (await ben.fetch("GET", f"/gallery/trash/{one}/thumbnail")).status_code == 404
    monkeypatch.setattr(images, "serve_own_image", None)  # the end of the long way
    assert (await ada.fetch("GET", f"/gallery/trash/{one}/thumbnail")).content == first.content


async def test_a_pictures_page_leads_to_its_neighbours_and_its_prompt_can_be_used_again(
    ada: Visitor, ben: Visitor
) -> None:
    one, two, three = await hung(ada, "a red kite", "a <b>blue</b> kite", "a green kite")
    page = await ada.page(f"/images/{two}")
    assert page.one("a", rel="prev")["href"] == f"/images/{three}"
    assert page.one("a", rel="next")["href"] == f"/images/{one}"
    assert not (await ada.page(f"/images/{three}")).all("a", rel="prev")
    like = next(link["href"] for link in page.all("a") if link.text == "Use this prompt")
    assert (await ada.page(like)).one("textarea").text == "/imagine a <b>blue</b> kite"
    assert (await ben.fetch("GET", like)).status_code == 404
    assert page.facts()["SHA-256"]
