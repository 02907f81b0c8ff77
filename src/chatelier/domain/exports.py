"""Archives that people ask for of their own data: made by a job, fetched over links that work once, gone after three
days. The archive lies in pieces in the database, so that any machine may make it and any other hand it out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db import queue
from chatelier.db.models import Export, ExportPiece, User, now
from chatelier.domain import audit
from chatelier.domain.credentials import digest, new_token
from chatelier.domain.export_archive import write_archive
from chatelier.domain.sign_in import confirm_password
from chatelier.errors import NotFound, StorageUnavailable
from chatelier.ids import new_id
from chatelier.services import Services

EXPORT = "export"
HOURS = 72  # that an archive and its links live
MOST_RUNS = 3
LEASE_SECONDS = 120
PIECE = 1 << 20
_LATER = -10  # priority: people who wait for an answer come first
log = structlog.get_logger()


async def request_export(services: Services, user: User, password: str, *, address: str = "") -> Export:
    """Begin an archive, after the person has given their password again. An older one goes."""
    await confirm_password(services, user, password, address=address)
    async with services.transaction() as db:
        await db.execute(delete(Export).where(Export.user_id == user.id))
        export = Export(id=new_id(), user_id=user.id, lease_until=_in(LEASE_SECONDS), expires_at=_in(HOURS * 3600))
        db.add(export)
        await db.flush()
        await _defer(db, export.id)
        await audit.record(db, "export.request", actor=user.id, target=user.id, address=address)
        await db.refresh(export)
    return export


async def list_exports(db: AsyncSession, user: User) -> Sequence[Export]:
    """The user's own that are not over, newest first."""
    query = select(Export).where(Export.user_id == user.id, Export.expires_at > now())
    return (await db.scalars(query.order_by(Export.created_at.desc()))).all()


async def new_link(db: AsyncSession, user: User, export_id: UUID | None) -> str:
    """A token that fetches the archive once; an older one that was not used is dead. NotFound unless it is ready."""
    token = new_token()
    ours = (Export.id == export_id, Export.user_id == user.id, Export.state == "ready", Export.expires_at > now())
    found = await db.execute(update(Export).where(*ours).values(link_hash=digest(token)).returning(Export.id))
    if found.first() is None:
        raise NotFound
    await audit.record(db, "export.link", actor=user.id, target=user.id)
    return token


async def remove_export(db: AsyncSession, user: User, export_id: UUID | None) -> None:
    gone = delete(Export).where(Export.id == export_id, Export.user_id == user.id).returning(Export.id)
    if (await db.execute(gone)).first() is None:
        raise NotFound


@dataclass(frozen=True, kw_only=True)
class Download:
    size: int  # bytes
    pieces: AsyncIterator[bytes]


async def open_download(services: Services, user: User, token: str) -> Download:
    """The archive of a link, for its owner, once. NotFound for a link that is used, over or somebody else's."""
    async with services.transaction() as db:
        ours = (Export.link_hash == digest(token), Export.user_id == user.id, Export.expires_at > now())
        found = (await db.execute(update(Export).where(*ours).values(link_hash=None).returning(Export))).scalar()
        if found is None:
            raise NotFound
        await audit.record(db, "export.download", actor=user.id, target=user.id)
        export_id, size = found.id, found.bytes
    return Download(size=size, pieces=_pieces(services, export_id))


async def _pieces(services: Services, export_id: UUID) -> AsyncIterator[bytes]:
    number = 0
    while True:
        async with services.sessions() as db:
            piece = await db.get(ExportPiece, (export_id, number))
        if piece is None:
            return
        yield piece.content
        number += 1


async def run_export(services: Services, export_id: UUID) -> None:
    """The job. Only the newest run writes; what a dead one left is thrown away."""
    run = new_id()
    async with services.transaction() as db:
        claim = update(Export).where(Export.id == export_id, Export.state == "waiting", Export.runs < MOST_RUNS)
        claim = claim.values(run=run, runs=Export.runs + 1, lease_until=_in(LEASE_SECONDS)).returning(Export.user_id)
        user_id = await db.scalar(claim)
        await db.execute(delete(ExportPiece).where(ExportPiece.export_id == export_id))
    if user_id is None:
        return
    try:
        size = await _write(services, export_id, run, user_id)
    except StorageUnavailable:
        log.warning("export.waits", export_id=str(export_id))  # for its lease to run out: the sweep begins it again
    except Exception:
        log.exception("export.failed", export_id=str(export_id))
        await _set(services, export_id, run, state="failed")
    else:
        await _set(services, export_id, run, state="ready", bytes=size)


async def _write(services: Services, export_id: UUID, run: UUID, user_id: UUID) -> int:
    waiting, number, size = bytearray(), 0, 0
    async for part in write_archive(services.sessions, user_id):
        waiting += part
        while len(waiting) >= PIECE:
            await _keep(services, export_id, run, number, bytes(waiting[:PIECE]))
            del waiting[:PIECE]
            number, size = number + 1, size + PIECE
    await _keep(services, export_id, run, number, bytes(waiting))
    return size + len(waiting)


async def _keep(services: Services, export_id: UUID, run: UUID, number: int, content: bytes) -> None:
    async with services.transaction() as db:
        ours = update(Export).where(Export.id == export_id, Export.run == run).values(lease_until=_in(LEASE_SECONDS))
        if (await db.execute(ours.returning(Export.id))).first() is None:
            raise NotFound  # taken back, or another worker writes it now
        db.add(ExportPiece(export_id=export_id, number=number, content=content))


async def _set(services: Services, export_id: UUID, run: UUID, **values: object) -> None:
    async with services.transaction() as db:
        await db.execute(update(Export).where(Export.id == export_id, Export.run == run).values(**values))


async def sweep_exports(services: Services) -> None:
    """Remove archives that are over; begin again those whose worker died, and give up after the third."""
    stalled = (Export.state == "waiting", Export.lease_until < now())
    async with services.transaction() as db:
        await db.execute(delete(Export).where(Export.expires_at < now()))
        await db.execute(update(Export).where(*stalled, Export.runs >= MOST_RUNS).values(state="failed"))
        again = update(Export).where(*stalled).values(lease_until=_in(LEASE_SECONDS)).returning(Export.id)
        for export_id in list(await db.scalars(again)):
            await _defer(db, export_id)


async def _defer(db: AsyncSession, export_id: UUID) -> None:
    await queue.defer(db, queue.REPLIES, EXPORT, priority=_LATER, export_id=str(export_id))


def _in(seconds: int) -> object:
    return now() + timedelta(seconds=seconds)
