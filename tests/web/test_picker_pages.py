"""Pictures of the gallery are chosen while a message is written; the chip says which style a message carries."""

from __future__ import annotations

import pytest

from tests.web.visitor import Visitor

pytestmark = pytest.mark.anyio


async def picture(ada: Visitor, words: str) -> tuple[str, str]:
    thread = await ada.begins(f"/imagine {words}")
    page = await ada.has_handles(thread, 1)
    return thread, page.one("figure", class_="picture")["data-image"]


async def test_ada_chooses_among_her_own_pictures(ada: Visitor, ben: Visitor) -> None:
    _, barn = await picture(ada, "a small barn")
    _, ship = await picture(ada, "a tall ship")
    await picture(ben, "a secret")
    picker = await ada.part("/gallery/picker")
    assert [pick["data-target"] for pick in picker.all("button", class_="pick")] == [ship, barn]
    found = await ada.part("/gallery/picks?q=barn")
    assert [pick["data-target"] for pick in found.all("button", class_="pick")] == [barn]
    assert "Nothing found" in (await ada.part("/gallery/picks?q=elephant")).text
    assert (await ada.fetch("GET", "/gallery/picker")).headers["location"] == "/gallery"


async def test_a_picture_of_another_thread_is_changed_here_without_a_number(ada: Visitor, ben: Visitor) -> None:
    _, barn = await picture(ada, "a small barn")
    thread, _ = await picture(ada, "a tall ship")
    chip = await ada.send(f"{thread}/decision", text="make it night", source=barn)
    assert "Edit it" in chip.text
    both = await ada.page(f"{thread}?source={barn}")
    target = both.one("div", id="targets").one("span", class_="target")
    assert (target["data-image"], target.one("span", class_="target__name").text) == (barn, "")
    await ada.send(f"{thread}/messages", text="make it night", source=barn)
    page = await ada.has_handles(thread, 2)
    generation = page.all("section", class_="generation")[1]["id"].removeprefix("generation-")
    facts = (await ada.part(f"/generations/{generation}/details")).facts()
    assert facts["Prompt"] == "a small barn, night"  # "it" is the picture that was chosen, not the ship
    assert (await ben.fetch("GET", f"/?source={barn}")).status_code == 404


async def test_several_pictures_begin_a_thread_together(ada: Visitor) -> None:
    _, barn = await picture(ada, "a small barn")
    _, ship = await picture(ada, "a tall ship")
    page = await ada.page(f"/?source={barn}&source={ship}")
    assert [one["value"] for one in page.one("div", id="targets").all("input")] == [barn, ship]


async def test_the_chip_says_which_style_a_message_carries(ada: Visitor) -> None:
    thread = await ada.begins("I love watercolor style for everything")
    chip = await ada.send(f"{thread}/decision", text="draw a fox")
    assert chip.one("button", class_="decision__style").text.startswith("watercolor")
    assert "as you said earlier" in chip.one("button", class_="decision__chip")["title"]
    left = await ada.send(f"{thread}/decision", text="draw a fox", leave_style="1")
    assert not left.all("button", class_="decision__style")
    await ada.send(f"{thread}/messages", text="draw a fox")
    page = await ada.has_handles(thread, 1)
    question = page.all("article", class_="user")[1]
    (button,) = [one for one in question.all("button") if one.text == "Without that style"]
    assert button["name"] == "leave_style"
    address = question.one("form", class_="reason")["action"]
    await ada.send(address, leave_style="1")
    page = await ada.has_handles(thread, 2)
    told = [one.one("h2").text for one in page.all("section", class_="generation")]
    assert told == ["fox", "fox"]
