"""How a helper process of ours is started: our own module, and an environment without anybody's secrets."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO

_PASSED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
_PIPE = 1 << 20  # bytes in flight


class Child:
    """A process that runs ``module`` with binary pipes to its standard input and output. Starting blocks."""

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self._command = [sys.executable, "-P", "-m", module, *arguments]
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False

    def start(self) -> None:
        env = {name: os.environ[name] for name in _PASSED if name in os.environ}
        env |= self._environment
        env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            pipesize=_PIPE,
        )
        if self._ended:  # given up while it started
            self.end()

    @property
    def requests(self) -> IO[bytes]:
        assert self._process is not None
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def answers(self) -> IO[bytes]:
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def exit_code(self) -> int | None:
        """How it ended, in the manner of subprocess; None while it runs on. Blocks for a moment."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(1)
        return None

    def end(self) -> None:
        """Kill it now; freeing its memory and closing the pipes, which may take a while, happens in a thread."""
        self._ended = True
        if self._process is not None:
            self._process.kill()
            threading.Thread(target=_bury, args=(self._process,), daemon=True).start()


def _bury(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(OSError, ValueError):
                pipe.close()
