"""A part of a picture is marked and only that part changes; without scripts the mask is a file."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw

from tests.api.caller import Site
from tests.engines import limit, use_engines
from tests.web.visitor import HTMX, Visitor, parse

pytestmark = pytest.mark.anyio
Box = tuple[int, int, int, int]


def mask(size: tuple[int, int], box: Box | None) -> bytes:
    """Opaque but for the box."""
    sheet = Image.new("RGBA", size, "black")
    if box:
        ImageDraw.Draw(sheet).rectangle(box, fill=(0, 0, 0, 0))
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


async def barn(ada: Visitor) -> tuple[str, str]:
    """A thread with a picture, and the picture's page."""
    thread = await ada.begins("draw a small barn")
    page = await ada.has_handles(thread, 1)
    return thread, f"/images/{page.one('figure', class_='picture')['data-image']}"


async def pixels(ada: Visitor, place: str) -> Image.Image:
    return Image.open(BytesIO((await ada.fetch("GET", f"{place}/original")).content)).convert("RGB")


async def mark(ada: Visitor, place: str, content: bytes, **fields: Any) -> Any:
    """By a form that knows no script."""
    return await ada.fetch("POST", f"{place}/part", data=fields, files={"mask": ("m.png", content, "image/png")})


async def test_only_the_marked_part_changes_and_the_card_says_so(ada: Visitor, ben: Visitor) -> None:
    thread, place = await barn(ada)
    before = await pixels(ada, place)
    form = (await ada.page(f"{(await ada.page(place)).one('a', href=f'{place}/part')['href']}")).one("form", id="part")
    key = form.one("input", name="idempotency_key")["value"]
    half = (before.width // 2, before.height // 2)
    content = mask(half, (0, 0, half[0] // 2, half[1]))  # half as large: it is made to fit
    for _ in range(2):  # a double click
        sent = await mark(ada, place, content, text="make it blue", idempotency_key=key)
        assert sent.status_code == 303
        assert sent.headers["location"].startswith(f"{thread}#message-")
    page = await ada.has_handles(thread, 2)
    assert page.all("form", class_="reason")[1].text.startswith("You marked a part of #1: nothing else changes.")
    assert "part of #1 · " in page.all("summary")[-1].text
    changed = f"/images/{page.all('figure', class_='picture')[1]['data-image']}"
    after = await pixels(ada, changed)
    left, _, right, _ = ImageChops.difference(before, after).getbbox() or (0, 0, 0, 0)
    assert left == 0
    assert before.width * 0.45 < right <= before.width // 2 + 2
    versions = (await ada.page(changed)).all("li", class_="version")
    assert "from a part of #1" in versions[1].text
    assert len((await ada.page("/gallery")).all("li", class_="tile")) == 2  # a mask is no picture
    for method in ("GET", "POST"):
        assert (await ben.fetch(method, f"{place}/part", data={"text": "x"})).status_code == 404


async def test_what_cannot_be_a_mask_is_refused_in_words_and_changes_nothing(ada: Visitor) -> None:
    thread, place = await barn(ada)
    size = (await pixels(ada, place)).size
    for content, words in (
        (mask(size, None), "Nothing is marked"),
        (mask((300, 100), (0, 0, 9, 9)), "does not have the shape"),
        (b"no picture", "PNG"),
        (b"", "Nothing is marked"),
    ):
        refused = await mark(ada, place, content, text="make it blue")
        assert refused.status_code in (415, 422)
        assert words in refused.text
    drawn = "data:image/png;base64," + base64.b64encode(mask(size, (0, 0, 9, 9))).decode()
    for fields in ({"drawn": drawn, "text": " "}, *({"drawn": odd, "text": "make it blue"} for odd in ("%%%", "٣é"))):
        assert (await ada.fetch("POST", f"{place}/part", data=fields, headers=HTMX)).status_code == 422
    assert len((await ada.page(thread)).all("article", class_="user")) == 1


async def test_a_retry_and_another_wording_keep_the_mask(ada: Visitor) -> None:
    thread, place = await barn(ada)
    before = await pixels(ada, place)
    await mark(ada, place, mask(before.size, (0, 0, before.width // 2, before.height)), text="make it blue [[500]]")
    failed = await ada.shows(thread, class_="failure")
    retry = failed.one("form", class_="failure")["action"]
    generation = retry.split("/")[2]
    await ada.send(f"/generations/{generation}/prompt", prompt="make it green")
    page = await ada.has_handles(thread, 2)
    after = await pixels(ada, f"/images/{page.all('figure', class_='picture')[1]['data-image']}")
    assert (ImageChops.difference(before, after).getbbox() or (0, 0, 9999, 0))[2] <= before.width // 2 + 2
    again = await ada.send(retry)
    assert again.all("section", class_="generation")
    services = ada.site.services
    async with services.transaction() as db:
        rows = (await db.connection()).exec_driver_sql("SELECT count(mask_image_id) FROM generations")
        assert (await rows).scalar() == 3


async def test_where_no_engine_takes_masks_none_is_asked_for(ada: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    _, place = await barn(ada)
    for painter in ada.site.services.providers.images.values():
        monkeypatch.setattr(painter, "capabilities", replace(painter.capabilities, mask=False))
    assert not (await ada.page(place)).all("a", href=f"{place}/part")
    await ada.page(f"{place}/part", 422)


async def test_a_part_that_is_too_dear_is_offered_cheaper(studio: Site, ben: Visitor) -> None:
    use_engines(studio.services, default="easel")
    _, place = await barn(ben)
    assert ben.user is not None
    await limit(studio.services, ben.user, money_per_month=100_000)
    files = {"mask": ("m.png", mask((256, 256), (0, 0, 99, 99)), "image/png")}
    sent = {"text": "make it blue", "engine": "easel"}
    refused = await ben.fetch("POST", f"{place}/part", data=sent, files=files, headers=HTMX)
    assert refused.status_code == 429
    buttons = parse(refused.text).all("button", form="part", name="instead")
    assert [button["value"] for button in buttons] == ["illustrator/pencil-1", "easel/easel-small"]
    form = parse((await mark(ben, place, files["mask"][1], **sent)).text).one("form", action=f"{place}/part")
    kept: dict[str, Any] = {hidden["name"]: hidden["value"] for hidden in form.all("input", type="hidden")}
    assert kept["text"] == "make it blue"
    await ben.submit(f"{place}/part", instead="easel/easel-small", **kept)


async def test_who_wants_to_is_asked_for_the_price_and_the_marks_are_kept_meanwhile(ada: Visitor) -> None:
    thread, place = await barn(ada)
    await ada.wants_prices_first()
    content = mask((256, 256), (0, 0, 99, 99))
    drawn = "data:image/png;base64," + base64.b64encode(content).decode()
    asked = await ada.fetch("POST", f"{place}/part", data={"drawn": drawn, "text": "make it blue"}, headers=HTMX)
    assert (asked.status_code, asked.headers["HX-Retarget"]) == (409, "#notice")
    assert parse(asked.text).one("button", name="confirmed")["form"] == "part"  # the form still stands on the page
    page = parse((await mark(ada, place, content, text="make it blue")).text)
    fields = {one["name"]: one["value"] for one in page.one("main").all("input")}
    assert (await ada.submit(f"{place}/part", **fields, confirmed="1")).startswith(thread)
    assert len((await ada.has_handles(thread, 2)).all("article", class_="user")) == 2
