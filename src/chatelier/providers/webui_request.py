"""What the WebUI API is asked: a body without nulls, since SD.Next refuses them."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from typing import Any

from chatelier.providers.base import ExtraOption, ImageRequest, Kind, OptionKind, SourceImage
from chatelier.providers.studio import chosen, joined, with_style

EDIT_STRENGTH, MASK_STRENGTH, VARIATION_STRENGTH = 0.6, 0.85, 0.5
MASK_BLUR = 4  # pixels over which an edit fades into what must stay; the WebUI's own default


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """What one server has. ``titles`` are the models' own names at the server by the names shown to people."""

    titles: dict[str, str]
    samplers: tuple[str, ...] = ()
    schedulers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """The operator's choices where a person made none; None and '' leave it to the server."""

    sampler: str = ""
    scheduler: str = ""
    steps: int | None = None
    cfg: float | None = None
    strength: float | None = None
    negative_prompt: str = ""


def extra_options(catalogue: Catalogue, defaults: Defaults) -> tuple[ExtraOption, ...]:
    choices = (
        ("sampler", "Sampler", catalogue.samplers, defaults.sampler),
        ("scheduler", "Scheduler", catalogue.schedulers, defaults.scheduler),
    )
    hint = "How far an edit may move from its source: 0 not at all, 1 entirely."
    return (
        *(
            ExtraOption(name=name, label=label, kind=OptionKind.CHOICE, choices=known, default=default or None)
            for name, label, known, default in choices
        ),
        ExtraOption(
            name="steps", label="Steps", kind=OptionKind.WHOLE, lowest=1, highest=150, default=defaults.steps or 20
        ),
        ExtraOption(
            name="cfg",
            label="CFG scale",
            kind=OptionKind.NUMBER,
            lowest=0,
            highest=30,
            step=0.5,
            default=defaults.cfg or 7.0,
            hint="How closely the words are followed.",
        ),
        ExtraOption(
            name="strength",
            label="Edit strength",
            kind=OptionKind.NUMBER,
            lowest=0,
            highest=1,
            step=0.05,
            default=defaults.strength,
            hint=hint,
        ),
    )


def ask(
    request: ImageRequest,
    catalogue: Catalogue,
    defaults: Defaults,
    *,
    title: str,
    restore: bool,
    white_mask: bytes | None,
) -> tuple[str, dict[str, Any]]:
    """The path to post to and its body. ``title`` '' leaves the server's model; ``restore`` goes back to it after.
    Raises ProviderError for a sampler or scheduler that the server lacks."""
    body: dict[str, Any] = {
        "prompt": with_style(request.prompt, request.style),
        "negative_prompt": joined(request.negative_prompt, defaults.negative_prompt),
        "seed": request.seed,
        "width": request.size.width,
        "height": request.size.height,
        "batch_size": 1,  # one after the other: a batch at once may not fit on the card
        "n_iter": request.n,
        "send_images": True,
        "save_images": False,
        "force_task_id": f"task({uuid.uuid4().hex})",
        **_sampling(request, catalogue, defaults),
    }
    if title:
        body["override_settings"] = {"sd_model_checkpoint": title}
        body["override_settings_restore_afterwards"] = restore
    if not request.sources:
        return "sdapi/v1/txt2img", body
    return "sdapi/v1/img2img", body | _edit(request, request.sources[0], defaults, white_mask)


def _sampling(request: ImageRequest, catalogue: Catalogue, defaults: Defaults) -> dict[str, Any]:
    extra = request.extra
    sampler = str(extra.get("sampler") or defaults.sampler)
    scheduler = str(extra.get("scheduler") or defaults.scheduler)
    asked = {
        "sampler_name": chosen("sampler", sampler, catalogue.samplers) if sampler else "",
        "scheduler": chosen("scheduler", scheduler, catalogue.schedulers) if scheduler else "",
        "steps": extra.get("steps", defaults.steps),
        "cfg_scale": extra.get("cfg", defaults.cfg),
    }
    return {name: value for name, value in asked.items() if value not in (None, "")}


def _edit(request: ImageRequest, source: SourceImage, defaults: Defaults, white_mask: bytes | None) -> dict[str, Any]:
    usual = VARIATION_STRENGTH if request.kind is Kind.VARIATION else EDIT_STRENGTH
    if white_mask is not None:
        usual = MASK_STRENGTH
    strength = request.extra.get("strength", defaults.strength)
    body: dict[str, Any] = {
        "init_images": [base64.b64encode(source.content).decode()],
        "denoising_strength": usual if strength is None else strength,
        "resize_mode": 1,  # to the size asked for: SD.Next keeps the source's own with 0
    }
    if white_mask is None:
        return body
    return body | {
        "mask": base64.b64encode(white_mask).decode(),
        "mask_blur": MASK_BLUR,
        "inpainting_fill": 1,  # begin from what is there
        "inpaint_full_res": False,  # look at the whole picture, so that the new part fits
        "inpainting_mask_invert": 0,
    }
