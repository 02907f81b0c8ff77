from __future__ import annotations

import pytest

from tests.web.visitor import Element, Visitor

pytestmark = pytest.mark.anyio


def action(part: Element, end: str) -> str:
    (form,) = [form for form in part.all("form") if form["action"].endswith(end)]
    return form["action"]


async def test_a_card_stands_at_once_with_the_place_of_its_picture(ada: Visitor) -> None:
    thread = await ada.begins("hello there")
    part = await ada.send(f"{thread}/messages", text="/imagine a small cat [[slow 20]] --size 1024x512")
    card = part.one("section", class_="generation")
    assert card.one("h2").text.startswith("Painting your small cat")
    assert card.one("progress").attrs["value"] == "10"
    assert card.one("span", class_="percent").text == "10 %"
    base = card.one("svg", class_="base")
    assert (base["width"], base["height"]) == ("576", "288")
    page = await ada.shows(thread, class_="over")
    frame = page.one("img", class_="over")["src"]
    assert (await ada.fetch("GET", frame)).headers["content-type"] == "image/jpeg"
    stopped = await ada.send(action(card, "/cancellation"))
    assert "Stopped" in stopped.one("form", class_="failure").text
    assert (await ada.fetch("GET", frame)).status_code == 204


async def test_a_finished_card_shows_the_picture_its_handle_and_everything_about_it(ada: Visitor) -> None:
    thread = await ada.begins("/imagine a small cat --seed 7")
    page = await ada.shows(thread, class_="details")
    picture = page.one("figure", class_="picture")
    assert picture["aria-current"] == "true"
    assert picture.one("span", class_="handle").text == "#1current"
    shown = picture.one("img", class_="over")
    assert "small cat" in shown["alt"]
    assert (await ada.fetch("GET", shown["src"])).headers["content-type"].startswith("image/")
    assert "You used /imagine" in page.one("article", class_="user").text
    (details,) = [e for e in page.all("div") if e.attrs.get("hx-get", "").endswith("/details")]
    told = (await ada.part(details["hx-get"])).facts()
    assert told["You asked"] == "/imagine a small cat --seed 7"
    assert told["Prompt"] == "a small cat"
    assert told["Size"] == "1024 × 1024"
    assert told["Seed"] == "7"
    assert told["Price"] == "$0.040"
    assert told["Time"].endswith(" s")
    assert "fake" in told["Model"].lower()


async def test_four_pictures_stand_in_one_card(ada: Visitor) -> None:
    thread = await ada.begins("/imagine a small cat --n 4")
    page = await ada.shows(thread, class_="details")
    card = page.one("section", class_="generation")
    assert [handle.text[:2] for handle in card.all("span", class_="handle")] == ["#1", "#2", "#3", "#4"]
    assert len(card.all("figure", aria_current="true")) == 1


@pytest.mark.parametrize("fault", ["500", "refuse", "429 7", "unreachable", "truncated", "wrong-type svg"])
async def test_whatever_fails_the_card_says_so_and_offers_to_try_again(ada: Visitor, fault: str) -> None:
    thread = await ada.begins(f"/imagine a small cat [[{fault}]]")
    page = await ada.shows(thread, class_="failure")
    words = page.one("form", class_="failure").text
    assert words.endswith("Try again")
    assert "charge" in words.lower()
    assert not page.all("figure")


async def test_two_clicks_on_try_again_make_one_new_picture(ada: Visitor) -> None:
    thread = await ada.begins("/imagine a small cat [[flaky]]")
    page = await ada.shows(thread, class_="failure")
    form = page.one("form", class_="failure")
    key = form.one("input", name="idempotency_key")["value"]
    first = await ada.send(form["action"], idempotency_key=key)
    second = await ada.send(form["action"], idempotency_key=key)
    assert [a["id"] for a in first.all("article")] == [a["id"] for a in second.all("article")]
    assert first.one("form", class_="failure").one("input", name="idempotency_key")["value"] != key
    done = await ada.shows(thread, class_="details")
    assert len(done.all("section", class_="generation")) == 2
    assert (await ada.fetch("POST", f"{form['action']}x")).status_code == 404


async def test_a_finished_picture_cannot_be_retried_and_stays_as_it_is_when_stopped(ada: Visitor) -> None:
    thread = await ada.begins("/imagine a small cat")
    page = await ada.shows(thread, class_="details")
    generation = page.one("section", class_="generation")["id"].replace("-", "s/", 1)
    assert "cannot be retried" in (await ada.send(f"/{generation}/retry", 409)).text
    assert (await ada.send(f"/{generation}/cancellation")).all("figure", class_="picture")


async def test_a_change_makes_a_new_version_and_the_old_one_stays(ada: Visitor) -> None:
    thread = await ada.begins("draw a small cat")
    await ada.shows(thread, class_="details")
    await ada.send(f"{thread}/messages", text="make it more vibrant")
    page = await ada.has_handles(thread, 2)
    first = page.all("figure", class_="picture")[0]
    await ada.send(f"/images/{first['data-image']}/variation")
    page = await ada.has_handles(thread, 3)
    current = page.one("figure", aria_current="true")
    assert current.one("span", class_="handle").text == "#3current"
    assert page.all("p", class_="said")[-1].text == "Another version of #1"
    assert page.all("figure", class_="picture")[0]["data-image"] == first["data-image"]


async def test_change_it_begins_a_change_of_this_picture(ada: Visitor) -> None:
    thread = await ada.begins("draw a small cat")
    page = await ada.shows(thread, class_="details")
    image = page.one("figure", class_="picture")["data-image"]
    (link,) = page.all("a", data_target=image)
    begun = await ada.page(link["href"])
    assert [source["value"] for source in begun.all("input", name="source") if source["value"]] == [image]
    assert "#1" in begun.one("div", id="targets").text


async def test_a_suggestion_is_painted_with_one_click(ada: Visitor) -> None:
    thread = await ada.begins("describe a lighthouse at dusk")
    page = await ada.shows(thread, class_="chip")
    form = action(page, "/painting")
    part = await ada.send(form)
    assert part.one("section", class_="generation").one("progress")


async def test_favourites_trash_and_the_way_back(ada: Visitor) -> None:
    thread = await ada.begins("draw a small cat")
    page = await ada.shows(thread, class_="details")
    image = page.one("figure", class_="picture")["data-image"]
    marked = await ada.send(f"/images/{image}/favourite", favourite="1")
    assert marked.one("button")["aria-pressed"] == "true"
    assert marked.one("button")["value"] == "0"
    part = await ada.send(f"/images/{image}/trash", view="thread")
    assert "in the trash" in part.one("section", class_="generation").text
    undo = part.one(id="notice").one("form")
    assert not (await ada.page("/gallery")).all("li", class_="tile")
    back = await ada.send(undo["action"], view="thread")
    assert back.one("figure", class_="picture")["data-image"] == image
    assert back.one("button", title="Favourite")["aria-pressed"] == "true"
    assert back.one(id="thread-head")["data-current"] in ("", image)


async def test_a_partial_image_that_is_gone_is_nothing_and_no_error(ada: Visitor, ben: Visitor) -> None:
    thread = await ada.begins("draw a small cat")
    page = await ada.shows(thread, class_="details")
    path = f"/generations/{page.one('section', class_='generation')['id'].removeprefix('generation-')}/partial?number=1"
    answer = await ada.fetch("GET", path)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (204, b"", "no-store")
    assert (await ben.fetch("GET", path)).status_code == 404
