"""What is opened once per process and closed once: the database, providers, decoder, hub and leases."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from chatelier.config import Settings
from chatelier.db.engine import make_engine, make_sessions
from chatelier.db.leases import LeaseKeeper
from chatelier.db.listen import SERVER, WORKER, Hub
from chatelier.db.migrate import migrate
from chatelier.db.models import Instance
from chatelier.db.topics import tell
from chatelier.errors import CannotStart
from chatelier.providers import Providers, open_providers
from chatelier.storage.decoder import Decoder
from chatelier.storage.objects import Objects
from chatelier.storage.served import Served
from chatelier.storage.thumbnails import Thumbnails

Say = Callable[[str], None]


@dataclass(kw_only=True, eq=False)
class Database:
    """Connections alone, for commands that need nothing else."""

    settings: Settings
    url: str = field(repr=False)
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction: commits at the end, rolls back on any error."""
        async with self.sessions() as db, db.begin():
            yield db


@dataclass(kw_only=True, eq=False)
class Services(Database):
    """``secret_key`` is 32 bytes or more, for signing and keyed hashes."""

    providers: Providers
    hub: Hub
    decoder: Decoder
    leases: LeaseKeeper
    secret_key: bytes = field(repr=False)
    thumbnails: Thumbnails = field(repr=False)
    served: Served = field(default_factory=Served)
    workers_alive: asyncio.Event = field(default_factory=asyncio.Event)


def _quiet(_: str) -> None:
    return None


@asynccontextmanager
async def open_database(settings: Settings, *, say: Say = _quiet, prepare: bool = True) -> AsyncIterator[Database]:
    """Start or join the embedded server (or use the given URL) and bring its schema up to date. ``prepare`` False
    leaves the schema as it is, or missing."""
    async with AsyncExitStack() as stack:
        url = settings.database_url or await _open_embedded(stack, settings.data_dir, say)
        if prepare:
            await asyncio.to_thread(migrate, url, say=say)
        engine = make_engine(url)
        stack.push_async_callback(engine.dispose)
        objects = await _open_objects(stack, settings.storage_url) if settings.storage_url else None
        sessions = make_sessions(engine, objects=objects)
        yield Database(settings=settings, url=url, engine=engine, sessions=sessions)


async def _open_objects(stack: AsyncExitStack, url: str) -> Objects:
    objects = await asyncio.to_thread(Objects, url)
    stack.callback(objects.close)
    return objects


async def _open_embedded(stack: AsyncExitStack, data_dir: Path, say: Say) -> str:
    from chatelier.db.embedded import open_embedded

    server = await asyncio.to_thread(open_embedded, data_dir, say=say)
    stack.push_async_callback(asyncio.to_thread, server.close)
    return server.url


@asynccontextmanager
async def open_services(settings: Settings, *, serves: bool = False, say: Say = _quiet) -> AsyncIterator[Services]:
    """Everything a server or worker needs; ``serves`` lets other servers know of it. Raises CannotStart with a
    sentence."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings, say=say))
        secret_key = read_secret_key(settings)
        async with database.transaction() as db:
            await check_secret_key(db, secret_key)
        providers = open_providers(settings)
        stack.push_async_callback(providers.close)
        decoder = Decoder(max_pixels=settings.image_pixels)
        stack.push_async_callback(decoder.close)
        leases = LeaseKeeper(database.url)
        stack.push_async_callback(asyncio.to_thread, leases.close)
        hub = Hub(database.url, SERVER if serves else WORKER)
        await hub.start()
        stack.push_async_callback(hub.stop)
        tell(database.sessions, hub.hear)
        thumbnails = Thumbnails(database.engine, settings.thumbnail_cache_bytes)
        stack.push_async_callback(thumbnails.close)
        yield Services(
            settings=settings,
            url=database.url,
            engine=database.engine,
            sessions=database.sessions,
            providers=providers,
            hub=hub,
            decoder=decoder,
            leases=leases,
            secret_key=secret_key,
            thumbnails=thumbnails,
        )


def read_secret_key(settings: Settings) -> bytes:
    """From the settings, else from the data folder, where it is made once (mode 0600)."""
    if settings.secret_key:
        if len(settings.secret_key) < 32:
            raise CannotStart("CHATELIER_SECRET_KEY is too short. Use at least 32 random characters.")
        return settings.secret_key.encode()
    path = secret_key_path(settings)
    try:
        if not path.exists():
            _make_secret_key(path)
        return path.read_text().strip().encode()
    except OSError as error:
        raise CannotStart(f"The secret key cannot be kept in {path}: {error.strerror}.") from error


def secret_key_path(settings: Settings) -> Path:
    return settings.data_dir / "secret.key"


def find_secret_key(settings: Settings) -> bytes | None:
    """The key that is there; unlike ``read_secret_key`` this makes none."""
    if settings.secret_key or secret_key_path(settings).exists():
        return read_secret_key(settings)
    return None


def replace_secret_key(settings: Settings, secret_key: bytes, aside: str) -> None:
    """Whole or not at all; the one that was there is kept as ``secret.key.ASIDE``. Raises CannotStart."""
    path = secret_key_path(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret_key)
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileNotFoundError):
            path.replace(path.with_name(f"{path.name}.{aside}"))
        os.replace(draft, path)
    except OSError as error:
        raise CannotStart(f"The secret key cannot be kept in {path}: {error.strerror}. Nothing was changed.") from error


def fingerprint_of(secret_key: bytes) -> str:
    """Tells keys apart without giving them away."""
    return hashlib.sha256(b"fingerprint:" + secret_key).hexdigest()[:32]


def _make_secret_key(path: Path) -> None:
    """Whole or not at all: two processes that start together must end with the same key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)


async def check_secret_key(db: AsyncSession, secret_key: bytes) -> None:
    """Its fingerprint is kept in the database: with another key, signed and encrypted things would be lost."""
    fingerprint = fingerprint_of(secret_key)
    await db.execute(insert(Instance).values(id=1).on_conflict_do_nothing())
    first = update(Instance).where(Instance.secret_fingerprint.is_(None)).values(secret_fingerprint=fingerprint)
    await db.execute(first)
    known = (await db.get_one(Instance, 1)).secret_fingerprint
    if known != fingerprint:
        raise CannotStart(
            "The secret key is not the one this database was made with. Set CHATELIER_SECRET_KEY to the old key, "
            "or put the old secret.key back into the data folder."
        )
