"""Long-running processes: the port, signals, a quick and graceful stop, and what is said at start."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import typer
import uvicorn
from fastapi import FastAPI

from chatelier import log
from chatelier.app import create_app
from chatelier.cli.place import say
from chatelier.config import Settings
from chatelier.db.tasks import end_task
from chatelier.domain import stored_providers
from chatelier.domain.engines import describe_engines
from chatelier.errors import CannotStart
from chatelier.services import open_services
from chatelier.worker import run_worker

DRAIN_SECONDS = 3  # for answers that are being sent; streams end by themselves when ``stopping`` is set
OPEN_FILES = 65_536  # wanted: a stream each
BACKLOG = 2048


def run_server(settings: Settings) -> None:
    """Serve until told to stop. Raises CannotStart when the port is taken or the services cannot be opened."""
    log.configure(settings.log_level, as_json=settings.log_json)
    raise_file_limit()
    with bind(settings.host, settings.port) as listener:
        app = create_app(settings, say=say)
        config = uvicorn.Config(
            app,
            lifespan="off",  # opened here, so that a refusal to start reaches the command line as one sentence
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            **proxies(settings),
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        server = Server(config, lambda: announce(app))
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner, contextlib.suppress(_Stopped):
            runner.run(_serve(server, app, listener))


def proxies(settings: Settings) -> dict[str, Any]:
    """Whose word about the visitor's address is believed: by default nobody's, not even this machine's."""
    return {"proxy_headers": bool(settings.trusted_proxies), "forwarded_allow_ips": settings.trusted_proxies or None}


def run_worker_alone(settings: Settings) -> None:
    log.configure(settings.log_level, as_json=settings.log_json)
    raise_file_limit()
    with contextlib.suppress(_Stopped):
        asyncio.run(_work(settings))


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: uvicorn would raise them again when it is done and kill us before we have closed."""
        yield


class _Stopped(Exception):
    """Told to stop before the start was complete."""


async def _serve(server: Server, app: FastAPI, listener: socket.socket) -> None:
    stopping: asyncio.Event = app.state.stopping

    def stop(again: bool) -> None:
        stopping.set()
        server.should_exit, server.force_exit = True, again

    with _on_signals(stop):
        async with app.router.lifespan_context(app):
            if not stopping.is_set():
                await server.serve(sockets=[listener])


async def _work(settings: Settings) -> None:
    done = asyncio.Event()
    with _on_signals(lambda again: done.set()):
        async with open_services(settings, say=say) as services:
            await stored_providers.refresh(services)
            following = asyncio.create_task(stored_providers.follow(services), name="providers")
            worker = asyncio.create_task(run_worker(services), name="worker")
            slots = f"{settings.picture_slots} pictures and {settings.reply_slots} replies"
            say(f"Working on up to {slots} at a time. Ctrl-C stops it.")
            await done.wait()
            await end_task(worker)
            await end_task(following)


@contextlib.contextmanager
def _on_signals(stop: Callable[[bool], None]) -> Iterator[None]:
    """Calls ``stop(again)`` at SIGTERM and Ctrl-C; the third one does not wait for anything."""
    loop, main, count = asyncio.get_running_loop(), asyncio.current_task(), 0

    def receive() -> None:
        nonlocal count
        count += 1
        stop(count > 1)
        if count > 2 and main:
            main.cancel()

    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, receive)
    try:
        yield
    except asyncio.CancelledError:
        raise _Stopped from None
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def bind(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started. Raises CannotStart, naming the flag to change."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        raise CannotStart(_explain(error, host, port)) from error
    return listener


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return (
            f"Port {port} on {host} is already in use, perhaps by another Chatelier. Stop that one, or choose another "
            f"port: chatelier serve --port {other}"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for the system's administrator. Choose one above 1023 with --port."
    return f"{host} is not an address of this machine. Use --host 127.0.0.1, or --host 0.0.0.0 for the whole network."


def raise_file_limit() -> None:
    """Each open page holds a descriptor, and many systems start with 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def announce(app: FastAPI) -> None:
    """Where it listens, how to begin, and which engines will answer."""
    settings: Settings = app.state.settings
    base = address(settings)
    typer.echo(f"Chatelier is ready at {base}/")
    if app.state.setup_code:
        typer.echo(f"Make the first account, the admin's, here: {base}/setup?code={app.state.setup_code}")
    for line in describe_engines(app.state.services.providers):
        typer.echo(line)
    typer.echo("Ctrl-C stops it.")


def address(settings: Settings) -> str:
    """Where a browser on this machine finds the server."""
    if settings.base_url:
        return settings.base_url.rstrip("/")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 (shown, not bound)
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"http://{host}:{settings.port}"
