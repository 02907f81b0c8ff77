"""The server as a process of its own: start, stop with open streams, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

CHATELIER = [sys.executable, "-m", "chatelier"]
ENGINES = {
    "CHATELIER_FAKE_PROVIDER": "true",
    "CHATELIER_IMAGE_PROVIDER": "fake",
    "CHATELIER_CHAT_MODEL": "fake",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(clean_database: str, house: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATELIER_")}
    place = {"CHATELIER_DATABASE_URL": clean_database, "CHATELIER_DATA_DIR": str(house / "data")}
    return {**kept, **ENGINES, **place}


class Server:
    """A running ``chatelier serve``; ``said`` is what it printed so far."""

    def __init__(self, environment: dict[str, str], *words: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [*CHATELIER, "serve", "--port", str(self.port), *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout
        with self.process.stdout:
            for line in self.process.stdout:
                self.said += line

    def wait_for(self, words: str, *, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while words not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ask it to stop, which takes 10 s at most on a quiet machine, and minutes if it waited for others to leave."""
        self.process.send_signal(number)
        assert self.process.wait(40) == 0, self.said

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._listener.join(10)


@contextmanager
def serving(environment: dict[str, str], *words: str) -> Iterator[Server]:
    server = Server(environment, *words)
    try:
        server.wait_for("Ctrl-C stops it.")
        yield server
    finally:
        server.end()


@contextmanager
def entering(server: Server) -> Iterator[httpx.Client]:
    """The first visitor, signed in as the admin."""
    code = re.search(r"/setup\?code=(\S+)", server.said)
    assert code, server.said
    form = {"code": code[1], "email": "ada@example.org", "password": "correct horse battery"}
    headers = {"origin": server.url}
    with httpx.Client(base_url=server.url, headers=headers, timeout=20, trust_env=False) as browser:
        assert browser.post("/setup", data=form).status_code == 303
        yield browser


def test_a_newcomer_starts_it_and_it_stops_with_streams_open(environment: dict[str, str], house: Path) -> None:
    """On a fresh data folder with the embedded database; three windows hold their streams open at the end."""
    fresh = {**environment, "CHATELIER_DATABASE_URL": "", "CHATELIER_DATA_DIR": str(house / "fresh")}
    with serving(fresh) as server:
        assert f"Chatelier is ready at {server.url}/\n" in server.said
        with entering(server) as browser, ExitStack() as windows:
            assert "server" not in browser.get("/healthz").headers
            place = browser.post("/api/v1/threads", json={}).json()["id"]
            for _ in range(3):
                stream = windows.enter_context(browser.stream("GET", f"/api/v1/threads/{place}/events"))
                assert stream.status_code == 200
                assert next(stream.iter_text())
            listed = subprocess.run([*CHATELIER, "user", "list"], env=fresh, capture_output=True, text=True, check=True)
            assert "ada@example.org\tadmin" in listed.stdout
            server.stop()
        assert "Traceback" not in server.said
        assert "code=" not in server.said.partition("Ctrl-C stops it.")[2]
    with serving(fresh) as again:
        assert "/setup" not in again.said
        again.stop(signal.SIGINT)


def test_a_busy_port_is_named_with_the_flag_to_change(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = subprocess.run(
            [*CHATELIER, "serve", "--port", port], env=environment, capture_output=True, text=True, check=False
        )
    assert refused.returncode == 1
    assert f"Port {port} on 127.0.0.1 is already in use" in refused.stderr
    assert "--port" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "changes", "part"),
    [
        (("--host", "192.0.2.1"), {}, "is not an address of this machine"),
        ((), {"CHATELIER_DATABASE_URL": "mysql://x"}, "must be a PostgreSQL address"),
        ((), {"CHATELIER_IMAGE_PROVIDER": "nonsense"}, "nonsense"),
        ((), {"CHATELIER_SECRET_KEY": "short"}, "too short"),
        ((), {"CHATELIER_PICTURE_SLOTS": "many"}, "picture_slots"),
    ],
)
def test_a_start_that_cannot_work_is_refused_in_a_sentence(
    environment: dict[str, str], words: tuple[str, ...], changes: dict[str, str], part: str
) -> None:
    refused = subprocess.run(
        [*CHATELIER, "serve", "--port", str(free_port()), *words],
        env={**environment, **changes},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert part in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_gigabyte_in_chunks_is_refused_early_and_kept_nowhere(environment: dict[str, str]) -> None:
    with serving(environment, "--no-worker") as server:
        process = psutil.Process(server.process.pid)
        with httpx.Client(base_url=server.url, trust_env=False) as browser:
            browser.get("/sign-in")
        before = process.memory_info().rss
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n")
            line.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n\r\n")
            sent = 0
            chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
            try:
                for _ in range(1024):
                    line.sendall(chunk)
                    sent += len(chunk)
            except OSError:
                pass
        assert sent < 100_000_000
        assert process.memory_info().rss - before < 64_000_000
        with httpx.Client(base_url=server.url, trust_env=False) as browser:
            assert browser.get("/healthz").text == "ok"
        soft, hard = process.rlimit(psutil.RLIMIT_NOFILE)
        assert soft == hard or soft >= 65_536
        server.stop()


def test_a_worker_alone_works_and_stops(environment: dict[str, str]) -> None:
    command = [*CHATELIER, "worker", "--concurrency", "1"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr
        assert "1 pictures" in worker.stderr.readline()
        worker.terminate()
        assert worker.wait(40) == 0


def test_intent_answers_lines_without_a_database() -> None:
    lines = [{"id": 1, "history": [], "text": "draw me a spaceship"}, {"id": "é", "text": "how are you?"}]
    program = (
        "import sys; sys.argv = ['chatelier', 'intent', '--jsonl']\n"
        "from chatelier.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = ('sqlalchemy', 'psycopg', 'fastapi', 'chatelier.config')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines) + "nonsense\n",
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(answer["id"], answer.get("kind")) for answer in answers] == [(1, "generate"), ("é", "chat"), (None, None)]
    assert done.stderr.strip() == "[]"


def test_a_trusted_proxy_tells_who_really_asks(environment: dict[str, str]) -> None:
    trusting = {**environment, "CHATELIER_TRUSTED_PROXIES": "127.0.0.1"}
    with serving(trusting, "--no-worker") as server, httpx.Client(base_url=server.url, trust_env=False) as proxy:

        def guess(address: str) -> int:
            form = {"email": "ada@example.org", "password": "a guess"}
            return proxy.post("/sign-in", data=form, headers={"x-forwarded-for": address}).status_code

        assert [guess("203.0.113.1") for _ in range(6)] == [401] * 5 + [429]
        assert guess("203.0.113.2") == 401
