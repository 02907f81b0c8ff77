"""Moderation on the admin's page: word lists are kept, refusals counted, words of requests never shown."""

from __future__ import annotations

import pytest

from tests.people import until
from tests.web.visitor import Element, Visitor

pytestmark = pytest.mark.anyio
PLACE = "/admin/moderation"


async def test_an_admin_keeps_a_word_list_and_sees_what_it_refused(ada: Visitor, ben: Visitor) -> None:
    assert await ada.submit(PLACE, words=" dagger \r\n!letter dagger\r\n", per_hour="7", child_safe="1") == PLACE
    page = await ada.page(PLACE)
    assert page.one("textarea", id="words").text == "dagger !letter dagger"
    assert page.one("input", name="per_hour")["value"] == "7"
    assert "checked" in page.one("input", name="child_safe").attrs
    thread = await ben.begins("/imagine a bejewelled dagger")
    refused = await ben.shows(thread, class_="failure")
    assert "word list here does not allow that" in refused.one("form", class_="failure").text
    assert not refused.one("form", class_="failure").all("button")
    await ben.send(f"{thread}/messages", text="What is a dagger?")

    async def both() -> list[Element] | None:
        failures = (await ben.page(thread)).all("form", class_="failure")
        return failures if len(failures) == 2 else None

    assert not [failure for failure in await until(both, seconds=30) if failure.all("button")]
    page = await ada.page(PLACE)
    rows = [[cell.text for cell in row.inside] for row in page.one("tbody").all("tr")]
    assert rows[0] == ["Your word list", "2", "2", "2"]
    assert [row[1:] for row in rows[1:]] == [["0", "0", "0"]] * 4
    assert "ben@example.org 2 within 30 days" in page.text
    assert "bejewelled" not in page.text


async def test_nobody_else_comes_here_and_a_wrong_number_changes_nothing(ada: Visitor, ben: Visitor) -> None:
    for method in ("GET", "POST"):
        assert (await ben.fetch(method, PLACE)).status_code == 403
    for wrong in ("", "0", "1001", "many", "-1", "٣", "9" * 20):
        answer = await ada.fetch("POST", PLACE, data={"words": "dagger", "per_hour": wrong})
        assert answer.status_code == 422
    assert (await ada.fetch("POST", PLACE, data={"words": "x" * 20_001, "per_hour": "7"})).status_code == 422
    page = await ada.page(PLACE)
    assert (page.one("textarea", id="words").text, page.one("input", name="per_hour")["value"]) == ("", "20")
