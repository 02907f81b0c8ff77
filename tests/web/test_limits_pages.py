"""Limits in the pages: the notice above the composer, what is left by it, one's plan, and what admins change."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from chatelier.db.models import Generation, Image, Message, User
from chatelier.domain import plans, upgrades
from chatelier.domain.users import create_user
from tests.api.caller import Site
from tests.engines import limit, use_engines
from tests.web.visitor import HTMX, Visitor, parse

pytestmark = pytest.mark.anyio
OFFERED = ["illustrator/pencil-1", "easel/easel-small"]


@pytest.fixture(autouse=True)
def engines(studio: Site) -> None:
    use_engines(studio.services)


def who(visitor: Visitor) -> User:
    assert visitor.user is not None
    return visitor.user


async def test_what_is_left_stands_by_the_composer_and_follows(studio: Site, ben: Visitor) -> None:
    assert (await ben.page("/")).one(id="allowance").text == ""
    await limit(studio.services, who(ben), images_per_hour=10, images_per_day=50)
    assert (await ben.page("/")).one(id="allowance").text == "10 of 10 left this hour"
    thread = await ben.begins("draw a cat")
    answered = await ben.send(f"{thread}/messages", text="/imagine a dog --n 2")
    assert answered.one(id="allowance").text == "7 of 10 left this hour"
    await ben.has_handles(thread, 3)
    changes = await ben.part(f"{thread}/changes?after=0")
    assert changes.one(id="allowance").text == "7 of 10 left this hour"


async def test_a_limit_is_told_kindly_and_one_click_goes_on(studio: Site, ben: Visitor) -> None:
    async with studio.services.transaction() as db:
        await plans.change_plan(db, await plans.find_plan(db, "member"), changes={"money_per_month": 50_000})
    thread = await ben.begins("draw a cat")
    response = await ben.fetch("POST", f"{thread}/messages", data={"text": "draw a dog"}, headers=HTMX)
    assert response.status_code == 429
    assert response.headers["hx-retarget"] == "#notice"
    assert int(response.headers["retry-after"]) >= 1
    assert "$0.01 of $0.05 left this month" in response.text
    assert "Premium has $100.00 a month: ask for an upgrade" in response.text
    assert 'name="instead" value="illustrator/pencil-1"' in response.text
    answered = await ben.send(f"{thread}/messages", text="draw a dog", instead="illustrator/pencil-1")
    assert "dog" in answered.text


async def test_every_button_that_paints_offers_what_has_room(studio: Site, ben: Visitor) -> None:
    """Retry, another version, a rewritten prompt and "New image": refused with a form that sends it again, cheaper."""
    use_engines(studio.services, default="easel")
    thread = await ben.begins("draw a cat [[500]]")
    failed = (await ben.shows(thread, class_="failure")).one("form", class_="failure")["action"]
    await ben.begins("draw a dog")
    async with studio.services.transaction() as db:
        dog = (await db.scalars(select(Generation).order_by(Generation.created_at.desc()).limit(1))).one()
    await ben.has_handles(f"/threads/{dog.thread_id}", 1)
    async with studio.services.transaction() as db:
        image = (await db.scalars(select(Image))).one()
        asked = (
            await db.scalars(select(Message).where(Message.thread_id == dog.thread_id, Message.role == "user"))
        ).one()
    await limit(studio.services, who(ben), money_per_month=125_000)
    for path, fields in (
        (failed, {}),
        (f"/images/{image.id}/variation", {}),
        (f"/generations/{dog.id}/prompt", {"prompt": "a wolf"}),
        (f"/messages/{asked.id}/correction", {"intent": "generate"}),
    ):
        notice = await ben.send(path, 429, **fields)
        form = notice.one("form", action=path)
        assert [button["value"] for button in form.all("button", name="instead")] == OFFERED
        sent: dict[str, Any] = {hidden["name"]: hidden["value"] for hidden in form.all("input", type="hidden")}
        assert sent.pop("idempotency_key")
        assert {name: sent.get(name, "") for name in fields} == fields
        await ben.send(path, instead=OFFERED[1], **sent)
        async with studio.services.transaction() as db:
            newest = (await db.scalars(select(Generation).order_by(Generation.created_at.desc()).limit(1))).one()
        assert newest.model == "easel-small", path


async def test_without_a_script_the_offer_is_a_form_on_the_page(studio: Site, ben: Visitor) -> None:
    use_engines(studio.services, default="easel")
    await limit(studio.services, who(ben), money_per_month=20_000)
    refused = await ben.fetch("POST", "/messages", data={"text": "draw a <cat>", "intent": "generate"})
    assert refused.status_code == 429
    form = parse(refused.text).one("form", action="/messages")
    sent = {hidden["name"]: hidden["value"] for hidden in form.all("input", type="hidden")}
    assert (sent["text"], sent["intent"]) == ("draw a <cat>", "generate")
    assert [button["value"] for button in form.all("button", name="instead")] == OFFERED
    assert (await ben.submit("/messages", instead=OFFERED[1], **sent)).startswith("/threads/")


async def test_who_is_asked_before_paying_is_asked_about_the_offer(studio: Site, ben: Visitor) -> None:
    use_engines(studio.services, default="easel")
    thread = await ben.begins("how are you?")
    await ben.fetch("POST", "/account/preferences", data={"confirm_paid": "true"})
    await limit(studio.services, who(ben), money_per_month=20_000)
    question = await ben.send(f"{thread}/messages", 409, text="draw a cat", instead=OFFERED[1])
    kept = question.one("input", name="instead")
    assert (kept["value"], kept["form"]) == (OFFERED[1], "composer")
    await ben.send(f"{thread}/messages", text="draw a cat", instead=OFFERED[1], confirmed="1")


async def test_a_cooldown_is_counted_down(studio: Site, ben: Visitor) -> None:
    await limit(studio.services, who(ben), cooldown_seconds=90)
    thread = await ben.begins("draw a cat")
    refused = await ben.send(f"{thread}/messages", 429, text="draw a dog")
    wait = refused.one(**{"data-wait": refused.all("span", **{"aria-hidden": "true"})[0]["data-wait"]})
    assert 1 <= int(wait["data-wait"]) <= 90
    assert "before the next picture." in refused.text
    page = await ben.fetch("POST", f"{thread}/messages", data={"text": "draw a dog"})
    assert page.status_code == 429
    assert "Please wait" in page.text


async def test_ben_asks_for_premium_and_ada_approves(studio: Site, ada: Visitor, ben: Visitor) -> None:
    account = await ben.page("/account")
    assert "Your plan: Member" in account.text
    assert "premium" in {one["value"] for one in account.all("input", name="plan")}
    asked = await ben.fetch("POST", "/account/upgrade", data={"plan": "premium", "note": "For <b>class</b>"})
    assert "You asked for Premium" in asked.text
    people = await ada.page("/admin/people")
    assert "For <b>class</b>" in people.text
    form = next(one for one in people.all("form") if one["action"].endswith("/approval"))
    await ada.submit(form["action"])
    assert "Your plan: Premium" in (await ben.page("/account")).text
    again = await ada.fetch("POST", form["action"], data={})
    assert again.status_code == 404


async def test_what_is_not_offered_cannot_be_asked_for(studio: Site, ben: Visitor) -> None:
    for plan in ("owner", "free", "nonsense"):
        answer = await ben.fetch("POST", "/account/upgrade", data={"plan": plan, "note": ""})
        assert answer.status_code == 422, plan
    async with studio.services.transaction() as db:
        assert await upgrades.newest(db, who(ben)) is None


async def test_ada_moves_ben_and_gives_him_limits_of_his_own(studio: Site, ada: Visitor, ben: Visitor) -> None:
    person = f"/admin/people/{who(ben).id}"
    assert await ada.submit(f"{person}/plan", plan="free") == person
    await ada.submit(f"{person}/limits", images_per_day="none", money_per_month="2.50", storage_bytes="1.5 GB")
    account = (await ben.page("/account")).text
    assert "Your plan: Free" in account
    assert "$2.50 of $2.50 left this month" in account
    assert "1.5 GB of 1.5 GB left" in account
    assert "left today" not in account
    page = await ada.page(person)
    assert page.one(id="own-money_per_month")["value"] == "2.5"
    refused = await ada.fetch("POST", f"{person}/limits", data={"images_per_day": "nan"})
    assert refused.status_code == 422
    assert (await ada.page(person)).one(id="own-money_per_month")["value"] == "2.5"


async def test_ada_changes_plans_and_caps_all_together(studio: Site, ada: Visitor) -> None:
    assert "No limit" not in (await ada.page("/admin/plans")).one(id="free").text
    await ada.submit("/admin/plans/free", label="Visitors", images_per_day="3", offered="1")
    await ada.submit("/admin/plans", name="class-2b")
    await ada.submit("/admin/limits", money_per_month="50")
    async with studio.services.transaction() as db:
        free = await plans.find_plan(db, "free")
        assert (free.label, free.offered, free.limits) == ("Visitors", True, {"images_per_day": 3, "paid_only": False})
        assert await plans.instance_limits(db) == {"money_per_month": 50_000_000}
    text = (await ada.page("/admin/plans")).text
    assert "Visitors" in text
    assert "Class-2b" in text


@pytest.mark.parametrize("price", ["-1", "nan", "inf", "1e308", "5 apples"])
async def test_no_nonsense_becomes_a_limit(ada: Visitor, price: str) -> None:
    answer = await ada.fetch("POST", "/admin/plans/free", data={"money_per_month": price})
    assert answer.status_code == 422


async def test_members_have_no_way_into_administration(studio: Site, ada: Visitor, ben: Visitor) -> None:
    for path in ("/admin/people", "/admin/plans", f"/admin/people/{who(ada).id}"):
        assert (await ben.fetch("GET", path, headers={"Accept": "text/html"})).status_code == 403
    for path in ("/admin/plans/free", "/admin/limits", f"/admin/people/{who(ben).id}/plan"):
        assert (await ben.fetch("POST", path, data={"plan": "premium"})).status_code == 403
    assert "/admin/" not in (await ben.page("/account")).text


async def test_a_newcomer_s_days_are_those_of_the_browser_until_a_zone_is_chosen(studio: Site, guest: Visitor) -> None:
    async with studio.services.transaction() as db:
        await create_user(db, "chloe@example.org", password="paper ink pigment")
    for browser, counted in (("nonsense; x", "UTC"), ("Asia/Tokyo", "Asia/Tokyo"), ("Europe/Berlin", "Asia/Tokyo")):
        guest.http.cookies.set("tz", browser, domain="127.0.0.1")
        await guest.submit("/sign-in", email="chloe@example.org", password="paper ink pigment")
        assert f'value="{counted}"' in (await guest.fetch("GET", "/account")).text, browser


async def test_ben_counts_his_days_in_his_own_zone(studio: Site, ben: Visitor) -> None:
    kept = await ben.fetch("POST", "/account/time-zone", data={"time_zone": "Asia/Tokyo"})
    assert 'value="Asia/Tokyo"' in kept.text
    refused = await ben.fetch("POST", "/account/time-zone", data={"time_zone": "Mars/Olympus"})
    assert refused.status_code == 422
    assert 'value="Asia/Tokyo"' in (await ben.fetch("GET", "/account")).text
