"""One person's data out of an instance, and into another."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatelier.cli.place import Config, DataDir, say, settings_from
from chatelier.cli.users import Email, known_user
from chatelier.errors import CannotStart, Invalid

if TYPE_CHECKING:
    from chatelier.config import Settings
    from chatelier.domain.importing import Imported

File = Annotated[Path, typer.Argument(metavar="FILE")]


def export(email: Email, file: File, config: Config = None, data_dir: DataDir = None) -> None:
    """Write everything of one account into a zip: JSON lines and all images."""
    size = asyncio.run(_export(settings_from(config, data_dir), email, file))
    typer.echo(f"{file}: {size:,} bytes, everything that {email} has here.")


def import_(file: File, email: Email, config: Config = None, data_dir: DataDir = None) -> None:
    """Take an export into an account, beside what it has; every id is new."""
    if not file.is_file():
        raise Invalid(f"{file} is not there. Name the zip that `chatelier export` wrote.")
    done = asyncio.run(_import(settings_from(config, data_dir), file, email))
    left = f" {done.skipped} images had no usable file and were left out." if done.skipped else ""
    typer.echo(f"{email} has {done.threads} threads, {done.messages} messages and {done.images} images more.{left}")


async def _export(settings: Settings, email: str, file: Path) -> int:
    from chatelier.domain.export_archive import write_archive
    from chatelier.services import open_database

    async with open_database(settings, say=say) as database:
        async with database.transaction() as db:
            user = await known_user(db, email)
        return await write_whole(file, write_archive(database.sessions, user.id))


async def _import(settings: Settings, file: Path, email: str) -> Imported:
    from chatelier.domain.importing import import_archive
    from chatelier.services import open_services

    async with open_services(settings, say=say) as services:
        async with services.transaction() as db:
            user = await known_user(db, email)
        return await import_archive(services, user, file)


async def write_whole(file: Path, pieces: AsyncIterator[bytes]) -> int:
    """A private file that has its name only when it is whole. Raises CannotStart with a sentence where it cannot be."""
    draft, size = file.with_name(file.name + ".part"), 0
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            async for piece in pieces:
                size += await asyncio.to_thread(out.write, piece)
            out.flush()
            await asyncio.to_thread(os.fsync, descriptor)
        draft.replace(file)
    except OSError as error:
        raise CannotStart(f"{file} cannot be written: {error.strerror}. Nothing was left behind.") from error
    finally:
        draft.unlink(missing_ok=True)
    return size
