"""Drawing processes: started when first needed, one job at a time each, killed when late, ended when idle.

Drawing holds the interpreter lock for up to two seconds, which would stop a whole server; so it has a process of
its own. It is a plain subprocess with pipes: it dies with the server because its input ends. The pipes are read in
threads, so that a process is bound to no event loop."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from chatelier.providers.illustrator import frames

ROOT = Path(__file__).resolve().parents[3]
START = "import sys; sys.path.insert(0, sys.argv[1]); from chatelier.providers.illustrator.child import main; main()"
LAST = ("done", "failed", "refused")  # events that end a job
IDLE = 90.0  # seconds after which an unused process gives its memory back
PATIENCE = 5.0  # seconds that an idle process has to end by itself
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # no secrets: the process needs none


class Gone(Exception):
    """The drawing process died, hung or talked nonsense; the job is lost, the next one gets a new process."""


class Late(Gone):
    """The deadline passed."""


class Pool:
    """``slots`` jobs at a time; more wait."""

    def __init__(self, slots: int = 2, idle: float = IDLE) -> None:
        self.slots = slots
        self.idle = idle
        self._threads = ThreadPoolExecutor(max_workers=slots * 2, thread_name_prefix="illustrator")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free: list[Worker] = []
        self._busy: set[Worker] = set()
        self._gate = asyncio.Semaphore(slots)

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in (*self._busy, *self._free)]

    async def run(
        self, request: dict[str, Any], deadline: float, content: bytes = b""
    ) -> AsyncGenerator[tuple[dict[str, Any], bytes]]:
        """The messages of one job up to its end; ``deadline`` in seconds counts from when it gets a process.

        Closing the generator kills the process, since nothing else stops a drawing."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._gate = loop, asyncio.Semaphore(self.slots)
        async with self._gate:
            worker = await self._take()
            finished = False
            # A timer, not asyncio.timeout: whoever reads may do so from a new task each time.
            timer = loop.call_later(deadline, worker.kill_late)
            try:
                await self._thread(worker.send, request, content)
                while not finished:
                    message = await self._thread(worker.receive)
                    finished = message[0].get("event") in LAST
                    if message[0].get("event") != "done":
                        yield message
            except Gone as error:
                raise (Late(f"no picture after {deadline:.0f} s") if worker.late else error) from error
            finally:
                timer.cancel()
                self._busy.discard(worker)
                if finished:
                    self._free.append(worker)
                    worker.timer = loop.call_later(self.idle, self._dismiss, worker)
                else:
                    worker.kill()
                    await asyncio.shield(self._thread(worker.bury))

    async def close(self) -> None:
        """Ends all processes; the pool can be used again."""
        workers = [*self._free, *self._busy]
        self._free.clear()
        self._busy.clear()
        for worker in workers:
            worker.kill()
            await self._thread(worker.bury)

    async def _take(self) -> Worker:
        while self._free:
            worker = self._free.pop()
            worker.wake()
            if worker.alive:
                self._busy.add(worker)
                return worker
            await self._thread(worker.bury)
        started: Worker = await self._thread(Worker)
        self._busy.add(started)
        return started

    def _thread(self, call: Any, *arguments: Any) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)

    def _dismiss(self, worker: Worker) -> None:
        if worker in self._free:
            self._free.remove(worker)
            self._threads.submit(worker.end)


class Worker:
    """One drawing process. All but ``kill`` and ``wake`` may block, so threads call them."""

    def __init__(self) -> None:
        self.late = False
        self.timer: asyncio.TimerHandle | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", START, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wake(self) -> None:
        """It has work again: it is not to be ended as idle."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def send(self, request: dict[str, Any], content: bytes = b"") -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(frames.pack(request, content))
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise Gone("the drawing process takes no job") from error

    def receive(self) -> tuple[dict[str, Any], bytes]:
        assert self._process.stdout is not None
        try:
            message = frames.read(self._process.stdout)
        except (OSError, ValueError, frames.BrokenFrame) as error:
            raise Gone(f"the drawing process talks nonsense: {error}") from error
        if message is None:
            raise Gone("the drawing process ended")
        return message

    def end(self) -> None:
        """Let an idle process go: its input ends, so it does."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        self.kill()
        self.bury()

    def kill_late(self) -> None:
        self.late = True
        self.kill()

    def kill(self) -> None:
        self.wake()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def bury(self) -> None:
        """After ``kill``: nothing of the process is left, neither a zombie nor a pipe."""
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
