"""Drawing processes: started when first needed, one job at a time each, killed when late, ended when idle.

Drawing holds the interpreter lock for up to two seconds, which would stop a whole server; so it has a process of
its own. It is a plain subprocess with pipes: it dies with the server because its input ends."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from chatelier.providers.illustrator import frames

ROOT = Path(__file__).resolve().parents[3]
START = "import sys; sys.path.insert(0, sys.argv[1]); from chatelier.providers.illustrator.child import main; main()"
IDLE = 90.0  # seconds after which an unused process gives its memory back
LAST_WORDS = 2000  # bytes of a dead process's last output that are reported


class Gone(Exception):
    """The drawing process died, hung or talked nonsense; the job is lost, the next one gets a new process."""


class Late(Gone):
    """The deadline passed."""


class Pool:
    """``slots`` jobs at a time; more wait. One pool belongs to one event loop at a time."""

    def __init__(self, slots: int = 2, idle: float = IDLE) -> None:
        self.slots = slots
        self.idle = idle
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free: list[Worker] = []
        self._busy: set[Worker] = set()
        self._gate = asyncio.Semaphore(slots)

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in (*self._busy, *self._free)]

    async def run(self, request: dict[str, Any], deadline: float) -> AsyncGenerator[tuple[dict[str, Any], bytes]]:
        """The messages of one job up to its end; ``deadline`` in seconds counts from when it gets a process.

        Closing the generator kills the process, since nothing else stops a drawing."""
        self._belong()
        async with self._gate:
            worker = await self._take()
            finished = False
            # A timer, not asyncio.timeout: whoever reads may do so from a new task each time.
            worker.rest(asyncio.get_running_loop().call_later(deadline, worker.kill_late))
            try:
                async for message in worker.job(request):
                    yield message
                finished = True
            except Gone as error:
                raise (Late(f"no picture after {deadline:.0f} s") if worker.late else error) from error
            finally:
                worker.rest(None)
                self._busy.discard(worker)
                if finished and worker.alive:
                    self._keep(worker)
                else:
                    await worker.kill()

    async def close(self) -> None:
        for worker in [*self._free, *self._busy]:
            await worker.kill()
        self._free.clear()
        self._busy.clear()

    def _belong(self) -> None:
        """Pipes cannot move to another loop: what is left of an earlier one is killed."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            for worker in [*self._free, *self._busy]:
                worker.kill_now()
            self._free, self._busy = [], set()
            self._gate, self._loop = asyncio.Semaphore(self.slots), loop

    async def _take(self) -> Worker:
        while self._free:
            worker = self._free.pop()
            worker.rest(None)
            if worker.alive:
                self._busy.add(worker)
                return worker
        worker = await Worker.start()
        self._busy.add(worker)
        return worker

    def _keep(self, worker: Worker) -> None:
        self._free.append(worker)
        worker.rest(asyncio.get_running_loop().call_later(self.idle, self._dismiss, worker))

    def _dismiss(self, worker: Worker) -> None:
        if worker in self._free:
            self._free.remove(worker)
            worker.end()


class Worker:
    """One drawing process."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._timer: asyncio.TimerHandle | None = None
        self.late = False

    @classmethod
    async def start(cls) -> Worker:
        """No environment is handed on: the process needs none, and secrets live there."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-c",
            START,
            str(ROOT),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def job(self, request: dict[str, Any]) -> AsyncGenerator[tuple[dict[str, Any], bytes]]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(frames.pack(request))
            await self._process.stdin.drain()
            while True:
                header, content = await self._read()
                if header.get("event") == "done":
                    return
                yield header, content
        except (ConnectionError, asyncio.IncompleteReadError, frames.BrokenFrame) as error:
            raise Gone(f"the drawing process ended: {type(error).__name__}") from error

    async def _read(self) -> tuple[dict[str, Any], bytes]:
        assert self._process.stdout is not None
        header, content = frames.lengths(await self._process.stdout.readexactly(frames.HEAD.size))
        body = await self._process.stdout.readexactly(header + content)
        return frames.unpack(body[:header]), body[header:]

    def rest(self, timer: asyncio.TimerHandle | None) -> None:
        """Remember the timer that will end the process; None cancels it."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    def end(self) -> None:
        """Let an idle process go: its input ends."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def kill_late(self) -> None:
        self.late = True
        self.kill_now()

    def kill_now(self) -> None:
        self.rest(None)
        with contextlib.suppress(ProcessLookupError, RuntimeError):
            self._process.kill()

    async def kill(self) -> None:
        """Killed and reaped; safe in a task that is being cancelled."""
        self.kill_now()
        with contextlib.suppress(ProcessLookupError):
            await asyncio.shield(self._process.wait())
