"""From a person's words to pixels along the real path: decide, the provider's request, the illustrator's job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from PIL import Image

from chatelier.domain.intent import Intent, Turn, decide
from chatelier.domain.options import Options, check_options, resolve_size
from chatelier.providers.base import ImageRequest, Kind, Size, SourceImage
from chatelier.providers.illustrator import Illustrator, job_of, pixels_of
from chatelier.providers.illustrator.job import Job, run
from chatelier.providers.illustrator.scene import Scene, source_scene

SIDE = 256


@dataclass(frozen=True, kw_only=True)
class Made:
    """A picture with what came with it; ``words`` is the prompt it was made from."""

    content: bytes
    meta: dict[str, Any]
    words: str

    @property
    def image(self) -> Image.Image:
        image = Image.open(BytesIO(self.content))
        image.load()
        return image

    @property
    def scene(self) -> Scene:
        scene = source_scene(self.meta["recipe"])
        assert scene is not None, "the picture has no scene"
        return scene

    @property
    def details(self) -> dict[str, Any]:
        told: dict[str, Any] = self.meta["details"]
        return told


def painted(prompt: str, *, seed: int = 3, size: Size | None = None, style: str | None = None) -> Made:
    """A new picture, small so that many can be made."""
    size = size or Size(width=SIDE, height=SIDE)
    return drawn(ImageRequest(kind=Kind.GENERATE, prompt=prompt, seed=seed, size=size, style=style), prompt)


def drawn(request: ImageRequest, words: str) -> Made:
    """What the drawing process would make of the request, here and now. Raises Refused."""
    header, content = job_of(request), pixels_of(request)
    cut = header.pop("source_bytes")
    last = [one for one in run(Job(**header, source=content[:cut], mask=content[cut:])) if one.kind == "image"][-1]
    return Made(content=last.content, meta=last.meta, words=words)


def source_of(made: Made) -> SourceImage:
    image = made.image
    return SourceImage(
        content=made.content,
        media_type=f"image/{(image.format or '').lower()}",
        size=Size(width=image.width, height=image.height),
        prompt=made.words,
        seed=made.meta["seed"],
        recipe=made.meta["recipe"],
    )


def asked(made: Made, text: str, *, mask: bytes | None = None) -> Made:
    """The person says ``text`` about the picture, as a message under it."""
    turns = [
        Turn(role="user", kind="text", text=f"draw {made.words}"),
        Turn(role="assistant", kind="image", text=made.words, handle=1),
    ]
    decision = decide(text, turns, current_handle=1)
    assert decision.kind is Intent.EDIT, f"{text!r} was read as {decision.kind}"
    options = decision.options
    check_options(options, Illustrator.capabilities)
    image = made.image
    size = Size(width=image.width, height=image.height)
    if source_scene(made.meta["recipe"]) is None:
        # As domain/generations/request.py does it for every picture: the source's ratio at about the usual area.
        said = options if options.size or options.aspect_ratio else Options(aspect_ratio=f"{size.width}:{size.height}")
        size = resolve_size(said, Illustrator.capabilities)
    elif options.size or options.aspect_ratio:
        # Small, as all pictures here, in the shape that was asked for.
        big = resolve_size(replace(options, provider=None), Illustrator.capabilities)
        factor = SIDE / min(big.width, big.height)
        size = Size(width=round(big.width * factor), height=round(big.height * factor))
    request = ImageRequest(
        kind=Kind.VARIATION if decision.variation else Kind.EDIT,
        prompt=decision.prompt,
        instruction="" if decision.variation else decision.instruction or text,
        size=size,
        seed=made.meta["seed"],
        style=options.style,
        negative_prompt=options.negative_prompt,
        sources=[source_of(made)],
        mask=mask,
    )
    return drawn(request, decision.prompt)


def uploaded(image: Image.Image, kind: str = "PNG") -> Made:
    """A picture that a person brought: no recipe and no words."""
    out = BytesIO()
    image.save(out, kind, **({"quality": 95} if kind == "JPEG" else {}))
    return Made(content=out.getvalue(), meta={"seed": 0, "recipe": None}, words="")
