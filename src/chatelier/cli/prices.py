"""What pictures and talk cost, as the command line tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from chatelier.cli.place import Config, DataDir, settings_from

if TYPE_CHECKING:
    from chatelier.domain.engines import Priced

app = typer.Typer(help="What pictures and talk cost.", no_args_is_help=True)


@app.callback()
def root() -> None: ...


@app.command("check")
def check(config: Config = None, data_dir: DataDir = None) -> None:
    """List every model with the price of a usual picture or answer, and exit 1 where one that may be asked has none."""
    settings = settings_from(config, data_dir)
    from chatelier.domain.engines import list_prices, list_talk_prices
    from chatelier.providers import open_providers

    providers = open_providers(settings)
    pictures, talk = list_prices(providers), list_talk_prices(providers)
    asyncio.run(providers.close())
    for priced in pictures:
        ending = f"; {priced.ending}" if priced.ending else ""
        typer.echo(f"{priced.provider:<14} {priced.model:<34} {_told(priced)}{ending}")
    for priced in talk:
        typer.echo(f"{priced.provider:<14} {priced.model:<34} {_told(priced)} for an answer")
    missing = [priced for priced in (*pictures, *talk) if priced.micros is None and not priced.retired]
    if missing:
        some = f"{len(missing)} models have" if len(missing) > 1 else "1 model has"
        typer.echo(f"{some} no known price, so people with a budget cannot use them. {_give(pictures, talk)}")
        raise typer.Exit(1)


def _give(pictures: Sequence[Priced], talk: Sequence[Priced]) -> str:
    """Which setting says it."""
    lacks = [
        "`price` (docs/providers.md)" if any(one.micros is None and not one.retired for one in pictures) else "",
        "CHATELIER_CHAT_INPUT_PRICE and _OUTPUT_PRICE" if any(one.micros is None for one in talk) else "",
    ]
    return f"Give {' and '.join(filter(None, lacks))}."


def _told(priced: Priced) -> str:
    if priced.retired:
        return f"gone: {priced.retired}"
    if priced.micros is None:
        return "no known price"
    usual = f"{priced.micros / 1_000_000:.4g} USD" if priced.micros else "free"
    return f"{usual}; no known price for {', '.join(priced.unpriced)}" if priced.unpriced else usual
