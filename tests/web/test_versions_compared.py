"""Versions in the talk and side by side, and a prompt used again with other words."""

from __future__ import annotations

import pytest

from tests.web.visitor import Element, Visitor

pytestmark = pytest.mark.anyio


async def two_versions(ada: Visitor) -> tuple[str, Element]:
    thread = await ada.begins("/imagine a small barn --seed 7 --ar 3:2")
    await ada.has_handles(thread, 1)
    await ada.send(f"{thread}/messages", text="make it night")
    return thread, await ada.has_handles(thread, 2)


def pictures(page: Element) -> list[str]:
    return [figure["data-image"] for figure in page.all("figure", class_="picture")]


async def test_a_card_shows_the_versions_it_came_from(ada: Visitor) -> None:
    thread, page = await two_versions(ada)
    first, second = pictures(page)
    strip = page.one("nav", class_="line")
    links = [link["href"] for link in strip.all("a")]
    assert links == [f"/images/{first}", f"/images/{second}", f"/images/{second}/comparison?other={first}"]
    changed = await ada.part(f"{thread}/changes?after=0")
    assert len(changed.all("nav", class_="line")) == 1


async def test_two_versions_stand_side_by_side_with_what_differs(ada: Visitor, ben: Visitor) -> None:
    _, page = await two_versions(ada)
    first, second = pictures(page)
    compared = await ada.page(f"/images/{second}/comparison?other={first}")
    shown = [figure.one("img")["src"] for figure in compared.all("figure")]
    assert shown == [f"/images/{second}/preview", f"/images/{first}/preview"]
    rows = {row.one("th").text: [cell.text for cell in row.all("td")] for row in compared.one("tbody").all("tr")}
    assert rows["Instruction"][0] == "make it night"
    assert rows["Prompt"] == ["a small barn, night", "a small barn"]
    family = await ada.page(f"/images/{second}")
    assert family.one("a", class_="version__compare")["href"] == f"/images/{second}/comparison?other={first}"
    for address in (f"/images/{second}/comparison?other={first}", f"/images/{second}/comparison?other=x"):
        assert (await ben.fetch("GET", address)).status_code == 404
    assert (await ada.fetch("GET", f"/images/{second}/comparison")).status_code == 404


async def test_a_prompt_is_used_again_with_other_words_and_the_same_options(ada: Visitor, ben: Visitor) -> None:
    thread = await ada.begins("/imagine a small barn --ar 3:2")
    page = await ada.has_handles(thread, 1)
    generation = page.one("section", class_="generation")["id"].removeprefix("generation-")
    facts = await ada.part(f"/generations/{generation}/details")
    form = facts.one("form")
    assert form.one("textarea").text == "a small barn"
    address = f"/generations/{generation}/prompt"
    words = "draw a small red barn, please"
    posted = await ada.send(address, prompt=words, idempotency_key="one")
    await ada.send(address, prompt=words, idempotency_key="one")  # a double click
    assert posted.one("input", id=f"prompt-key-{generation}")
    page = await ada.has_handles(thread, 2)
    again = page.all("section", class_="generation")[1]["id"].removeprefix("generation-")
    told = (await ada.part(f"/generations/{again}/details")).facts()
    before = (await ada.part(f"/generations/{generation}/details")).facts()
    assert told["Prompt"] == "draw a small red barn, please"  # word for word
    assert told["Understood"] == "You wrote the prompt yourself."
    assert (told["Size"], told["Seed"]) == (before["Size"], before["Seed"])
    assert (await ben.fetch("POST", address, data={"prompt": "x"})).status_code == 404
    assert (await ada.fetch("POST", address, data={"prompt": " "})).status_code == 422


async def test_an_instruction_is_used_again_on_the_same_picture(ada: Visitor) -> None:
    thread, page = await two_versions(ada)
    change = page.all("section", class_="generation")[1]["id"].removeprefix("generation-")
    form = (await ada.part(f"/generations/{change}/details")).one("form")
    assert form.one("textarea").text == "make it night"
    assert form.one("button").text == "Use this instruction"
    await ada.send(f"/generations/{change}/prompt", prompt="make it snowy")
    page = await ada.has_handles(thread, 3)
    strip = page.all("nav", class_="line")[1]
    assert strip.all("a")[0]["href"] == f"/images/{pictures(page)[0]}"


async def test_the_same_words_get_another_seed(ada: Visitor) -> None:
    thread = await ada.begins("/imagine a small barn")
    page = await ada.has_handles(thread, 1)
    first = page.one("section", class_="generation")["id"].removeprefix("generation-")
    await ada.send(f"/generations/{first}/prompt", prompt="a  small barn")
    page = await ada.has_handles(thread, 2)
    second = page.all("section", class_="generation")[1]["id"].removeprefix("generation-")
    seeds = {(await ada.part(f"/generations/{one}/details")).facts()["Seed"] for one in (first, second)}
    assert len(seeds) == 2
