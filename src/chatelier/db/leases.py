"""Leases of the attempts this process works on, renewed by a thread: a busy event loop or a draining worker
must not look like a dead one. Times are the database's; the thread only says "still here"."""

from __future__ import annotations

import threading
from uuid import UUID

import psycopg
import structlog

from chatelier.db.engine import conninfo

LEASE_SECONDS = 15
RENEW_SECONDS = 5.0

log = structlog.get_logger()

RENEW = """
UPDATE attempts SET lease_until = chatelier_now() + make_interval(secs => %s)
WHERE token = ANY(%s) AND state IN ('prepared', 'sent')
"""


class LeaseKeeper:
    def __init__(self, url: str) -> None:
        self._conninfo = conninfo(url)
        self._tokens: set[UUID] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def keep(self, token: UUID) -> None:
        with self._lock:
            self._tokens.add(token)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()

    def drop(self, token: UUID) -> None:
        with self._lock:
            self._tokens.discard(token)

    def close(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=RENEW_SECONDS)

    def _run(self) -> None:
        while not self._stop.wait(RENEW_SECONDS):
            with self._lock:
                tokens = list(self._tokens)
            if tokens:
                self._renew(tokens)
        if self._connection:
            self._connection.close()

    def _renew(self, tokens: list[UUID]) -> None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(
                    self._conninfo, autocommit=True, connect_timeout=4, application_name="chatelier-leases"
                )
            self._connection.execute(RENEW, (LEASE_SECONDS, tokens))
        except psycopg.Error as error:
            log.warning("leases.renew_failed", reason=str(error).strip())
            if self._connection:
                self._connection.close()
            self._connection = None
