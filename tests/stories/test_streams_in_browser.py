"""Many windows at once, and what a page costs its browser: connections, requests, and things that jump."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Request, expect

from tests.stories.browsing import DESK, PHONE, PLACES, NewPerson, Person, Window
from tests.stories.studio import Studio

STREAMS = 4  # of the six connections that a browser opens to a host
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def wait_for_streams(studio: Studio, count: int, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while (now := studio.streams()) != count:
        assert time.monotonic() < end, f"{now} streams instead of {count}"
        time.sleep(0.1)


def start_thread(window: Window, text: str = "Hello") -> Window:
    window.says(text)
    window.wait_until_quiet()
    return window


def test_eight_windows_at_once_all_work(ada: Person, studio: Studio) -> None:
    first = start_thread(ada.opens("/"))
    others = [ada.opens(first.page.url) for _ in range(7)]
    wait_for_streams(studio, STREAMS)
    first.says("/imagine a harbor [[slow 1]]")
    for window in (first, *others):
        window.wait_for_pictures(1)
    others[-1].says("Does talking work in the eighth window?")
    for window in (first, *others):
        expect(window.answer.locator(".prose")).to_contain_text("in the eighth window")
    for window in others[3:]:
        window.page.close()
    first.page.close()
    wait_for_streams(studio, 3)
    for window in others[:3]:
        window.page.close()
    wait_for_streams(studio, 0)


def test_a_hidden_window_keeps_its_stream_only_while_something_runs(ada: Person, studio: Studio) -> None:
    """What the browser tells a page is played here: a window under Playwright never counts as hidden."""
    window = start_thread(ada.opens("/"))
    wait_for_streams(studio, 1)
    window.page.evaluate(HIDE, True)
    wait_for_streams(studio, 0)
    window.page.evaluate(HIDE, False)
    wait_for_streams(studio, 1)
    window.says("/imagine a harbor [[slow 3]]")
    window.page.evaluate(HIDE, True)
    window.wait_for("document.querySelector('#messages progress').value > 40")
    assert studio.streams() == 1
    window.wait_for_pictures(1)
    wait_for_streams(studio, 0)


def test_switching_threads_twenty_times_leaves_one_stream(ada: Person, studio: Studio) -> None:
    addresses = [start_thread(ada.opens("/"), f"Hello {name}").page.url for name in ("Ben", "Chloe")]
    for window in ada.windows:
        window.page.close()
    window = ada.opens(addresses[0])
    for turn in range(20):
        window.page.locator(f"#threads a[href='{addresses[(turn + 1) % 2].removeprefix(studio.url)}']").click()
        window.page.wait_for_url(addresses[(turn + 1) % 2], wait_until="commit")
    wait_for_streams(studio, 1)
    window.says("Still here?")
    expect(window.answer.locator(".prose")).to_contain_text("Still here?")


def test_the_server_stops_while_windows_are_open(ada: Person, studio: Studio) -> None:
    window = start_thread(ada.opens("/"))
    second = ada.opens(window.page.url)
    wait_for_streams(studio, 2)
    with window.forgiving("ERR_|network|fetch"), second.forgiving("ERR_|network|fetch"):
        studio.stop()
        expect(window.page.locator("#connection")).to_be_visible()
        studio.start()
        for one in (window, second):
            expect(one.page.locator("#connection")).to_be_hidden()
    window.says("Back again")
    expect(second.answer.locator(".prose")).to_contain_text("Back again")


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_moves_when_a_picture_arrives(person: NewPerson, device: dict[str, object]) -> None:
    """Measured twice: the browser's own measure overlooks what moves in a talk that is laid out from its end."""
    window = start_thread(person(**device).opens("/"))
    window.page.evaluate(PLACES)
    for flags in ("--ar 3:2", "--ar 1:3", "--n 4"):
        window.says(f"/imagine a small red balloon high over the wide and quiet hills of home {flags} [[slow 1]]")
        window.page.evaluate("window.jumps = []; window.places = []")
        window.wait_for("window.places.length > 0")
        window.wait_until_quiet()
        window.page.wait_for_timeout(500)
        jumps, places = window.page.evaluate("[window.jumps, window.places]")
        assert sum(one["value"] for one in jumps) <= 0.05, jumps
        assert len(places) == 1, places


def test_the_first_page_is_light(ada: Person) -> None:
    finished: list[Request] = []
    ada.context.on("requestfinished", lambda request: finished.append(request))
    ada.opens("/").page.wait_for_load_state("networkidle")
    sizes = {request.url: request.sizes()["responseBodySize"] for request in finished}
    assert 3 <= len(finished) <= 12, sizes
    assert sum(sizes.values()) <= 120_000, sizes
