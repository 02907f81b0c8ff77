"""The whole instance into a file, and out of one into an empty instance."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from chatelier.cli.place import Config, DataDir, say, settings_from
from chatelier.cli.portability import write_whole
from chatelier.errors import CannotStart, Invalid

if TYPE_CHECKING:
    from chatelier.config import Settings
    from chatelier.domain.backup import Written
    from chatelier.domain.backup_file import Reader
    from chatelier.domain.restore import Restored
    from chatelier.domain.restore_key import Key

PIPE = Path("-")
SPEAK_SECONDS = 10.0
LEAST_PASSPHRASE = 12  # characters
KEYLESS = (
    "The secret key is NOT in this backup: without it the keys of providers that admins stored are lost. Keep {where} "
    "beside it, or give a passphrase (CHATELIER_BACKUP_PASSPHRASE, --passphrase-file) and the key goes in under it."
)
KEYS_LOST = (
    "The secret key of that instance is not here, so the keys of providers that admins stored are gone: enter them "
    "again under Providers."
)
NEEDED = (
    "The secret key is in this backup under a passphrase. Give it with CHATELIER_BACKUP_PASSPHRASE or "
    "--passphrase-file, or say --without-key and enter the keys of providers again. Nothing was changed."
)

PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", metavar="FILE", help="Its first line is the passphrase.")
]
WithoutKey = Annotated[bool, typer.Option("--without-key", help="Do without the secret key.")]


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A tar file to be written; - is standard output.")],
    since: Annotated[
        str, typer.Option(metavar="DATE", help="Leave out the bytes of pictures from before, as in 2026-11-01.")
    ] = "",
    passphrase_file: PassphraseFile = None,
    without_key: WithoutKey = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Write the whole instance into a file, while it runs."""
    settings = settings_from(config, data_dir)
    if file == PIPE and sys.stdout.isatty():
        raise Invalid("A backup does not go to a terminal. Name a file, or send it on, as in: chatelier backup - | …")
    day = _day(since)
    passphrase = "" if without_key else _passphrase(settings, passphrase_file, new=True)
    written = asyncio.run(_backup(settings, file, passphrase, day))
    say(
        f"Accounts: {written.people}, pictures: {written.images}, bytes: {written.bytes:,}, schema: {written.revision}"
        + (f", without the bytes of pictures from before {since}." if since else ".")
    )
    if written.lost:
        say(f"{written.lost} files are missing or damaged in the object store and are not in it. These names them:")
        say("chatelier images move --to objects --verify")
    if written.with_key:
        say("The secret key is in it under the passphrase. Without that nobody reads it.")
    elif written.needs_key:
        say(KEYLESS.format(where=_place_of_key(settings)))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `chatelier backup` wrote; - is standard input.")],
    older: Annotated[
        list[Path] | None, typer.Argument(metavar="OLDER", help="Those that FILE builds on, newest first.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    without_key: WithoutKey = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Take a backup into an empty instance: all of it, or nothing."""
    settings = settings_from(config, data_dir)
    from chatelier.domain.backup_file import Reader
    from chatelier.domain.restore_key import choose_key

    def ask() -> str:
        found = _passphrase(settings, passphrase_file, new=False, may_ask=file != PIPE)
        if not found:
            raise CannotStart(NEEDED)
        return found

    with ExitStack() as stack:
        readers = [Reader(stack.enter_context(_open(one))) for one in (file, *(older or []))]
        key = choose_key(settings, readers[0].head, ask, without=without_key)
        done = asyncio.run(_restore(settings, readers, key))
    typer.echo(_told(done))
    if key.is_lost:
        say(KEYS_LOST)


async def _backup(settings: Settings, file: Path, passphrase: str, since: datetime | None) -> Written:
    from chatelier.domain.backup import Written, write_backup
    from chatelier.services import open_database

    written = Written(made_at=datetime.now(UTC))
    async with open_database(settings, say=say, prepare=False) as database:
        pieces = _watched(write_backup(database, written, passphrase=passphrase, since=since))
        if file != PIPE:
            await write_whole(file, pieces)
            return written
        try:
            async for piece in pieces:
                await asyncio.to_thread(sys.stdout.buffer.write, piece)
            await asyncio.to_thread(sys.stdout.buffer.flush)
        except OSError as error:
            raise CannotStart(f"Standard output takes no more: {error.strerror}. The backup is not whole.") from error
    return written


async def _restore(settings: Settings, readers: Sequence[Reader], key: Key) -> Restored:
    from chatelier.domain.restore import restore
    from chatelier.services import open_database

    async with open_database(settings, say=say, prepare=False) as database:
        return await restore(database, readers, key)


async def _watched(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    size, spoken = 0, time.monotonic()
    async for piece in pieces:
        size += len(piece)
        if time.monotonic() - spoken > SPEAK_SECONDS:
            spoken = time.monotonic()
            say(f"{size / 1e9:.1f} GB so far…")
        yield piece


def _told(done: Restored) -> str:
    told = [f"Restored as it was at {done.made_at}. Accounts: {done.people}, pictures: {done.images}."]
    if done.stopped:
        told.append(f"Requests that waited then and were ended without a charge: {done.stopped}.")
    if done.missing:
        told.append(f"Pictures whose file was gone already: {done.missing}.")
    if done.changed:
        told.append(f"Pictures that are not what was once stored, by their checksum: {done.changed}.")
    return " ".join([*told, "People sign in again. `chatelier serve` starts it."])


def _day(words: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(words) if words else None
    except ValueError as error:
        raise Invalid(f"{words!r} is no date. Write it like 2026-11-01.") from error
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _open(file: Path) -> IO[bytes]:
    if file == PIPE:
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}. Name what `chatelier backup` wrote.") from error


def _passphrase(settings: Settings, file: Path | None, *, new: bool, may_ask: bool = True) -> str:
    """From the file, the settings, or whoever sits there; '' when nobody says one."""
    if file is not None:
        try:
            found = file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(f"The passphrase cannot be read from {file}.") from error
    elif settings.backup_passphrase:
        found = settings.backup_passphrase
    elif may_ask and sys.stdin.isatty():
        words = "Passphrase for the secret key (nothing: leave the key out)" if new else "Passphrase of this backup"
        found = typer.prompt(words, default="", hide_input=True, confirmation_prompt=new, show_default=False, err=True)
    else:
        return ""
    if new and found and len(found) < LEAST_PASSPHRASE:
        raise Invalid(f"The passphrase is too short: use {LEAST_PASSPHRASE} characters or more, such as four words.")
    return found


def _place_of_key(settings: Settings) -> str:
    return "CHATELIER_SECRET_KEY" if settings.secret_key else str(settings.data_dir / "secret.key")
