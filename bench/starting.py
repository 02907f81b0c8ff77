"""Start, memory at rest, weight of the first page."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx

from bench.figures import Figure, at_most, told
from bench.instance import EMAIL, PASSWORD, Instance, running, scratch, start

ROUNDS = 5


def starts() -> Iterator[Figure]:
    """First start ever, then later ones on the same folder (median of five)."""
    with scratch() as data:
        first = start(data)
        first.stop()
        yield at_most("first start ever to the first page", first.wall_to_page, 5.0, "s")
        walls, cpus, stops = [], [], []
        for _ in range(ROUNDS):
            instance = start(data)
            walls.append(instance.wall_to_page)
            cpus.append(instance.cpu_to_page)
            stops.append(instance.stop())
        yield at_most("start to the first page, wall", statistics.median(walls), 2.5, "s")
        yield at_most("start to the first page, CPU", statistics.median(cpus), 1.7, "s")
        yield told("stop", f"{statistics.median(stops):.2f} s")


def memory() -> Iterator[Figure]:
    with running() as instance:
        sign_in(instance).get("/")
        time.sleep(3)
        yield at_most("memory at rest, whole tree with database, PSS", instance.pss() / 2**20, 300, "MiB", digits=0)
        yield told("processes at rest", str(len(instance.tree())))


def sign_in(instance: Instance) -> httpx.Client:
    client = httpx.Client(base_url=instance.url, follow_redirects=True, timeout=30)
    form = {"email": EMAIL, "password": PASSWORD}
    client.post("/sign-in", data=form, headers={"Origin": instance.url}).raise_for_status()
    return client


def page_weight() -> Iterator[Figure]:
    """The page a newcomer sees after sign-in, with everything it loads, as compressed on the wire."""
    with running() as instance:
        client = sign_in(instance)
        page = client.get("/")
        seen = {str(page.url): wire_size(page)}
        waiting = assets(page.text, str(page.url))
        while waiting:
            address = waiting.pop()
            if address in seen:
                continue
            answer = client.get(address)
            seen[address] = wire_size(answer)
            if "javascript" in answer.headers.get("content-type", ""):
                waiting += [urljoin(address, name) for name in re.findall(r'from\s*"([^"]+)"', answer.text)]
        yield at_most("first page, everything it loads, compressed", sum(seen.values()) / 1024, 120, "KiB", digits=1)
        yield at_most("first page, requests", len(seen), 12, "", digits=0)


def wire_size(answer: httpx.Response) -> int:
    """Bytes of the body as sent."""
    return int(answer.num_bytes_downloaded)


def assets(html: str, base: str) -> list[str]:
    found = re.findall(r'<(?:script|img|use)[^>]+(?:src|href)="([^"#]+)', html)
    found += re.findall(r'<link[^>]+rel="(?:stylesheet|icon|modulepreload)"[^>]*href="([^"]+)"', html)
    return [urljoin(base, address) for address in found if not address.startswith("data:")]
