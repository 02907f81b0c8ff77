"""The pictures of docs/images, made from a running instance: a fresh data folder, the built-in illustrator, a real
Chromium. ``python tools/screenshots.py [FOLDER]``; each file stays below 300 kB."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.stories.studio import Studio  # noqa: E402 (needs the path above)

MOST_BYTES = 300_000
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
EMAIL, PASSWORD = "ada@example.org", "paper ink pigment"
ASKED = (
    "Draw a fox under an autumn tree, in watercolor",
    "/imagine a city at night under a full moon --ar 16:9",
    "Paint a red balloon over the mountains",
    "/imagine two sailing boats on the sea",
)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with opened_studio() as studio, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        kept = tell_the_story(browser, studio, folder)
        for theme in ("light", "dark"):
            look(browser, studio, folder, kept, theme)
        browser.close()


@contextmanager
def opened_studio() -> Iterator[Studio]:
    place = Path(tempfile.mkdtemp(prefix="chatelier-screenshots-", dir="/var/tmp"))
    place.chmod(0o755)
    studio = Studio(place, {"CHATELIER_CHAT_MODEL": "none"})
    try:
        studio.start()
        yield studio
    finally:
        studio.close()
        shutil.rmtree(place, ignore_errors=True)


def chromium() -> str | None:
    """The system's Chromium, else the one that Playwright brought."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def tell_the_story(browser: Browser, studio: Studio, folder: Path) -> StorageState:
    """Set up, ask for pictures, change one; the story's own pictures are taken on the way."""
    context = browser.new_context(viewport=DESK, color_scheme="light", base_url=studio.url)
    page = context.new_page()
    page.goto(studio.setup_address)
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    take(page, folder / "setup.png")
    page.click("main button[type=submit]")
    page.wait_for_selector("#welcome")
    take(page, folder / "start.png")
    for text in ASKED:
        page.goto("/")
        say(page, text, pictures=1)
    page.click("[title=Favourite]")
    page.goto("/")
    say(page, "Draw a lighthouse by the sea at sunset --ar 16:9", pictures=1)
    say(page, "make it night", pictures=2)
    kept = context.storage_state()
    context.close()
    return kept


def say(page: Page, text: str, *, pictures: int) -> None:
    page.fill("#text", text)
    page.keyboard.press("Enter")
    page.locator(".picture[data-image]").nth(pictures - 1).wait_for(timeout=60_000)
    page.wait_for_timeout(800)


def look(browser: Browser, studio: Studio, folder: Path, kept: StorageState, theme: str) -> None:
    """The same places on a desk and on a phone."""
    ending = "" if theme == "light" else "-dark"
    for name, viewport in (("", DESK), ("phone-", PHONE)):
        context = new_context(browser, studio, kept, theme, viewport)
        page = context.new_page()
        page.goto("/")
        page.goto(str(page.locator(".thread-link > a").first.get_attribute("href")))
        take(page, folder / f"{name}thread{ending}.png")
        page.goto("/gallery")
        take(page, folder / f"{name}gallery{ending}.png")
        page.goto(str(page.locator(".tile > a").first.get_attribute("href")))
        take(page, folder / f"{name}image{ending}.png")
        context.close()


def new_context(
    browser: Browser, studio: Studio, kept: StorageState, theme: str, viewport: ViewportSize
) -> BrowserContext:
    return browser.new_context(
        viewport=viewport,
        color_scheme="dark" if theme == "dark" else "light",
        is_mobile=viewport is PHONE,
        has_touch=viewport is PHONE,
        storage_state=kept,
        base_url=studio.url,
    )


def take(page: Page, path: Path) -> None:
    """A screenshot when the page is at rest, packed well; with half the shades of each colour when it is too large."""
    page.wait_for_timeout(900)
    with Image.open(io.BytesIO(page.screenshot()), formats=["PNG"]) as shot:
        picture = shot.convert("RGB")
    content = packed(picture)
    if len(content) > MOST_BYTES:
        content = packed(picture.point(lambda shade: min(255, shade // 2 * 2 + 1)))
    if len(content) > MOST_BYTES:
        raise SystemExit(f"{path.name} has {len(content)} bytes, more than {MOST_BYTES}. Make it show less.")
    path.write_bytes(content)
    print(f"{path.name}: {len(content) // 1000} kB")


def packed(picture: Image.Image) -> bytes:
    small = io.BytesIO()
    picture.save(small, "PNG", optimize=True)
    return small.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
