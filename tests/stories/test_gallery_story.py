"""Ada in her gallery with forty pictures: by mouse, by keyboard alone, and on a phone."""

from __future__ import annotations

import time
import zipfile

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.stories.browsing import PHONE, NewPerson, Person, Window
from tests.stories.studio import Studio

MANY = 40


@pytest.fixture(scope="module", autouse=True)
def pictures(studio: Studio, sign_in: tuple[str, str]) -> None:
    """Painted before anybody looks."""
    name, value = sign_in
    headers = {"origin": studio.url, "cookie": f"{name}={value}"}
    with httpx.Client(base_url=studio.url, headers=headers, trust_env=False, timeout=30) as client:
        for number in range(MANY // 4):
            assert (
                client.post("/messages", data={"text": f"/imagine kite {number} --n 4 --size 256x256"}).status_code
                < 400
            )
        end = time.monotonic() + 90
        while count(client) < MANY:
            assert time.monotonic() < end
            time.sleep(0.1)


def count(client: httpx.Client) -> int:
    """Over two pages of the API's longest kind, by the cookie."""
    first = client.get("/api/v1/images", params={"limit": 50}).json()
    return len(first["items"])


def chosen(page: Page) -> int:
    return page.locator(".tile__pick input:checked").count()


def settled(window: Window) -> None:
    """The pictures in view have come."""
    window.wait_for("[...document.querySelectorAll('.tile img.over')].slice(0, 6).every((i) => i.naturalWidth)")


def test_many_are_chosen_marked_saved_thrown_away_and_fetched_back(ada: Person) -> None:
    window = ada.opens("/gallery")
    page = window.page
    settled(window)
    assert page.locator(".tile").count() == 36
    assert not page.locator("#selection").is_visible()
    boxes = page.locator(".tile__pick input")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator(".selection__count")).to_have_text("4 selected")
    with page.expect_download() as waiting:
        window.tap("Download", within="#selection")
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert len(archive.namelist()) == 4
        assert archive.testzip() is None
    window.tap("Favourite", within="#selection")
    expect(page.locator("#notice")).to_contain_text("4 pictures marked as favourites.")
    expect(page.locator(".tile__star")).to_have_count(4)
    expect(page.locator(".tile__pick input:checked")).to_have_count(0)

    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    window.tap("Trash", within="#selection")
    expect(page.locator("#notice")).to_contain_text("3 pictures moved to the trash.")
    expect(page.locator(".tile")).to_have_count(33)
    window.tap("Undo", within="#notice")
    expect(page.locator(".tile")).to_have_count(36)
    assert [one for one in page.evaluate("window.jumps") if one["value"] > 0.02 and not one["asked"]] == []


def test_the_rest_comes_by_scrolling_and_search_and_filters_need_no_reload(ada: Person) -> None:
    window = ada.opens("/gallery")
    page = window.page
    page.locator(".tile").last.scroll_into_view_if_needed()
    expect(page.locator(".tile")).to_have_count(MANY)
    page.locator("#wanted input[type=search]").fill("zebra")
    expect(page.locator("#tiles .empty")).to_be_visible()
    page.locator("#wanted input[type=search]").fill("kiet 1")
    expect(page.locator(".tile")).to_have_count(4)
    assert "q=kiet+1" in page.url
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Shape").select_option("portrait")
    expect(page.locator("#tiles .empty")).to_contain_text("clear the filters")
    page.get_by_label("Shape").select_option("square")
    expect(page.locator(".tile")).to_have_count(4)
    assert window.barriers() == []


def test_everything_goes_by_keyboard_alone(ada: Person) -> None:
    window = ada.opens("/gallery")
    page = window.page
    settled(window)
    press = page.keyboard.press
    press("ArrowRight")
    press("x")
    assert chosen(page) == 1
    press("Shift+ArrowRight")
    press("Shift+ArrowRight")
    assert chosen(page) == 3
    press("Escape")
    assert chosen(page) == 0
    press("Control+a")
    assert chosen(page) == page.locator(".tile").count()
    press("Escape")
    press("ArrowDown")
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    press("Delete")
    expect(page.locator("#notice")).to_contain_text("1 picture moved to the trash.")
    expect(page.locator(f'a[href="{focused}"]')).to_have_count(0)
    window.wait_for("document.activeElement.closest('.tile')")  # the next one has the focus: one can go on
    press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    window.go("/gallery/trash")
    settled(window)
    press("ArrowRight")
    window.wait_for("document.activeElement.closest('.tile')")
    press("Delete")
    expect(page.locator("#dialog")).to_contain_text("Delete 1 picture for good?")
    press("Escape")
    expect(page.locator("#dialog")).not_to_be_visible()
    press("r")
    expect(page.locator("#notice")).to_contain_text("1 picture restored.")


def test_a_picture_is_looked_at_closely_and_shared(ada: Person, person: NewPerson) -> None:
    window = ada.opens("/gallery")
    page = window.page
    page.locator(".tile > a").nth(1).click()
    page.locator("[data-zoom]").wait_for()
    before = page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: url != before)
    page.keyboard.press("z")
    zoom = page.locator("#zoom")
    expect(zoom).to_be_visible()
    scale = zoom.locator(".zoom__scale")
    expect(scale).not_to_have_text("")
    small = scale.text_content()
    page.keyboard.press("+")
    expect(scale).not_to_have_text(small or "")
    page.keyboard.press("0")
    expect(scale).to_have_text(small or "")
    page.keyboard.press("Escape")
    expect(zoom).not_to_be_visible()
    page.get_by_text("Share by link").click()
    window.tap("Make a link")
    link = page.locator("#new-link").input_value()
    assert window.barriers() == []
    visitor = person(**PHONE)
    visitor.context.clear_cookies()
    shown = visitor.opens(link)
    shown.wait_for("document.querySelector('img.over').naturalWidth")
    assert shown.overflow() <= 0
    assert shown.barriers() == []


def test_on_a_phone_boxes_and_buttons_are_there_for_fingers(person: NewPerson) -> None:
    window = person(**PHONE).opens("/gallery")
    page = window.page
    settled(window)
    for number in (0, 1):
        page.locator(".tile__pick").nth(number).tap()
    expect(page.locator(".selection__count")).to_have_text("2 selected")
    sides = page.locator("#selection button:visible").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map((box) => [box.height, box.bottom])"
    )
    assert all(height >= 44 and bottom <= 844 for height, bottom in sides)
    assert window.overflow() <= 0
    assert window.barriers() == []
