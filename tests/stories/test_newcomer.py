"""Ada's first hour, on a fresh data folder with nothing connected: the built-in illustrator, and the local chat model
where it is installed. Each chapter goes on where the one before ended; screenshots are kept in .artifacts/stories."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from chatelier.config import Settings
from chatelier.providers.local_chat import find_local_model
from tests.stories.browsing import DESK, EMAIL, PASSWORD, PHONE, Person, Window, percentages
from tests.stories.studio import Studio, running

SLOW = "/imagine a harbor with five boats at sunset, watercolor --size 1536x1536 --n 2"


@pytest.fixture(scope="module")
def home(house: Path) -> Iterator[Studio]:
    talks = find_local_model(Settings(data_dir=house / "newcomer")) is not None
    engines = {} if talks else {"CHATELIER_FAKE_PROVIDER": "true", "CHATELIER_CHAT_MODEL": "fake"}
    with running(house / "newcomer", engines) as started:
        yield started


@pytest.fixture(scope="module")
def newcomer(browser: Browser, home: Studio) -> Iterator[Person]:
    arrived = Person(browser, home.url, **DESK)
    yield arrived
    arrived.leaves()


@pytest.fixture
def ada(newcomer: Person) -> Iterator[Person]:
    yield newcomer
    complaints = newcomer.complaints()
    for window in newcomer.windows:
        window.page.close()
    newcomer.windows.clear()
    assert complaints == []


@pytest.fixture
def thread(ada: Person) -> Window:
    """The thread that this module's pictures are in, open."""
    window = ada.opens("/")
    window.page.locator("#threads a", has_text="cat").first.click()
    window.page.wait_for_url("**/threads/*")
    return window


def test_the_printed_address_makes_ada_the_admin_and_shows_where_to_begin(ada: Person, home: Studio) -> None:
    window = ada.opens("/")
    expect(window.page.get_by_label("Setup code")).to_be_visible()
    window.go(home.setup_address)
    window.shot("01-setup")
    assert window.barriers() == []
    window.page.close()
    window = ada.becomes_admin(home.setup_address)
    expect(window.page.get_by_role("heading", name="What shall we make?")).to_be_visible()
    expect(window.page.locator("#threads a")).to_have_count(0)
    window.shot("02-empty")
    window.go("/gallery")
    expect(window.page.get_by_role("heading", name="The walls are still bare")).to_be_visible()
    window.shot("03-gallery-empty")
    window.go(home.setup_address)
    expect(window.page.locator("#composer")).to_be_visible()


def test_ada_reads_an_answer_while_it_is_written(ada: Person) -> None:
    window = ada.opens("/")
    window.page.evaluate(
        """() => {
          window.lengths = [];
          const look = () => {
            const length = document.querySelector(".message.assistant .prose")?.textContent.length ?? 0;
            if (length !== window.lengths.at(-1)) window.lengths.push(length);
          };
          new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
        }"""
    )
    window.says("Tell me a story about a lighthouse keeper, please. What did she see at night?")
    window.page.wait_for_url("**/threads/*")
    window.wait_until_quiet()
    lengths = window.page.evaluate("window.lengths")
    assert len(lengths) >= 3, lengths
    assert lengths == sorted(lengths)
    expect(window.answer.locator(".prose > p").first).to_be_visible()
    expect(window.page.locator("#thread-title")).not_to_have_value("")
    window.shot("04-talk")


def test_ada_asks_in_plain_words_and_watches_the_picture_come(ada: Person) -> None:
    window = ada.opens("/")
    window.watch_progress()
    window.says("can you create an image of a cat sitting under a tree at sunset?")
    expect(window.answer.get_by_role("heading")).to_have_text(re.compile("Painting your .*cat"))
    window.shot("05-painting")
    window.wait_for_pictures(1)
    shown = percentages(window.seen())
    assert len(shown) >= 3, window.seen()
    assert shown == sorted(shown)
    assert len({words for _, _, words in window.seen()}) >= 3, window.seen()
    expect(window.pictures.locator("figcaption")).to_contain_text("#1")
    expect(window.pictures.locator("img")).to_have_attribute("alt", re.compile("cat"))
    window.shot("06-picture")


def test_one_click_tells_how_the_picture_was_made(thread: Window) -> None:
    thread.answer.get_by_text("Details").click()
    facts = thread.answer.locator("dl.facts")
    for name in ("You asked", "Prompt", "Size", "Model", "Seed", "Time", "Price"):
        expect(facts.locator("dt", has_text=re.compile(f"^{name}$"))).to_be_visible()
    expect(facts).to_contain_text("1024 × 1024")
    expect(facts).to_contain_text("free")
    thread.shot("07-details")


def test_changes_give_new_versions_and_the_old_ones_stay(thread: Window) -> None:
    before = thread.pictures.locator("img").get_attribute("src")
    thread.says("make it more vibrant")
    thread.wait_for_pictures(2)
    thread.says("same image but in watercolor style")
    thread.wait_for_pictures(3)
    sources = [one.get_attribute("src") for one in thread.pictures.locator("img").all()]
    assert len(set(sources)) == 3
    assert sources[0] == before
    assert [one.inner_text().split()[0] for one in thread.pictures.locator(".handle").all()] == ["#1", "#2", "#3"]
    assert thread.page.locator("#messages figure[aria-current]").count() == 1
    expect(thread.page.locator("#messages figure[aria-current] .handle")).to_contain_text("#3")
    thread.shot("08-watercolor")


def test_a_reload_in_the_middle_and_a_second_tab_show_the_same_and_talk_goes_on(ada: Person, thread: Window) -> None:
    thread.says(SLOW)
    running_card = thread.page.locator("#messages article[data-running]").last
    identity = running_card.get_attribute("id")
    thread.wait_for("document.querySelector('#messages progress')?.value > 10")
    second = ada.opens(thread.page.url)
    thread.page.reload()
    for window in (thread, second):
        expect(window.page.locator(f"#{identity} progress")).to_be_visible()
        window.watch_progress()
    thread.shot("09-reloaded")
    thread.says("What is watercolor, in a few words?")
    thread.wait_for_pictures(5, 120)
    second.wait_for_pictures(5)
    assert percentages(second.seen()) == sorted(percentages(second.seen()))
    for window in (thread, second):
        window.wait_until_quiet()
    assert thread.page.locator("#messages").inner_text() == second.page.locator("#messages").inner_text()


def test_ada_stops_a_painting_and_tries_it_again(thread: Window) -> None:
    thread.says(SLOW.replace("--n 2", "--n 1"))
    thread.answer.get_by_role("button", name="Stop").click()
    expect(thread.answer).to_contain_text("Stopped. Nothing was charged.")
    thread.wait_until_quiet()
    thread.shot("10-stopped")
    count = thread.pictures.count()
    thread.tap("Try again", within="#messages")
    thread.wait_for_pictures(count + 1)
    thread.wait_until_quiet()


def test_the_gallery_keeps_every_picture_and_gives_one_back_from_the_trash(ada: Person) -> None:
    window = ada.opens("/gallery")
    tiles = window.page.locator(".tile")
    expect(tiles).to_have_count(6)
    window.wait_for("[...document.querySelectorAll('.tile .over')].every((image) => image.naturalWidth === 256)")
    window.shot("11-gallery")
    tiles.last.click()
    full = window.page.locator(".image-page img.over")
    expect(full).to_have_js_property("naturalWidth", 1024)
    window.shot("12-image")
    with window.page.expect_download() as download:
        window.page.get_by_role("link", name="Download").click()
    picture = Image.open(io.BytesIO(download.value.path().read_bytes()), formats=("PNG", "JPEG", "WEBP"))
    picture.load()
    assert picture.size == (1024, 1024)
    window.tap("Move to the trash")
    window.go("/gallery")
    expect(tiles).to_have_count(5)
    window.go("/gallery/trash")
    expect(tiles).to_have_count(1)
    window.shot("13-trash")
    tiles.first.click()
    window.tap("Restore")
    window.page.wait_for_url("**/images/*")
    window.go("/gallery/trash")
    expect(tiles).to_have_count(0)
    window.go("/gallery")
    expect(tiles).to_have_count(6)


def test_threads_are_renamed_pinned_found_and_deleted(ada: Person) -> None:
    window = ada.opens("/")
    links = window.page.locator("#threads .thread-link > a")
    expect(links).to_have_count(2)
    window.page.locator("#threads a", has_text="lighthouse").click()
    window.page.locator(".thread-link:has([aria-current]) button").first.click()
    window.shot("14-menu")
    window.page.locator("#threads .menu:popover-open").get_by_text("Rename").click()
    window.page.locator("#dialog").get_by_label("Title").fill("The keeper's tale")
    window.shot("15-rename")
    window.tap("Rename", within="#dialog")
    expect(window.page.locator("#thread-title")).to_have_value("The keeper's tale")
    window.tap("More for The keeper's tale", within=".sidebar")
    window.page.locator("#threads .menu:popover-open").get_by_text("Pin to the top").click()
    expect(links.first).to_contain_text("Pinned: The keeper's tale")
    window.says("/imagine a kite")
    window.wait_until_quiet()
    search = window.page.get_by_label("Search threads")
    search.fill("cat")
    expect(links).to_have_count(1)
    search.fill("no such thread")
    expect(window.page.locator("#threads")).to_contain_text("No thread has “no such thread” in its title.")
    search.fill("")
    expect(links).to_have_count(2)
    window.tap("More for The keeper's tale", within=".sidebar")
    window.page.locator("#threads .menu:popover-open").get_by_text("Delete").click()
    window.page.locator("#dialog").get_by_label("Move them to the trash").check()
    window.shot("16-delete")
    window.tap("Delete the thread", within="#dialog")
    expect(links).to_have_count(1)
    window.go("/gallery/trash")
    expect(window.page.locator(".tile")).to_have_count(1)
    window.page.locator(".tile").click()
    window.tap("Restore")
    window.page.wait_for_url("**/images/*")


def test_ada_signs_out_and_in_and_changes_her_password(ada: Person) -> None:
    window = ada.opens("/account")
    window.page.get_by_label("Current password").fill(PASSWORD)
    window.page.get_by_label("New password").fill("battery staple horse")
    window.tap("Change the password")
    expect(window.page.get_by_role("status").first).to_contain_text("password")
    window.shot("17-account")
    window.page.locator(".sidebar").get_by_role("button", name=EMAIL).click()
    window.tap("Sign out")
    window.page.get_by_label("Email").fill(EMAIL)
    window.page.get_by_label("Password").fill(PASSWORD)
    with window.forgiving("401|403|422"):
        window.tap("Sign in")
        expect(window.page.get_by_role("alert")).not_to_be_empty()
        window.shot("18-sign-in-refused")
    window.page.get_by_label("Password").fill("battery staple horse")
    window.tap("Sign in")
    expect(window.page.locator("#composer")).to_be_visible()


def test_the_same_with_one_thumb_on_a_phone(browser: Browser, home: Studio, newcomer: Person) -> None:
    phone = Person(browser, home.url, **PHONE)
    for cookie in newcomer.context.cookies():
        phone.has_signed_in(cookie["name"], cookie["value"])
    window = phone.opens("/")
    window.shot("20-phone-empty")
    window.page.locator("#text").fill("Draw me a red balloon over the hills")
    window.page.get_by_role("button", name="Send").tap()
    window.page.wait_for_selector("#messages progress")
    window.shot("21-phone-painting")
    window.wait_for_pictures(1)
    window.shot("22-phone-picture")
    window.answer.get_by_text("Details").tap()
    expect(window.answer.locator("dl.facts")).to_be_visible()
    window.shot("23-phone-details")
    window.page.get_by_role("link", name="Change #1").tap()
    expect(window.page.locator("#targets .target__name")).to_have_text("#1")
    window.page.get_by_role("button", name="Threads", exact=True).tap()
    expect(window.page.locator("#sidebar")).to_be_in_viewport(ratio=1)
    window.shot("24-phone-drawer")
    window.page.locator("#sidebar").get_by_role("link", name="Gallery").tap()
    window.wait_for("[...document.querySelectorAll('.tile .over')].slice(0, 4).every((image) => image.naturalWidth)")
    window.shot("25-phone-gallery")
    window.page.locator(".tile a").first.tap()
    window.page.wait_for_url("**/images/*")
    window.wait_for("document.querySelector('img.over').complete")
    window.shot("26-phone-image")
    assert window.overflow() <= 0
    assert phone.complaints() == []
    phone.leaves()


def test_dark_by_one_click_and_kept(ada: Person) -> None:
    window = ada.opens("/")
    window.page.locator(".sidebar").get_by_role("button", name=EMAIL).click()
    window.page.locator(".switch label", has_text="Dark").click()
    window.shot("30-dark-empty")
    window.page.locator("#threads a", has_text="cat").click()
    window.page.wait_for_url("**/threads/*")
    assert window.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    window.shot("31-dark-thread")
    window.go("/gallery")
    window.wait_for("[...document.querySelectorAll('.tile .over')].every((image) => image.naturalWidth)")
    window.shot("32-dark-gallery")
    window.go("/account").shot("33-dark-account")
