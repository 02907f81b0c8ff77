"""People with a browser that has no script: they read pages, follow links and send forms over real TCP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from chatelier.db.models import User
from chatelier.domain.preferences import change_preferences
from chatelier.domain.sign_in import open_session
from chatelier.web.cookies import PLAIN_NAME
from tests.api.caller import Site
from tests.people import until

HTMX = {"HX-Request": "true"}
EMPTY = {"img", "input", "meta", "link", "br", "hr", "path", "circle", "rect", "image", "use"}


@dataclass
class Element:
    tag: str
    attrs: dict[str, str]
    words: list[str] = field(default_factory=list)
    inside: list[Element] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def walk(self) -> Iterator[Element]:
        yield self
        for element in self.inside:
            yield from element.walk()

    def all(self, tag: str = "", **attrs: str) -> list[Element]:
        """Elements of this tag whose attributes have these values; ``_`` stands for ``-``, a class is one of many."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [e for e in self.walk() if tag in ("", e.tag) and all(_has(e, *pair) for pair in wanted.items())]

    def facts(self) -> dict[str, str]:
        """A list of terms and what is said of them."""
        return dict(zip([t.text for t in self.all("dt")], [d.text for d in self.all("dd")], strict=True))

    def one(self, tag: str = "", **attrs: str) -> Element:
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} of {tag} {attrs}"
        return found[0]


def _has(element: Element, name: str, value: str) -> bool:
    given = element.attrs.get(name)
    return value in (given or "").split() if name == "class" else given == value


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in EMPTY:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            return
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.words.append(data)


def parse(html: str) -> Element:
    """The tree of a page or fragment; fails when tags are not closed in order."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder.open) == 1, f"<{builder.open[-1].tag}> is never closed"
    return builder.open[0]


@dataclass
class Visitor:
    """One browser. ``user`` is who is signed in, or None."""

    site: Site
    http: httpx.AsyncClient
    user: User | None = None

    async def fetch(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.http.request(method, path, **options)

    async def page(self, path: str, status: int = 200) -> Element:
        response = await self.fetch("GET", path, headers={"Accept": "text/html"})
        assert response.status_code == status, (path, response.status_code, response.text[:500])
        return parse(response.text)

    async def part(self, path: str, status: int = 200) -> Element:
        """What htmx would get."""
        response = await self.fetch("GET", path, headers=HTMX)
        assert response.status_code == status, (path, response.status_code, response.text[:500])
        return parse(response.text)

    async def send(self, path: str, status: int = 200, **fields: Any) -> Element:
        """A form sent by htmx, and the fragment it is answered with."""
        response = await self.fetch("POST", path, data=fields, headers=HTMX)
        assert response.status_code == status, (path, response.status_code, response.text[:500])
        return parse(response.text)

    async def submit(self, path: str, **fields: Any) -> str:
        """A form sent without any script: where it leads to."""
        response = await self.fetch("POST", path, data=fields)
        assert response.status_code == 303, (path, response.status_code, response.text[:500])
        return response.headers["location"]

    async def wants_prices_first(self) -> None:
        assert self.user is not None
        async with self.site.services.transaction() as db:
            await change_preferences(db, self.user, confirm_paid=True)

    async def begins(self, text: str) -> str:
        """Starts a thread; its address."""
        response = await self.fetch("POST", "/messages", data={"text": text}, headers=HTMX)
        assert response.status_code == 200, response.text[:500]
        return response.headers["hx-push-url"]

    async def shows(self, thread: str, *, seconds: float = 30, **attrs: str) -> Element:
        """The thread's page once it holds an element with these attributes."""

        async def look() -> Element | None:
            page = await self.page(thread)
            return page if page.all(**attrs) else None

        return await until(look, seconds=seconds)

    async def has_handles(self, thread: str, number: int) -> Element:
        """The thread's page once it shows so many pictures."""

        async def look() -> Element | None:
            page = await self.page(thread)
            return page if len(page.all("span", class_="handle")) == number else None

        return await until(look, seconds=30)


def visit(site: Site) -> Visitor:
    origin = {"Origin": site.url}
    return Visitor(site, httpx.AsyncClient(base_url=site.url, headers=origin, timeout=30, trust_env=False))


async def visit_as(site: Site, user: User) -> Visitor:
    async with site.services.transaction() as db:
        token = await open_session(db, user, days=1)
    visitor = visit(site)
    visitor.http.cookies.set(PLAIN_NAME, token, domain="127.0.0.1")
    visitor.user = user
    return visitor
