"""Other processes that use a data folder, and what the tests ask a server and its folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

VISIT = """
import signal, sys
from pathlib import Path
from chatelier.db.embedded import open_embedded
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin with it ignored
server = open_embedded(Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.readline()
server.close()
"""


def silent(_: str) -> None:
    pass


class Visitor:
    """A process that opens the data folder at once, and leaves when it is told to."""

    def __init__(self, data_dir: Path, *, script: str = VISIT, through: Sequence[str] = (), **environment: str) -> None:
        self.process = subprocess.Popen(
            [*through, sys.executable, "-c", script, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
            start_new_session=True,
        )

    def wait_url(self) -> str:
        assert self.process.stdout
        url = self.process.stdout.readline().strip()
        assert url, self.process.communicate()[1]
        return url

    def leave(self) -> None:
        """Raises when the visit did not end well."""
        _, complaints = self.process.communicate("\n", timeout=30)
        assert self.process.returncode == 0, complaints

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def ask(url: str, question: str) -> Any:
    """The first value of the first row."""
    with psycopg.connect(url, autocommit=True) as db:
        row = db.execute(question.encode()).fetchone()
        return row[0] if row else None


def tell(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        for statement in statements:
            db.execute(statement.encode())


def postmaster_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def is_alive(pid: int) -> bool:
    """Running, and not a zombie that nobody has waited for."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def runs(data_dir: Path) -> bool:
    return (data_dir / "postgres" / "postmaster.pid").exists() and is_alive(postmaster_pid(data_dir))


def until(happens: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def end_servers(folder: Path) -> None:
    """Ends what a failed test left running below this folder."""
    for pid_file in folder.glob("**/postmaster.pid"):
        with suppress(OSError, ValueError, IndexError, psutil.Error):
            left = psutil.Process(int(pid_file.read_text().split()[0]))
            if os.path.samefile(left.cwd(), pid_file.parent):
                left.send_signal(signal.SIGQUIT)


@contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does not outlive the block."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd="/", **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def small_disk(folder: Path, megabytes: int) -> None:
    """Mounts a disk of its own there; skips the test where that is not allowed."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", folder], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


def unmount(folder: Path) -> None:
    subprocess.run(["umount", folder], capture_output=True)


def new_place(purpose: str) -> Path:
    """An empty folder that the database's system user can enter (pytest's own are root's), in memory if it fits."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2_000_000_000
    folder = Path(tempfile.mkdtemp(prefix=f"chatelier-{purpose}-", dir=memory if roomy else None))
    folder.chmod(0o755)
    return folder


def remove_place(folder: Path) -> None:
    end_servers(folder)
    shutil.rmtree(folder, ignore_errors=True)


def copy(folder: Path, to: Path) -> Path:
    subprocess.run(["cp", "-a", folder, to], check=True)
    return to
