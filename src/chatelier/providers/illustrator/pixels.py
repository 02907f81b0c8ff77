"""A job on a picture that was not drawn here: an upload, another engine's image, or a drawing that was retouched."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from PIL import Image

from chatelier.providers.illustrator import masking, uploads
from chatelier.providers.illustrator.ambient import set_style
from chatelier.providers.illustrator.job import SAME_SHAPE, Event, Job
from chatelier.providers.illustrator.refusal import Refused
from chatelier.providers.illustrator.wish import Wish

NO_VARIATION = (
    "I can paint another version only of pictures that I drew myself. Say what it shows and I will draw that, "
    "or ask for another light, colour or style."
)
NO_SOURCE = "The picture to change is gone. Choose another one and ask again."
QUALITY = 93  # of a JPEG that was a JPEG before


def retouch(job: Job) -> Iterator[Event]:
    """Refused where nothing of the instruction can be done without drawing in the picture."""
    if not job.source:
        raise Refused(NO_SOURCE)
    if job.kind == "variation" and not job.style:
        raise Refused(NO_VARIATION)
    before = masking.opened(job.source)
    kind = before.format or "PNG"
    before = before.convert("RGBA" if before.mode in ("RGBA", "LA", "PA") or "transparency" in before.info else "RGB")
    ratio = _shape(job, before)
    orders = _orders(job, reshaped=ratio is not None)
    if not orders.done and ratio is None:
        raise Refused(uploads.refusal(orders, retouched=_was_drawn_here(job)))
    for index in range(job.n):
        yield _progress(job, index, 0.2, "Read the picture")
        image = uploads.applied(before, orders, (job.seed + index) % 2**32, ratio)
        if job.mask:
            image = _inside(job, before, image)
        yield _progress(job, index, 0.8, "Changed the light and the colours")
        content = _encoded(image, kind)
        yield Event(kind="image", meta=_told(job, orders, index), content=content)


def _orders(job: Job, *, reshaped: bool) -> uploads.Orders:
    words = job.instruction or ("" if job.kind == "variation" else job.prompt)
    orders = uploads.orders_of(words, marked=bool(job.mask), reshaped=reshaped)
    if job.style:
        wish = Wish()
        set_style(wish, job.style)
        orders.style = wish.style
        orders.approximated += wish.approximated
        orders.done.append(f"{wish.style} style")
    return orders


def _shape(job: Job, before: Image.Image) -> float | None:
    """The shape asked for, where it is another than the picture's; sizes are rounded to a few pixels."""
    wanted = job.width / job.height
    return wanted if abs(wanted / (before.width / before.height) - 1) > SAME_SHAPE * 1.5 else None


def _was_drawn_here(job: Job) -> bool:
    """A drawing that a mask changed, not an upload that was brightened before."""
    return bool((job.recipe or {}).get("things"))


def _inside(job: Job, before: Image.Image, image: Image.Image) -> Image.Image:
    if image.size != before.size:
        raise Refused("A marked part and another frame do not go together. Ask for one after the other.")
    merged = masking.merged(before, image, masking.changeable(job.mask, before.size))
    if not masking.differs(merged, before):
        raise Refused("That changes nothing inside the marked part. Mark a larger part, or ask for more.")
    return merged


def _encoded(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "JPEG" and image.mode == "RGB":
        image.save(out, "JPEG", quality=QUALITY, subsampling=0)
    else:
        image.save(out, "PNG", compress_level=3 if image.width * image.height < 2_000_000 else 1)
    return out.getvalue()


def _progress(job: Job, index: int, share: float, note: str) -> Event:
    return Event(kind="progress", meta={"fraction": round((index + share) / job.n, 4), "note": note})


def _told(job: Job, orders: uploads.Orders, index: int) -> dict[str, Any]:
    earlier = [str(one)[:500] for one in list((job.recipe or {}).get("edits", []))[-39:]]
    details: dict[str, Any] = {
        "composed_by": "retouching",
        "drawn": orders.done,
        "approximated": orders.approximated,
        "not_understood": orders.refused,
        "style": orders.style or "as it was",
        "things": [],
    }
    if orders.refused:
        details["note"] = uploads.refusal(orders, retouched=_was_drawn_here(job))
    return {
        "index": index,
        "seed": (job.seed + index) % 2**32,
        "recipe": {"engine": "illustrator", "retouched": True, "edits": [*earlier, job.instruction[:500]]},
        "details": details,
        "alt_text": f"A retouched picture: {', '.join(orders.done) or 'cropped'}."[:400],
    }
