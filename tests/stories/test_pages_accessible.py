"""Every page, with axe: light and dark, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.browsing import DESK, PHONE, NewPerson, Person, Window


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_is_for_everybody(person: NewPerson, device: dict[str, object]) -> None:
    ada = person(**device)
    window = ada.opens("/")
    checked = {name: window.barriers() for name in tour(ada, window, "is_mobile" in device)}
    assert len(checked) >= 16
    assert {name: found for name, found in checked.items() if found} == {}


def tour(ada: Person, window: Window, phone: bool) -> Iterator[str]:
    """Goes from place to place and names each when it is reached."""
    page = window.page
    yield "start"
    window.says("# Hello [[markdown http://127.0.0.1:9]]")
    window.wait_until_quiet()
    yield "talk"
    window.says("/imagine a boat [[slow 20]]")
    window.wait_for("document.querySelector('#messages progress').value > 10")
    yield "painting"
    window.tap("Stop", within="#messages")
    window.wait_until_quiet()
    yield "stopped"
    window.says("/imagine a boat --n 2")
    window.wait_until_quiet()
    window.answer.get_by_text("Details").click()
    window.answer.locator("dl.facts").wait_for()
    yield "pictures and details"
    with window.forgiving(" 422"):
        page.locator("#text").fill("/imagin a boat")
        page.locator("#text").press("Enter")
        page.locator("#notice .notice").wait_for()
    yield "refused"
    page.locator("#text").fill("")
    if phone:
        page.get_by_role("button", name="Threads", exact=True).click()
    page.locator(".thread-link:has([aria-current]) button").first.click()
    yield "menu"
    page.locator(".menu:popover-open").get_by_text("Rename").click()
    page.locator("#dialog form").wait_for()
    yield "rename"
    image = page.locator("[data-image]").first.get_attribute("data-image")
    for path in (
        f"{page.url}/deletion",
        "/gallery",
        "/gallery?q=nothing",
        "/account",
        "/account/spend",
        "/docs",
        f"/images/{image}",
    ):
        window.go(path)
        yield path
    window.go(f"/images/{image}").tap("Move to the trash")
    window.go("/gallery/trash")
    yield "trash"
    with window.forgiving(" 404"):
        window.go("/threads/nowhere")
    yield "not found"
    ada.context.clear_cookies()
    window.go("/sign-in")
    yield "sign in"
