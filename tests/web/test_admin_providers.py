"""Providers on the admin's page: added, tried, changed and deleted while everything runs; keys are never shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from chatelier.config import Settings
from chatelier.db.models import AuditEntry, Generation, GenerationStatus, StoredProvider
from chatelier.db.tasks import end_task
from chatelier.domain import stored_providers
from chatelier.domain.sealing import Unreadable, seal, unseal
from chatelier.ids import new_id
from chatelier.services import open_services
from tests.people import until
from tests.providers.painting_server import PaintingServer, painting_server
from tests.providers.webui_stub import webui_stub
from tests.web.visitor import Element, Visitor

pytestmark = pytest.mark.anyio
KEY = "sk-canary-0123456789abcdef"
PLACE = "/admin/providers"


@pytest.fixture
def server() -> Iterator[PaintingServer]:
    with painting_server() as served:
        yield served


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"image_provider": ""})


def table(server: PaintingServer, **values: str) -> dict[str, Any]:
    usual = {"name": "home", "type": "openai-compatible", "label": "Home", "api_key": KEY, "model": "house-1"}
    return usual | {"base_url": server.url} | values


async def adds(ada: Visitor, fields: dict[str, Any]) -> Element:
    """The page, once the new provider is in use."""
    assert await ada.submit(PLACE, **fields) == f"{PLACE}#provider-{fields['name']}"

    async def used() -> bool | None:
        return fields["name"] in ada.site.services.providers.images or None

    await until(used, seconds=20)
    return await ada.page(PLACE)


async def test_only_admins_come_here(ada: Visitor, ben: Visitor, guest: Visitor) -> None:
    assert "Built-in illustrator" in (await ada.page(PLACE)).text
    assert "Providers" in (await ada.page("/account")).text
    assert "/admin/providers" not in str([link["href"] for link in (await ben.page("/account")).all("a")])
    for method, path in [
        ("GET", ""),
        ("POST", ""),
        ("POST", "/usual"),
        ("POST", "/fallback"),
        *(("POST", f"/fake/{verb}") for verb in VERBS),
    ]:
        assert (await ben.fetch(method, PLACE + path)).status_code == 403
        assert (await guest.fetch(method, PLACE + path)).status_code in (303, 401)


VERBS = ("deletion", "question", "picture")


async def test_a_provider_is_added_asked_tried_and_deleted(ada: Visitor, server: PaintingServer) -> None:
    page = await adds(ada, table(server))
    section = page.one("section", id="provider-home")
    assert "key ends in cdef" in section.text
    assert KEY not in (await ada.fetch("GET", PLACE)).text
    asked = await ada.fetch("POST", f"{PLACE}/home/question", data={})
    assert "gpt-image-2.6-flare, gpt-6-luna" in asked.text
    thread = await ada.submit(f"{PLACE}/home/picture")
    await ada.shows(thread, class_="details")
    async with ada.site.services.transaction() as db:
        made = (await db.scalars(select(Generation))).one()
        assert (made.provider, made.model, made.is_test, made.status) == ("home", "house-1", True, "succeeded")
    assert server.headers[-1]["authorization"] == f"Bearer {KEY}"
    assert await ada.submit(f"{PLACE}/home/deletion") == PLACE

    async def gone() -> bool | None:
        return "home" not in ada.site.services.providers.images or None

    await until(gone, seconds=20)
    assert not (await ada.page(PLACE)).all("section", id="provider-home")
    assert (await ada.fetch("POST", f"{PLACE}/home/deletion")).status_code == 404


async def test_keys_are_sealed_at_rest_and_bound_to_their_server(ada: Visitor, server: PaintingServer) -> None:
    await adds(ada, table(server))
    services = ada.site.services
    async with services.transaction() as db:
        whole = (
            await db.execute(text("SELECT string_agg(stored_providers::text, '') FROM stored_providers"))
        ).scalar_one()
        audit = (await db.execute(text("SELECT string_agg(audit_log::text, '') FROM audit_log"))).scalar_one()
        row = (await db.scalars(select(StoredProvider))).one()
        assert row.sealed_key
        assert unseal(services.secret_key, row.sealed_key) == KEY
        with pytest.raises(Unreadable):
            unseal(b"x" * 40, row.sealed_key)
    assert KEY not in whole + audit
    kept = table(server, api_key="", label="Home again")
    await ada.submit(PLACE, **kept)
    assert "key ends in cdef" in (await ada.page(PLACE)).one("section", id="provider-home").text
    await ada.submit(PLACE, **(kept | {"base_url": "http://127.0.0.1:9/v1"}))
    assert "key ends" not in (await ada.page(PLACE)).one("section", id="provider-home").text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "illustrator"}, "There is a provider illustrator already"),
        ({"name": "My Home"}, "small letters"),
        ({"name": ""}, "small letters"),
        ({"base_url": ""}, "needs its base_url"),
        ({"base_url": "javascript:alert(1)"}, "begins with http"),
        ({"price": "-1"}, "price cannot be used"),
        ({"price": "nan"}, "price cannot be used"),
        ({"options": "quality"}, "More options are written as in"),
        ({"options": "colour = 1"}, "options.colour cannot be used"),
        ({"options": "a = " + "[" * 3000}, "More options are written as in"),
        ({"api_key": "sk-٣1234567"}, "api_key cannot be used: it holds characters that no key has"),
        ({"type": "nothing"}, "there is no type nothing"),
        ({"like": "nobody"}, "not a known model"),
    ],
)
async def test_what_cannot_work_is_said_and_what_was_typed_stays(
    ada: Visitor, server: PaintingServer, values: dict[str, str], words: str
) -> None:
    answer = await ada.fetch("POST", PLACE, data=table(server, **values))
    assert answer.status_code == 422
    assert words in answer.text.replace("&#34;", '"')
    assert server.url in answer.text or "base_url" in values
    assert KEY not in answer.text
    async with ada.site.services.transaction() as db:
        assert not await stored_providers.list_stored(db)


async def test_who_paints_usually_is_the_admins_choice(ada: Visitor, server: PaintingServer) -> None:
    await adds(ada, table(server, options='quality = "low"', price="0.02"))
    providers = ada.site.services.providers
    assert providers.default_image == "illustrator"
    await ada.submit(f"{PLACE}/usual", name="home")

    async def usual(name: str) -> bool | None:
        return providers.default_image == name or None

    await until(lambda: usual("home"), seconds=20)
    assert "paints when nobody says who" in (await ada.page(PLACE)).one("section", id="provider-home").text
    await ada.submit(f"{PLACE}/usual", name="")
    await until(lambda: usual("illustrator"), seconds=20)
    assert (await ada.fetch("POST", f"{PLACE}/usual", data={"name": "nobody"})).status_code == 404
    async with ada.site.services.transaction() as db:
        actions = set(await db.scalars(select(AuditEntry.action).where(AuditEntry.action.like("provider.%"))))
    assert actions == {"provider.saved", "provider.default"}


async def test_two_admins_who_choose_at_once_both_get_through(ada: Visitor, server: PaintingServer) -> None:
    await adds(ada, table(server))
    await adds(ada, table(server, name="house"))
    async with ada.site.services.transaction() as db:
        await stored_providers.make_default(db, "home", actor=new_id())
        second = asyncio.create_task(ada.fetch("POST", f"{PLACE}/usual", data={"name": "house"}))

        async def waits() -> bool | None:
            waiting = text("SELECT true FROM pg_locks WHERE NOT granted LIMIT 1")
            async with ada.site.services.transaction() as other:
                return bool(await other.scalar(waiting)) or None

        await until(waits, seconds=20)
    assert (await second).status_code == 303
    async with ada.site.services.transaction() as db:
        assert [row.name for row in await stored_providers.list_stored(db) if row.is_default] == ["house"]


async def test_who_paints_instead_is_the_admins_choice_too(ada: Visitor, server: PaintingServer) -> None:
    """Also where the one that fails was added on the page: its key is refused, so nothing was paid."""
    await adds(ada, table(server, price="0.05"))
    await ada.submit(f"{PLACE}/usual", name="home")
    assert "There are: " in (await ada.fetch("POST", f"{PLACE}/fallback", data={"fallback": "nobody"})).text
    assert await ada.submit(f"{PLACE}/fallback", fallback=" illustrator , fake") == f"{PLACE}#fallback"
    providers = ada.site.services.providers

    async def followed() -> bool | None:
        return (tuple(providers.fallback) == ("illustrator", "fake") and providers.default_image == "home") or None

    await until(followed, seconds=20)
    assert (await ada.page(PLACE)).one("input", name="fallback")["value"] == "illustrator, fake"
    await ada.send("/messages", text="/imagine a fox [[bad-key]]")

    async def painted() -> Generation | None:
        async with ada.site.services.transaction() as db:
            found = (await db.scalars(select(Generation))).one()
        return found if found.status == GenerationStatus.SUCCEEDED else None

    assert (await until(painted, seconds=30)).provider == "illustrator"


async def test_another_process_follows_and_what_is_painted_is_finished(
    ada: Visitor, server: PaintingServer, settings: Settings
) -> None:
    async with open_services(settings) as other:
        task = asyncio.create_task(stored_providers.follow(other))
        await adds(ada, table(server))

        async def there() -> bool | None:
            return "home" in other.providers.images or None

        await until(there, seconds=20)
        await end_task(task)
    thread = await ada.begins("/imagine a fox [[slow 2]] --provider home")
    async with asyncio.timeout(20):
        await until(lambda: _asked(server), seconds=20)
    await ada.submit(f"{PLACE}/home/deletion")
    await ada.shows(thread, class_="details")
    async with ada.site.services.transaction() as db:
        assert (await db.scalars(select(Generation.status))).one() == GenerationStatus.SUCCEEDED


async def _asked(server: PaintingServer) -> bool | None:
    return bool(server.asked) or None


async def test_what_an_added_server_has_is_learned_in_the_background(ada: Visitor) -> None:
    """As of those in the settings file: nobody has to press a button first."""
    with webui_stub() as shed:
        fields = {"name": "shed", "type": "webui", "label": "Shed", "base_url": shed.url}
        assert await ada.submit(PLACE, **fields) == f"{PLACE}#provider-shed"

        async def known() -> bool | None:
            provider = ada.site.services.providers.images.get("shed")
            return (provider is not None and len(provider.models()) > 1) or None

        await until(known, seconds=20)
        await ada.submit(f"{PLACE}/shed/deletion")


async def test_a_key_that_cannot_be_read_leaves_its_provider_out(ada: Visitor, server: PaintingServer) -> None:
    services = ada.site.services
    async with services.transaction() as db:
        told = {"type": "openai-compatible", "base_url": server.url}
        db.add(StoredProvider(name="old", settings=told, sealed_key=seal(b"y" * 40, KEY), last_four="cdef"))
        db.add(StoredProvider(name="odd", settings={"type": "gone"}))
    await stored_providers.refresh(services)
    assert not {"old", "odd"} & services.providers.images.keys()
    page = await ada.page(PLACE)
    assert "cannot be read" in page.one("section", id="provider-old").text
    assert await ada.submit(f"{PLACE}/odd/deletion") == PLACE
