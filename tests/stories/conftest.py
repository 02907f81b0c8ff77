"""A browser, and the product running for it. The stories of a file share one server and its database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.stories.browsing import DESK, EMAIL, PASSWORD, NewPerson, Person
from tests.stories.studio import SCRIPTED, URL, Studio, running

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's own: Playwright brings none. The one without a window of its own takes a quarter less time."""
    named = os.environ.get("CHROMIUM", "")
    for name in (
        named,
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium here: install the package chromium, or name one in the variable CHROMIUM")


# A started Playwright keeps an event loop in this thread, so it ends with its module: other tests have their own.
@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as started:
        expect.set_options(timeout=60_000)
        yield started


@pytest.fixture(scope="module")
def browser(driver: Playwright, chromium: str) -> Iterator[Browser]:
    started = driver.chromium.launch(executable_path=chromium, args=FLAGS)
    yield started
    started.close()


@pytest.fixture(scope="module")
def studio(house: Path, request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> Iterator[Studio]:
    """With scripted engines; Ada is its admin. One for each file: pages grow with what happened before."""
    name = request.path.stem
    with running(house / name, {**SCRIPTED, URL: new_database(name)}) as started:
        yield started


@pytest.fixture(scope="module")
def sign_in(studio: Studio) -> tuple[str, str]:
    return studio.make_admin(EMAIL, PASSWORD)


@pytest.fixture
def person(browser: Browser, studio: Studio, sign_in: tuple[str, str]) -> Iterator[NewPerson]:
    """``person(**device)``: Ada, signed in, at a browser of her own. Complaints of the browser fail the test."""
    present: list[Person] = []

    def arrive(**device: object) -> Person:
        # Eight windows that are all painted by a processor would show how quick that is, not how quick we are.
        arrived = Person(browser, studio.url, **{**DESK, "reduced_motion": "reduce", **device})
        arrived.has_signed_in(*sign_in)
        present.append(arrived)
        return arrived

    yield arrive
    complaints = [complaint for one in present for complaint in one.complaints()]
    for one in present:
        one.leaves()
    assert complaints == [], studio.said


@pytest.fixture
def ada(person: NewPerson) -> Person:
    return person()
