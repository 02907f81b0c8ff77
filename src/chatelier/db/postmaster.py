"""The server process: how it is started, how its log is kept and read, and how it is stopped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from chatelier.db.cluster import ROLE, Cluster, environment, explain, runnable
from chatelier.db.owner import named, own_file
from chatelier.db.sockets import PORT, read_pid_file
from chatelier.errors import CannotStart

LOG_BYTES = 1_000_000
POLL = 0.005  # seconds
STOP_SECONDS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))  # fast, then immediate: that one recovers at next start
# Given on the command line, where they win over whatever stands in the cluster.
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": 200,
    "timezone": "UTC",
    "lc_messages": "C",
    # small: one machine, a handful of sessions
    "shared_buffers": "64MB",
    "huge_pages": "off",
    "maintenance_work_mem": "32MB",
    "io_method": "sync",
    "jit": "off",
    "max_worker_processes": 2,
    "max_parallel_workers_per_gather": 0,
    "max_parallel_maintenance_workers": 0,
    "max_logical_replication_workers": 0,
    "autovacuum_max_workers": 2,
    # no replicas: the log serves recovery alone
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    # errors of statements go to their client, not to the log
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": -1,
    "log_line_prefix": "%m [%p] ",
}
_children: list[subprocess.Popen[bytes]] = []


def serves(pid: int, cluster: Cluster) -> bool:
    """Is this live process one of the cluster's server? They all work inside its folder."""
    import psutil

    try:
        return os.path.samefile(psutil.Process(pid).cwd(), cluster.folder)
    except psutil.AccessDenied:
        return _owner_says_it_serves(pid, cluster)
    except (psutil.Error, OSError):
        return False


def _owner_says_it_serves(pid: int, cluster: Cluster) -> bool:
    """In most containers root may not look at other users' processes, but may ask as their user."""
    if os.geteuid():
        return False
    asked = subprocess.run(["readlink", f"/proc/{pid}/cwd"], capture_output=True, **cluster.owner.process())
    try:
        return os.path.samefile(asked.stdout.removesuffix(b"\n"), cluster.folder)
    except OSError:
        return False


class Started(NamedTuple):
    process: subprocess.Popen[bytes]
    log_start: int  # where its log begins in the file

    def refused(self) -> bool:
        """True when it ended of itself; False when it was stopped or killed, so that another start may do."""
        return self.process.wait() > 0


def launch(cluster: Cluster, sockets: Path, lock: int) -> Started:
    """Starts the server in a session of its own, where no Ctrl-C reaches it.

    All its processes inherit ``lock``. Only for a caller that holds it: no process of an earlier server is left then.
    """
    _clear_traces(cluster, sockets)
    _write_access(cluster)
    settings = {
        **SETTINGS,
        "unix_socket_directories": '"{}"'.format(str(sockets).replace('"', '""')),
        "hba_file": cluster.run / "pg_hba.conf",
        "ident_file": cluster.run / "pg_ident.conf",
    }
    log = open_log(cluster)
    try:
        log_start = os.fstat(log).st_size
        server = subprocess.Popen(
            [
                runnable(cluster) / "postgres",
                "-D",
                cluster.folder,
                *(f"-c{name}={settings[name]}" for name in settings),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment(),
            umask=0o077,
            start_new_session=True,
            pass_fds=(lock,),
            **cluster.owner.process(),
        )
    finally:
        os.close(log)
    _children.append(server)
    import psycopg  # noqa: F401 - here, it loads while the server starts

    return Started(server, log_start)


def _clear_traces(cluster: Cluster, sockets: Path) -> None:
    """Removes what a killed server, or the one this folder was copied from, would make a new one stumble over."""
    noted = read_pid_file(cluster)
    if noted and serves(noted.pid, cluster):
        raise CannotStart(
            f"A PostgreSQL server that Chatelier did not start (process {noted.pid}) already uses {cluster.folder}. "
            f"Stop it, as with kill -INT {noted.pid}, and start again."
        )
    if not noted or _alive(noted.pid):  # one that is empty was made by a server that was killed before it wrote
        (cluster.folder / "postmaster.pid").unlink(missing_ok=True)
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (sockets / name).unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _write_access(cluster: Cluster) -> None:
    """Who may connect: the system user of the server, and root; asked of the kernel, so no password is kept."""
    root = named(0)
    users = {cluster.owner.name, *([root.name] if root else [])}
    mapped = (f'chatelier "{name.replace(chr(34), chr(34) * 2)}" {ROLE}\n' for name in sorted(users))
    for name, text in (("pg_hba.conf", f"local all {ROLE} peer map=chatelier\n"), ("pg_ident.conf", "".join(mapped))):
        with open(own_file(cluster.run / name, cluster.owner, os.O_WRONLY | os.O_TRUNC), "w") as file:
            file.write(text)


def open_log(cluster: Cluster) -> int:
    """The server's log for appending. When it has grown too large, its end moves to a second file."""
    log = own_file(cluster.log, cluster.owner, os.O_RDWR | os.O_APPEND)
    if (size := os.fstat(log).st_size) > LOG_BYTES:
        older = own_file(cluster.log.with_suffix(".log.1"), cluster.owner, os.O_WRONLY | os.O_TRUNC)
        with open(older, "wb") as file:
            file.write(os.pread(log, LOG_BYTES, size - LOG_BYTES))
        os.ftruncate(log, 0)
    return log


def trim_log(cluster: Cluster) -> None:
    os.close(open_log(cluster))


def why_it_ended(cluster: Cluster, started: Started) -> str:
    """The sentence for a server that ended before it was ready; its log says why, if it could be written."""
    if (code := started.process.wait()) < 0:
        return explain(f"its process was ended by {signal.Signals(-code).name}", cluster.data_dir)
    with cluster.log.open("rb") as log:
        log.seek(started.log_start)
        said = log.read().decode(errors="replace")
    if not re.search(r"FATAL|PANIC", said):
        try:
            with tempfile.TemporaryFile(dir=cluster.run) as probe:
                probe.write(bytes(100_000))
        except OSError as error:
            return explain(error, cluster.data_dir)
    return explain(said, cluster.data_dir)


def ask_to_stop(cluster: Cluster, how: signal.Signals) -> None:
    noted = read_pid_file(cluster)
    if noted and serves(noted.pid, cluster):
        os.kill(noted.pid, how)


def end_leftovers(cluster: Cluster) -> None:
    """Ends what a killed server left behind, as a session deep in a statement: no new server may start beside it."""
    import psutil

    noted = read_pid_file(cluster)
    if noted and serves(noted.pid, cluster):
        return
    for process in psutil.process_iter():
        if serves(process.pid, cluster):
            process.kill()


def reap() -> None:
    """Collects ended servers that this process once started; they may well outlive it."""
    _children[:] = [server for server in _children if server.poll() is None]
