"""What every command shares: which instance is meant, its settings, and one transaction on its database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from chatelier.config import Settings

T = TypeVar("T")
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="chatelier.toml; by default the data folder's.")
]
DataDir = Annotated[Path | None, typer.Option("--data-dir", metavar="FOLDER", help="The data folder.")]


def settings_from(config: Path | None, data_dir: Path | None, **flags: Any) -> Settings:
    from chatelier.config import load_settings

    return load_settings(config, data_dir=data_dir, **flags)


def say(sentence: str) -> None:
    """For people who watch: on standard error, so that what a command prints can be piped."""
    typer.echo(sentence, err=True)


def in_transaction(settings: Settings, verb: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Call one verb of the domain, whether a server is running or not."""
    from chatelier.services import open_database

    async def call() -> T:
        async with open_database(settings, say=say) as database, database.transaction() as db:
            return await verb(db)

    return asyncio.run(call())
