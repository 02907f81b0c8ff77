"""The embedded PostgreSQL server: the processes of one data folder share it, the last one to leave stops it.

Three locks in the run folder, all flock, so that the kernel drops them with the process that held them: ``start``
is held by whoever starts, joins or leaves; ``users`` is shared by all users; ``server`` is inherited by the server's
own processes and alone tells whether any of them lives, since process ids are copied with a folder and reused.
"""

from __future__ import annotations

import fcntl
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from chatelier.db import postmaster
from chatelier.db.cluster import Cluster, create, explain, find_cluster
from chatelier.db.owner import own_file, own_folder
from chatelier.db.sockets import address, answers, read_pid_file, remove_socket_folder, socket_folder
from chatelier.errors import CannotStart

FIRST_WORD, NEXT_WORD = 2.0, 5.0  # seconds of waiting in silence
LEAVE_SECONDS = 10.0
STARTS = 3  # of a server that is stopped or killed before it is ready
SILENT_SECONDS = 60.0  # of a server that says it is ready
WAITING = {
    "starting": "The database is recovering after a crash, this may take minutes",
    "stopping": "Waiting for the database to stop, to start it again",
}


class Lock:
    """One flock on a file of the run folder, kept until ``release`` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._process = os.getpid()

    @classmethod
    def take(cls, cluster: Cluster, name: str, kind: int = fcntl.LOCK_EX) -> Lock | None:
        """None while others hold it."""
        lock = cls(own_file(cluster.run / f"{name}.lock", cluster.owner, os.O_RDWR))
        try:
            fcntl.flock(lock.descriptor, kind | fcntl.LOCK_NB)
        except OSError as error:
            lock.hand_over()
            if isinstance(error, BlockingIOError):
                return None
            raise
        return lock

    def release(self) -> bool:
        """False when it was released before, or belongs to the process that this one was forked from."""
        if self.descriptor < 0 or self._process != os.getpid():
            return False
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)
        self.hand_over()
        return True

    def hand_over(self) -> None:
        """Lets go of our end; a child that inherited the lock keeps it."""
        os.close(self.descriptor)
        self.descriptor = -1


class Patience:
    """Waits in small steps and says what for, now and then."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._began = time.monotonic()
        self._next = FIRST_WORD

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def pause(self, sentence: str) -> bool:
        """True when it was time to speak."""
        time.sleep(postmaster.POLL)
        if self.seconds < self._next:
            return False
        self._say(f"{sentence} ({self.seconds:.0f} s so far).")
        self._next = self.seconds + NEXT_WORD
        return True


@dataclass(frozen=True, kw_only=True)
class EmbeddedServer:
    """This process's share in the server. ``url`` is for libpq and, under its own scheme, for SQLAlchemy."""

    url: str
    cluster: Cluster = field(repr=False)
    membership: Lock = field(repr=False)

    def close(self) -> None:
        """Leaves; the last user of the data folder stops the server. Doing it twice is harmless."""
        if not self.membership.release():
            return
        # Whoever keeps the turn for so long is starting the server, hence a user of it.
        with suppress(TimeoutError), _turn(self.cluster, Patience(_silent), LEAVE_SECONDS):
            _stop_if_unused(self.cluster)

    def trim_log(self) -> None:
        """Keeps the server's log below two megabytes; every start and join does so too."""
        postmaster.trim_log(self.cluster)


def _silent(_: str) -> None:
    pass


def _to_stderr(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def open_embedded(data_dir: Path, *, say: Callable[[str], None] = _to_stderr) -> EmbeddedServer:
    """Starts the server of this data folder or joins the one that runs; blocks until a connection succeeds.

    After a crash that may take minutes, and ``say`` gets a sentence every few seconds; what ``say`` raises ends the
    wait. Raises CannotStart.
    """
    data_dir = data_dir.expanduser().resolve()
    patience = Patience(say)
    try:
        cluster = find_cluster(data_dir)
        own_folder(cluster.run, cluster.owner)
        with _turn(cluster, patience):
            return _enter(cluster, patience)
    except OSError as error:
        raise CannotStart(explain(error, data_dir)) from error


@contextmanager
def _turn(cluster: Cluster, patience: Patience, limit: float = math.inf) -> Iterator[None]:
    """One process at a time starts, joins or leaves. Raises TimeoutError after ``limit`` seconds."""
    while not (lock := Lock.take(cluster, "start")):
        patience.pause("Waiting for another Chatelier process that is starting or stopping the database")
        if patience.seconds > limit:
            raise TimeoutError
    try:
        yield
    finally:
        lock.release()


def _enter(cluster: Cluster, patience: Patience) -> EmbeddedServer:
    membership = Lock.take(cluster, "users", fcntl.LOCK_SH)
    assert membership, "only a process that has the turn takes this lock alone"
    try:
        url = _join_or_start(cluster, patience)
        postmaster.trim_log(cluster)
    except BaseException:
        membership.release()
        _stop_if_unused(cluster)
        raise
    return EmbeddedServer(url=url, cluster=cluster, membership=membership)


def _join_or_start(cluster: Cluster, patience: Patience) -> str:
    started: list[postmaster.Started] = []
    silent_since = math.inf
    while True:
        if lock := Lock.take(cluster, "server"):
            if started and (started[-1].refused() or len(started) == STARTS):
                lock.release()
                raise CannotStart(postmaster.why_it_ended(cluster, started[-1]))
            started.append(_start(cluster, lock))
        noted = read_pid_file(cluster)
        if not noted or noted.status != "ready":
            silent_since = math.inf
        elif answers(url := address(socket_folder(cluster)), cluster):
            return url
        else:
            silent_since = min(silent_since, patience.seconds)
            if patience.seconds - silent_since > SILENT_SECONDS:
                raise CannotStart(
                    f"The database process {noted.pid} does not answer. End it with kill -QUIT {noted.pid} "
                    f"and start again; {cluster.log} may say more."
                )
        waiting = WAITING.get(noted.status if noted else "", "Waiting for the database to answer")
        if patience.pause(waiting) and not started:
            postmaster.end_leftovers(cluster)


def _start(cluster: Cluster, lock: Lock) -> postmaster.Started:
    try:
        if not cluster.exists():
            create(cluster, lock.descriptor)
        return postmaster.launch(cluster, socket_folder(cluster), lock.descriptor)
    finally:
        lock.hand_over()


def _stop_if_unused(cluster: Cluster) -> None:
    """Only for a process that has the turn."""
    if not (alone := Lock.take(cluster, "users")):
        return
    noted = read_pid_file(cluster)
    try:
        for how, seconds in postmaster.STOP_SECONDS:
            if not _server_lives(cluster):
                break
            postmaster.ask_to_stop(cluster, how)
            patience = Patience(_silent)
            while patience.seconds < seconds and _server_lives(cluster):
                patience.pause("")
        if noted and not _server_lives(cluster):
            remove_socket_folder(cluster, noted.sockets)
    finally:
        alone.release()
        postmaster.reap()


def _server_lives(cluster: Cluster) -> bool:
    lock = Lock.take(cluster, "server")
    return not (lock and lock.release())
