"""A scripted image provider, shipped for tests and demonstrations: real small pictures, and every way to fail.

Marks in the prompt (in the instruction of an edit) script it: ``[[slow 3]]`` seconds with progress and partial
images, ``[[hang]]``, ``[[429 7]]`` with Retry-After, ``[[500]]``, ``[[flaky]]`` fails once, ``[[refuse]]``,
``[[bad-request]]``, ``[[unreachable]]``, ``[[dies]]`` in the middle, ``[[late-cancel 2]]`` ignores being cancelled;
and of the picture ``[[truncated]]``, ``[[wrong-type svg|html]]``, ``[[too-large]]`` (a bomb) or ``[[too-large 300]]``
(megabytes), ``[[polyglot]]``, ``[[metadata]]``, ``[[empty]]``, ``[[photo]]``, ``[[format jpeg|webp]]``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

from chatelier.providers.base import (
    Capabilities,
    ImageEvent,
    ImageRequest,
    ImageResult,
    Kind,
    PartialImage,
    ProducedImage,
    Progress,
    ProviderError,
)
from chatelier.providers.fake_script import Failures, Faults, Journal, Script, faults_of, without_marks

_STEPS = 10
_PRICE = 40_000  # micro-dollars for an image


class FakePainter:
    """``free`` declares that it costs nothing, else an image costs 0.04 USD. ``content`` replaces drawing by these
    bytes, where speed matters. ``journal`` is a file for one line of JSON per call start and end."""

    name = "fake"
    label = "Scripted fake (for tests)"
    default_model = "fake-1"

    def __init__(
        self,
        *,
        free: bool = False,
        script: Script | None = None,
        journal: Path | None = None,
        content: bytes | None = None,
        deadline: float = 300.0,
    ) -> None:
        self.capabilities = Capabilities(
            edit=True,
            mask=True,
            max_sources=4,
            max_images=4,
            min_side=64,
            seed=True,
            negative_prompt=True,
            free=free,
            price_micros=0 if free else _PRICE,
            deadline=deadline,
            digital_source_type="algorithmicMedia",
        )
        self._script = script
        self._journal = Journal(journal)
        self._content = content
        self._failures = Failures()

    def models(self) -> Sequence[str]:
        return (self.default_model,)

    async def paint(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        told = {"kind": request.kind, "prompt": request.prompt, "n": request.n, "user_ref": request.user_ref}
        call = await asyncio.to_thread(self._journal.start, **told)
        outcome = "cancelled"
        try:
            async with aclosing(self._play(request)) as events:
                async for event in events:
                    outcome = "succeeded" if isinstance(event, ImageResult) else outcome
                    yield event
        except ProviderError as error:
            outcome = error.kind
            raise
        finally:
            self._journal.end(call, outcome)

    async def close(self) -> None:
        return None

    async def _play(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        text = request.instruction if request.kind is Kind.EDIT else request.prompt
        faults = faults_of(text, self._script)
        self._failures.refuse(faults)
        yield Progress(fraction=0.0, note="mixing colours")
        if "slow" in faults:
            async with aclosing(self._steps(request, faults.number("slow", 3))) as steps:
                async for event in steps:
                    yield event
        if "late-cancel" in faults:
            await _sleep_on(faults.number("late-cancel", 2))
        if "hang" in faults:
            await asyncio.Event().wait()
        yield Progress(fraction=0.9, note="signing")
        self._failures.break_off(text, faults)
        yield await self._result(request, faults)

    async def _steps(self, request: ImageRequest, seconds: float) -> AsyncGenerator[ImageEvent, None]:
        for step in range(1, _STEPS + 1):
            await asyncio.sleep(seconds / _STEPS)
            yield Progress(fraction=step / _STEPS, note=f"step {step} of {_STEPS}")
            if step % 3 == 0:
                yield PartialImage(index=0, content=await asyncio.to_thread(_rough, request, step // 3))

    async def _result(self, request: ImageRequest, faults: Faults) -> ImageResult:
        seeds = [] if "empty" in faults else [(request.seed + index) % 2**32 for index in range(request.n)]
        contents = [await self._produce(request, seed, faults) for seed in seeds]
        images = [
            ProducedImage(
                content=content,
                seed=seed,
                recipe={"fake": 1, "seed": seed},
                details={"engine": self.label},
                alt_text=without_marks(request.prompt),
            )
            for seed, content in zip(seeds, contents, strict=True)
        ]
        usage = {"images": len(images)}
        return ImageResult(images=images, model=request.model or self.default_model, request_id="fake", usage=usage)

    async def _produce(self, request: ImageRequest, seed: int, faults: Faults) -> bytes:
        if self._content is not None:
            return self._content
        return await asyncio.to_thread(_produce, request, seed, faults)


async def _sleep_on(seconds: float) -> None:
    """Sleep without minding cancellation, as an engine does that cannot be stopped."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0:
        try:
            await asyncio.sleep(left)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            assert task
            task.uncancel()


def _produce(request: ImageRequest, seed: int, faults: Faults) -> bytes:
    from chatelier.providers.fake_pictures import produce  # Pillow, which the web process does without

    return produce(request, seed, faults)


def _rough(request: ImageRequest, step: int) -> bytes:
    from chatelier.providers.fake_pictures import rough

    return rough(request, request.seed, step)
