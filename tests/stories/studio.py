"""The product as its people run it: ``chatelier serve`` on a data folder of its own, with the embedded database
or, where that is not what the story is about, with one of the tests' server, which is there at once."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from chatelier.db.embedded import open_embedded

URL = "CHATELIER_DATABASE_URL"  # among the engines of who does without the embedded database
READY = "Ctrl-C stops it."
HOUSE_TOPICS = 1  # followed by the server itself: the providers that admins change
SCRIPTED = {
    "CHATELIER_FAKE_PROVIDER": "true",
    "CHATELIER_IMAGE_PROVIDER": "fake",
    "CHATELIER_CHAT_MODEL": "fake",
    "CHATELIER_PROVIDER_PATIENCE": "0",
}


class Studio:
    """Starts at the same address each time. ``prefix`` is put before the command, to run it in a network namespace."""

    def __init__(
        self, folder: Path, engines: Mapping[str, str], *, host: str = "127.0.0.1", prefix: Sequence[str] = ()
    ) -> None:
        self.folder = folder
        self.url = f"http://{host}:{free_port()}"
        self.said = ""
        self._command = [*prefix, sys.executable, "-m", "chatelier", "serve", "--host", host]
        self._command += ["--port", self.url.rpartition(":")[2]]
        kept = {name: value for name, value in os.environ.items() if not re.match("CHATELIER_|OPENAI_", name)}
        self._environment = {
            **kept,
            "CHATELIER_OFFLINE": "true",
            **engines,
            "CHATELIER_DATA_DIR": str(folder),
            "CHATELIER_LOG_LEVEL": "warning",
        }
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None

    @property
    def setup_address(self) -> str:
        """The one that the server printed."""
        found = re.search(r"\S+/setup\?code=\S+", self.said)
        assert found, self.said
        return found[0]

    def start(self) -> None:
        self.said = ""
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._listener = threading.Thread(target=self._listen, args=(self._process,))
        self._listener.start()
        end = time.monotonic() + 60
        while READY not in self.said:
            assert self._process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)

    def stop(self) -> None:
        """Asks it to stop: 10 s at most on a quiet machine, minutes if it waited for windows to close."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """Whatever has happened: afterwards nothing of it runs, the database neither."""
        if self._process is not None and self._process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self.stop()
            self.kill()
        if URL not in self._environment:
            open_embedded(self.folder, say=lambda _: None).close()

    def streams(self) -> int:
        """Open streams, as the server counts them: each follows its thread and its reader."""
        found = re.search(
            r"^chatelier_subscriptions (\d+)", httpx.get(f"{self.url}/metrics", trust_env=False).text, re.M
        )
        assert found
        return (int(found[1]) - HOUSE_TOPICS) // 2

    def make_admin(self, email: str, password: str) -> tuple[str, str]:
        """Goes through setup; name and value of the cookie that this ends with."""
        with httpx.Client(headers={"origin": self.url}, trust_env=False, timeout=20) as client:
            code = self.setup_address.rpartition("=")[2]
            made = client.post(f"{self.url}/setup", data={"code": code, "email": email, "password": password})
            assert made.status_code == 303, made.text
            return next(iter(client.cookies.items()))

    def _end(self, how: signal.Signals) -> None:
        assert self._process
        assert self._listener
        self._process.send_signal(how)
        self._process.wait(40)
        self._listener.join(10)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with process.stdout:
            for line in process.stdout:
                self.said += line


@contextmanager
def running(
    folder: Path, engines: Mapping[str, str] = SCRIPTED, *, host: str = "127.0.0.1", prefix: Sequence[str] = ()
) -> Iterator[Studio]:
    """On a fresh data folder."""
    folder.mkdir(mode=0o755)
    studio = Studio(folder, engines, host=host, prefix=prefix)
    try:
        studio.start()
        yield studio
    finally:
        studio.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
