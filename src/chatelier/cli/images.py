"""Where the files of images lie: moving them to an object store and back, and checking them."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from chatelier.cli.place import Config, DataDir, say, settings_from

if TYPE_CHECKING:
    from chatelier.config import Settings
    from chatelier.domain.moves import Moved, Report

app = typer.Typer(help="The files of images.", no_args_is_help=True)
SHOWN = 20  # files named one by one
STEPS = 20  # lines of progress where nobody watches


class Store(StrEnum):
    DATABASE = "database"
    OBJECTS = "objects"


@app.callback()
def images() -> None: ...


@app.command("move")
def move(
    to: Annotated[Store, typer.Option("--to", help="Where original images are to lie.")],
    verify: Annotated[bool, typer.Option("--verify", help="Check the checksum of every file afterwards.")] = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Move original images into the object store or back while the instance runs; what is new goes there too."""
    failed = asyncio.run(_move(settings_from(config, data_dir), to, verify))
    for line in failed[:SHOWN]:
        typer.echo(line, err=True)
    if len(failed) > SHOWN:
        typer.echo(f"… and {len(failed) - SHOWN} more.", err=True)
    if failed:
        typer.echo(
            f"{len(failed)} files are missing or damaged. Restore them from a backup; nothing was lost by the move."
        )
        raise typer.Exit(1)


async def _move(settings: Settings, to: Store, verify: bool) -> list[str]:
    from chatelier.domain.moves import count_all, find_strays, left_to_move, move_images, verify_images
    from chatelier.errors import StorageUnavailable
    from chatelier.services import open_database

    async with open_database(settings, say=say) as database:
        with _progress("Moving", *await left_to_move(database, to)) as report:
            moved = await move_images(database, to, report)
        typer.echo(f"{_amount(moved)} moved to the {'database' if to is Store.DATABASE else 'object store'}.")
        if (left := (await left_to_move(database, to))[0]) > len(moved.failed):
            typer.echo(f"{left:,} files came meanwhile. Run it again to move them.")
        if not verify:
            return moved.failed
        with _progress("Checking", *await count_all(database)) as report:
            checked = await verify_images(database, report)
        typer.echo(f"{_amount(checked)} have the right checksum.")
        try:
            _tell_strays(await find_strays(database))
        except StorageUnavailable:
            typer.echo("The store does not let itself be listed: objects that belong to no image were not looked for.")
        return sorted({*moved.failed, *checked.failed})


def _tell_strays(keys: list[str]) -> None:
    if not keys:
        return
    for key in keys[:SHOWN]:
        typer.echo(key, err=True)
    what = "1 object" if len(keys) == 1 else f"{len(keys):,} objects"
    typer.echo(
        f"{what} in the store belong to no image here, and stay: another instance may use the same store, or a "
        "backup was restored. Give each instance a prefix of its own; what is nobody's can be deleted there."
    )


@contextlib.contextmanager
def _progress(label: str, files: int, size: int) -> Iterator[Report]:
    """A bar for who watches, on standard error; elsewhere a line for every twentieth of the bytes."""
    if sys.stderr.isatty():
        with typer.progressbar(length=max(1, size), label=f"{label} {files:,} files", file=sys.stderr) as bar:
            yield lambda _files, more: bar.update(more)
        return
    seen = [0, 0]

    def report(more_files: int, more: int) -> None:
        before = seen[1] * STEPS // max(1, size)
        seen[0], seen[1] = seen[0] + more_files, seen[1] + more
        if (after := seen[1] * STEPS // max(1, size)) > before:
            say(f"{label}: {seen[0]:,} of {files:,} files, {min(100, after * 100 // STEPS)} %")

    yield report


def _amount(moved: Moved) -> str:
    return f"{moved.files:,} files ({moved.bytes / 1e6:,.1f} MB)"
