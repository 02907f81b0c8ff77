"""One request from words to encoded pictures, step by step. Runs in the drawing process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chatelier.providers.illustrator.catalogue import catalogue
from chatelier.providers.illustrator.compose import compose
from chatelier.providers.illustrator.details import alt_text, details
from chatelier.providers.illustrator.draw import draw
from chatelier.providers.illustrator.edits import edit, wish_of
from chatelier.providers.illustrator.scene import STYLES, BadRecipe, Scene, from_recipe, to_recipe
from chatelier.providers.illustrator.words import understand

DRAFT = 384  # pixels of a draft's longer side
LARGE = 1_300_000  # pixels from which a draft is worth its time
NO_RECIPE = (
    "The image to change was not drawn by this illustrator, so the whole picture was composed anew from the words."
)
NOTHING_CHANGED = "Nothing in this instruction names something I can change, so only the colours shifted a little."


@dataclass(frozen=True, kw_only=True)
class Job:
    """``seed`` and ``n`` as in the request; ``recipe`` of the source image, or None."""

    kind: str
    prompt: str
    instruction: str = ""
    width: int = 1024
    height: int = 1024
    n: int = 1
    seed: int = 0
    style: str = ""
    negative_prompt: str = ""
    recipe: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """``kind`` is progress, partial or image; ``meta`` is JSON."""

    kind: str
    meta: dict[str, Any]
    content: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Plan:
    scene: Scene
    approximated: list[dict[str, str]]
    not_understood: list[str]
    note: str = ""


def run(job: Job) -> Iterator[Event]:
    for index in range(job.n):
        plan = _plan(job, index)
        yield from _paint(job, index, plan)


def _plan(job: Job, index: int) -> Plan:
    """The scene to draw for one of the job's images."""
    seed = (job.seed + index) % 2**32
    source = _source(job)
    if job.kind == "edit" and source is not None:
        return _edited(job, source, index)
    if job.kind == "variation" and source is not None:
        wish = wish_of(source)
    else:
        wish = understand(job.prompt, style=job.style, negative=job.negative_prompt)
    note = NO_RECIPE if job.kind != "generate" and source is None else ""
    scene = compose(wish, seed=seed, width=job.width, height=job.height)
    return Plan(
        scene=_kept(_styled(scene, job)), approximated=wish.approximated, not_understood=wish.not_understood, note=note
    )


def _source(job: Job) -> Scene | None:
    if job.recipe is None:
        return None
    try:
        return from_recipe(job.recipe)
    except BadRecipe:
        return None


def _edited(job: Job, source: Scene, index: int) -> Plan:
    result = edit(source, job.instruction or job.prompt)
    scene = result.scene
    if index:
        # Several answers to one edit: the same scene under another of the hour's skies.
        scene = replace(scene, variant=(scene.variant + index) % 3)
    note = NOTHING_CHANGED if not result.changed else ""
    return Plan(
        scene=_kept(_styled(scene, job)),
        approximated=result.approximated,
        not_understood=result.not_understood,
        note=note,
    )


def _styled(scene: Scene, job: Job) -> Scene:
    """The style option wins for edits and variations too."""
    return replace(scene, style=job.style) if job.style in STYLES and job.kind != "generate" else scene


def _kept(scene: Scene) -> Scene:
    """As the recipe will say it, so that the recipe draws this very picture again."""
    return from_recipe(to_recipe(scene, ""))


def _paint(job: Job, index: int, plan: Plan) -> Iterator[Event]:
    from chatelier.providers.illustrator import raster

    scene = plan.scene
    watercolor = scene.style == "watercolor"

    def stage(share: float, note: str) -> Event:
        return Event(kind="progress", meta={"fraction": round((index + share) / job.n, 4), "note": note})

    yield stage(0.08, "Understood the words")
    if watercolor or job.width * job.height > LARGE:
        factor = DRAFT / max(job.width, job.height)
        draft = raster.flat(draw(scene, max(1, round(job.width * factor)), max(1, round(job.height * factor))))
        yield Event(kind="partial", meta={"index": index}, content=raster.to_jpeg(draft, DRAFT))
    document = draw(scene, job.width, job.height)
    yield stage(0.2, "Composed the scene")
    image = raster.flat(document)
    yield stage(0.55, "Drew the shapes")
    if watercolor:
        from chatelier.providers.illustrator.watercolor import watercolored

        image = watercolored(image, scene.seed)
        yield stage(0.85, "Painted in watercolor")
    content = raster.to_png(image)
    yield stage(0.97, "Saved the picture")
    yield Event(kind="image", meta=_told(plan, index), content=content)


def _told(plan: Plan, index: int) -> dict[str, Any]:
    return {
        "index": index,
        "seed": plan.scene.seed,
        "recipe": to_recipe(plan.scene, catalogue().version),
        "details": details(plan.scene, plan.approximated, plan.not_understood, plan.note),
        "alt_text": alt_text(plan.scene),
    }
