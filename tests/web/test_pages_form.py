"""What holds for every page: no code inside, few and small files, every address leads somewhere."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Match

import chatelier
from chatelier.web.assets import by_name
from chatelier.web.render import environment
from chatelier.web.routes import ROUTES, router
from chatelier.web.wash import BLANK, wash
from tests.web.visitor import Element, Visitor, parse

TEMPLATES = Path(chatelier.__file__).parent / "templates"
ADDRESS = re.compile(r'\b(hx-get|hx-post|href|action|src)="(/[^"]*)"')
ID = "01a2052d-3268-7076-acfb-4496d4da380b"


def addresses() -> Iterator[tuple[str, str, str]]:
    """Every address written in a template, with ids in the place of what Jinja puts there."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        for attribute, address in ADDRESS.findall(path.read_text()):
            plain = re.sub(r"\{\{.*?\}\}", ID, address).split("?")[0].split("#")[0]
            yield path.relative_to(TEMPLATES).as_posix(), attribute, plain


def leads_somewhere(method: str, path: str) -> bool:
    scope = {"type": "http", "method": method, "path": path, "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in router.routes)


def test_every_address_in_a_template_is_on_the_map() -> None:
    lost = []
    for template, attribute, address in sorted(set(addresses())):
        method = "POST" if attribute == "hx-post" else "GET"
        found = leads_somewhere(method, address) or (attribute == "action" and leads_somewhere("POST", address))
        if not found and not address.startswith("/docs"):
            lost.append(f"{template}: {attribute}={address}")
    assert not lost


def test_no_address_is_on_the_map_twice() -> None:
    assert len({(method, path) for method, path, _ in ROUTES}) == len(ROUTES)


def test_every_template_can_be_read() -> None:
    for path in sorted(TEMPLATES.rglob("*.html")):
        environment().get_template(path.relative_to(TEMPLATES).as_posix())


def test_the_first_page_is_light() -> None:
    """Everything a first visit loads beside the page itself, in four files."""
    weights = {name: len(asset.packed) for name, asset in by_name().items()}
    assert len(weights) == 4
    assert sum(weights.values()) <= 40_000, weights
    for asset in by_name().values():
        assert gzip.decompress(asset.packed) == asset.content


@pytest.mark.anyio
async def test_every_page_is_free_of_code_and_served_as_our_own(ada: Visitor) -> None:
    thread = await ada.begins("/imagine a small cat")
    page = await ada.shows(thread, class_="details")
    image = page.one("figure", class_="picture")["data-image"]
    for path in ("/", thread, "/gallery", "/gallery/trash", f"/images/{image}", "/account", "/nothing/here"):
        answer = await ada.fetch("GET", path, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
        assert "'unsafe" not in answer.headers["content-security-policy"], path
        check(parse(answer.text), path)


def check(page: Element, path: str) -> None:
    ids = [element["id"] for element in page.walk() if "id" in element.attrs]
    assert len(ids) == len(set(ids)), f"{path} has an id twice"
    for element in page.walk():
        assert "style" not in element.attrs, path
        assert not [name for name in element.attrs if name.startswith("on")], path
        assert element.tag != "style", path
        assert element.tag != "script" or element["src"].startswith("/static/"), path
        assert element.tag != "img" or "alt" in element.attrs, path
    labels = {element.attrs.get("for") for element in page.all("label")}
    for field in page.all("input") + page.all("textarea"):
        named = {"aria-label", "hidden"} & field.attrs.keys() or field.attrs.get("type") in ("hidden", "radio")
        assert named or field.attrs.get("id") in labels, f"{path}: {field.attrs}"


@pytest.mark.anyio
async def test_static_files_never_change_under_their_address(guest: Visitor) -> None:
    for asset in by_name().values():
        answer = await guest.fetch("GET", asset.address, headers={"Accept-Encoding": "gzip"})
        assert answer.content == asset.content
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        plain = await guest.fetch("GET", asset.address, headers={"Accept-Encoding": "identity"})
        assert plain.content == asset.content
    assert (await guest.fetch("GET", "/static/app.0000000000.css")).status_code == 404
    assert (await guest.fetch("GET", "/static/../templates/base.html")).status_code == 404


@pytest.mark.anyio
async def test_the_colours_are_chosen_by_cookie_before_the_page_is_drawn(ada: Visitor) -> None:
    assert "data-theme" not in (await ada.page("/")).one("html").attrs
    ada.http.cookies.set("theme", "dark", domain="127.0.0.1")
    assert (await ada.page("/")).one("html")["data-theme"] == "dark"
    ada.http.cookies.set("theme", '"><script>', domain="127.0.0.1")
    assert "data-theme" not in (await ada.page("/")).one("html").attrs


@pytest.mark.anyio
async def test_the_reference_of_the_api_is_for_those_who_are_signed_in(ada: Visitor, guest: Visitor) -> None:
    assert "POST /api/v1/threads" in (await ada.page("/docs")).text
    assert (await guest.fetch("GET", "/docs")).status_code == 401


def test_a_wash_is_a_tiny_picture_and_an_unreadable_one_is_blank() -> None:
    assert wash(bytes.fromhex("3fd80d1a8a7778878f8897878078785787")).startswith("data:image/png;base64,")
    assert len(wash(bytes.fromhex("3fd80d1a8a7778878f8897878078785787"))) < 400
    assert wash(b"") == wash(b"\1\2") == BLANK
