from __future__ import annotations

import pytest

from tests.web.visitor import Element, Visitor

pytestmark = pytest.mark.anyio


async def paints(ada: Visitor, text: str, number: int = 1) -> str:
    """A thread with finished pictures."""
    thread = await ada.begins(f"/imagine {text} --n {number}")
    await ada.shows(thread, class_="details")
    return thread


def words(part: Element) -> list[str]:
    return [tile.one("span", class_="tile__words").text for tile in part.all("li", class_="tile")]


async def test_an_empty_gallery_says_what_will_hang_there(ada: Visitor) -> None:
    assert "Every picture you ask for" in (await ada.page("/gallery")).text
    assert "The trash is empty" in (await ada.page("/gallery/trash")).text
    assert "No favourites yet" in (await ada.page("/gallery?favourite=1")).text


async def test_pictures_hang_newest_first_page_after_page(ada: Visitor) -> None:
    for number in range(1, 11):
        await paints(ada, f"kite {number}", 4)
    first = await ada.page("/gallery")
    assert len(first.all("li", class_="tile")) == 36
    assert words(first)[0] == "kite 10"
    more = first.one("li", class_="more").one("a")
    assert more["href"] == more["hx-get"]
    rest = await ada.part(more["hx-get"])
    assert words(rest) == ["kite 1"] * 4
    assert len((await ada.page(more["href"])).all("li", class_="tile")) == 4
    thumbnail = first.all("li", class_="tile")[0].one("img", class_="over")
    answer = await ada.fetch("GET", thumbnail["src"])
    assert answer.headers["content-type"] == "image/webp"
    assert "immutable" in answer.headers["cache-control"]
    assert thumbnail["loading"] == "lazy"


async def test_search_looks_at_what_was_asked_for(ada: Visitor) -> None:
    await paints(ada, "a red kite")
    await paints(ada, "a blue whale")
    assert words(await ada.part("/gallery?q=KITE")) == ["a red kite"]
    assert "Nothing found for “<b>x”" in (await ada.part("/gallery?q=%3Cb%3Ex")).text
    assert (await ada.page("/gallery?q=whale")).all("input", value="whale")


async def test_one_picture_has_a_page_with_its_facts_and_its_bytes(ada: Visitor) -> None:
    thread = await paints(ada, "a red kite --seed 7")
    image = (await ada.page(thread)).one("figure", class_="picture")["data-image"]
    page = await ada.page(f"/images/{image}")
    assert page.one("h1").text == "Picture #1"
    assert page.facts()["Seed"] == "7"
    assert page.facts()["Prompt"] == "a red kite"
    place = page.one("a", href=f"{thread}?at=2#message-{(await answer_of(ada, thread))}")
    assert "Go to its thread" in place.text
    (download,) = [link for link in page.all("a") if "download" in link.attrs]
    file = await ada.fetch("GET", download["href"])
    assert file.content.startswith(b"\x89PNG")
    assert file.headers["content-disposition"].startswith('attachment; filename="a-red-kite')


async def answer_of(ada: Visitor, thread: str) -> str:
    return (await ada.page(thread)).one("article", class_="assistant")["id"].removeprefix("message-")


async def test_what_is_thrown_away_waits_in_the_trash_and_comes_back(ada: Visitor) -> None:
    thread = await paints(ada, "a red kite")
    image = (await ada.page(thread)).one("figure", class_="picture")["data-image"]
    assert await ada.submit(f"/images/{image}/trash") == f"/gallery/trash/{image}"
    page = await ada.page(f"/gallery/trash/{image}")
    assert "This picture is in the trash" in page.text
    assert not page.all("form", action=f"/images/{image}/favourite")
    assert not words(await ada.page("/gallery"))
    assert words(await ada.page("/gallery/trash")) == ["a red kite"]
    for gone in ("", "/thumbnail", "/original"):
        assert (await ada.fetch("GET", f"/images/{image}{gone}")).status_code == 404
        assert (await ada.fetch("GET", f"/gallery/trash/{image}{gone}")).status_code == 200
    assert await ada.submit(f"/images/{image}/restoration") == f"/images/{image}"
    assert (await ada.fetch("GET", f"/gallery/trash/{image}")).status_code == 404
    assert words(await ada.page("/gallery"))
    assert (await ada.fetch("POST", f"/images/{image}/restoration")).status_code == 404


async def test_a_picture_outlives_its_thread(ada: Visitor) -> None:
    thread = await paints(ada, "a red kite")
    image = (await ada.page(thread)).one("figure", class_="picture")["data-image"]
    await ada.submit(f"{thread}/deletion", images="keep")
    page = await ada.page(f"/images/{image}")
    assert "Go to its thread" not in page.text
    assert "Change it" not in page.text
    assert page.facts()["Prompt"] == "a red kite"
    assert await ada.submit(f"/images/{image}/favourite", favourite="1") == f"/images/{image}"
    assert len((await ada.page("/gallery?favourite=1")).all("li", class_="tile")) == 1
    assert await ada.submit(f"/images/{image}/trash") == f"/gallery/trash/{image}"


async def test_a_made_up_cursor_is_refused_with_a_sentence(ada: Visitor) -> None:
    assert "not valid for this list" in (await ada.part("/gallery?cursor=abc", 422)).text
    assert "not valid for this list" in (await ada.page("/gallery?cursor=abc", 422)).text


async def test_times_are_told_in_the_zone_of_the_browser(ada: Visitor) -> None:
    thread = await paints(ada, "a red kite")
    image = (await ada.page(thread)).one("figure", class_="picture")["data-image"]
    told = {}
    for zone in ("Asia/Tokyo", "America/New_York", "../etc/passwd"):
        ada.http.cookies.set("tz", zone, domain="127.0.0.1")
        told[zone] = (await ada.page(f"/images/{image}")).facts()["Made"]
    assert len(set(told.values())) == 3
    assert told["../etc/passwd"].endswith("UTC")
