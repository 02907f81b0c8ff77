"""From the message to the card, from the result to a second tab, what a generation costs us, and the loop's lag."""

from __future__ import annotations

import base64
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import numpy
from PIL import Image

from bench.figures import Figure, at_least, at_most, p95, told
from bench.instance import Instance, running

FAKE = {"CHATELIER_FAKE_PROVIDER": "true", "CHATELIER_IMAGE_PROVIDER": "fake", "CHATELIER_CHAT_MODEL": "fake"}
POSTS = 60
GENERATIONS = 40


def post_to_card() -> Iterator[Figure]:
    """A message by words, posted to a thread; the answer holds the card."""
    with running(**FAKE) as instance, instance.client() as client:
        thread = client.post("/api/v1/threads", json={}).json()["id"]
        bare, posts = [], []
        for number in range(POSTS):
            bare.append(timed(lambda: client.get("/healthz")))
            words = {"text": f"draw me lighthouse number {number}"}
            posts.append(timed(lambda words=words: client.post(f"/api/v1/threads/{thread}/messages", json=words)))
            time.sleep(0.05)
        yield at_most("message posted to status card, p95", p95(posts) * 1000, 60, "ms", digits=1)
        yield told("  beside: an empty request, p95", f"{p95(bare) * 1000:.1f} ms")
        yield told("  ratio of medians", f"{statistics.median(posts) / statistics.median(bare):.1f}")


def result_to_second_tab() -> Iterator[Figure]:
    """From the provider's last event (its journal's clock) to the thumbnail in the hands of another reader."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "calls.jsonl"
        with running(**FAKE, CHATELIER_FAKE_JOURNAL=str(journal)) as instance, instance.client() as client:
            thread = client.post("/api/v1/threads", json={}).json()["id"]
            waits = [_second_tab(instance, client, journal, thread, number) for number in range(20)]
        yield at_most("result leaving the provider to a second tab, p95", p95(waits) * 1000, 250, "ms", digits=0)


def _second_tab(instance: Instance, client: httpx.Client, journal: Path, thread: str, number: int) -> float:
    """Listens on a stream of its own; the fake provider says in the image's details when it let it go."""
    seen: list[float] = []
    listening = threading.Event()

    def listen() -> None:
        with instance.client() as other, other.stream("GET", f"/api/v1/threads/{thread}/events") as stream:
            listening.set()
            for line in stream.iter_lines():
                if not line.startswith("data:") or '"succeeded"' not in line:
                    continue
                if f"number {number}" not in line:
                    continue
                image = _images(json.loads(line[5:]), number)
                if image:
                    other.get(f"/api/v1/images/{image}/thumbnail").raise_for_status()
                    seen.append(time.time())
                    return

    reader = threading.Thread(target=listen)
    reader.start()
    listening.wait(5)
    client.post(f"/api/v1/threads/{thread}/messages", json={"text": f"/imagine number {number}"})
    reader.join(20)
    left = [json.loads(line) for line in journal.read_text().splitlines()][-1]["at"]
    return seen[0] - float(left)


def _images(event: object, number: int) -> str | None:
    """The id of the image whose generation names ``number``, wherever the event holds it."""
    if isinstance(event, dict):
        if event.get("status") == "succeeded" and str(event.get("prompt", "")).endswith(f"number {number}"):
            return str(event["images"][0]["id"]) if event.get("images") else None
        event = list(event.values())
    if isinstance(event, list):
        for part in event:
            found = _images(part, number)
            if found:
                return found
    return None


def cost_of_a_generation() -> Iterator[Figure]:
    """Our Python's CPU and the rate end to end with an instant provider, beside bare Pillow on one core.

    The provider hands out one ready PNG of 1.5 MB, the same that bare Pillow reads. Who waits asks ten times
    a second."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        picture = Path(folder) / "picture.png"
        picture.write_bytes(noisy_png())
        with running(**FAKE, CHATELIER_FAKE_PICTURE=str(picture)) as instance, instance.client() as client:
            yield from _cost(instance, client, bare_cost(picture.read_bytes()))


def _cost(instance: Instance, client: httpx.Client, bare: float) -> Iterator[Figure]:
    thread = client.post("/api/v1/threads", json={}).json()["id"]
    _paint_many(client, thread, 4)
    python, everything, begun = instance.cpu(python_only=True), instance.cpu(), time.monotonic()
    _paint_many(client, thread, GENERATIONS)
    seconds = time.monotonic() - begun
    ours = (instance.cpu(python_only=True) - python) / GENERATIONS
    database = (instance.cpu() - everything) / GENERATIONS - ours
    yield at_most("our CPU per generation / bare decode + thumbnail + Base64", ours / bare, 2.5, "x")
    yield told("  absolute: ours, bare, PostgreSQL", f"{ours * 1e3:.0f}, {bare * 1e3:.0f}, {database * 1e3:.0f} ms")
    rate = GENERATIONS / seconds
    yield at_least("generations stored end to end", rate, 15, "/s", digits=1)
    yield at_least("  / bare decode + thumbnail", rate * bare, 0.15, "x")


def _paint_many(client: httpx.Client, thread: str, count: int) -> None:
    """Post ``count`` messages at once and wait until the last one's picture is there, and with it all before it."""
    for number in range(count):
        words = {"text": f"/imagine boat number {number}"}
        answer = client.post(f"/api/v1/threads/{thread}/messages", json=words).json()
    last = answer["reply"]["generation"]["id"]
    while client.get(f"/api/v1/generations/{last}").json()["status"] in ("queued", "running"):
        time.sleep(0.1)


def bare_cost(content: bytes) -> float:
    """Seconds of CPU to decode that PNG, make its thumbnail, and Base64 it; median of five."""

    def once() -> float:
        begun = time.process_time()
        with Image.open(BytesIO(content), formats=("PNG",)) as image:
            image.load()
            image.thumbnail((256, 256))
            image.save(BytesIO(), "WEBP", quality=75)
        base64.b64encode(content)
        return time.process_time() - begun

    return statistics.median(once() for _ in range(5))


def noisy_png() -> bytes:
    """About 1.5 MB, as photographs from image models are."""
    random = numpy.random.default_rng(7)
    smooth = numpy.linspace(0, 255, 1024, dtype=numpy.float32)[None, :, None] * numpy.ones((1024, 1, 3), numpy.float32)
    pixels = (smooth * 0.8 + random.normal(0, 2.0, smooth.shape)).clip(0, 255).astype(numpy.uint8)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def loop_lag() -> Iterator[Figure]:
    """How long the smallest request waits at worst while the illustrator draws 2048 px."""
    with running(CHATELIER_CHAT_MODEL="none") as instance, instance.client() as client:
        quiet = [timed(lambda: client.get("/healthz")) for _ in range(200)]
        thread = client.post("/api/v1/threads", json={}).json()["id"]
        words = {"text": "/imagine three sheep below a rainbow, watercolor --size 2048x2048"}
        generation = client.post(f"/api/v1/threads/{thread}/messages", json=words).json()["reply"]["generation"]["id"]
        busy: list[float] = []
        begun = time.monotonic()
        while client.get(f"/api/v1/generations/{generation}").json()["status"] in ("queued", "running"):
            busy += [timed(lambda: client.get("/healthz")) for _ in range(10)]
        lag = (p95(busy) - statistics.median(quiet)) * 1000
        yield at_most("loop lag while 2048 px is drawn, p95 over the quiet median", lag, 50, "ms", digits=1)
        yield told("  worst, and the drawing's time", f"{max(busy) * 1e3:.0f} ms, {time.monotonic() - begun:.1f} s")


def timed(call: object) -> float:
    begun = time.monotonic()
    call()  # type: ignore[operator]
    return time.monotonic() - begun
