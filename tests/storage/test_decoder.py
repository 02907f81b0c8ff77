"""The decoder processes: deadlines, limits, silence about secrets, and a web process without Pillow."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import psutil
import pytest

from chatelier.errors import TooLarge, UnsupportedImage
from chatelier.storage.decoder import Decoder
from chatelier.storage.stored import digest
from tests.storage import pictures
from tests.storage.pictures import CAPS, encoded, opened, picture

pytestmark = pytest.mark.anyio


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    decoder = Decoder(children=2)
    yield decoder
    await decoder.close()


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "chatelier.storage.decoder_child" in command(child)]


def command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""


async def test_an_image_goes_there_and_comes_back(decoder: Decoder) -> None:
    content = encoded(picture(600, 400))
    kept = await decoder.keep_produced(content, source_type="algorithmicMedia", **CAPS)
    assert (kept.width, kept.height, kept.media_type, kept.preview) == (600, 400, "image/png", None)
    assert kept.sha256 == digest(kept.content)
    assert pictures.pixels_of_png(kept.content) == pictures.pixels_of_png(content)
    assert opened(kept.thumbnail).size == (256, 171)
    assert (await decoder.keep_upload(content, **CAPS)).width == 600
    assert opened(await decoder.shrink_partial(content)).format == "JPEG"


async def test_many_at_once_share_two_processes_and_leave_the_loop_alone(decoder: Decoder) -> None:
    content = pictures.photo(512)
    await decoder.shrink_partial(content)
    before = time.thread_time()
    kept = await asyncio.gather(*(decoder.keep_upload(content, **CAPS) for _ in range(12)))
    assert time.thread_time() - before < 0.5
    assert {image.width for image in kept} == {512}
    assert len(children()) == 2


async def test_a_bomb_wakes_no_process(decoder: Decoder) -> None:
    before = psutil.Process().memory_info().rss
    content = pictures.bomb()
    for ask in (decoder.keep_upload(content, **CAPS), decoder.shrink_partial(content)):
        with pytest.raises(TooLarge):
            await ask
    with pytest.raises(UnsupportedImage):
        await decoder.keep_produced(b"<svg/>", source_type="algorithmicMedia", **CAPS)
    assert psutil.Process().memory_info().rss - before < 50_000_000
    assert not children()


async def test_a_damaged_image_gets_its_sentence_and_the_process_lives_on(decoder: Decoder) -> None:
    content = encoded()
    await decoder.keep_upload(content, **CAPS)
    (child,) = children()
    with pytest.raises(UnsupportedImage, match="PNG, JPEG or WebP"):
        await decoder.keep_upload(content[:-40], **CAPS)
    assert (await decoder.keep_upload(content, **CAPS)).width == 96
    assert children() == [child]


@pytest.mark.parametrize("limit", ["deadline", "patience"])
async def test_reading_is_given_up_when_it_takes_too_long(limit: str) -> None:
    decoder = Decoder(deadline=0.05) if limit == "deadline" else Decoder(patience=0.1)
    try:
        with pytest.raises(UnsupportedImage, match="too long"):
            await decoder.keep_upload(encoded(picture(3_000, 3_000, "RGBA"), compress_level=1), **CAPS)
        assert not psutil.wait_procs(children(), timeout=30)[1]
        assert limit == "patience" or await decoder.shrink_partial(encoded(picture(8, 8)))
    finally:
        await decoder.close()


async def test_a_process_that_dies_harms_one_image_only(decoder: Decoder) -> None:
    content = pictures.photo()
    await decoder.shrink_partial(encoded())
    (child,) = children()
    child.suspend()
    task = asyncio.create_task(decoder.keep_upload(content, **CAPS))
    await taken(decoder)
    child.kill()
    with pytest.raises(UnsupportedImage):
        await task
    assert (await decoder.keep_upload(encoded(), **CAPS)).width == 96
    (child,) = children()
    child.kill()
    child.wait()
    assert (await decoder.keep_upload(encoded(), **CAPS)).width == 96


async def test_whoever_gives_up_stops_the_work(decoder: Decoder) -> None:
    await decoder.shrink_partial(encoded())
    (child,) = children()
    task = asyncio.create_task(decoder.keep_upload(pictures.photo(), **CAPS))
    await taken(decoder)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.wait_procs([child], timeout=30)[1]


async def taken(decoder: Decoder) -> None:
    """Its only process has been given the image."""
    async with asyncio.timeout(30):
        while decoder._free:  # noqa: ASYNC110 (it has no event for that)
            await asyncio.sleep(0)


async def test_memory_has_a_limit(decoder: Decoder) -> None:
    await decoder.shrink_partial(encoded())
    (child,) = children()
    soft, hard = child.rlimit(psutil.RLIMIT_AS)
    assert soft == hard == 400_000_000 + 16 * 40_000_000
    assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)


async def test_a_decoder_knows_no_secret(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATELIER_SECRET_KEY", "canary")
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    await decoder.shrink_partial(encoded())
    (child,) = children()
    assert "canary" not in repr(child.environ())


async def test_idle_processes_end() -> None:
    decoder = Decoder(idle=0.1)
    try:
        await decoder.shrink_partial(encoded())
        (child,) = children()
        await asyncio.to_thread(psutil.wait_procs, [child], timeout=30)
        assert not children()
        assert await decoder.shrink_partial(encoded())
    finally:
        await decoder.close()


async def test_large_images_are_read_in_time(decoder: Decoder) -> None:
    content = encoded(picture(7_300, 5_400), "JPEG")
    assert (await decoder.keep_upload(content, **CAPS)).preview is not None
    drawn = encoded(picture(4_000, 3_000, "RGBA"), compress_level=1)
    assert (await decoder.keep_upload(drawn, **CAPS)).width == 4_000


def test_a_decoder_dies_with_its_parent() -> None:
    script = (
        "import asyncio, os\n"
        "from chatelier.storage.decoder import Decoder\n"
        "from tests.storage.pictures import encoded\n"
        "async def main():\n"
        "    await Decoder().shrink_partial(encoded())\n"
        "    import psutil\n"
        "    print(psutil.Process().children()[0].pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    pytest.fail("the decoder outlived its parent")


def test_the_web_process_does_not_know_pillow() -> None:
    script = "import sys, chatelier.storage.decoder, chatelier.storage.stored; sys.exit('PIL' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    assert subprocess.run([sys.executable, "-c", script], env=env, check=False).returncode == 0
