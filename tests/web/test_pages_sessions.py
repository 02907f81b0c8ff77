from __future__ import annotations

import asyncio

import pytest

from chatelier.domain.setup import setup_code
from chatelier.domain.users import create_user, list_users
from tests.api.caller import Site
from tests.web.visitor import Visitor, visit, visit_as

pytestmark = pytest.mark.anyio
PASSWORD = "paper ink pigment"


async def code_of(studio: Site) -> str:
    async with studio.services.transaction() as db:
        return str(await setup_code(db))


async def chloe_signs_in(studio: Site, guest: Visitor, **more: str) -> str:
    async with studio.services.transaction() as db:
        await create_user(db, "chloe@example.org", password=PASSWORD, admin=True)
    return await guest.submit("/sign-in", email="chloe@example.org", password=PASSWORD, **more)


async def test_the_first_visitor_makes_the_admin_with_the_code_and_is_signed_in(studio: Site, guest: Visitor) -> None:
    code = await code_of(studio)
    page = await guest.page(f"/setup?code={code}")
    assert page.one("input", name="code")["value"] == code
    assert "0.04 USD a picture" in page.one("ul", class_="engines").text
    assert await guest.submit("/setup", code=code, email="Ada@Example.org", password=PASSWORD) == "/"
    facts = (await guest.page("/account")).facts()
    assert facts == {"Email": "ada@example.org", "Role": "Admin", "Storage": "0 kB, the trash included"}
    assert (await guest.fetch("GET", f"/setup?code={code}")).headers["location"] == "/sign-in"


async def test_of_twenty_visitors_at_once_one_becomes_the_admin(studio: Site) -> None:
    code = await code_of(studio)
    visitors = [visit(studio) for _ in range(20)]
    answers = await asyncio.gather(
        *(
            visitor.fetch("POST", "/setup", data={"code": code, "email": f"v{n}@example.org", "password": PASSWORD})
            for n, visitor in enumerate(visitors)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [303] + [403] * 19
    async with studio.services.transaction() as db:
        assert [user.role for user in await list_users(db)] == ["admin"]
    for visitor in visitors:
        await visitor.http.aclose()


async def test_setup_tells_what_is_wrong_and_keeps_what_was_typed(studio: Site, guest: Visitor) -> None:
    code = await code_of(studio)
    answer = await guest.fetch("POST", "/setup", data={"code": code, "email": "ada@example.org", "password": "short"})
    assert answer.status_code == 422
    assert 'value="ada@example.org"' in answer.text
    assert f'value="{code}"' in answer.text
    assert "8" in answer.text
    wrong = await guest.fetch("POST", "/setup", data={"code": "guess", "email": "e@example.org", "password": PASSWORD})
    assert wrong.status_code == 403
    assert "code is not right" in wrong.text


async def test_a_fresh_studio_leads_to_setup_and_a_used_one_to_signing_in(studio: Site, guest: Visitor) -> None:
    assert (await guest.fetch("GET", "/", headers={"Accept": "text/html"})).headers["location"] == "/sign-in"
    assert (await guest.fetch("GET", "/sign-in")).headers["location"] == "/setup"
    async with studio.services.transaction() as db:
        await create_user(db, "chloe@example.org", password=PASSWORD, admin=True)
    assert (await guest.page("/sign-in")).all("input", name="password")


async def test_signing_in_leads_back_to_the_page_that_was_wanted_and_never_elsewhere(
    studio: Site, guest: Visitor
) -> None:
    wanted = (await guest.fetch("GET", "/gallery?q=fox", headers={"Accept": "text/html"})).headers["location"]
    assert wanted == "/sign-in?next=/gallery%3Fq%3Dfox"
    assert await chloe_signs_in(studio, guest, next="/gallery?q=fox") == "/gallery?q=fox"
    async with visit(studio).http as elsewhere:
        fields = {"email": "chloe@example.org", "password": PASSWORD, "next": "//evil.example/"}
        assert (await elsewhere.post("/sign-in", data=fields)).headers["location"] == "/"


async def test_a_wrong_password_says_so_and_keeps_the_address(studio: Site, guest: Visitor) -> None:
    await chloe_signs_in(studio, guest)
    async with visit(studio).http as browser:
        answer = await browser.post("/sign-in", data={"email": "chloe@example.org", "password": "wrong"})
    assert answer.status_code == 401
    assert "address or the password is not right" in answer.text
    assert 'value="chloe@example.org"' in answer.text
    assert "set-cookie" not in answer.headers


async def test_signing_out_ends_the_session_and_clears_what_the_browser_kept(ada: Visitor) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in ada.http.cookies.items())
    answer = await ada.fetch("POST", "/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert answer.headers["clear-site-data"] == '"cache"'
    again = await ada.fetch("GET", "/", headers={"Accept": "text/html", "Cookie": cookie})
    assert again.status_code == 303


async def test_ada_changes_her_password_and_other_browsers_are_out(studio: Site, guest: Visitor) -> None:
    await chloe_signs_in(studio, guest)
    async with studio.services.transaction() as db:
        (chloe,) = await list_users(db)
    other = await visit_as(studio, chloe)
    wrong = await guest.fetch("POST", "/account/password", data={"current": "no", "new": "another long one"})
    assert wrong.status_code == 422
    assert "current password is not right" in wrong.text
    done = await guest.fetch("POST", "/account/password", data={"current": PASSWORD, "new": "another long one"})
    assert done.status_code == 200, done.text
    assert "password is changed" in done.text
    assert (await guest.fetch("GET", "/account")).status_code == 200
    assert (await other.fetch("GET", "/account")).status_code != 200
    await other.http.aclose()


async def test_ada_signs_out_everywhere(studio: Site, ada: Visitor) -> None:
    assert ada.user
    other = await visit_as(studio, ada.user)
    assert await ada.submit("/account/sign-ins/deletion") == "/sign-in"
    for browser in (ada, other):
        assert (await browser.fetch("GET", "/account")).status_code != 200
    await other.http.aclose()


async def test_an_api_key_is_shown_once_and_can_be_revoked(ada: Visitor) -> None:
    made = await ada.fetch("POST", "/account/keys", data={"name": "backup <b>script</b>"})
    assert made.status_code == 200
    assert made.text.count("chk_") == 1
    page = await ada.page("/account")
    assert "chk_" not in page.text
    assert "backup <b>script</b>" in page.text
    (form,) = [form for form in page.all("form") if form["action"].endswith("/revocation")]
    revoked = await ada.fetch("POST", form["action"])
    assert "The key is revoked" in revoked.text
    assert not (await ada.page("/account")).all("ul", class_="keys")


async def test_the_admin_is_warned_of_plain_http_off_loopback_and_nobody_else(
    studio: Site, ada: Visitor, ben: Visitor
) -> None:
    lan = {"Host": f"studio.local:{studio.url.rsplit(':', 1)[1]}", "Accept": "text/html"}
    assert "plain http" in (await ada.fetch("GET", "/", headers=lan)).text
    assert "plain http" not in (await ada.fetch("GET", "/")).text
    assert "plain http" not in (await ben.fetch("GET", "/", headers=lan)).text
