"""What the doctor looks at: data folder, disk, database, key, accounts, waiting work, Redis, engines, the
running server."""

from __future__ import annotations

import asyncio
import http.client
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from chatelier import __version__
from chatelier.cli.place import say
from chatelier.config import Settings
from chatelier.db.models import StoredProvider
from chatelier.domain import stores
from chatelier.domain.engines import list_usual_models
from chatelier.domain.health import Load, measure_load
from chatelier.domain.room import free_bytes
from chatelier.domain.setup import is_open
from chatelier.domain.spend.drift import find_drift
from chatelier.domain.stored_providers import list_stored, open_to_look
from chatelier.domain.stores import Standing, gigabytes
from chatelier.domain.throttle.shared import SharedCounters
from chatelier.errors import ChatelierError
from chatelier.providers import Providers, open_providers
from chatelier.providers.base import ChatProvider, ImageProvider
from chatelier.providers.lifecycle import ending_of
from chatelier.services import check_secret_key, open_database, read_secret_key
from chatelier.storage.objects import Objects
from chatelier.storage.outbox import objects_of

SOON = 1_000_000_000  # bytes: time to make room
PROBE_SECONDS = 5.0
SOON_DAYS = 30


@dataclass(frozen=True)
class Finding:
    is_well: bool
    sentence: str


async def examine(settings: Settings) -> list[Finding]:
    """Everything that can be looked at; one failing part does not hide the others."""
    findings = [Finding(True, f"Chatelier {__version__}, configuration {settings.config_file or 'by defaults'}.")]
    findings += _folder(settings.data_dir)
    findings.append(examine_room(settings))
    stored: list[StoredProvider] = []
    findings += await _database(settings, stored)
    findings += await examine_redis(settings)
    findings += await _engines(settings, stored)
    findings += _mail(settings)
    return [*findings, await asyncio.to_thread(_server, settings)]


def _folder(folder: Path) -> Iterator[Finding]:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(existing, os.W_OK):
        yield Finding(False, f"{existing} cannot be written. Give this user the right, or choose --data-dir.")
    elif existing is folder:
        yield Finding(True, f"The data folder {folder} can be written.")
    else:
        yield Finding(True, f"The data folder {folder} will be made at the first start.")


def examine_room(settings: Settings) -> Finding:
    free, least = free_bytes(settings.data_dir), 0 if settings.database_url else settings.least_free_bytes
    room = f"{free / 1e9:.1f} GB free on the disk of the data folder"
    if free < least:
        limit = f"{least / 1e9:.1f} GB (CHATELIER_LEAST_FREE_BYTES)"
        return Finding(False, f"Only {room}, and nothing is painted or answered below {limit}. Make room.")
    return Finding(free >= SOON, f"{room}." if free >= SOON else f"Only {room}. Make room soon.")


async def _database(settings: Settings, stored: list[StoredProvider]) -> list[Finding]:
    """``stored`` takes the providers that admins added."""
    kind = "The database at CHATELIER_DATABASE_URL" if settings.database_url else "The embedded database"
    try:
        async with open_database(settings, say=say) as database, database.transaction() as db:
            findings = [Finding(True, f"{kind} answers and its schema is up to date.")]
            load, unclaimed = await measure_load(db), await is_open(db)
            drift = await find_drift(db)
            stored += await list_stored(db)
            await check_secret_key(db, read_secret_key(settings))
            standing = await stores.measure(db, has_objects=bool(settings.storage_url))
            objects = objects_of(database.sessions)
            images = [*await _objects(objects, standing), *_images(standing, settings)]
    except ChatelierError as error:
        return [Finding(False, error.sentence)]
    return [*findings, *_work(load, unclaimed), *_books(drift), *images]


def _books(drift: list[str]) -> Iterator[Finding]:
    """Money and limits: whether everything that counts them says the same."""
    yield from (Finding(False, f"The books do not agree: {sentence}.") for sentence in drift)
    if not drift:
        yield Finding(True, "Ledger, counters and sums agree.")


async def _objects(objects: Objects | None, standing: Standing) -> list[Finding]:
    if objects is None:
        lost = f"{standing.in_objects:,} files of images lie in an object store that is not configured here"
        return [Finding(False, f"{lost}. Set CHATELIER_STORAGE_URL as before.")] if standing.in_objects else []
    try:
        await objects.probe()
    except ChatelierError:
        advice = "Check CHATELIER_STORAGE_URL, its credentials and the network; the log says more"
        return [Finding(False, f"The image store {objects.name} cannot be used. {advice}.")]
    return [Finding(True, f"The image store {objects.name} takes, gives back and deletes.")]


def _images(standing: Standing, settings: Settings) -> Iterator[Finding]:
    """Where they lie, and whether that is still right."""
    for count, size, where in (
        (standing.in_database, standing.database_bytes, "database"),
        (standing.in_objects, standing.object_bytes, "object store"),
    ):
        if count:
            yield Finding(True, f"{count:,} original images and previews ({gigabytes(size)}) lie in the {where}.")
    if standing.store == stores.OBJECTS and standing.in_database:
        yield Finding(True, "`chatelier images move --to objects` moves those of the database to the others.")
    if standing.is_time:
        yield Finding(True, f"It is time for an object store: {' and '.join(standing.reasons)}. {standing.gain}")
    if settings.smaller_originals or standing.saved:
        yield Finding(True, f"Encoding originals again without loss has saved {gigabytes(standing.saved)}.")


def _work(load: Load, unclaimed: bool) -> Iterator[Finding]:
    accounts = f"{load.users} account{'' if load.users == 1 else 's'}"
    hint = "; open the address that the server prints to make the first" if unclaimed else ""
    yield Finding(True, f"{accounts}{hint}.")
    yield Finding(True, f"{load.queued} generations wait and {load.running} are being painted.")
    if load.unknown:
        yield Finding(True, f"{load.unknown} attempts ended without anybody knowing how; they are never sent again.")


async def examine_redis(settings: Settings) -> list[Finding]:
    if not settings.redis_url:
        return []
    counters = SharedCounters(settings.redis_url)
    await counters.start()
    answers = counters.is_asked
    await counters.close()
    if answers:
        return [Finding(True, "Redis answers and counts requests for all servers together.")]
    return [Finding(False, "Redis does not answer, so each server counts for itself. Look at CHATELIER_REDIS_URL.")]


async def _engines(settings: Settings, stored: list[StoredProvider]) -> list[Finding]:
    try:
        providers = open_providers(settings)
    except ChatelierError as error:
        return [Finding(False, error.sentence)]
    talk = providers.chat.label if providers.chat else "no chat model; `chatelier model install` brings a small one"
    providers.add(open_to_look(stored, providers))
    findings = [Finding(True, f"Pictures: {providers.image(None).label}."), Finding(True, f"Talk: {talk}.")]
    findings += _lifecycles(providers, datetime.now(UTC).date())
    await providers.close()
    return findings


def _lifecycles(providers: Providers, today: date) -> Iterator[Finding]:
    """Models in use that end: no longer well when it is soon."""
    used: list[tuple[ImageProvider | ChatProvider, str]] = [*list_usual_models(providers)]
    used += [(providers.chat, providers.chat.default_model)] if providers.chat else []
    for provider, model in used:
        ending = ending_of(provider, model)
        if ending is None:
            continue
        instead = f"; {ending.replacement} replaces it" if ending.replacement else "; choose another"
        left = (ending.day - today).days
        when = f"ends on {ending.day:%-d %B %Y}" if left > 0 else f"is gone since {ending.day:%-d %B %Y}"
        yield Finding(left > SOON_DAYS, f"{provider.label}: {model} {when}{instead}.")


def _mail(settings: Settings) -> Iterator[Finding]:
    server = settings.mail_server
    if server is None:
        yield Finding(True, "No mail server is set: what would be mailed stands in the page. See CHATELIER_SMTP_URL.")
    else:
        sent = f"Mail goes by {server.host}:{server.port}, from {settings.sender[1]}"
        yield Finding(True, f"{sent}; an admin can send a test under Mail and alerts.")


def _server(settings: Settings) -> Finding:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 (asked, not bound)
    connection = http.client.HTTPConnection(host, settings.port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        text = answer.read(200).decode(errors="replace").strip()
    except OSError:
        return Finding(True, f"No server is running on port {settings.port}; `chatelier serve` starts one.")
    except http.client.HTTPException:
        return Finding(False, f"Something other than Chatelier answers on port {settings.port}.")
    finally:
        connection.close()
    if answer.status == 200 and text == "ok":
        return Finding(True, f"A server on port {settings.port} is ready.")
    return Finding(False, f"What answers on port {settings.port} is not ready: {text or answer.status}")
