"""Mail in the pages: the admin's test, what stands as a notice, and sending it away."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chatelier.config import Settings
from chatelier.db.models import Mail
from tests.api.caller import Site
from tests.engines import use_engines
from tests.mail_server import mail_server
from tests.people import until
from tests.web.visitor import HTMX, Element, Visitor

pytestmark = pytest.mark.anyio


async def test_the_admin_sends_herself_a_mail_and_sees_how_it_went(studio: Site, ada: Visitor) -> None:
    with mail_server() as post:
        secret = f"smtp://house:geheim@127.0.0.1:{post.port}"
        set_mail(studio, smtp_url=secret, mail_from="house@example.org")
        page = await ada.page("/admin/mail")
        assert f"127.0.0.1:{post.port}" in page.text
        assert "geheim" not in page.text

        async def told(words: str) -> Element | None:
            part = await ada.part("/admin/mail/test")
            return part if words in part.text else None

        await ada.submit("/admin/mail/test")
        part = await until(lambda: told("could not be sent yet"))  # this server knows no signing in
        assert part.one(id="test-mail")["hx-trigger"] == "every 1s"
        assert "will be tried again" in (await ada.page("/admin/mail")).text
        set_mail(studio, smtp_url=post.url, mail_from="house@example.org")
        await ada.submit("/admin/mail/test")
        await until(lambda: told("was taken by the mail server"))
        assert post.recipients == ["ada@example.org"]


async def test_without_a_mail_server_a_notice_stands_on_every_page_until_dismissed(
    studio: Site, ada: Visitor, ben: Visitor
) -> None:
    await ben.fetch("POST", "/account/upgrade", data={"plan": "premium", "note": "<b>please</b>"})

    async def noticed() -> Element | None:
        found = (await ada.page("/")).all("form", class_="mailed")
        return found[0] if found else None

    notice = await until(noticed)
    assert "ben@example.org asks for the plan Premium." in notice.text
    assert (await ada.page("/admin/people")).all("form", action=notice["action"])
    assert not (await ben.page("/")).all("form", class_="mailed")
    assert (await ben.fetch("POST", notice["action"])).status_code == 404
    await ada.submit("/admin/mail/test")

    async def two() -> bool | None:
        return True if "1 more after this." in (await ada.page("/")).text else None

    await until(two)
    [newest] = (await ada.page("/")).all("form", class_="mailed")
    following = await ada.send(newest["action"])
    assert following.one("form")["action"] == notice["action"]
    assert not (await ada.send(notice["action"])).all("form")
    assert not (await ada.page("/")).all("form", class_="mailed")


async def test_mail_is_the_admins_page_alone(studio: Site, ben: Visitor) -> None:
    assert (await ben.fetch("GET", "/admin/mail")).status_code == 403
    assert (await ben.fetch("POST", "/admin/mail/test")).status_code == 403
    async with studio.services.transaction() as db:
        assert await db.scalar(select(Mail)) is None


def set_mail(studio: Site, **values: str) -> Settings:
    studio.services.settings = studio.services.settings.model_copy(update=values)
    return studio.services.settings


async def test_ben_says_whether_he_wants_warnings(ben: Visitor) -> None:
    assert "checked" in (await ben.page("/account")).one("input", name="warnings").attrs
    off = await ben.fetch("POST", "/account/warnings", data={})
    assert "You will not be warned" in off.text
    assert "checked" not in (await ben.page("/account")).one("input", name="warnings").attrs


async def test_ada_sets_a_threshold_that_stops_and_lifts_its_pause(studio: Site, ada: Visitor, ben: Visitor) -> None:
    use_engines(studio.services)
    assert (await ada.fetch("POST", "/admin/thresholds", data={"amount": "nan", "span": "day"})).status_code == 422
    assert (await ben.fetch("POST", "/admin/thresholds", data={"amount": "1", "span": "day"})).status_code == 403
    await ada.submit("/admin/thresholds", amount="0.01", span="month", stops="1")
    thread = await ben.begins("draw a cat")
    await ben.has_handles(thread, 1)
    refused = await ben.fetch("POST", f"{thread}/messages", data={"text": "draw a dog"}, headers=HTMX)
    assert refused.status_code == 429
    assert "Engines that cost something are paused" in refused.text
    assert 'name="instead" value="illustrator/pencil-1"' in refused.text
    page = await ada.page("/admin/mail")
    assert "are paused until" in page.text
    lift = next(one["action"] for one in page.all("form") if one["action"].endswith("/lifting"))
    assert (await ben.fetch("POST", lift)).status_code == 403
    await ada.submit(lift)
    assert "pause lifted" in (await ada.page("/admin/mail")).text
    await ben.send(f"{thread}/messages", text="draw a dog")
    await ada.submit(lift.replace("/lifting", "/deletion"))
    assert (await ada.fetch("POST", lift)).status_code == 404
