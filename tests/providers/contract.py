"""What every image provider owes: the same tests against each. Subclass ``ImageProviderContract`` in a test file,
give it a ``provider`` fixture, and say below what differs."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from chatelier.providers.base import (
    Capabilities,
    ImageEvent,
    ImageProvider,
    ImageRequest,
    ImageResult,
    Kind,
    PartialImage,
    Progress,
    ProviderError,
    Size,
    SourceImage,
)
from chatelier.storage.imaging import keep_produced, shrink_partial

CAPS: dict[str, Any] = {"max_bytes": 60_000_000, "max_pixels": 40_000_000}
ODD_PROMPTS = [
    "\N{OWL}\N{ZERO WIDTH JOINER}\N{BLACK HEART SUIT} \N{RAINBOW}",
    "سماء زرقاء فوق البحر",
    "<script>alert(1)</script> & <svg onload=x> ]]> {{7*7}} %s ${x}",
    "a\x00b\x07c\r\n\td",
    "' OR 1=1; -- \\",
    "x",
    "cat " * 8_000,
]


async def collect(events: AsyncGenerator[ImageEvent, None]) -> list[ImageEvent]:
    async with aclosing(events) as stream:
        return [event async for event in stream]


def decoded(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP"))
    image.load()
    return image


async def lag_during(task: asyncio.Task[Any]) -> tuple[float, float]:
    """How long others waited for the event loop while ``task`` ran, in 95 of 100 cases: in the loop's own processor
    time, which a busy machine does not lengthen, and by the clock, which also sees another thread that holds on."""
    worked, waited = [0.0], [0.0]
    while not task.done():
        before, started = time.thread_time(), time.perf_counter()
        await asyncio.sleep(0.005)
        worked.append(time.thread_time() - before)
        waited.append(time.perf_counter() - started - 0.005)
    await task
    return _most(worked), _most(waited)


def _most(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def sizes_of(can: Capabilities) -> list[Size]:
    """The smallest square, both extreme shapes and the usual size; or the few that there are."""
    if can.sizes:
        return list(can.sizes)
    step = can.side_multiple
    low = max(can.min_side, step, -(-math.isqrt(can.min_pixels) // step) * step)
    return [
        Size(width=low, height=low),
        Size(width=int(low * can.max_ratio) // step * step, height=low),
        Size(width=low, height=int(low / can.min_ratio) // step * step),
        can.default_size,
    ]


@pytest.mark.anyio
class ImageProviderContract:
    prompt = "a red house under a green tree"
    other_prompt = "a blue boat on the sea at night"
    change = "make the sky purple"
    change_elsewhere = "make the sky purple"  # of an image that the provider did not make
    slow_prompt = "a red house under a green tree"  # of a call that is still running after its first event
    exact_sizes = True  # engines that round sizes say False
    keeps_most = True  # an edit leaves most of the picture alone
    seconds = 60.0  # one call may take
    is_instant = False  # done before anybody could cancel it

    def request(self, provider: ImageProvider, **values: object) -> ImageRequest:
        small = Size(width=256, height=256)
        wanted = ImageRequest(kind=Kind.GENERATE, prompt=self.prompt, size=small, seed=7)
        return replace(wanted, **values)  # type: ignore[arg-type]  # the fields by name

    async def result(self, provider: ImageProvider, **values: object) -> ImageResult:
        events = await asyncio.wait_for(collect(provider.paint(self.request(provider, **values))), self.seconds)
        assert isinstance(events[-1], ImageResult)
        return events[-1]

    async def source(self, provider: ImageProvider, **values: object) -> SourceImage:
        (image,) = (await self.result(provider, **values)).images
        picture = decoded(image.content)
        return SourceImage(
            content=image.content,
            media_type=f"image/{(picture.format or '').lower()}",
            size=Size(width=picture.width, height=picture.height),
            prompt=self.prompt,
            seed=image.seed,
            recipe=image.recipe,
        )

    async def test_says_who_it_is_and_what_it_can(self, provider: ImageProvider) -> None:
        can = provider.capabilities
        assert provider.name.isidentifier()
        assert provider.label
        assert provider.default_model in provider.models()
        assert can.min_side <= can.default_size.width <= can.max_side
        assert can.min_ratio <= 1 <= can.max_ratio
        assert can.digital_source_type.isalpha()
        assert can.max_images >= 1
        assert can.deadline > 0
        assert bool(can.max_sources) == can.edit
        assert not (can.free and can.price_micros)

    async def test_reports_progress_and_ends_with_one_result(self, provider: ImageProvider) -> None:
        events = await collect(provider.paint(self.request(provider)))
        *before, last = events
        assert isinstance(last, ImageResult)
        assert before
        for event in before:
            assert isinstance(event, Progress | PartialImage)
            if isinstance(event, Progress):
                assert 0 <= event.fraction <= 1
            else:
                assert shrink_partial(event.content, **CAPS)
        assert last.model in provider.models()
        json.dumps([dict(last.usage), *({**(image.recipe or {}), **image.details} for image in last.images)])
        assert all(image.alt_text for image in last.images)

    async def test_its_bytes_pass_the_store_untouched_but_for_the_mark(self, provider: ImageProvider) -> None:
        (image,) = (await self.result(provider)).images
        kept = keep_produced(image.content, source_type=provider.capabilities.digital_source_type, **CAPS)
        assert decoded(kept.content).tobytes() == decoded(image.content).tobytes()

    async def test_sizes_are_honoured(self, provider: ImageProvider) -> None:
        can = provider.capabilities
        for size in sizes_of(can):
            (image,) = (await self.result(provider, size=size)).images
            picture = decoded(image.content)
            if self.exact_sizes:
                assert picture.size == (size.width, size.height)
            assert picture.width / picture.height == pytest.approx(size.width / size.height, rel=0.05)

    async def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(self, provider: ImageProvider) -> None:
        if not provider.capabilities.seed:
            return
        (one,), (again,), (other,) = [(await self.result(provider, seed=seed)).images for seed in (7, 7, 2**32 - 1)]
        assert one.content == again.content
        assert one.content != other.content
        assert (one.seed, other.seed) == (7, 2**32 - 1)

    async def test_several_images_of_one_call_differ(self, provider: ImageProvider) -> None:
        n = min(4, provider.capabilities.max_images)
        images = (await self.result(provider, n=n)).images
        assert len(images) == n
        assert len({image.content for image in images}) == n

    async def test_an_edit_changes_the_source_and_keeps_its_size(self, provider: ImageProvider) -> None:
        if not provider.capabilities.edit:
            return
        source = await self.source(provider, size=Size(width=384, height=256))
        edit = {"kind": Kind.EDIT, "instruction": self.change, "prompt": f"{self.prompt}, {self.change}"}
        (image,) = (await self.result(provider, sources=[source], size=source.size, **edit)).images
        picture = decoded(image.content)
        assert picture.tobytes() != decoded(source.content).tobytes()
        assert not self.exact_sizes or picture.size == (384, 256)

    async def test_an_image_of_elsewhere_can_be_edited(self, provider: ImageProvider) -> None:
        if not provider.capabilities.edit:
            return
        out = BytesIO()
        Image.linear_gradient("L").convert("RGB").save(out, "JPEG")
        foreign = SourceImage(content=out.getvalue(), media_type="image/jpeg", size=Size(width=256, height=256))
        edit = {"kind": Kind.EDIT, "instruction": self.change_elsewhere, "prompt": self.change_elsewhere}
        assert (await self.result(provider, sources=[foreign], **edit)).images

    async def test_a_variation_differs_from_its_source(self, provider: ImageProvider) -> None:
        if not provider.capabilities.edit:
            return
        source = await self.source(provider)
        (image,) = (await self.result(provider, kind=Kind.VARIATION, sources=[source], seed=99)).images
        assert decoded(image.content).tobytes() != decoded(source.content).tobytes()

    async def test_outside_the_mask_nothing_changes(self, provider: ImageProvider) -> None:
        if not provider.capabilities.mask:
            return
        source = await self.source(provider)
        mask, out = Image.new("RGBA", (256, 256), (0, 0, 0, 255)), BytesIO()
        mask.paste((0, 0, 0, 0), (0, 0, 128, 256))  # transparent: the left half may change
        mask.save(out, "PNG")
        edit = {"kind": Kind.EDIT, "instruction": self.change, "prompt": self.change, "mask": out.getvalue()}
        (image,) = (await self.result(provider, sources=[source], **edit)).images
        before, after = decoded(source.content).convert("RGB"), decoded(image.content).convert("RGB")
        assert before.crop((132, 0, 256, 256)).tobytes() == after.crop((132, 0, 256, 256)).tobytes()
        assert before.crop((0, 0, 124, 256)).tobytes() != after.crop((0, 0, 124, 256)).tobytes()

    @pytest.mark.parametrize("prompt", ODD_PROMPTS, ids=range(len(ODD_PROMPTS)))
    async def test_odd_words_get_an_image_or_a_provider_error(self, provider: ImageProvider, prompt: str) -> None:
        try:
            result = await self.result(provider, prompt=prompt)
        except ProviderError:
            return
        assert decoded(result.images[0].content)

    async def test_closing_the_iterator_stops_the_call(self, provider: ImageProvider) -> None:
        await self.close_early(provider)
        before = len(asyncio.all_tasks())
        for _ in range(3):
            await self.close_early(provider)
        assert await self.result(provider)
        assert len(asyncio.all_tasks()) <= before

    async def close_early(self, provider: ImageProvider) -> None:
        events = provider.paint(self.request(provider, prompt=self.slow_prompt, size=Size(width=1024, height=1024)))
        await anext(events)
        started = time.perf_counter()
        await events.aclose()
        assert time.perf_counter() - started < self.seconds

    async def test_a_cancelled_task_ends_cancelled(self, provider: ImageProvider) -> None:
        if self.is_instant:
            return
        request = self.request(provider, prompt=self.slow_prompt, size=Size(width=1024, height=1024))
        task = asyncio.create_task(collect(provider.paint(request)))
        await asyncio.sleep(0.05)
        task.cancel()
        started = time.perf_counter()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.perf_counter() - started < self.seconds
        assert await self.result(provider)

    async def test_calls_at_the_same_time_do_not_mix(self, provider: ImageProvider) -> None:
        prompts = (self.prompt, self.other_prompt, self.prompt)
        one, other, again = await asyncio.gather(*(self.result(provider, prompt=prompt) for prompt in prompts))
        assert one.images[0].content != other.images[0].content
        if provider.capabilities.seed:
            assert one.images[0].content == again.images[0].content

    async def test_the_event_loop_stays_free(self, provider: ImageProvider) -> None:
        await self.result(provider)
        worked, waited = await lag_during(
            asyncio.create_task(self.result(provider, size=Size(width=1024, height=1024)))
        )
        assert worked < 0.05
        assert waited < 1  # the budget itself is a measure of make bench

    async def test_closing_twice_is_harmless(self, provider: ImageProvider) -> None:
        await provider.close()
        await provider.close()
