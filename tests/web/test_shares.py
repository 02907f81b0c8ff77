"""A link to one picture: for everybody who has it, until it is revoked, runs out, or the picture goes."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, update

from chatelier.db.models import AuditEntry, ShareLink, now
from chatelier.domain.users import disable_user
from chatelier.web import middleware
from tests.domain.pictures import hang
from tests.stores import BOTH_STORES
from tests.web.visitor import Element, Visitor, parse

pytestmark = pytest.mark.anyio
SECRET = "grandmother in her garden"
FILES = ("original", "thumbnail", "preview")


async def shares(ada: Visitor, *, days: str = "7", **form: str) -> tuple[str, str]:
    """A new picture of Ada's and the path of a link to it."""
    assert ada.user
    (image,) = await hang(ada.site.services, ada.user, [SECRET])
    return str(image.id), await links(ada, str(image.id), days=days, **form)


async def links(ada: Visitor, image: str, **form: str) -> str:
    answer = await ada.fetch("POST", f"/images/{image}/share-links", data=form)
    assert answer.status_code == 200, answer.text[:300]
    address = parse(answer.text).one("input", id="new-link")["value"]
    assert address.startswith(ada.site.url)
    return address.removeprefix(ada.site.url)


async def statuses(guest: Visitor, path: str) -> set[int]:
    return {(await guest.fetch("GET", path + tail)).status_code for tail in ("", *(f"/{name}" for name in FILES))}


async def page_of(ada: Visitor, image: str) -> Element:
    return (await ada.page(f"/images/{image}")).one("details", id="share")


async def test_who_has_the_link_sees_the_picture_and_not_a_word_of_its_prompt(ada: Visitor, guest: Visitor) -> None:
    image, path = await shares(ada)
    page = await guest.fetch("GET", path)
    assert page.status_code == 200
    told = page.text + "".join(f"{k}: {v}" for k, v in page.headers.items())
    for name in FILES:
        file = await guest.fetch("GET", f"{path}/{name}")
        assert file.status_code == 200
        assert file.headers["content-type"].startswith("image/")
        told += "".join(f"{k}: {v}" for k, v in file.headers.items())
    assert "grandmother" not in told
    assert image not in told
    assert "ada@example.org" not in told
    own = await ada.fetch("GET", f"/images/{image}/original")
    assert (await guest.fetch("GET", f"{path}/original")).content == own.content
    saved = await guest.fetch("GET", f"{path}/original?download=1")
    assert saved.headers["content-disposition"].startswith('attachment; filename="picture-1.png"')


async def test_the_prompt_is_shown_where_its_owner_chose_so(ada: Visitor, guest: Visitor) -> None:
    _, path = await shares(ada, with_prompt="1")
    assert SECRET in (await guest.page(path)).text
    assert "grandmother" in (await guest.fetch("GET", f"{path}/original")).headers["content-disposition"]


async def test_the_headers_keep_the_address_and_the_picture_to_who_has_the_link(ada: Visitor, guest: Visitor) -> None:
    _, path = await shares(ada)
    for tail in ("", *(f"/{name}" for name in FILES)):
        answer = await guest.fetch("GET", path + tail)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert ("sandbox" if tail else "frame-ancestors 'none'") in policy
        assert "set-cookie" not in answer.headers
    part = await guest.fetch("GET", f"{path}/original", headers={"Range": "bytes=0-9"})
    assert (part.status_code, len(part.content), part.headers["cache-control"]) == (206, 10, "no-store")


async def test_views_are_counted_for_the_owner_and_looking_at_headers_is_none(ada: Visitor, guest: Visitor) -> None:
    image, path = await shares(ada)
    for _ in range(3):
        await guest.page(path)
    assert (await guest.fetch("HEAD", path)).status_code == 200
    await guest.fetch("GET", f"{path}/original")
    assert "without the prompt · 3 views" in (await page_of(ada, image)).text


@BOTH_STORES
async def test_a_revoked_link_is_dead_at_once_with_its_files_and_the_others_live(ada: Visitor, guest: Visitor) -> None:
    image, path = await shares(ada)
    other = await links(ada, image, days="30")
    assert await statuses(guest, path) == {200}
    revoke = (await page_of(ada, image)).all("form")[1]["action"]  # newest first: this one is the older
    assert await ada.submit(revoke) == f"/images/{image}#share"
    assert await statuses(guest, path) == {404}
    assert await statuses(guest, other) == {200}
    assert (await ada.fetch("POST", revoke)).status_code == 404
    async with ada.site.services.transaction() as db:
        actions = set(await db.scalars(select(AuditEntry.action).where(AuditEntry.actor_id.is_not(None))))
    assert {"share.create", "share.revoke"} <= actions


async def test_a_link_ends_with_its_days(ada: Visitor, guest: Visitor) -> None:
    image, path = await shares(ada, days="1")
    async with ada.site.services.transaction() as db:
        left = await db.scalar(select(func.extract("epoch", ShareLink.expires_at - now())))
        assert 86_000 < float(left or 0) <= 86_400
        await db.execute(update(ShareLink).values(expires_at=now() - func.make_interval(0, 0, 0, 0, 0, 0, 1)))
    assert await statuses(guest, path) == {404}
    assert not (await page_of(ada, image)).all("ul")


async def test_it_sleeps_while_the_picture_is_in_the_trash_and_dies_with_it(ada: Visitor, guest: Visitor) -> None:
    image, path = await shares(ada)
    await ada.submit(f"/images/{image}/trash")
    assert await statuses(guest, path) == {404}
    await ada.submit(f"/images/{image}/restoration")
    assert await statuses(guest, path) == {200}
    await ada.submit(f"/images/{image}/trash")
    await ada.submit("/gallery/purge", image_id=image, sure="1")
    assert await statuses(guest, path) == {404}
    async with ada.site.services.transaction() as db:
        assert not list(await db.scalars(select(ShareLink)))


async def test_a_disabled_owner_shares_nothing(ada: Visitor, ben: Visitor, guest: Visitor) -> None:
    _, path = await shares(ben)
    assert ben.user
    async with ben.site.services.transaction() as db:
        await disable_user(db, ben.user)
    assert await statuses(guest, path) == {404}


async def test_a_link_cannot_be_guessed_or_read_out_of_the_database(ada: Visitor, guest: Visitor) -> None:
    image, path = await shares(ada)
    token = path.removeprefix("/s/")
    assert re.fullmatch(r"[\w-]{43}", token)
    async with ada.site.services.transaction() as db:
        (link,) = await db.scalars(select(ShareLink))
    assert link.token_hash == hashlib.sha256(token.encode()).digest()
    near = [token[:-1], token + "x", token.swapcase()]
    wrong = [*near, image, str(link.id), link.token_hash.hex(), "%00", "..%2f", "x" * 4000]
    for guess in wrong:
        assert await statuses(guest, f"/s/{guess}") == {404}, guess
    assert token not in (await ada.page(f"/images/{image}")).text
    assert token not in (await page_of(ada, image)).text


async def test_a_visitor_can_only_look(ada: Visitor, guest: Visitor) -> None:
    _, path = await shares(ada)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for tail in ("", "/original"):
            assert (await guest.fetch(method, path + tail)).status_code == 405
    assert (await guest.fetch("GET", f"{path}/original?w=9")).status_code == 422
    assert (await guest.fetch("GET", f"{path}/secret")).status_code == 404
    assert await statuses(guest, path) == {200}


async def test_only_the_owner_makes_and_ends_links(ada: Visitor, ben: Visitor, guest: Visitor) -> None:
    image, path = await shares(ada)
    revoke = (await page_of(ada, image)).all("form")[0]["action"]
    for visitor, status in ((ben, 404), (guest, 401)):
        assert (await visitor.fetch("POST", f"/images/{image}/share-links", data={"days": "7"})).status_code == status
        assert (await visitor.fetch("POST", revoke)).status_code == status
    assert await statuses(ben, path) == {200}


async def test_days_and_numbers_of_links_have_their_limits(ada: Visitor) -> None:
    image, _ = await shares(ada)
    for days in ("0", "-1", "8", "99999999999", "x"):
        assert (await ada.fetch("POST", f"/images/{image}/share-links", data={"days": days})).status_code == 422
    more = [ada.fetch("POST", f"/images/{image}/share-links", data={"days": "7"}) for _ in range(22)]
    answers = await asyncio.gather(*more)
    assert [answer.status_code for answer in answers].count(200) == 19, "many at once are no more"
    assert all("Revoke one" in answer.text for answer in answers if answer.status_code == 422)


def note(written: list[str]) -> Callable[..., None]:
    return lambda *_, **values: written.append(str(values))


async def test_the_log_does_not_hold_the_link(ada: Visitor, guest: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(middleware, "log", SimpleNamespace(info=note(written), debug=note(written)))
    _, path = await shares(ada)
    await statuses(guest, path)
    assert any("/s/…" in line for line in written)
    assert not any(path.removeprefix("/s/") in line for line in written)
