"""How often somebody may fail to sign in. Counted in PostgreSQL by its clock, so that every process on it knows of
all failures, also after a restart and whatever becomes of Redis. Whose failures they are is kept as a keyed hash."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import FailedSignIn, now
from chatelier.errors import TooMany, wait_in_words
from chatelier.ids import new_id

if TYPE_CHECKING:
    from chatelier.services import Services

SPAN = timedelta(minutes=15)
PER_ACCOUNT = 5  # failures for one account from one network
PER_NETWORK = 20  # failures from one network, whatever the account
PER_NAME = 100  # failures for one account from all networks: guessing from many places is not endless
LONGEST_ACCOUNT = 254


@dataclass(frozen=True, kw_only=True)
class Try:
    """One attempt, which counts as failed until it has succeeded. ``keys``: the account on this network, the network,
    the account everywhere."""

    keys: Sequence[bytes]
    rows: Sequence[UUID]


def keys_of(secret: bytes, account: str, network: str) -> tuple[bytes, bytes, bytes]:
    """Of an unknown account as well: there is no telling it from a known one."""
    name = account.strip().lower()[:LONGEST_ACCOUNT]
    parts = (("account", name, network), ("network", network), ("name", name))
    texts = ("\0".join(part).encode("utf-8", "surrogatepass") for part in parts)
    first, second, third = (hmac.digest(secret, b"sign-in\0" + text, "sha256") for text in texts)
    return first, second, third


async def begin(db: AsyncSession, keys: Sequence[bytes]) -> Try:
    """Raise TooMany, saying when the next attempt is allowed, or count this one. Commit before the password is looked
    at: attempts from all processes are counted one after another, and many at once guess no more often."""
    await db.execute(_lock(keys))
    row = (await db.execute(_full_since(keys))).one()
    waits = [full + SPAN - row.now for full in (row.account, row.network, row.name) if full is not None]
    if waits:
        raise _refusal(max(waits))
    rows = [new_id() for _ in keys]
    values = [{"id": row_id, "key": key} for row_id, key in zip(rows, keys, strict=True)]
    await db.execute(insert(FailedSignIn).values(values))
    return Try(keys=keys, rows=rows)


async def succeed(db: AsyncSession, tried: Try) -> None:
    """The right password was given: slips for this account on this network count no more, those of the network do."""
    own = (FailedSignIn.id.in_(tried.rows)) | (FailedSignIn.key == tried.keys[0])
    await db.execute(delete(FailedSignIn).where(own))


async def forget_old(services: Services) -> None:
    async with services.transaction() as db:
        await db.execute(delete(FailedSignIn).where(FailedSignIn.created_at <= now() - SPAN))


def turn_of(services: Services, network: str) -> asyncio.Lock:
    """Held while a password is looked at: people who sign in at once from one network do not count against each
    other before it is known that they are right."""
    turns = _turns.setdefault(services, WeakValueDictionary())
    return turns.setdefault(network, asyncio.Lock())


def _lock(keys: Sequence[bytes]) -> Any:
    """The network's and the account's, in an order that is the same for everybody, until this transaction ends."""
    numbers = sorted(int.from_bytes(key[:8], "big", signed=True) for key in keys[1:])
    return select(*(func.pg_advisory_xact_lock(number) for number in numbers))


def _full_since(keys: Sequence[bytes]) -> Any:
    """For each key the failure that has to grow old before another attempt is allowed; null where there is room."""
    names = (("account", PER_ACCOUNT), ("network", PER_NETWORK), ("name", PER_NAME))
    columns = [_nth(key, most).label(name) for key, (name, most) in zip(keys, names, strict=True)]
    return select(*columns, now().label("now"))


def _nth(key: bytes, most: int) -> Any:
    recent = select(FailedSignIn.created_at).where(FailedSignIn.key == key, FailedSignIn.created_at > now() - SPAN)
    return recent.order_by(FailedSignIn.created_at.desc()).offset(most - 1).limit(1).scalar_subquery()


def _refusal(wait: timedelta) -> TooMany:
    seconds = max(1, -int(-wait // timedelta(seconds=1)))
    return TooMany(f"Too many failed sign-ins. Wait {wait_in_words(seconds)} and try again.", retry_after=seconds)


_turns: WeakKeyDictionary[Services, WeakValueDictionary[str, asyncio.Lock]] = WeakKeyDictionary()
