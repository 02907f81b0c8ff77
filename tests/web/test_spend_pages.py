"""The page of what was spent and its sheet: everybody's for admins, one's own for everybody."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from chatelier.db.models import Charge, User
from chatelier.domain.spend.drift import check_books
from tests.api.caller import Site
from tests.domain.spend.books import happened, sums, write
from tests.web.visitor import Visitor

Charges = list[dict[str, Any]]
RANGE = f"from={datetime.now(UTC).date() - timedelta(days=40)}"


def who(visitor: Visitor) -> User:
    assert visitor.user is not None
    return visitor.user


@pytest.fixture
async def charges(studio: Site, ada: Visitor, ben: Visitor) -> Charges:
    found = happened([who(ada), who(ben)], 120, 30)
    found[0] |= {
        "state": "held",
        "ended": "",
        "is_test": False,
        "images": 1,
        "micros": 12_345,
        "owner_id": who(ben).id,
    }
    await check_books(studio.services)  # tonight's, before there is something on its way that no attempt stands behind
    async with studio.services.transaction() as db:
        await write(db, found)
    return found


def money(micros: int) -> str:
    return f"${micros / 1_000_000:.6f}".rstrip("0")


async def sheet(visitor: Visitor, path: str) -> list[dict[str, str]]:
    answer = await visitor.fetch("GET", path)
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_ada_sees_everybody_and_ben_himself(ada: Visitor, ben: Visitor, charges: Charges) -> None:
    whole = await ada.page(f"/admin/spend?{RANGE}&by=week")
    assert money(sums(charges)[5]) in whole.text
    assert "$0.012345" in whole.text
    assert "ben@example.org" in whole.text
    assert len(whole.all("svg", class_="plot")) == 4
    assert "agreed when they were compared" in whole.text
    own = await ben.page(f"/account/spend?{RANGE}&owner={who(ada).id}&user_id={who(ada).id}")
    assert money(sums(charges, owner=who(ben).id)[5]) in own.text
    assert "ada@example.org" not in own.text
    assert "/admin/" not in own.text
    assert own.one("a", download="")["href"].startswith("/account/spend.csv?from=")
    assert (await ben.fetch("GET", "/admin/spend", headers={"Accept": "text/html"})).status_code == 403
    assert (await ben.fetch("GET", "/admin/spend.csv")).status_code == 403
    assert (await ben.fetch("POST", "/admin/spend/unknown", data={"charged": "false"})).status_code == 403
    assert await ada.submit("/admin/spend/unknown", charged="true") == "/admin/spend"
    assert "/account/spend" in {link.attrs.get("href") for link in (await ben.page("/account")).all("a")}


async def test_the_sheet_holds_every_row_and_no_formula(
    studio: Site, ada: Visitor, ben: Visitor, charges: Charges
) -> None:
    async with studio.services.transaction() as db:
        await db.execute(update(Charge).values(model="=HYPERLINK(1)", provider="@home"))
        await db.execute(update(User).where(User.id == who(ben).id).values(email="+ben@example.org"))
    whole = await sheet(ada, f"/admin/spend.csv?{RANGE}")
    assert len(whole) == len(charges)
    assert {row["person"] for row in whole} == {"ada@example.org", "'+ben@example.org"}
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in whole for cell in row.values())
    counted = [row for row in whole if row["state"] == "settled" and row["test"] == "no"]
    assert sum(int(row["amount_micros"]) for row in counted) == sums(charges)[5]
    assert all(row["amount"] == f"{int(row['amount_micros']) / 1_000_000:.6f}" for row in counted)
    mine = await sheet(ben, f"/account/spend.csv?{RANGE}&owner={who(ada).id}")
    assert len(mine) == sum(one["owner_id"] == who(ben).id for one in charges)
    assert "person" not in mine[0]


async def test_a_range_that_cannot_be_shown_says_why(ada: Visitor) -> None:
    for wrong, sentence in (("from=1990-01-01", "366 days"), ("from=soon", "not a day"), ("by=hour", "by day")):
        answer = await ada.fetch("GET", f"/admin/spend?{wrong}")
        assert answer.status_code == 422
        assert sentence in answer.text
        assert (await ada.fetch("GET", f"/admin/spend.csv?{wrong}")).status_code == 422
    empty = await ada.page("/account/spend?from=2024-02-01&to=2024-02-29")
    assert "Nothing in this time." in empty.text
    assert "29 Feb 2024" in empty.text
