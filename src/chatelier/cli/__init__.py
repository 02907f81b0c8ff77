"""The command line: each command calls one verb. What is heavy is imported inside the commands that need it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from chatelier import __version__
from chatelier.cli import backup, care, images, keys, paint, plans, portability, prices, secret_key, serve, users
from chatelier.errors import ChatelierError

app = typer.Typer(
    name="chatelier",
    help="A self-hosted chatbot that paints.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.add_typer(users.app, name="user")
app.add_typer(plans.app, name="plan")
app.add_typer(keys.app, name="key")
app.add_typer(secret_key.app, name="secret-key")
app.add_typer(prices.app, name="prices")
app.add_typer(images.app, name="images")
app.command("doctor")(care.doctor)
app.command("migrate")(care.migrate)
app.add_typer(care.model, name="model")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("paint")(paint.paint)
app.command("intent")(paint.intent)
app.command("export")(portability.export)
app.command("import")(portability.import_)


def print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chatelier {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=print_version)
    ] = False,
) -> None: ...


def main() -> None:
    """Exit codes: 0 done, 1 refused with a sentence, 2 not understood."""
    try:
        app()
    except ChatelierError as error:
        typer.echo(error.sentence, err=True)
        sys.exit(1)
