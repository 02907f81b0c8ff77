"""Plans and limits: list, add and change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatelier.cli.place import Config, DataDir, in_transaction, settings_from
from chatelier.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from chatelier.db.models import Plan

app = typer.Typer(help="Plans and their limits.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME")]
Changes = Annotated[
    list[str] | None,
    typer.Argument(metavar="LIMIT=VALUE", help="As in images_per_day=50, money_per_month=5.50, storage_bytes=none."),
]


@app.command("list")
def list_plans(config: Config = None, data_dir: DataDir = None) -> None:
    """List all plans with their limits, the smallest first."""
    settings = settings_from(config, data_dir)
    from chatelier.domain import plans

    async def look(db: AsyncSession) -> tuple[Sequence[Plan], dict[str, Any]]:
        return await plans.list_plans(db), await plans.instance_limits(db)

    found, shared = in_transaction(settings, look)
    for plan in found:
        typer.echo(f"{plan.name}\t{'offered' if plan.offered else '-'}\t{told(plan.limits)}")
    typer.echo(f"all together\t-\t{told(shared)}")


@app.command("add")
def add_plan(name: Name, config: Config = None, data_dir: DataDir = None) -> None:
    """Add a plan without limits."""
    settings = settings_from(config, data_dir)
    from chatelier.domain import plans

    in_transaction(settings, lambda db: plans.add_plan(db, name))
    typer.echo(f"Added. Set its limits: chatelier plan change {name} images_per_day=50")


@app.command("change")
def change_plan(
    name: Name,
    limit: Changes = None,
    offered: Annotated[
        bool | None, typer.Option("--offered/--not-offered", help="Whether people may ask for it.")
    ] = None,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Set limits of a plan; those not named stay. `none` takes one away."""
    settings = settings_from(config, data_dir)
    from chatelier.domain import plans

    async def change(db: AsyncSession) -> str:
        plan = await plans.find_plan(db, name)
        await plans.change_plan(db, plan, offered=offered, changes=read_changes(limit))
        return told(plan.limits)

    typer.echo(f"{name}: {in_transaction(settings, change)}")


@app.command("together")
def limit_together(limit: Changes = None, config: Config = None, data_dir: DataDir = None) -> None:
    """Set limits for all people together, in days of UTC; those not named stay."""
    settings = settings_from(config, data_dir)
    from chatelier.domain import plans

    async def change(db: AsyncSession) -> str:
        await plans.limit_instance(db, {**await plans.instance_limits(db), **read_changes(limit)})
        return told(await plans.instance_limits(db))

    typer.echo(f"All together: {in_transaction(settings, change)}")


def read_changes(given: list[str] | None) -> dict[str, Any]:
    from chatelier.domain.quotas import limits

    changes = {}
    for one in given or []:
        name, is_set, words = one.partition("=")
        if not is_set:
            raise Invalid(f"{one!r} is no limit. Write it like images_per_day=50.")
        changes[name] = limits.read_words(name, words)
    return changes


def told(raw: dict[str, Any]) -> str:
    from chatelier.domain.quotas import limits

    return " ".join(f"{name}={limits.written(name, value)}" for name, value in sorted(raw.items())) or "no limits"
