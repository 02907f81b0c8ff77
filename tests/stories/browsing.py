"""People at a real browser. What a browser complains about while they are at it fails the story."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Request, Response

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
SHOTS = Path(__file__).resolve().parents[2] / ".artifacts" / "stories"

# In the page: every progress that was shown, and how far things jumped, as browsers measure it.
WATCH = """() => {
  window.seen = [];
  const look = () => {
    for (const bar of document.querySelectorAll("#messages progress")) {
      const words = bar.parentElement.querySelector("[role=status]").textContent;
      const state = [bar.closest(".generation").id, bar.value, words];
      if (String(window.seen.at(-1)) !== String(state)) window.seen.push(state);
    }
  };
  new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
}"""
# Where the sheet and the pictures of the newest message stand on the screen, each time that changed.
PLACES = """() => {
  window.places = [];
  const look = () => {
    const boxes = [...document.querySelectorAll("#messages article:last-child :is(.generation, .canvas)")];
    const sides = boxes.map((one) => one.getBoundingClientRect());
    const now = JSON.stringify(sides.map(({left, top, width, height}) => [left, top, width, height].map(Math.round)));
    if (window.places.at(-1) !== now) window.places.push(now);
    requestAnimationFrame(look);
  };
  look();
}"""
# Until everything that was on the move stands where it goes.
REST = """() => {
  const ends = (one) => one.effect.getComputedTiming().iterations !== Infinity;
  const all = document.getAnimations().filter(ends).map((one) => one.finished);
  return Promise.race([Promise.allSettled(all), new Promise((resolve) => setTimeout(resolve, 2000))]).then(() => null);
}"""
JUMPS = """
  window.jumps = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) window.jumps.push({
      value: one.value, at: one.startTime, asked: one.hadRecentInput,
      parts: one.sources.map(({node}) => node && (node.id || node.className || node.nodeName)),
    });
  }).observe({type: "layout-shift", buffered: true});
"""
# How an open page learns that its thread is gone, and the chip that its sign-in has ended.
GONE = re.compile("404.*/threads/[^/]+/(?:events|changes)|401.*/decision", re.DOTALL)


class Window:
    """One tab. ``complaints`` are its console errors, exceptions, dialogs, failed requests and foreign addresses."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._base = base
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("dialog", self._on_dialog)
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("requestfailed", self._on_failure)

    def go(self, path: str) -> Window:
        self.page.goto(path if path.startswith("http") else self._base + path)
        return self

    def says(self, text: str) -> None:
        """Types and sends; returns when the server has taken it."""
        before = self.page.locator(".message.user").count()
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")
        self.page.wait_for_function("n => document.querySelectorAll('.message.user').length > n", arg=before)

    @property
    def answer(self) -> Locator:
        return self.page.locator(".message.assistant").last

    @property
    def pictures(self) -> Locator:
        return self.page.locator("#messages [data-image]")

    def wait_until_quiet(self, seconds: float = 60) -> None:
        """Nothing is written or painted in this thread any more."""
        self.wait_for("!document.querySelector('#messages [data-running]')", seconds)

    def wait_for_pictures(self, count: int, seconds: float = 60) -> None:
        """So many stand in the thread, fully loaded."""
        self.wait_for(f"document.querySelectorAll('#messages [data-image]').length === {count}", seconds)
        self.wait_for("[...document.querySelectorAll('#messages [data-image] img')].every((i) => i.naturalWidth)", 15)

    def wait_for(self, expression: str, seconds: float = 15) -> None:
        self.page.wait_for_function(f"() => {expression}", timeout=seconds * 1000)

    def tap(self, name: str, *, role: Any = "button", within: str = "body") -> None:
        self.page.locator(within).get_by_role(role, name=name, exact=True).last.click()

    def shot(self, name: str) -> None:
        self.page.evaluate(REST)
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def watch_progress(self) -> None:
        self.page.evaluate(WATCH)

    def seen(self) -> list[tuple[str, int, str]]:
        """Generation, percentage and stage in words, each time one of them changed."""
        return [(identity, value, words) for identity, value, words in self.page.evaluate("window.seen")]

    def overflow(self) -> int:
        """Pixels by which the page could be scrolled sideways."""
        self.wait_for("document.readyState === 'complete' && document.scrollingElement")
        return int(self.page.evaluate("document.scrollingElement.scrollWidth - innerWidth"))

    def barriers(self) -> list[str]:
        """What axe finds serious or critical on the page at rest, with the elements that it is about; then the
        contrasts once more in dark."""
        self.page.evaluate(REST)
        light = Axe().run(self.page, options={"resultTypes": ["violations"]}).response
        self.page.emulate_media(color_scheme="dark")
        self.page.evaluate(REST)
        dark = self.page.evaluate("axe.run(document, {runOnly: ['color-contrast'], resultTypes: ['violations']})")
        self.page.emulate_media(color_scheme="light")
        assert light["passes"]
        assert dark["passes"]
        return [
            f"{one['impact']}: {one['help']}: {node['html'][:150]} {node['failureSummary'][:250]}"
            for one in (*light["violations"], *dark["violations"])
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    @contextmanager
    def forgiving(self, pattern: str) -> Iterator[None]:
        """Complaints that match belong to the story; that nothing matched is a complaint, too."""
        before = len(self.complaints)
        yield
        new = self.complaints[before:]
        self.complaints[before:] = [one for one in new if not re.search(pattern, one)]
        if len(self.complaints) - before == len(new):
            self.complaints.append(f"nobody complained about {pattern}")

    def _on_console(self, message: ConsoleMessage) -> None:
        gone = GONE.search(f"{message.text} {message.location.get('url', '')}")
        if message.type in ("error", "warning", "assert") and not gone:
            self.complaints.append(f"console: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self._base + "/", "data:", "blob:")):
            self.complaints.append(f"foreign address: {request.url}")

    def _on_response(self, response: Response) -> None:
        gone = GONE.search(f"{response.status} {response.url}")
        if response.status >= 400 and not gone:
            self.complaints.append(f"answer: {response.status} {response.request.method} {response.url}")

    def _on_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page went on before it was complete
            self.complaints.append(f"failed: {request.failure} {request.url}")


class Person:
    """Somebody with a browser of their own; their windows share the sign-in."""

    def __init__(self, browser: Browser, base: str, **device: Any) -> None:
        self.base = base
        self.context: BrowserContext = browser.new_context(**device)
        self.context.add_init_script(JUMPS)
        self.context.set_default_timeout(15_000)
        self.windows: list[Window] = []

    def has_signed_in(self, cookie: str, value: str) -> None:
        self.context.add_cookies([{"name": cookie, "value": value, "url": self.base}])

    def opens(self, path: str = "/") -> Window:
        window = Window(self.context.new_page(), self.base)
        self.windows.append(window)
        return window.go(path)

    def becomes_admin(self, setup_address: str) -> Window:
        window = self.opens(setup_address)
        window.page.get_by_label("Email").fill(EMAIL)
        window.page.get_by_label("Password").fill(PASSWORD)
        window.tap("Make the account")
        window.page.wait_for_selector("#composer")
        return window

    def complaints(self) -> list[str]:
        return [complaint for window in self.windows for complaint in window.complaints]

    def leaves(self) -> None:
        self.context.close()


NewPerson = Callable[..., Person]


def percentages(seen: Sequence[tuple[str, int, str]]) -> list[int]:
    """Those of the newest generation, each once."""
    return list(dict.fromkeys(value for identity, value, _ in seen if identity == seen[-1][0]))
