"""The scripted painter: it keeps the contract, and fails exactly as it is told."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from chatelier.errors import ChatelierError, TooLarge, UnsupportedImage
from chatelier.providers.base import (
    FailureKind,
    ImageEvent,
    ImageProvider,
    ImageRequest,
    ImageResult,
    Kind,
    PartialImage,
    Progress,
    ProviderError,
    Size,
)
from chatelier.providers.fake import FakePainter
from chatelier.providers.fake_script import read_journal
from chatelier.storage.imaging import keep_produced
from tests.providers.contract import CAPS, ImageProviderContract, collect, decoded

pytestmark = pytest.mark.anyio


class TestContract(ImageProviderContract):
    slow_prompt = "a fox [[slow 5]]"

    @pytest.fixture
    def provider(self) -> ImageProvider:
        return FakePainter()


def asked(prompt: str, *, n: int = 1, seed: int = 0) -> ImageRequest:
    return ImageRequest(kind=Kind.GENERATE, prompt=prompt, size=Size(width=256, height=256), n=n, seed=seed)


async def painted(prompt: str, painter: FakePainter | None = None) -> list[ImageEvent]:
    return await collect((painter or FakePainter()).paint(asked(prompt)))


def result(events: list[ImageEvent]) -> ImageResult:
    assert isinstance(events[-1], ImageResult)
    return events[-1]


@pytest.mark.parametrize(
    ("mark", "kind", "sent", "retry_after"),
    [
        ("429 7", FailureKind.RATE_LIMITED, False, 7),
        ("500", FailureKind.UNAVAILABLE, True, None),
        ("refuse", FailureKind.REFUSED, True, None),
        ("dies", FailureKind.UNKNOWN, True, None),
        ("bad-request", FailureKind.BAD_REQUEST, False, None),
        ("unreachable", FailureKind.UNAVAILABLE, False, None),
    ],
)
async def test_it_fails_as_told(mark: str, kind: FailureKind, sent: bool, retry_after: float | None) -> None:
    with pytest.raises(ProviderError) as failed:
        await painted(f"a cat [[{mark}]]")
    assert (failed.value.kind, failed.value.sent, failed.value.retry_after) == (kind, sent, retry_after)
    assert not failed.value.billed


async def test_slow_painting_shows_its_steps() -> None:
    started = time.perf_counter()
    events = await painted("a cat [[slow 0.4]]")
    assert time.perf_counter() - started > 0.35
    steps = [event.fraction for event in events if isinstance(event, Progress)]
    assert len(steps) >= 10
    assert len([event for event in events if isinstance(event, PartialImage)]) == 3


async def test_it_hangs_until_it_is_cancelled() -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(painted("a cat [[hang]]"), 0.2)


async def test_it_may_ignore_being_cancelled() -> None:
    task = asyncio.create_task(painted("a cat [[late-cancel 0.4]]"))
    await asyncio.sleep(0.1)
    task.cancel()
    assert result(await task).images


@pytest.mark.parametrize(
    ("mark", "refusal"),
    [
        ("truncated", UnsupportedImage),
        ("wrong-type", UnsupportedImage),
        ("wrong-type html", UnsupportedImage),
        ("too-large", TooLarge),
        ("too-large 70", TooLarge),
    ],
)
async def test_the_store_refuses_its_bad_bytes(mark: str, refusal: type[ChatelierError]) -> None:
    (image,) = result(await painted(f"a cat [[{mark}]]")).images
    with pytest.raises(refusal):
        keep_produced(image.content, source_type="algorithmicMedia", **CAPS)


async def test_the_store_cleans_its_dirty_bytes() -> None:
    for mark, dirt in (("polyglot", b"<script>"), ("metadata", b"Sampler: Euler")):
        (image,) = result(await painted(f"a cat [[{mark}]]")).images
        assert dirt in image.content
        assert dirt not in keep_produced(image.content, source_type="algorithmicMedia", **CAPS).content


async def test_it_may_return_no_image_or_another_format_or_a_heavy_one() -> None:
    assert result(await painted("a cat [[empty]]")).images == []
    assert decoded(result(await painted("a cat [[format webp]]")).images[0].content).format == "WEBP"
    heavy = FakePainter().paint(ImageRequest(kind=Kind.GENERATE, prompt="a cat [[photo]]"))
    assert 1_000_000 < len(result(await collect(heavy)).images[0].content) < 3_000_000


async def test_a_flaky_one_works_the_second_time() -> None:
    painter = FakePainter()
    with pytest.raises(ProviderError, match="500"):
        await painted("a cat [[flaky]]", painter)
    assert result(await painted("a cat [[flaky]]", painter)).images
    with pytest.raises(ProviderError, match="500"):
        await painted("a dog [[flaky]]", painter)


async def test_a_script_replaces_marks() -> None:
    for script in ({"cat": "[[500]]"}, lambda text: "[[500]]" if "cat" in text else ""):
        painter = FakePainter(script=script)
        assert result(await painted("a dog", painter)).images
        with pytest.raises(ProviderError):
            await painted("a cat", painter)


async def test_every_call_is_in_the_journal_before_it_can_be_lost(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    painter = FakePainter(journal=path)
    assert read_journal(path) == []
    events = painter.paint(asked("a cat [[hang]]"))
    await anext(events)
    (call,) = read_journal(path)
    assert (call["event"], call["prompt"], call["kind"]) == ("call", "a cat [[hang]]", "generate")
    await events.aclose()
    with pytest.raises(ProviderError):
        await painted("a dog [[500]]", painter)
    await painted("a bird", painter)
    ends = [line["outcome"] for line in read_journal(path) if line["event"] == "end"]
    assert ends == ["cancelled", "unavailable", "succeeded"]


def test_it_says_what_it_costs() -> None:
    assert FakePainter(free=True).capabilities.free
    assert FakePainter().capabilities.price_micros == 40_000


async def test_given_bytes_are_returned_as_they_are() -> None:
    assert result(await painted("a cat", FakePainter(content=b"bytes"))).images[0].content == b"bytes"
