"""API keys of any account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chatelier.cli.place import Config, DataDir, in_transaction, settings_from
from chatelier.cli.users import Email, known_user
from chatelier.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from chatelier.db.models import ApiKey

app = typer.Typer(help="API keys, for programs.", no_args_is_help=True)


@app.command("add")
def add_key(
    email: Email,
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it, and nothing else; it is never shown again."""
    from chatelier.domain import keys

    async def add(db: AsyncSession) -> str:
        return await keys.add_key(db, await known_user(db, email), name)

    typer.echo(in_transaction(settings_from(config, data_dir), add))


@app.command("list")
def list_keys(
    email: Annotated[str, typer.Argument(metavar="EMAIL")] = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """List the keys in use, of everybody or of one account."""
    for key in in_transaction(settings_from(config, data_dir), lambda db: _keys_in_use(db, email)):
        used = f"used {key.used_at:%Y-%m-%d}" if key.used_at else "never used"
        typer.echo(f"{key.id}\t…{key.last_four}\t{key.user.email}\t{used}\t{key.name}")


@app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id, or its last four characters.")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """End a key for good, named by its id or its last four characters."""
    from chatelier.domain import keys

    async def revoke(db: AsyncSession) -> str:
        fitting = [found for found in await _keys_in_use(db, "") if key in (str(found.id), found.last_four)]
        if len(fitting) != 1:
            amount = "No key in use" if not fitting else f"{len(fitting)} keys"
            raise NotFound(f"{amount} fit {key}. Name one by its id, as `chatelier key list` shows it.")
        await keys.revoke_key(db, fitting[0].user, fitting[0].id)
        return f"Revoked the key …{fitting[0].last_four} of {fitting[0].user.email}."

    typer.echo(in_transaction(settings_from(config, data_dir), revoke))


async def _keys_in_use(db: AsyncSession, email: str) -> Sequence[ApiKey]:
    from chatelier.domain import keys

    user = await known_user(db, email) if email else None
    return [key for key in await keys.list_keys(db, user) if key.revoked_at is None]
