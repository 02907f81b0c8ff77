"""The built-in illustrator: composes a scene from the words and draws it, with no model, no key and no network.

Importing this package is cheap: drawing, and every library it needs, happens in processes of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from chatelier.providers.base import (
    Capabilities,
    FailureKind,
    ImageEvent,
    ImageRequest,
    ImageResult,
    Kind,
    PartialImage,
    ProducedImage,
    Progress,
    ProviderError,
    Size,
)
from chatelier.providers.illustrator.pool import Gone, Late, Pool
from chatelier.providers.illustrator.scene import STYLES, source_scene

MODEL = "illustrator-1"
WORDS = 32_000  # characters of a prompt that are read


class Illustrator:
    """``slots`` pictures are drawn at the same time; more wait."""

    name = "illustrator"
    label = "Built-in illustrator"
    default_model = MODEL
    capabilities = Capabilities(
        edit=True,
        mask=True,
        max_sources=1,
        max_images=4,
        min_side=256,
        max_side=2048,
        side_multiple=8,
        min_ratio=1 / 3,
        max_ratio=3.0,
        default_size=Size(width=1024, height=1024),
        styles=STYLES,
        seed=True,
        negative_prompt=True,
        free=True,
        deadline=60.0,
        digital_source_type="algorithmicMedia",
    )

    def __init__(self, slots: int = 2) -> None:
        self.pool = Pool(slots=slots)

    def models(self) -> Sequence[str]:
        return (MODEL,)

    async def paint(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        """Real stages, a draft of slow pictures, then the result. Closing the iterator kills the drawing."""
        job, content = job_of(request), pixels_of(request)
        yield Progress(fraction=0.02, note="Getting ready")
        images: list[ProducedImage] = []
        messages = self.pool.run(job, self.capabilities.deadline * max(1, request.n), content)
        try:
            async for header, content in messages:
                event = _event(header, content)
                if isinstance(event, ProducedImage):
                    images.append(event)
                else:
                    yield event
        except Late as error:
            raise ProviderError(FailureKind.TIMED_OUT, str(error), sent=True) from error
        except Gone as error:
            raise ProviderError(FailureKind.UNAVAILABLE, str(error), sent=True) from error
        finally:
            await messages.aclose()
        if len(images) != request.n:
            raise ProviderError(FailureKind.UNAVAILABLE, f"{len(images)} of {request.n} pictures came back")
        yield ImageResult(images=images, model=MODEL, usage={"images": len(images)})

    async def close(self) -> None:
        await self.pool.close()


def job_of(request: ImageRequest) -> dict[str, Any]:
    """The request as the drawing process reads it; ProviderError when it can never work."""
    limits = Illustrator.capabilities
    width, height = request.size.width, request.size.height
    sides = all(limits.min_side <= side <= limits.max_side for side in (width, height))
    if not sides or not limits.min_ratio - 0.01 <= width / height <= limits.max_ratio + 0.02:
        raise ProviderError(FailureKind.BAD_REQUEST, f"size {request.size} is outside the limits", sent=False)
    if not 1 <= request.n <= limits.max_images:
        raise ProviderError(FailureKind.BAD_REQUEST, f"{request.n} images at once", sent=False)
    recipe = request.sources[0].recipe if request.sources else None
    pixels = _needed_source(request)
    return {
        "kind": str(request.kind),
        "prompt": request.prompt[:WORDS],
        "instruction": request.instruction[:WORDS],
        "width": width,
        "height": height,
        "n": request.n,
        "seed": request.seed,
        "style": request.style or "",
        "negative_prompt": (request.negative_prompt or "")[:WORDS],
        "recipe": dict(recipe) if recipe is not None else None,
        "source_bytes": len(pixels),
    }


def pixels_of(request: ImageRequest) -> bytes:
    """The source's bytes and then the mask's, where the drawing needs them."""
    return _needed_source(request) + (request.mask or b"" if request.sources else b"")


def _needed_source(request: ImageRequest) -> bytes:
    """A scene is drawn from its recipe; all other pictures, and what a mask protects, are known
    only by their pixels."""
    if request.kind is Kind.GENERATE or not request.sources:
        return b""
    source = request.sources[0]
    return source.content if request.mask or source_scene(source.recipe) is None else b""


def paint_once(
    prompt: str,
    size: Size | None = None,
    seed: int = 0,
    *,
    style: str = "",
    negative_prompt: str = "",
) -> tuple[bytes, dict[str, Any]]:
    """Draw in this very process (for the command line): PNG bytes and the details, with seed and alt text.

    ProviderError with BAD_REQUEST for a size outside the limits."""
    from chatelier.providers.illustrator.job import Job, run

    size = size or Illustrator.capabilities.default_size
    request = ImageRequest(
        kind=Kind.GENERATE, prompt=prompt, size=size, seed=seed, style=style, negative_prompt=negative_prompt
    )
    job = job_of(request)
    job.pop("source_bytes")
    last = [event for event in run(Job(**job)) if event.kind == "image"][-1]
    told = {"prompt": prompt, "seed": seed, "size": str(size), "alt_text": last.meta["alt_text"]}
    return last.content, told | last.meta["details"]


def _event(header: dict[str, Any], content: bytes) -> Progress | PartialImage | ProducedImage:
    kind = header.get("event")
    if kind == "progress":
        return Progress(fraction=float(header["fraction"]), note=str(header["note"]))
    if kind == "partial":
        return PartialImage(index=int(header["index"]), content=content)
    if kind == "image":
        return ProducedImage(
            content=content,
            seed=int(header["seed"]),
            recipe=header["recipe"],
            details=header["details"],
            alt_text=str(header["alt_text"]),
        )
    if kind == "refused":
        sentence = str(header["sentence"])
        raise ProviderError(FailureKind.BAD_REQUEST, f"refused: {sentence}", sent=False, sentence=sentence)
    raise Gone(str(header.get("detail", "no such event"))[:500])
