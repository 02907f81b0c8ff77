"""Books full of what could have happened: charges with their ledger entries and days, at random but the same ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Charge, LedgerEntry, User
from chatelier.ids import new_id

ENGINES = (("openai", "gpt-image-2", "premium"), ("openai", "o-small", "member"), ("illustrator", "noto-1", "member"))
DAYS = """
INSERT INTO instance_days (day, piece, held_images, held_micros, images, micros)
SELECT cast(counted_at AT TIME ZONE 'UTC' AS date), get_byte(uuid_send(owner_id), 15) % 16,
       coalesce(sum(images) FILTER (WHERE state = 'held'), 0), coalesce(sum(micros) FILTER (WHERE state = 'held'), 0),
       coalesce(sum(images) FILTER (WHERE state = 'settled'), 0),
       coalesce(sum(micros) FILTER (WHERE state = 'settled'), 0)
FROM charges WHERE NOT is_test GROUP BY 1, 2
"""


def happened(people: Sequence[User], count: int, days: int, *, seed: int = 5) -> list[dict[str, Any]]:
    """``count`` charges in the last ``days`` days, many of them close to midnight somewhere."""
    dice, now = random.Random(seed), datetime.now(UTC)
    found = []
    for _ in range(count):
        provider, model, plan = dice.choice(ENGINES)
        state = dice.choice(("settled",) * 6 + ("released", "refused"))
        subject, ceiling = dice.choice(("picture", "reply")), dice.randrange(0, 90_000)
        ago = timedelta(days=dice.randrange(days), minutes=15 * dice.randrange(96), seconds=dice.choice((0, 1, 899)))
        settled = state == "settled"
        found.append(
            {
                "attempt_id": new_id(),
                "owner_id": dice.choice(people).id,
                "subject": subject,
                "state": state,
                "held_images": int(subject == "picture"),
                "held_micros": ceiling,
                "images": int(settled and subject == "picture"),
                "micros": dice.randrange(0, 100_000) if settled else 0,
                "provider": provider,
                "model": model,
                "plan": plan,
                "paid": provider == "openai",
                "cooling": False,
                "is_test": dice.random() < 0.1,
                "ended": "refused" if state == "refused" else dice.choice(("", "", "failed")),
                "counted_at": now.replace(hour=0, minute=0, second=0, microsecond=0) - ago,
            }
        )
    return found


async def write(db: AsyncSession, charges: Sequence[dict[str, Any]]) -> None:
    await db.execute(insert(Charge), list(charges))
    await db.execute(insert(LedgerEntry), [entry for one in charges for entry in entries(one)])
    await db.execute(text("DELETE FROM instance_days"))
    await db.execute(text(DAYS))


def entries(charge: dict[str, Any]) -> list[dict[str, Any]]:
    shared = {name: charge[name] for name in ("owner_id", "attempt_id", "provider", "model", "is_test")}
    hold = {"id": new_id(), "kind": "hold", "images": charge["held_images"], "micros": charge["held_micros"]}
    end = {"id": new_id(), "kind": "settle" if charge["state"] == "settled" else "release"}
    end |= {"images": charge["images"], "micros": charge["micros"]}
    return [hold | shared] if charge["state"] == "held" else [hold | shared, end | shared]


def sums(charges: Sequence[dict[str, Any]], *, owner: UUID | None = None) -> tuple[int, ...]:
    """Requests, failed, refused, answers, images, micros, held: what the figures have to say of these."""
    ours = [one for one in charges if not one["is_test"] and owner in (None, one["owner_id"])]
    settled = [one for one in ours if one["state"] == "settled"]
    return (
        len(ours),
        sum(one["ended"] == "failed" for one in ours),
        sum(one["ended"] == "refused" for one in ours),
        sum(one["subject"] == "reply" and not one["ended"] for one in settled),
        sum(one["images"] for one in settled),
        sum(one["micros"] for one in settled),
        sum(one["micros"] for one in ours if one["state"] == "held"),
    )
