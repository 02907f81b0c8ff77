"""The server dies while Ada's picture is painted, or its stream never reaches her: first she is told, then she sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.stories.browsing import DESK, EMAIL, PASSWORD, Person
from tests.stories.studio import Studio, running

LOST = "Connection lost, retrying…"


@pytest.fixture(scope="module")
def home(house: Path) -> Iterator[Studio]:
    with running(house / "lost") as started:
        yield started


@pytest.fixture(scope="module")
def sign_in(home: Studio) -> tuple[str, str]:
    return home.make_admin(EMAIL, PASSWORD)


@pytest.fixture
def ada(browser: Browser, home: Studio, sign_in: tuple[str, str]) -> Iterator[Person]:
    arrived = Person(browser, home.url, **{**DESK, "reduced_motion": "reduce"})
    arrived.has_signed_in(*sign_in)
    yield arrived
    arrived.leaves()


def test_ada_is_told_that_the_server_died_and_sees_what_became_of_her_picture(ada: Person, home: Studio) -> None:
    window = ada.opens("/")
    window.says("/imagine a lighthouse in a storm [[slow 60]]")
    identity = window.answer.get_attribute("id")
    window.wait_for("document.querySelector('#messages progress').value > 30")
    window.page.locator("#text").fill("What do keepers eat")
    home.kill()
    line = window.page.locator("#connection")
    expect(line).to_have_text(LOST)
    window.shot("40-lost")
    window.page.locator("#text").press("Enter")
    expect(window.page.locator("#notice")).to_contain_text("What you typed is kept")
    expect(window.page.locator("#text")).to_have_value("What do keepers eat")
    window.shot("41-not-sent")
    home.start()
    expect(line).to_be_hidden()
    card = window.page.locator(f"#{identity}")
    expect(card).to_contain_text("nobody knows")  # lease and sweep: within 20 s of the death
    window.shot("42-unknown")
    window.page.locator("#text").press("Enter")
    expect(window.answer.locator(".prose")).to_contain_text("You said: What do keepers eat")
    card.get_by_role("button", name="Try again").click()
    expect(window.page.locator("#messages progress")).to_be_visible()
    window.tap("Stop", within="#messages")
    window.wait_until_quiet()
    troubles = [one for one in window.complaints if not re.search("ERR_CONNECTION|ERR_INCOMPLETE|network|fetch", one)]
    assert troubles == []


def test_a_picture_appears_by_itself_where_no_stream_gets_through(ada: Person) -> None:
    window = ada.opens("/")
    blocked: list[str] = []

    def block(route: Route) -> None:
        blocked.append(route.request.url)
        route.abort()

    ada.context.route("**/events", block)
    window.watch_progress()
    window.says("/imagine a quiet harbor [[slow 5]]")
    window.wait_for_pictures(1)
    assert blocked
    assert len({value for _, value, _ in window.seen()}) >= 2, window.seen()
    window.says("And now?")
    window.wait_until_quiet()
    expect(window.answer.locator(".prose")).to_contain_text("You said: And now?")
