"""A family's network: the server on one machine, Ada's browser on another, plain http between them. Both are network
namespaces of this test, joined by a cable of two virtual ends; an address off loopback is no secure context."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.stories.browsing import DESK, Person, percentages
from tests.stories.conftest import FLAGS
from tests.stories.studio import SCRIPTED, URL, Studio, running

SERVER, VISITOR = "10.213.0.1", "10.213.0.2"


def ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no network namespaces here: ip {' '.join(words)}: {done.stderr.strip()}")


@pytest.fixture(scope="module")
def machines() -> Iterator[tuple[str, str]]:
    """The names of two namespaces: the server's and the visitor's."""
    if not shutil.which("ip"):
        pytest.skip("no network namespaces here: the command ip is missing (package iproute2)")
    names = (f"chatelier-{os.getpid()}-a", f"chatelier-{os.getpid()}-b")
    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", names[0], "link", "add", "lan0", "type", "veth", "peer", "name", "lan0", "netns", names[1])
        for name, address in zip(names, (SERVER, VISITOR), strict=True):
            ip("-n", name, "address", "add", f"{address}/24", "dev", "lan0")
            ip("-n", name, "link", "set", "lan0", "up")
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)


@pytest.fixture(scope="module")
def home(house: Path, machines: tuple[str, str], new_database: Callable[[str], str]) -> Iterator[Studio]:
    engines = {**SCRIPTED, URL: new_database("lan")}
    with running(house / "lan", engines, host=SERVER, prefix=("ip", "netns", "exec", machines[0])) as started:
        yield started


@pytest.fixture
def ada(driver: Playwright, chromium: str, home: Studio, machines: tuple[str, str], tmp_path: Path) -> Iterator[Person]:
    start = tmp_path / "chromium-elsewhere"
    start.write_text(f'#!/bin/sh\nexec ip netns exec {machines[1]} {chromium} "$@"\n')
    start.chmod(0o755)
    browser = driver.chromium.launch(executable_path=start, args=FLAGS)
    arrived = Person(browser, home.url, **DESK)
    yield arrived
    arrived.leaves()
    browser.close()


def test_ada_sets_up_talks_paints_and_downloads_over_plain_http_from_another_machine(ada: Person, home: Studio) -> None:
    assert SERVER in home.setup_address
    window = ada.becomes_admin(home.setup_address)
    assert window.page.evaluate("isSecureContext") is False
    (cookie,) = (one for one in ada.context.cookies() if one["httpOnly"])
    assert (cookie["secure"], cookie["sameSite"]) == (False, "Lax")
    expect(window.page.get_by_role("note")).to_contain_text("plain http")
    window.says("Who is there?")
    window.wait_until_quiet()
    window.watch_progress()
    window.says("draw me a lighthouse [[slow 2]]")
    window.wait_for_pictures(1)
    assert len(percentages(window.seen())) >= 3, window.seen()
    window.shot("60-lan")
    with window.page.expect_download() as download:
        window.page.get_by_role("link", name="Download #1").click()
    assert download.value.path().stat().st_size > 1000
    window.go("/account")
    window.tap("New key")
    key = window.page.locator("output.secret")
    key.click(click_count=3)  # no clipboard without a secure context: it selects itself
    assert window.page.evaluate("String(getSelection()).trim()") == key.inner_text().strip()
    window.page.keyboard.press("Control+c")
    window.go("/")
    window.page.locator("#text").focus()
    window.page.keyboard.press("Control+v")
    expect(window.page.locator("#text")).not_to_have_value("")
    window.page.reload()
    expect(window.page.locator("#composer")).to_be_visible()
    assert window.complaints == []
