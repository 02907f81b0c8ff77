"""Providers that an admin keeps in the database. A change is followed by every process within a moment; what is being
painted is finished with the provider it began with."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.config import ProviderSettings
from chatelier.db.models import Instance, StoredProvider, now
from chatelier.domain import audit
from chatelier.domain.events import publish
from chatelier.domain.sealing import Unreadable, seal, unseal
from chatelier.errors import CannotStart, Invalid, NotFound
from chatelier.providers import Providers, open_table
from chatelier.providers.base import ImageProvider, ProviderError, Refreshing
from chatelier.providers.registry import types
from chatelier.services import Services

TOPIC = "providers"
LOOK_SECONDS = 60.0  # also without a notification
log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a provider said when it was asked without painting anything: its models, or why it cannot be used."""

    models: Sequence[str] = ()
    problem: str = ""


def list_types() -> list[str]:
    """What a provider may speak, also by other packages."""
    return types()


async def list_stored(db: AsyncSession) -> list[StoredProvider]:
    return list(await db.scalars(select(StoredProvider).order_by(StoredProvider.name)))


async def _lock(db: AsyncSession) -> None:
    """Admins who change providers at the same moment do it one after another."""
    await db.execute(select(Instance.id).with_for_update())


async def find_stored(db: AsyncSession, name: str) -> StoredProvider:
    """Raises NotFound. Only for admins: providers belong to the instance."""
    row = await db.scalar(select(StoredProvider).where(StoredProvider.name == name).with_for_update())
    if row is None:
        raise NotFound
    return row


async def save_provider(
    db: AsyncSession, providers: Providers, secret_key: bytes, name: str, table: Mapping[str, Any], *, actor: UUID
) -> StoredProvider:
    """Add it or change it; an empty ``api_key`` keeps the one that is there, unless the address is another: a key never
    goes to a server that it was not given for. Raises Invalid with the sentence of what cannot be used."""
    await _lock(db)
    row = await db.scalar(select(StoredProvider).where(StoredProvider.name == name).with_for_update())
    if row is None and name in providers.images:
        raise Invalid(f"There is a provider {name} already. Choose another name.", fields={"name": "taken"})
    checked = _checked(name, table, providers)
    kept = checked.model_dump(mode="json", exclude={"api_key"})
    row = row or StoredProvider(name=name)
    if checked.api_key:
        row.sealed_key, row.last_four = seal(secret_key, checked.api_key), checked.api_key[-4:]
    elif row.settings and row.settings.get("base_url") != kept["base_url"]:
        row.sealed_key, row.last_four = None, ""
    row.settings, row.updated_at = kept, now()
    db.add(row)
    await db.flush()
    await _changed(db, "provider.saved", name, actor)
    return row


async def delete_provider(db: AsyncSession, name: str, *, actor: UUID) -> None:
    await find_stored(db, name)
    await db.execute(delete(StoredProvider).where(StoredProvider.name == name))
    await _changed(db, "provider.deleted", name, actor)


async def make_default(db: AsyncSession, name: str, *, actor: UUID) -> None:
    """It paints when nobody says who; '' gives this back to the settings."""
    await _lock(db)
    if name:
        await find_stored(db, name)
    await db.execute(update(StoredProvider).where(StoredProvider.is_default).values(is_default=False))
    await db.execute(update(StoredProvider).where(StoredProvider.name == name).values(is_default=True))
    await _changed(db, "provider.default", name, actor)


async def save_fallback(db: AsyncSession, providers: Providers, names: Sequence[str], *, actor: UUID) -> None:
    """Who is asked, in this order, where one cannot be reached and nothing was paid. Raises Invalid."""
    unknown = [name for name in names if name not in providers.images]
    if unknown or len(set(names)) < len(names):
        known = ", ".join(sorted(providers.images))
        raise Invalid(
            f"Write names with commas between, each once. There are: {known}.", fields={"fallback": "unknown"}
        )
    await db.execute(update(Instance).where(Instance.id == 1).values(image_fallback=list(names)))
    await _changed(db, "provider.fallback", "", actor)


async def _read_fallback(db: AsyncSession) -> list[str]:
    return await db.scalar(select(Instance.image_fallback).where(Instance.id == 1)) or []


async def ask_provider(providers: Providers, name: str) -> Answer:
    """Which models its server lists now. Nothing is painted and nothing paid."""
    provider = providers.images.get(name)
    if provider is None:
        return Answer(problem="It is not in use yet. Look again in a moment.")
    listing = getattr(provider, "list_models", None)
    try:
        if isinstance(provider, Refreshing):
            await provider.refresh()
        return Answer(models=await listing() if listing else provider.models())
    except ProviderError as error:
        return Answer(problem=error.detail)


async def refresh(services: Services) -> None:
    """Use what the database holds now. A row that cannot be used is left out, and says so in the log."""
    async with services.transaction() as db:
        rows, fallback = await list_stored(db), await _read_fallback(db)
    added: dict[str, ImageProvider] = {}
    default = ""
    for row in rows:
        try:
            added[row.name] = _open(row, services)
        except (CannotStart, Unreadable, ValidationError) as error:
            log.error("provider.unusable", provider=row.name, reason=str(error) or "sealed under another key")
            continue
        default = row.name if row.is_default else default
    services.providers.add(added, default="" if services.settings.image_provider else default)
    services.providers.fallback = services.settings.image_fallback or tuple(fallback)


async def follow(services: Services, *, changed: Callable[[], None] = lambda: None) -> None:
    """Until cancelled: refresh at every change, and once in a while. ``changed`` is called after each."""
    with services.hub.subscribe(TOPIC) as heard:
        seen: object = None
        while True:
            try:
                mark = await _mark(services)
                if mark != seen:
                    await refresh(services)
                    changed()
                    seen = mark
            except Exception:
                log.exception("providers.refresh_failed")
                await asyncio.sleep(1)
            await heard.wait(LOOK_SECONDS)


async def _mark(services: Services) -> object:
    """Something that differs when anything was changed."""
    async with services.transaction() as db:
        rows = [(row.name, row.updated_at, row.is_default) for row in await list_stored(db)]
        return (rows, await _read_fallback(db))


def open_to_look(rows: Sequence[StoredProvider], providers: Providers) -> dict[str, ImageProvider]:
    """Providers without their keys, for what is known without asking them; those that cannot be used are left out."""
    found: dict[str, ImageProvider] = {}
    for row in rows:
        with contextlib.suppress(CannotStart, ValidationError):
            found[row.name] = open_table(row.name, ProviderSettings(**row.settings), providers.book(), providers.folder)
    return found


def _open(row: StoredProvider, services: Services) -> ImageProvider:
    key = unseal(services.secret_key, row.sealed_key) if row.sealed_key else ""
    providers = services.providers
    return open_table(row.name, ProviderSettings(**row.settings, api_key=key), providers.book(), providers.folder)


def _checked(name: str, table: Mapping[str, Any], providers: Providers) -> ProviderSettings:
    try:
        checked = ProviderSettings.model_validate(table)
        open_table(name, checked, providers.book(), providers.folder)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        why = first["msg"].removeprefix("Value error, ")
        raise Invalid(f"{where} cannot be used: {why}.", fields={where: why}) from error
    except CannotStart as error:
        raise Invalid(error.sentence) from error
    return checked


async def _changed(db: AsyncSession, action: str, name: str, actor: UUID) -> None:
    await audit.record(db, action, actor=actor, target=name)
    publish(db, TOPIC)
