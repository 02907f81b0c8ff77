"""A page of the gallery as a browser gets it, and what making its thumbnails takes beside bare Pillow."""

from __future__ import annotations

import re
import shutil
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import psutil
import psycopg
from PIL import Image

from bench.figures import Figure, at_most, told
from bench.hanging import ORIGINALS, hang, thumbnail
from bench.instance import EMAIL, PASSWORD, Instance, running
from bench.painting import noisy_png
from chatelier.db.embedded import open_embedded
from chatelier.db.engine import conninfo
from chatelier.providers.base import Size
from chatelier.providers.illustrator import paint_once
from chatelier.storage import chunks
from chatelier.storage.imaging import keep_produced
from chatelier.storage.stored import digest

COUNT, PAGE, ROUNDS = 1_000, 50, 5
CAPS: dict[str, Any] = {"max_bytes": 20_000_000, "max_pixels": 40_000_000}
MADE_BY = "trainedAlgorithmicMedia"
LOAD = """async paths => {
  const begun = performance.now();
  await Promise.all(paths.map(path => {
    const image = new Image(256, 256);
    image.src = path;
    document.body.append(image);
    return image.decode();
  }));
  return performance.now() - begun;
}"""
TRANSFERRED = """() => performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
  .filter(one => one.entryType === "navigation" || one.name.includes("/thumbnail"))
  .map(one => [one.name, one.transferSize, one.responseEnd])"""


def hall() -> Iterator[Figure]:
    """50 thumbnails that neither browser nor server has seen, and the weight of a page beside its full images."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        yield told("a page in Chromium", "no Chromium here")
        return
    with running(CHATELIER_CHAT_MODEL="none") as instance:
        server = open_embedded(instance.data, say=lambda _: None)
        try:
            url = conninfo(server.url)
            ids = _hang(url)
            yield from _browse(instance, chromium, ids, _originals(url, ids))
        finally:
            server.close()


def _hang(url: str) -> list[UUID]:
    """Newest first; all thumbnails are of about 10 kB."""
    with psycopg.connect(url) as db:
        found = db.execute("SELECT id FROM users").fetchone()
    assert found
    hang(url, {found[0]: COUNT})
    with psycopg.connect(url) as db:
        return [row[0] for row in db.execute("SELECT id FROM images ORDER BY created_at DESC, id DESC").fetchall()]


def _originals(url: str, ids: list[UUID]) -> dict[str, int]:
    with psycopg.connect(url) as db:
        query = "SELECT image_id, length(content) FROM image_files WHERE variant = 'original' AND image_id = ANY(%s)"
        return {str(row[0]): row[1] for row in db.execute(query, (ids[:ORIGINALS],)).fetchall()}


def _browse(instance: Instance, chromium: str, ids: list[UUID], originals: dict[str, int]) -> Iterator[Figure]:
    from playwright.sync_api import sync_playwright

    headers = {"origin": instance.url}
    with httpx.Client(base_url=instance.url, headers=headers, timeout=30) as client:
        client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
        cookies: Any = [{"name": name, "value": value, "url": instance.url} for name, value in client.cookies.items()]
    took, spent, bare, whole, weights, its_own = [], [], [], [], [], []
    with sync_playwright() as driver, _plain_server() as plain:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for turn in range(ROUNDS):
            context = browser.new_context(viewport={"width": 1280, "height": 1600})
            context.add_cookies(cookies)
            page = context.new_page()
            page.goto(f"{instance.url}/gallery", wait_until="networkidle")
            entries = page.evaluate(TRANSFERRED)
            whole.append(max(entry[2] for entry in entries))
            weights.append(_weight(entries, originals))
            first = ORIGINALS + PAGE * (turn + 1)
            paths = [f"/images/{image_id}/thumbnail" for image_id in ids[first : first + PAGE]]
            before, browsers = instance.cpu(), _cpu_of_browser()
            took.append(page.evaluate(LOAD, paths))
            spent.append(instance.cpu() - before)
            its_own.append(_cpu_of_browser() - browsers)
            page.goto(plain)
            bare.append(page.evaluate(LOAD, [f"/{number}.webp" for number in range(PAGE)]))
            context.close()
        browser.close()
    yield at_most(f"{PAGE} thumbnails in Chromium, cold, median", statistics.median(took), 250, "ms", digits=0)
    cpu = " + ".join(f"{statistics.mean(one) * 1000:.0f}" for one in (spent, its_own))
    yield told("  slowest; CPU of ours and PostgreSQL's + Chromium's", f"{max(took):.0f}; {cpu} ms")
    yield told("  beside: as many by Python's own HTTP server", f"{statistics.median(bare):.0f} ms")
    yield told("  beside: the whole first page of the gallery", f"{statistics.median(whole):.0f} ms")
    yield at_most("transfer of a gallery page / its full images", statistics.median(weights), 0.1, "x", digits=3)


def _cpu_of_browser() -> float:
    """Seconds that Chromium has used so far."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "chrom" in process.name():
                times = process.cpu_times()
                total += times.user + times.system
    return total


@contextmanager
def _plain_server() -> Iterator[str]:
    """The same kind of thumbnails by the least that can serve them."""
    pictures = [thumbnail(number, large=True) for number in range(16)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = re.search(r"(\d+)\.webp", self.path)
            content = pictures[int(number[1]) % 16] if number else b"<title>plain</title>"
            self.send_response(200)
            self.send_header("Content-Type", "image/webp" if number else "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _weight(entries: list[list[Any]], originals: dict[str, int]) -> float:
    """The page with the thumbnails whose originals are there; endless scroll may have brought more."""
    page, sent, full = entries[0][1], 0, 0
    for image_id, size in originals.items():
        found = [entry[1] for entry in entries[1:] if image_id in entry[0]]
        sent, full = sent + sum(found), full + size * len(found)
    return float((page + sent) / full)


def thumbnails() -> Iterator[Figure]:
    """CPU of a thumbnail, a preview and a placeholder, beside Pillow making the first two; interleaved."""
    content = noisy_png()
    whole, checks, bare = _cpu(lambda: _keep(content), lambda: _check(content), lambda: _bare(content))
    yield at_most("thumbnailing a PNG of 1.4 MB / bare Pillow", (whole - checks) / bare, 1.3, "x")
    yield told("  ours, bare; and checking that its bytes are strictly a PNG", _ms(whole - checks, bare, checks))
    painted, _ = paint_once("three boats in a harbour at sunset", Size(width=1024, height=1024), 7)
    stored = _keep(painted)
    yield at_most(
        "thumbnail / original, of a picture by the illustrator", len(stored.thumbnail) / len(stored.content), 0.1, "x"
    )


def _keep(content: bytes) -> Any:
    return keep_produced(content, source_type=MADE_BY, **CAPS)


def _check(content: bytes) -> None:
    """What is done for safety's sake, whether a thumbnail is made or not."""
    media_type = chunks.admit(content, **CAPS)
    pieces = chunks.pieces_of(content, media_type)
    digest(chunks.rewrite(content, media_type, pieces, source_type=MADE_BY, keep_icc=False) or b"")


def _bare(content: bytes) -> None:
    with Image.open(BytesIO(content), formats=("PNG",)) as image:
        image.load()
        image.save(BytesIO(), "JPEG", quality=85)
        image.thumbnail((256, 256))
        image.save(BytesIO(), "WEBP", quality=75)


def _cpu(*calls: Callable[[], object]) -> list[float]:
    """Seconds of each, median of nine rounds."""
    took: list[list[float]] = [[] for _ in calls]
    for _ in range(9):
        for call, mine in zip(calls, took, strict=True):
            begun = time.process_time()
            call()
            mine.append(time.process_time() - begun)
    return [statistics.median(mine) for mine in took]


def _ms(*seconds: float) -> str:
    return f"{', '.join(f'{one * 1e3:.0f}' for one in seconds)} ms"
