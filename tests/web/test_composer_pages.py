"""The parts of the composer as the server draws them: the chip, brought pictures, the price, corrections."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from tests.web.visitor import HTMX, Visitor, parse

pytestmark = pytest.mark.anyio


def picture(kind: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (300, 200), "#226688").save(out, kind)
    return out.getvalue()


async def upload(visitor: Visitor, path: str, content: bytes, *, htmx: bool = True) -> tuple[int, str, str]:
    answer = await visitor.http.post(
        path, files={"file": ("cat.png", content, "image/png")}, headers={"HX-Request": "true"} if htmx else {}
    )
    return answer.status_code, answer.text, answer.headers.get("Thread") or answer.headers.get("location", "")


@pytest.mark.parametrize(
    ("text", "intent", "words"),
    [
        ("what is a fresco?", "auto", "Chat"),
        ("draw a small cat", "auto", "New image"),
        ("draw a small cat --n 4", "auto", "4 new images"),
        ("draw a small cat", "chat", "Chat"),
        ("/help", "auto", "Help"),
        ("/imagin a cat", "auto", "I don't know /imagin. Did you mean /imagine?"),
        ("make #3 darker", "edit", "There is no image here to change yet. Ask for one first, or name one like #1."),
        ("", "auto", ""),
    ],
)
async def test_the_chip_of_a_first_message(ada: Visitor, text: str, intent: str, words: str) -> None:
    part = await ada.send("/decision", text=text, intent=intent)
    assert part.one(id="decision").text == words


async def test_the_chip_knows_the_images_of_the_thread(ada: Visitor, ben: Visitor) -> None:
    thread = await ada.begins("draw a small cat")
    page = await ada.shows(thread, class_="details")
    image = page.one("figure", class_="picture")["data-image"]
    assert (await ada.send(f"{thread}/decision", text="make it night")).one("button").text == "Edit #1"
    assert (await ada.send(f"{thread}/decision", text="another one")).one("button").text == "Again #1"
    assert (await ada.send(f"{thread}/decision", text="night", source=image)).one("button").text == "Edit #1"
    assert (await ben.fetch("POST", f"{thread}/decision", data={"text": "make it night"})).status_code == 404
    assert (await ben.fetch("POST", "/decision", data={"text": "night", "source": image})).status_code == 404
    assert len((await ada.page(thread)).all("article")) == 2


async def test_a_picture_that_is_brought_stands_above_the_text(ada: Visitor, ben: Visitor) -> None:
    thread = await ada.begins("hello there")
    status, text, _ = await upload(ada, f"{thread}/images", picture())
    assert status == 200
    assert 'name="source"' in text
    assert "#1" in text
    assert (await upload(ben, f"{thread}/images", picture()))[0] == 404


async def test_a_picture_can_begin_a_thread(ada: Visitor, ben: Visitor) -> None:
    for htmx in (True, False):
        _, _, address = await upload(ada, "/images", picture("JPEG"), htmx=htmx)
        page = await ada.page(address)
        assert "#1" in page.one("div", id="targets").text
        assert (await ben.fetch("GET", address)).status_code == 404


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"GIF89a nothing", picture()[:80]])
async def test_what_is_no_picture_is_refused_and_nothing_is_kept(ada: Visitor, content: bytes) -> None:
    thread = await ada.begins("hello there")
    status, text, _ = await upload(ada, f"{thread}/images", content)
    assert status in (415, 422)
    assert "notice" in text
    assert (await upload(ada, "/images", content))[0] == status
    assert not (await ada.page("/gallery")).all("li", class_="tile")
    assert len((await ada.fetch("GET", "/api/v1/threads")).json()["items"]) == 1


async def test_a_message_shows_what_it_worked_from(ada: Visitor) -> None:
    thread = await ada.begins("draw a small cat")
    page = await ada.shows(thread, class_="details")
    image = page.one("figure", class_="picture")["data-image"]
    part = await ada.send(f"{thread}/messages", text="make it night")
    shown = part.one("p", class_="sources").one("img")
    assert (shown["src"], shown["alt"]) == (f"/images/{image}/thumbnail", "#1")


async def test_just_answer_stops_the_picture_and_answers(ada: Visitor) -> None:
    thread = await ada.begins("draw a small cat [[slow 20]]")
    form = (await ada.page(thread)).one("form", class_="reason")
    key = form.one("input", name="idempotency_key")["value"]
    part = await ada.send(form["action"], intent="chat", idempotency_key=key)
    assert "Stopped" in part.one("form", class_="failure").text
    assert len(part.all("article")) == 4
    await ada.send(form["action"], intent="chat", idempotency_key=key)
    page = await ada.page(thread)
    assert len(page.all("p", class_="said")) == 2
    assert len(page.all("section", class_="generation")) == 1


async def test_an_edit_that_was_meant_new_is_painted_new(ada: Visitor) -> None:
    thread = await ada.begins("draw a small cat")
    await ada.shows(thread, class_="details")
    await ada.send(f"{thread}/messages", text="make it a dog")
    page = await ada.has_handles(thread, 2)
    form = page.all("form", class_="reason")[-1]
    assert [button["value"] for button in form.all("button")] == ["chat", "generate"]
    await ada.send(form["action"], intent="generate")
    page = await ada.has_handles(thread, 3)
    assert page.all("form", class_="reason")[-1].one("span").text == "You chose a new image."


async def test_who_wants_to_is_asked_before_each_paid_picture(ada: Visitor) -> None:
    await ada.wants_prices_first()
    asked = await ada.fetch("POST", "/messages", data={"text": "draw two cats --n 2"}, headers={"HX-Request": "true"})
    assert asked.status_code == 409
    assert asked.headers["HX-Retarget"] == "#notice"
    assert "about $0.080" in asked.text
    assert 'name="confirmed"' in asked.text
    assert not (await ada.page("/")).all("article")
    painted = await ada.fetch(
        "POST", "/messages", data={"text": "draw two cats", "confirmed": "1"}, headers={"HX-Request": "true"}
    )
    assert painted.status_code == 200
    talk = await ada.fetch("POST", "/messages", data={"text": "hello there"}, headers={"HX-Request": "true"})
    assert talk.status_code == 200
    free = await ada.fetch(
        "POST", "/messages", data={"text": "/imagine a cat --provider illustrator"}, headers={"HX-Request": "true"}
    )
    assert free.status_code == 200


async def test_a_button_that_paints_asks_first_too(ada: Visitor) -> None:
    thread = await ada.begins("draw a small cat")
    page = await ada.has_handles(thread, 1)
    await ada.wants_prices_first()
    image = page.one("figure", class_="picture")["data-image"]
    generation = page.one("section", class_="generation")["id"].removeprefix("generation-")
    wishes: dict[str, dict[str, str]] = {
        f"/images/{image}/variation": {},
        f"/generations/{generation}/prompt": {"prompt": "a large cat"},
    }
    for address, fields in wishes.items():
        asked = await ada.fetch("POST", address, data=fields, headers=HTMX)
        assert (asked.status_code, asked.headers["HX-Retarget"]) == (409, "#notice")
        form = parse(asked.text).one("form")
        assert form["action"] == address
        assert {one["name"]: one["value"] for one in form.all("input") if one["name"] in fields} == fields
        await ada.send(address, confirmed="1", **fields)  # type: ignore[arg-type]
    await ada.has_handles(thread, 3)


async def test_a_model_finds_its_provider_and_an_unknown_one_is_named(ada: Visitor) -> None:
    thread = await ada.begins("/imagine a cat --model illustrator-1")
    page = await ada.shows(thread, class_="details")
    assert "Illustrator" in page.one("details", class_="details").text
    refused = await ada.fetch(
        "POST", f"{thread}/messages", data={"text": "/imagine a cat --model dali-9"}, headers=HTMX
    )
    assert refused.status_code == 422
    assert "There is no model dali-9 here. There are: fake-1, illustrator-1." in refused.text


async def test_without_a_script_the_price_is_a_page_with_the_same_words(ada: Visitor) -> None:
    await ada.wants_prices_first()
    answer = await ada.fetch("POST", "/messages", data={"text": "draw a cat"})
    assert answer.status_code == 409
    assert "about $0.040" in answer.text
    form = parse(answer.text).one("form")
    assert form.one("input", name="text")["value"] == "draw a cat"
    assert (await ada.submit(form["action"], text="draw a cat", confirmed="1")).startswith("/threads/")


async def test_ada_sees_and_changes_what_her_pictures_are_like(ada: Visitor) -> None:
    answer = await ada.fetch(
        "POST", "/account/preferences", data={"aspect_ratio": "16:9", "style": "watercolor", "learn": "1"}
    )
    page = parse(answer.text)
    assert page.one("input", name="aspect_ratio")["value"] == "16:9"
    assert "checked" in page.one("input", name="learn").attrs
    assert "checked" not in page.one("input", name="confirm_paid").attrs
    refused = await ada.fetch("POST", "/account/preferences", data={"aspect_ratio": "wide"})
    assert refused.status_code == 422
    assert "16:9" in refused.text
