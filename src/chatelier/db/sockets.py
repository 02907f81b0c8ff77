"""Where the server listens, what it notes of itself, and whether it answers there."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from chatelier.db.cluster import DATABASE, ROLE, Cluster, explain
from chatelier.db.owner import own_folder, wall_before
from chatelier.errors import CannotStart

PORT = 5432  # only names the socket: there is no TCP
PATH_BYTES = 103 if sys.platform == "darwin" else 107  # sun_path without its closing zero


class PidFile(NamedTuple):
    """What the server writes of itself; every part may be stale, copied from elsewhere, or a reused process id."""

    pid: int
    sockets: Path | None
    status: str  # starting, ready, stopping; empty at the very start


def read_pid_file(cluster: Cluster) -> PidFile | None:
    try:
        lines = (cluster.folder / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    lines = [line.strip() for line in lines] + [""] * 8
    if not re.fullmatch(r"-?\d+", lines[0]):
        return None
    return PidFile(pid=abs(int(lines[0])), sockets=Path(lines[4]) if lines[4] else None, status=lines[7])


def socket_folder(cluster: Cluster) -> Path:
    """The run folder, or a folder in a temporary place when its path cannot be used for sockets.

    There, the one that the server noted comes first: the environment of two processes may name two places.
    """
    if _fits(cluster.run):
        return cluster.run
    noted = read_pid_file(cluster)
    used = [noted.sockets.parent] if noted and noted.sockets and noted.sockets.name == _name(cluster) else []
    usual = (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp")  # noqa: S108 - a 0700 folder in there
    for place in (*used, *(Path(place) for place in usual if place)):
        usable = place.is_dir() and os.access(place, os.W_OK | os.X_OK) and not wall_before(place, cluster.owner)
        if usable and _fits(place / _name(cluster)):
            return own_folder(place / _name(cluster), cluster.owner)
    raise CannotStart(
        f"The path {cluster.data_dir} cannot be used for a database socket, and no temporary folder can hold one. "
        "Name a folder with a shorter path, without spaces and commas, with CHATELIER_DATA_DIR."
    )


def _name(cluster: Cluster) -> str:
    return f"chatelier-{hashlib.sha256(os.fsencode(cluster.data_dir)).hexdigest()[:16]}"


def _fits(folder: Path) -> bool:
    """Short enough; libpq splits a host at commas, and not every kind of URL writes a space alike."""
    path = str(folder / f".s.PGSQL.{PORT}")
    return len(os.fsencode(path)) <= PATH_BYTES and not set(path) & {",", " "}


def remove_socket_folder(cluster: Cluster, folder: Path | None) -> None:
    """Removes what a stopped server leaves in a temporary place."""
    if folder and folder.name == _name(cluster):
        with suppress(OSError):
            folder.rmdir()


def address(folder: Path) -> str:
    return f"postgresql:///{DATABASE}?host={quote(str(folder), safe='')}&port={PORT}&user={ROLE}"


def answers(url: str, cluster: Cluster) -> bool:
    """Does a connection succeed? Makes the database when it is missing.

    Raises CannotStart when it is refused to us, and when what answers is not this cluster.
    """
    import psycopg

    try:
        db = psycopg.connect(url, dbname="postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as error:
        if "authentication failed" in str(error) or "no pg_hba.conf entry" in str(error):
            raise CannotStart(explain(str(error), cluster.data_dir)) from error
        return False
    with db:
        try:
            found = db.execute(
                "SELECT system_identifier, EXISTS (SELECT FROM pg_database WHERE datname = %s)"
                " FROM pg_control_system()",
                [DATABASE],
            ).fetchone()
            assert found
            if found[0] != cluster.identifier():
                raise CannotStart(f"Another database than {cluster.folder} answers there. Stop it and start again.")
            if not found[1]:
                db.execute("CREATE DATABASE chatelier")
        except psycopg.Error as error:
            if db.broken:
                return False
            raise CannotStart(explain(str(error), cluster.data_dir)) from error
    return True
