"""The secret key, changed for another one."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatelier.cli.place import Config, DataDir, say, settings_from
from chatelier.errors import CannotStart, Invalid

if TYPE_CHECKING:
    from chatelier.config import Settings

app = typer.Typer(help="The key that signs and seals.", no_args_is_help=True)
SET = (
    "CHATELIER_SECRET_KEY is set, so the new key comes from there. Set it to the new one, and name a file that holds "
    "the old one with --old-key-file."
)
ASIDE = "before-rotation"


@app.callback()
def root() -> None: ...


@app.command("rotate")
def rotate(
    old_key_file: Annotated[
        Path | None,
        typer.Option("--old-key-file", metavar="FILE", help="The old key; the new one is as the settings say."),
    ] = None,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Seal everything under a new secret key, while nothing runs."""
    settings = settings_from(config, data_dir)
    count = asyncio.run(_rotate(settings, old_key_file))
    typer.echo(f"The secret key is another one now. Keys of providers sealed anew: {count}.")
    if old_key_file is None:
        typer.echo(f"The old one is kept as secret.key.{ASIDE}. Delete it when the server runs well with the new one.")


async def _rotate(settings: Settings, old_key_file: Path | None) -> int:
    from chatelier.domain.sealed import seal_anew
    from chatelier.services import find_secret_key, open_database, read_secret_key, replace_secret_key

    if old_key_file is not None:
        old, new = _read(old_key_file), read_secret_key(settings)
    elif settings.secret_key:
        raise Invalid(SET)
    else:
        old, new = find_secret_key(settings) or b"", secrets.token_urlsafe(48).encode()
    if not old:
        raise CannotStart("There is no secret key here yet: the first start makes one. Check --data-dir and --config.")
    if old == new:
        raise Invalid("The old key and the new one are the same. Nothing was changed.")
    async with open_database(settings, say=say) as database, database.transaction() as db:
        count = await seal_anew(db, old, new)
        if old_key_file is None:  # before the commit, and the old one stays beside it: a crash loses neither
            await asyncio.to_thread(replace_secret_key, settings, new, ASIDE)
    return count


def _read(file: Path) -> bytes:
    try:
        return file.read_text(encoding="utf-8").strip().encode()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"The old key cannot be read from {file}.") from error
