"""The only Procrastinate user. Deferring and cancelling join the caller's transaction; arguments are ids.

Tasks have no retry strategy: with one an abort ends as ``failed``, and jobs would be queued again behind our back. What
must run again is decided by our own leases, never by the library's heartbeats: these end while a worker still finishes
its jobs, and whoever believes them runs, and pays, a job twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.schema import SchemaManager
from procrastinate.worker import Worker
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import BigInteger, Text, column, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.engine import KEEPALIVES, conninfo, is_closed, raw_connection

PICTURES = "pictures"
REPLIES = "replies"
MAILS = "mails"  # a slow mail server keeps nobody waiting for an answer
STOP_AGAIN_SECONDS = 0.2
FETCH_SECONDS = 0.5  # a missed wake-up cost 5 s at the library's default
UNHURRIED = {MAILS: 1.0}  # queues that are only looked at, every so many seconds: no connection listens for them

jobs = table("procrastinate_jobs", column("id", BigInteger), column("status", Text))

FORGET = text("""
DELETE FROM procrastinate_jobs AS job WHERE status <> 'todo' AND NOT EXISTS
  (SELECT FROM procrastinate_events AS e WHERE e.job_id = job.id AND e.at > chatelier_now() - interval '1 day')
""")

Task = Callable[..., Awaitable[None]]

# Never opened: it only writes on connections that callers bring.
_outbox = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo="", min_size=0, max_size=1))

__all__ = [
    "MAILS",
    "PICTURES",
    "REPLIES",
    "AlreadyEnqueued",
    "Workers",
    "cancel",
    "defer",
    "forget_old_jobs",
    "jobs",
    "schema",
]


async def defer(db: AsyncSession, queue: str, task: str, *, priority: int = 0, seconds: float = 0, **ids: str) -> int:
    """Queue one job in the caller's transaction, to run at its commit or ``seconds`` later. Returns the job's id."""
    task_deferrer = _outbox.configure_task(
        task,
        allow_unknown=True,
        queue=queue,
        priority=priority,
        schedule_in={"seconds": seconds} if seconds else None,
        connection=await raw_connection(db),
    )
    return int(await task_deferrer.defer_async(**ids))


async def cancel(db: AsyncSession, job_id: int) -> None:
    """Drop a waiting job, or abort a running one (its task sees CancelledError), when the caller commits."""
    await _outbox.job_manager.cancel_job_by_id_async(job_id, abort=True, connection=await raw_connection(db))


async def forget_old_jobs(db: AsyncSession) -> None:
    """Drop jobs that ended, or were left behind by a dead worker, more than a day ago; their events go with them."""
    await db.execute(FORGET)


def schema() -> str:
    """The SQL of Procrastinate's tables and functions, for the first migration."""
    return SchemaManager.get_schema()


class Workers:
    """Runs the jobs of this process: each queue has its own slots, so talk goes on while pictures are painted."""

    def __init__(self, url: str) -> None:
        connector = procrastinate.PsycopgConnector(
            conninfo=conninfo(url),
            min_size=1,
            max_size=3,
            kwargs={"application_name": "chatelier-jobs", **KEEPALIVES},
            configure=_each_alone,
            pool_factory=_pool,
        )
        self._app = procrastinate.App(connector=connector)

    def register(self, queue: str, name: str, task: Task) -> None:
        self._app.task(name=name, queue=queue)(task)

    async def run(self, slots: dict[str, int], *, grace: float) -> None:
        """Work until cancelled; then let running jobs drain for ``grace`` seconds before they are aborted."""
        async with self._app.open_async():
            workers = [self._make(queue, count, grace) for queue, count in slots.items()]
            running = {asyncio.create_task(_run(worker), name="worker loop") for worker in workers}
            try:
                ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _stop(workers, running)
            for task in ended:
                task.result()

    def _make(self, queue: str, count: int, grace: float) -> Worker:
        return Worker(
            app=self._app,
            queues=[queue],
            concurrency=count,
            fetch_job_polling_interval=UNHURRIED.get(queue, FETCH_SECONDS),
            abort_job_polling_interval=UNHURRIED.get(queue, FETCH_SECONDS),
            listen_notify=queue not in UNHURRIED,
            shutdown_graceful_timeout=grace,
            install_signal_handlers=False,
            delete_jobs="successful",
        )


async def _each_alone(connection: psycopg.AsyncConnection[Any]) -> None:
    """Procrastinate's own calls are one statement each: BEGIN and COMMIT around it would be two more round trips."""
    await connection.set_autocommit(True)


def _pool(**options: Any) -> AsyncConnectionPool[Any]:
    """As Procrastinate makes it, but without a ping whenever a connection is taken."""
    return AsyncConnectionPool(**{**options, "check": _check_open})


async def _check_open(connection: psycopg.AsyncConnection[Any]) -> None:
    if is_closed(connection):
        await connection.close()  # else the pool would take it for a good one, and hand it out again
        raise psycopg.OperationalError("the server has closed the connection")


async def _run(worker: Worker) -> None:
    await worker.run()  # type: ignore[no-untyped-call]  # Procrastinate's


async def _stop(workers: list[Worker], running: set[asyncio.Task[None]]) -> None:
    """By their own stop signal, given until it is seen: a cancellation is sometimes lost (db/tasks.py), and a second
    one would cut the draining short. Whoever cancels us again meanwhile changes nothing: ``grace`` bounds this."""
    pending = running
    while pending:
        for worker in workers:
            worker.stop()  # type: ignore[no-untyped-call]  # Procrastinate's
        with contextlib.suppress(asyncio.CancelledError):
            _, pending = await asyncio.wait(pending, timeout=STOP_AGAIN_SECONDS)
