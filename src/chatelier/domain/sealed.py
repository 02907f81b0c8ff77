"""Everything that is kept sealed under the secret key, in one place: forgotten when that key is lost, sealed anew when
it is changed. A test fails for a sealed column that is not here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.copying import others
from chatelier.db.engine import raw_connection
from chatelier.db.models import Instance, StoredProvider
from chatelier.domain import audit
from chatelier.domain.sealing import Unreadable, seal, unseal
from chatelier.errors import CannotStart
from chatelier.services import check_secret_key, fingerprint_of

# Of each such column, what else in its row goes with it.
SEALED: dict[Any, dict[str, dict[str, Any]]] = {StoredProvider: {"sealed_key": {"last_four": ""}}}
IN_USE = "Chatelier is running with the old key. Stop the server and its workers first. Nothing was changed."
UNREADABLE = (
    "Something is sealed under a key that is neither of these: a provider named {name}. Enter its key again under "
    "Providers, or delete it, then try again. Nothing was changed."
)


async def forget_sealed(db: AsyncSession) -> None:
    """The secret key is lost; the next start may bring a new one."""
    for model, columns in SEALED.items():
        for name, more in columns.items():
            await db.execute(update(model).values({name: None, **more}))
    await db.execute(update(Instance).values(secret_fingerprint=None))


async def seal_anew(db: AsyncSession, old: bytes, new: bytes) -> int:
    """Under the new secret key, which is this database's from now on; how much was. Raises CannotStart for a wrong old
    key, and while servers run that know only the old one."""
    await check_secret_key(db, old)
    if await others(await raw_connection(db)):
        raise CannotStart(IN_USE)
    count = 0
    for model, columns in SEALED.items():
        for name in columns:
            for row in await db.scalars(select(model).where(getattr(model, name).is_not(None)).with_for_update()):
                try:
                    setattr(row, name, seal(new, unseal(old, getattr(row, name))))
                except Unreadable as error:
                    raise CannotStart(UNREADABLE.format(name=getattr(row, "name", "?"))) from error
                count += 1
    await db.execute(update(Instance).values(secret_fingerprint=fingerprint_of(new)))
    await audit.record(db, "secret_key.rotate", sealed=count)
    return count
