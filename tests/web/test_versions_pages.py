"""The page of a picture shows its family; any version can be made current or taken into a new thread."""

from __future__ import annotations

import pytest

from tests.web.visitor import Visitor

pytestmark = pytest.mark.anyio


async def test_the_page_of_a_picture_shows_what_it_came_from_and_what_came_from_it(ada: Visitor) -> None:
    thread = await ada.begins("draw a small barn")
    await ada.has_handles(thread, 1)
    for number, words in enumerate(("make it night", "add a red tractor", "make #1 blue"), 2):
        await ada.send(f"{thread}/messages", text=words)
        page = await ada.has_handles(thread, number)
    pictures = {figure.one("span", class_="handle").text[:2]: figure["data-image"] for figure in page.all("figure")}
    shown = await ada.page(f"/images/{pictures['#3']}")
    versions = shown.all("li", class_="version")
    assert [version.one("strong").text for version in versions] == ["#1", "#2", "#3", "#4"]
    assert [("branch-1" in version["class"]) for version in versions] == [False, True, True, True]
    assert [version.one("strong").text for version in versions if version.attrs.get("aria-current")] == ["#3"]
    assert "from #2" in versions[2].text


async def test_a_picture_without_versions_shows_none(ada: Visitor) -> None:
    thread = await ada.begins("draw a small barn")
    page = await ada.has_handles(thread, 1)
    image = page.one("figure", class_="picture")["data-image"]
    assert not (await ada.page(f"/images/{image}")).all("li", class_="version")


async def test_an_older_version_is_made_current_and_used_elsewhere(ada: Visitor, ben: Visitor) -> None:
    thread = await ada.begins("draw a small barn")
    page = await ada.has_handles(thread, 1)
    first = page.one("figure", class_="picture")["data-image"]
    await ada.send(f"{thread}/messages", text="make it night")
    await ada.has_handles(thread, 2)
    assert await ada.submit(f"/images/{first}/current") == f"/images/{first}"
    assert (await ada.page(thread)).one("figure", aria_current="true")["data-image"] == first
    assert (await ben.fetch("POST", f"/images/{first}/current")).status_code == 404
    begun = await ada.page(f"/?source={first}")
    assert begun.one("div", id="targets").one("input")["value"] == first
    assert (await ben.fetch("GET", f"/?source={first}")).status_code == 404
    new = await ada.fetch("POST", "/messages", data={"text": "make it red", "source": first})
    changed = await ada.has_handles(new.headers["location"], 1)
    assert changed.one("figure", class_="picture")["data-image"] != first
