"""Running: the web server, and the worker alone."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from chatelier.cli.place import Config, DataDir, settings_from


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0: the whole network.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="TCP port to listen on.")] = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leave the work to `chatelier worker`.")] = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Start the server and print its address."""
    settings = settings_from(config, data_dir, host=host, port=port, worker=False if no_worker else None)
    with _quick_imports():
        from chatelier.cli.process import run_server
    run_server(settings)


def worker(
    concurrency: Annotated[int | None, typer.Option(min=1, max=32, help="Generations painted at a time.")] = None,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Paint and write for servers that run with --no-worker, on this machine or others."""
    settings = settings_from(config, data_dir, picture_slots=concurrency)
    with _quick_imports():
        from chatelier.cli.process import run_worker_alone
    run_worker_alone(settings)


@contextmanager
def _quick_imports() -> Iterator[None]:
    """An eighth less time: no garbage collection while everything is only made, and without Rich, which structlog
    would load for tracebacks that we draw plainly."""
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # None: must not be loaded
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
