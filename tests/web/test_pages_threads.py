from __future__ import annotations

import pytest

from tests.web.visitor import Element, Visitor

pytestmark = pytest.mark.anyio
NASTY = '<b>bold</b> & "quoted" 🍂 שלום {{ 7*7 }}'


def titles(page: Element) -> list[str]:
    return [link.one("a", dir="auto").text for link in page.all("div", class_="thread-link")]


async def test_the_empty_studio_offers_examples_and_a_composer(ada: Visitor) -> None:
    page = await ada.page("/")
    assert page.one("textarea", name="text").attrs["placeholder"]
    examples = page.all("button", name="example")
    assert len(examples) == 4
    assert {example["form"] for example in examples} == {"composer"}
    assert page.one(id="composer")["action"] == "/messages"


async def test_a_thread_gets_its_title_from_the_first_message_and_shows_what_was_written_as_text(ada: Visitor) -> None:
    thread = await ada.begins(NASTY)
    page = await ada.page(thread)
    assert page.one("p", class_="said").text == NASTY
    assert not page.all("b")
    assert titles(page)[0].startswith("Bold")


async def test_ada_renames_a_thread_in_the_head_and_in_the_dialog(ada: Visitor) -> None:
    thread = await ada.begins("hello there")
    part = await ada.send(f"{thread}/title", title=f"  {NASTY}  ")
    assert part.one("input", name="title")["value"] == NASTY
    assert part.one("title").text == f"{NASTY} · Chatelier"
    assert (await ada.part(f"{thread}/title")).one("input", name="title")["value"] == NASTY
    assert await ada.submit(f"{thread}/title", title="Hello again") == thread
    assert titles(await ada.page(thread)) == ["Hello again"]


async def test_a_title_cannot_be_empty_or_longer_than_a_line(ada: Visitor) -> None:
    thread = await ada.begins("hello there")
    assert "at least one character" in (await ada.send(f"{thread}/title", 422, title="   ")).text
    assert "too long" in (await ada.send(f"{thread}/title", 422, title="x" * 201)).text
    assert titles(await ada.page(thread)) == ["Hello there"]


async def test_pinned_threads_come_first_and_the_open_one_stays_marked(ada: Visitor) -> None:
    old, _ = await ada.begins("The old thread"), await ada.begins("The new thread")
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://127.0.0.1{old}"}
    answer = await ada.fetch("POST", f"{old}/pin", data={"pinned": "1"}, headers=headers)
    assert answer.text.index("The old thread") < answer.text.index("The new thread")
    assert answer.text.count('aria-current="page"') == 1
    assert await ada.submit(f"{old}/pin", pinned="0") == old
    assert titles(await ada.page("/")) == ["The new thread", "The old thread"]


async def test_ada_searches_her_threads_and_goes_on_where_the_list_breaks_off(ada: Visitor) -> None:
    for number in range(43):
        await ada.submit("/threads")
        thread = await ada.submit("/threads")
        await ada.send(f"{thread}/title", title=f"kite {number:02}")
    listed = await ada.part("/threads?q=KITE")
    assert len(titles(listed)) == 40
    (more,) = [link for link in listed.all("a") if "cursor=" in link["href"]]
    assert titles(await ada.part(more["href"])) == ["kite 02", "kite 01", "kite 00"]
    assert "No thread has “bird”" in (await ada.part("/threads?q=bird")).text
    assert "kite 42" in (await ada.page("/threads?q=kite")).text


@pytest.mark.parametrize(("images", "in_gallery", "in_trash"), [("keep", 1, 0), ("trash", 0, 1)])
async def test_a_deleted_thread_keeps_or_throws_away_its_pictures(
    ada: Visitor, images: str, in_gallery: int, in_trash: int
) -> None:
    thread = await ada.begins("draw a small cat")
    await ada.shows(thread, class_="details")
    question = await ada.part(f"{thread}/deletion")
    assert {choice["value"] for choice in question.all("input", name="images")} == {"keep", "trash"}
    assert await ada.submit(f"{thread}/deletion", images=images) == "/"
    await ada.page(thread, 404)
    assert len((await ada.page("/gallery")).all("li", class_="tile")) == in_gallery
    assert len((await ada.page("/gallery/trash")).all("li", class_="tile")) == in_trash


async def test_ben_finds_nothing_of_adas(ada: Visitor, ben: Visitor) -> None:
    thread = await ada.begins("draw a small cat")
    page = await ada.shows(thread, class_="details")
    image = page.one("figure", class_="picture")["data-image"]
    generation = page.one("section", class_="generation")["id"].removeprefix("generation-")
    message = page.one("article", class_="assistant")["id"].removeprefix("message-")
    for path in (thread, f"{thread}/events", f"{thread}/changes", f"{thread}/messages", f"{thread}/title"):
        assert (await ben.fetch("GET", path)).status_code == 404, path
    for path in (f"/generations/{generation}/details", f"/images/{image}", f"/images/{image}/original"):
        assert (await ben.fetch("GET", path)).status_code == 404, path
    for path, fields in {
        f"{thread}/messages": {"text": "hello"},
        f"{thread}/title": {"title": "mine"},
        f"{thread}/pin": {"pinned": "1"},
        f"{thread}/deletion": {"images": "trash"},
        f"/messages/{message}/retry": {},
        f"/messages/{message}/painting": {},
        f"/generations/{generation}/cancellation": {},
        f"/generations/{generation}/retry": {},
        f"/images/{image}/trash": {},
        f"/images/{image}/favourite": {"favourite": "1"},
        f"/images/{image}/variation": {},
    }.items():
        assert (await ben.fetch("POST", path, data=fields)).status_code == 404, path
    assert not titles(await ben.page("/"))
