"""One request from words to encoded pictures, step by step. Runs in the drawing process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chatelier.providers.illustrator.again import composed_again, wish_of
from chatelier.providers.illustrator.ambient import set_style
from chatelier.providers.illustrator.catalogue import catalogue
from chatelier.providers.illustrator.compose import compose
from chatelier.providers.illustrator.details import alt_text, details
from chatelier.providers.illustrator.draw import draw
from chatelier.providers.illustrator.edited import Edited
from chatelier.providers.illustrator.edits import edit
from chatelier.providers.illustrator.framing import reframed
from chatelier.providers.illustrator.layout import Box
from chatelier.providers.illustrator.refusal import Refused
from chatelier.providers.illustrator.scene import Scene, from_recipe, source_scene, to_recipe
from chatelier.providers.illustrator.touches import TURNS
from chatelier.providers.illustrator.wish import Wish
from chatelier.providers.illustrator.words import understand

if TYPE_CHECKING:
    from PIL import Image

DRAFT = 384  # pixels of a draft's longer side
LARGE = 1_300_000  # pixels from which a draft is worth its time
LONGEST = 2048  # pixels of a side, also of a picture that was extended
SAME = "That would change nothing that can be seen in this picture. Say what should look different."
SAME_SHAPE = 0.02  # ratios this near to each other are the same


@dataclass(frozen=True, kw_only=True)
class Job:
    """``seed`` and ``n`` as in the request; ``recipe`` of the source image, or None; ``source`` and ``mask`` are
    encoded images, sent only where pixels matter."""

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
    source: bytes = field(default=b"", repr=False)
    mask: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Event:
    """``kind`` is progress, partial or image; ``meta`` is JSON."""

    kind: str
    meta: dict[str, Any]
    content: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``size`` in pixels; ``before`` and ``free`` are the source and what of it may change, under a mask."""

    scene: Scene
    size: tuple[int, int]
    approximated: list[dict[str, str]]
    not_understood: list[str]
    note: str = ""
    before: Image.Image | None = None
    free: Image.Image | None = None


def run(job: Job) -> Iterator[Event]:
    """Draws the job. ``Refused``, with a sentence and before anything is drawn, when it cannot be done at all."""
    source = source_scene(job.recipe)
    if job.kind != "generate" and source is None:
        from chatelier.providers.illustrator.pixels import retouch

        yield from retouch(job)
        return
    for index in range(job.n):
        plan = _plan(job, index, source)
        yield from _paint(job, index, plan)


def _plan(job: Job, index: int, source: Scene | None) -> Plan:
    """The scene to draw for one of the job's images."""
    seed = (job.seed + index) % 2**32
    size = (job.width, job.height)
    if job.kind == "edit" and source is not None:
        return _edited(job, source, index)
    if job.kind == "variation" and source is not None:
        wish = wish_of(source)
        set_style(wish, job.style)
        scene = composed_again(source, wish, seed=seed, width=job.width, height=job.height)
        return Plan(scene=_kept(scene), size=size, approximated=wish.approximated, not_understood=[])
    wish = understand(job.prompt, style=job.style, negative=job.negative_prompt)
    scene = compose(wish, seed=seed, width=job.width, height=job.height)
    return Plan(scene=_kept(scene), size=size, approximated=wish.approximated, not_understood=wish.not_understood)


def _edited(job: Job, source: Scene, index: int) -> Plan:
    before, free, area = _masked(job, source)
    result = edit(source, job.instruction or job.prompt, area, reshaped=_reshaped(job, source))
    scene = _styled(result, job, source)
    if not result.changed and not _reshaped(job, source):
        raise Refused(_why_nothing(result))
    size = (job.width, job.height)
    if before is not None:
        if scene.view != source.view or _turned(scene) != _turned(source) or _reshaped(job, source):
            raise Refused("A marked part and another frame do not go together. Ask for one after the other.")
        size = before.size
    elif _reshaped(job, source):
        wanted = job.height / job.width if _turned(scene) else job.width / job.height
        scene = reframed(scene, wanted)
    else:
        size = _grown(size, source, scene)
    if index:
        # Several answers to one edit: the same scene under another of the hour's skies.
        scene = replace(scene, variant=(scene.variant + index) % 3)
    note = " ".join(result.notes)
    if _looks_the_same(source, scene):
        raise Refused(f"{note} Nothing was changed." if note else SAME)
    return Plan(scene=_kept(scene), size=size, approximated=result.approximated, not_understood=result.not_understood,
                note=note, before=before, free=free)  # fmt: skip


def _looks_the_same(source: Scene, scene: Scene) -> bool:
    """Whether the change cannot be seen: a word was understood that this scene has no use for."""
    worked = (source.style, source.touches, source.texts) == (scene.style, scene.touches, scene.texts)
    shaped = source.ratio == scene.ratio
    return worked and shaped and draw(source, 96, 96) == draw(scene, 96, 96)


def _why_nothing(result: Edited) -> str:
    """In one sentence or two: what is missing, or which words said nothing."""
    if result.notes:
        return f"{' '.join(result.notes[:3])} Nothing was changed."
    words = " and ".join(f"“{words}”" for words in result.undone[:3])
    return (
        f"The built-in illustrator does not know how to do {words or 'this'}. It can add, remove, move, count, resize "
        "and recolour things, and change light, weather, season, style, words and frame. Nothing was changed."
    )


def _masked(job: Job, source: Scene) -> tuple[Image.Image | None, Image.Image | None, Box | None]:
    """The source's pixels, where they may change, and that part in shares of the composition."""
    if not job.mask:
        return None, None, None
    from chatelier.providers.illustrator import masking

    before = masking.opened(job.source).convert("RGB")
    free = masking.changeable(job.mask, before.size)
    seen = masking.area_of(free)
    left, top, right, bottom = source.view
    area = Box(
        left=left + seen.left * (right - left),
        right=left + seen.right * (right - left),
        top=top + seen.top * (bottom - top),
        bottom=top + seen.bottom * (bottom - top),
    )
    return before, free, area


def _reshaped(job: Job, source: Scene) -> bool:
    """Whether another shape than the source's was asked for."""
    shape = 1 / source.seen_ratio if _turned(source) else source.seen_ratio
    return abs(job.width / job.height / shape - 1) > SAME_SHAPE


def _turned(scene: Scene) -> bool:
    return sum(name in TURNS for name in scene.touches) % 2 == 1


def _grown(size: tuple[int, int], source: Scene, scene: Scene) -> tuple[int, int]:
    """As many pixels more or fewer as there is more or less to be seen at one side; a closer look keeps the size."""
    before, after = source.view, scene.view
    wide, tall = (after[2] - after[0]) / (before[2] - before[0]), (after[3] - after[1]) / (before[3] - before[1])
    width, height = (size[1], size[0]) if _turned(source) else size
    if abs(wide / tall - 1) > SAME_SHAPE:
        width, height = round(width * wide), round(height * tall)
        fitting = min(1.0, LONGEST / max(width, height))
        enough = max(fitting, 256 / min(width, height)) if min(width, height) < 256 else fitting
        width, height = round(width * enough), round(height * enough)
    return (height, width) if _turned(scene) else (width, height)


def _styled(result: Edited, job: Job, source: Scene) -> Scene:
    """The style option wins for edits too."""
    if not job.style:
        return result.scene
    wish = Wish(style=result.scene.style)
    set_style(wish, job.style)
    result.approximated += [entry for entry in wish.approximated if entry not in result.approximated]
    if wish.style != source.style or not result.changed:
        result.changed += 1
    return replace(result.scene, style=wish.style)


def _kept(scene: Scene) -> Scene:
    """As the recipe will say it, so that the recipe draws this very picture again."""
    return from_recipe(to_recipe(scene, ""))


def _paint(job: Job, index: int, plan: Plan) -> Iterator[Event]:
    from chatelier.providers.illustrator import finish, raster

    scene = plan.scene
    worked = finish.is_worked(scene)

    def stage(share: float, note: str) -> Event:
        return Event(kind="progress", meta={"fraction": round((index + share) / job.n, 4), "note": note})

    yield stage(0.08, "Understood the words")
    width, height = (plan.size[1], plan.size[0]) if _turned(scene) else plan.size
    if worked or width * height > LARGE:
        factor = DRAFT / max(width, height)
        draft = raster.flat(draw(scene, max(1, round(width * factor)), max(1, round(height * factor))))
        yield Event(kind="partial", meta={"index": index}, content=raster.to_jpeg(draft, DRAFT))
    document = draw(scene, width, height)
    yield stage(0.2, "Composed the scene")
    image = raster.flat(document)
    yield stage(0.55, "Drew the shapes")
    if worked:
        image = finish.finished(image, scene)
        yield stage(0.85, finish.note_of(scene))
    recipe = to_recipe(scene, catalogue().version)
    if plan.before is not None and plan.free is not None:
        image, recipe = finish.within_mask(image, plan.before, plan.free, recipe)
    content = raster.to_png(image)
    yield stage(0.97, "Saved the picture")
    yield Event(kind="image", meta=_told(plan, index, recipe), content=content)


def _told(plan: Plan, index: int, recipe: dict[str, Any]) -> dict[str, Any]:
    return {
        "index": index,
        "seed": plan.scene.seed,
        "recipe": recipe,
        "details": details(plan.scene, plan.approximated, plan.not_understood, plan.note),
        "alt_text": alt_text(plan.scene),
    }
