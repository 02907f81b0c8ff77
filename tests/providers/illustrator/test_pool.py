"""Drawing happens in processes of its own: they can die, hang and be stopped without harm."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatelier.providers.base import (
    FailureKind,
    ImageEvent,
    ImageRequest,
    ImageResult,
    Kind,
    PartialImage,
    ProviderError,
    Size,
)
from chatelier.providers.illustrator import Illustrator
from chatelier.providers.illustrator.pool import Late, Pool
from tests.providers.contract import collect

pytestmark = pytest.mark.anyio
LARGE = Size(width=2048, height=2048)
JOB = {"kind": "generate", "prompt": "a cat", "width": 256, "height": 256}


@pytest.fixture
async def illustrator() -> AsyncIterator[Illustrator]:
    provider = Illustrator()
    yield provider
    await provider.close()


def asked(prompt: str, size: Size | None = None) -> ImageRequest:
    return ImageRequest(kind=Kind.GENERATE, prompt=prompt, size=size or Size(width=256, height=256), seed=1)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for_end(pid: int) -> None:
    deadline = time.perf_counter() + 60
    while is_running(pid) and time.perf_counter() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)


async def result(illustrator: Illustrator, request: ImageRequest) -> ImageResult:
    last: ImageEvent = (await collect(illustrator.paint(request)))[-1]
    assert isinstance(last, ImageResult)
    return last


async def test_no_process_runs_before_the_first_picture_and_one_serves_many(illustrator: Illustrator) -> None:
    assert illustrator.pool.pids == []
    await result(illustrator, asked("a cat"))
    first = illustrator.pool.pids
    await result(illustrator, asked("a dog"))
    assert illustrator.pool.pids == first
    assert len(first) == 1


async def test_stopping_a_picture_kills_its_process(illustrator: Illustrator) -> None:
    events = illustrator.paint(asked("a castle, watercolor", LARGE))
    async for event in events:
        if isinstance(event, PartialImage):
            break
    (pid,) = illustrator.pool.pids
    await events.aclose()
    assert not is_running(pid)
    assert (await result(illustrator, asked("a cat"))).images


async def test_a_process_that_dies_is_an_error_and_the_next_picture_works(illustrator: Illustrator) -> None:
    async def kill_in_the_middle() -> None:
        async for event in illustrator.paint(asked("a castle, watercolor", LARGE)):
            if isinstance(event, PartialImage):
                os.kill(illustrator.pool.pids[0], signal.SIGKILL)

    with pytest.raises(ProviderError) as caught:
        await kill_in_the_middle()
    assert caught.value.kind is FailureKind.UNAVAILABLE
    assert (await result(illustrator, asked("a cat"))).images


async def test_a_process_that_died_while_idle_is_replaced_unseen(illustrator: Illustrator) -> None:
    await result(illustrator, asked("a cat"))
    (pid,) = illustrator.pool.pids
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(wait_for_end, pid)
    assert (await result(illustrator, asked("a cat"))).images
    assert illustrator.pool.pids != [pid]


async def test_a_job_that_takes_too_long_is_late_and_its_process_is_killed() -> None:
    pool = Pool()
    with pytest.raises(Late):
        async for _ in pool.run({**JOB, "prompt": "a castle, watercolor", "width": 2048, "height": 2048}, 0.6):
            pass
    assert pool.pids == []
    assert [header["event"] async for header, _ in pool.run(JOB, 20)][-1] == "image"
    await pool.close()


async def test_an_idle_process_ends_and_gives_its_memory_back() -> None:
    pool = Pool(idle=0.2)
    async for _ in pool.run(JOB, 20):
        (pid,) = pool.pids
    await asyncio.to_thread(wait_for_end, pid)
    assert pool.pids == []
    assert [header["event"] async for header, _ in pool.run(JOB, 20)][-1] == "image"
    await pool.close()


async def test_more_pictures_than_slots_wait_for_their_turn() -> None:
    illustrator = Illustrator(slots=1)
    results = await asyncio.gather(*(result(illustrator, asked(f"{n} cats")) for n in (1, 2, 3)))
    assert len({one.images[0].content for one in results}) == 3
    assert len(illustrator.pool.pids) == 1
    await illustrator.close()


async def test_closing_ends_every_process(illustrator: Illustrator) -> None:
    await asyncio.gather(result(illustrator, asked("a cat")), result(illustrator, asked("a dog")))
    pids = illustrator.pool.pids
    await illustrator.close()
    assert not any(is_running(pid) for pid in pids)


async def test_a_job_the_process_cannot_do_is_an_error_and_not_its_end() -> None:
    pool = Pool()
    headers = [header async for header, _ in pool.run({**JOB, "width": "wide"}, 20)]
    assert headers[-1]["event"] == "failed"
    before = pool.pids
    assert [header["event"] async for header, _ in pool.run(JOB, 20)][-1] == "image"
    assert pool.pids == before
    await pool.close()


async def test_a_size_outside_the_limits_never_reaches_a_process(illustrator: Illustrator) -> None:
    for size in (Size(width=128, height=128), Size(width=4096, height=1024), Size(width=2048, height=256)):
        with pytest.raises(ProviderError) as caught:
            await result(illustrator, asked("a cat", size))
        assert caught.value.kind is FailureKind.BAD_REQUEST
        assert not caught.value.sent
    assert illustrator.pool.pids == []


def test_it_works_in_one_event_loop_after_another() -> None:
    illustrator = Illustrator()

    async def once() -> list[int]:
        await result(illustrator, asked("a cat"))
        return illustrator.pool.pids

    assert asyncio.run(once()) == asyncio.run(once())
    asyncio.run(illustrator.close())
    assert illustrator.pool.pids == []


def test_the_process_gets_no_secrets_and_ends_with_the_server(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(
        textwrap.dedent("""
        import asyncio
        from chatelier.providers.illustrator.pool import Pool
        async def main():
            pool = Pool()
            job = {"kind": "generate", "prompt": "a castle, watercolor", "width": 2048, "height": 2048}
            async for header, _ in pool.run(job, 60):
                if header["event"] == "partial":
                    print(pool.pids[0], flush=True)
        asyncio.run(main())
        """)
    )
    server = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env={**os.environ, "CHATELIER_SECRET_KEY": "hush"}
    )
    assert server.stdout is not None
    with server.stdout:
        pid = int(server.stdout.readline())
    assert b"hush" not in Path(f"/proc/{pid}/environ").read_bytes()
    server.kill()
    server.wait()
    wait_for_end(pid)


def test_importing_the_illustrator_is_cheap() -> None:
    """Nothing that draws is loaded into the server."""
    code = "import sys, chatelier.providers.illustrator; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "PIL", "resvg_py", "sqlite3"} & set(loaded)
