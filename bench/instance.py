"""A real instance of the installed package on a scratch data folder: started, signed in to, weighed, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

COMMAND = [str(Path(sys.executable).parent / "chatelier")]
EMAIL = "ada@example.org"
PASSWORD = "a-long-benchmark-passphrase"


@contextmanager
def scratch() -> Iterator[Path]:
    """A data folder that the database's system user can reach."""
    path = Path(tempfile.mkdtemp(prefix="chatelier-bench-", dir="/var/tmp"))
    path.chmod(0o755)
    try:
        yield path / "data"
    finally:
        shutil.rmtree(path, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(kw_only=True)
class Instance:
    data: Path
    port: int
    process: psutil.Popen
    wall_to_page: float  # seconds from the command to the first page served
    cpu_to_page: float  # seconds of CPU of our processes and the database's until then
    key: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tree(self) -> list[psutil.Process]:
        """Our processes and those of the embedded database, which runs in a session of its own."""
        mine = [self.process, *self.process.children(recursive=True)]
        known = {process.pid for process in mine}
        folder = str(self.data)
        for process in psutil.process_iter(["cmdline"]):
            if folder in " ".join(process.info["cmdline"] or []) and process.pid not in known:
                found = [process, *process.children(recursive=True)]
                mine += [one for one in found if one.pid not in known]
                known.update(one.pid for one in found)
        return mine

    def pss(self) -> int:
        """Bytes: shared pages counted once, spread over who shares them."""
        total = 0
        for process in self.tree():
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
        return total

    def cpu(self, *, python_only: bool = False) -> float:
        """Seconds of CPU used so far, of children that ended too."""
        total = 0.0
        for process in self.tree():
            try:
                if python_only and "postgres" in process.name():
                    continue
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
            except psutil.Error:
                continue
        return total

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def stop(self) -> float:
        """Seconds from SIGTERM to the end."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        return time.monotonic() - begun


def run(data: Path, *words: str, stdin: str = "") -> str:
    """One command of the installed package; its output."""
    done = subprocess.run([*COMMAND, *words], input=stdin, env=environment(data), text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"chatelier {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def environment(data: Path, **more: str) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("CHATELIER_", "OPENAI_"))}
    return {**clean, "CHATELIER_DATA_DIR": str(data), **more}


def start(data: Path, **settings: str) -> Instance:
    """Start and wait for the first page; wall and CPU until then are kept."""
    port = free_port()
    begun = time.monotonic()
    process = psutil.Popen(
        [*COMMAND, "serve", "--port", str(port)],
        env=environment(data, **settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    page = f"http://127.0.0.1:{port}/sign-in"
    while True:
        if process.poll() is not None:
            raise RuntimeError("the instance did not start")
        try:
            if httpx.get(page, follow_redirects=True, timeout=5).status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.01)
    wall = time.monotonic() - begun
    instance = Instance(data=data, port=port, process=process, wall_to_page=wall, cpu_to_page=0.0)
    instance.cpu_to_page = instance.cpu()
    return instance


@contextmanager
def running(**settings: str) -> Iterator[Instance]:
    """A fresh instance with an admin and an API key."""
    with scratch() as data:
        run(data, "user", "add", EMAIL, "--admin", "--password-stdin", stdin=PASSWORD)
        key = run(data, "key", "add", EMAIL)
        instance = start(data, **settings)
        instance.key = key.splitlines()[-1].strip()
        try:
            yield instance
        finally:
            instance.stop()
