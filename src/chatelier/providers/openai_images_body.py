"""A request in the words of an OpenAI-style images server: pure, one dialect per kind of model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chatelier.providers.base import ExtraOption, ImageRequest, Kind, OptionKind
from chatelier.providers.models import ModelRow

PLAIN_MODEL = "default"  # the server's own choice: no model is named to it
# What may be left out when a server does not know it: the picture stays the one that was asked for.
OPTIONAL = (
    "stream",
    "partial_images",
    "response_format",
    "safety_identifier",
    "moderation",
    "output_format",
    "output_compression",
    "input_fidelity",
    "complexity",
    "seed",
    "negative_prompt",
)
_EXTRA = ("seed", "negative_prompt")  # not of OpenAI's: they travel beside what the SDK knows


class ImageOptions(BaseModel):
    """What an operator may set once for a provider of this kind: `options` of its table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quality: str = ""
    output_format: Literal["png", "jpeg", "webp"] | None = None
    output_compression: int | None = Field(None, ge=0, le=100)
    moderation: Literal["auto", "low"] | None = None
    input_fidelity: Literal["low", "high"] | None = None
    complexity: Literal["low", "medium", "high"] | None = None
    partial_images: int = Field(1, ge=0, le=3)
    response_format: Literal["b64_json", "url"] = "b64_json"


def extra_options(row: ModelRow, options: ImageOptions) -> tuple[ExtraOption, ...]:
    """What a person may choose of it. How strict OpenAI is concerns the operator's account, and what planning adds to
    the price nobody knows before: both stay the operator's."""
    if row.dialect != "gpt-image":
        return ()
    kinds, levels, choice = ("png", "jpeg", "webp"), ("low", "high"), OptionKind.CHOICE
    usual, fidelity = options.output_format or "png", options.input_fidelity
    hint = "0 to 100, for JPEG and WebP: less makes a smaller file."
    near = "How near an edit stays to its source."
    compression = ExtraOption(
        name="output_compression",
        label="Compression",
        kind=OptionKind.WHOLE,
        default=options.output_compression,
        hint=hint,
    )
    found = (ExtraOption(name="output_format", label="File", kind=choice, choices=kinds, default=usual), compression)
    if not row.input_fidelity:
        return found
    return (
        *found,
        ExtraOption(
            name="input_fidelity", label="Fidelity", kind=choice, choices=levels, default=fidelity or "low", hint=near
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Call:
    """``fields`` are the SDK's arguments; ``is_edit`` chooses its verb."""

    is_edit: bool
    fields: Mapping[str, Any] = field(default_factory=dict)

    def without(self, names: set[str]) -> dict[str, Any]:
        """The arguments without these, ready for the SDK."""
        kept = {name: value for name, value in self.fields.items() if name not in names}
        extra = {name: kept.pop(name) for name in _EXTRA if name in kept}
        if "stream" not in kept:
            kept.pop("partial_images", None)
        return {**kept, **({"extra_body": extra} if extra else {})}


def call_for(
    request: ImageRequest, row: ModelRow, options: ImageOptions, *, can: frozenset[str], tells_user: bool
) -> Call:
    """``can`` are abilities that the operator vouches for; ``tells_user``: the server is told the person's hash."""
    is_edit = bool(request.sources) and request.kind is not Kind.GENERATE
    fields = {
        "model": None if request.model == PLAIN_MODEL else request.model,
        "prompt": words(request, row, can),
        "n": request.n if request.n > 1 or row.dialect == "dall-e-3" else None,
        "size": str(request.size),
        **_dialect(request, row, options, is_edit),
        **(_files(request) if is_edit else {}),
        "seed": request.seed if row.seed or "seed" in can else None,
        "negative_prompt": request.negative_prompt if row.negative_prompt or "negative_prompt" in can else None,
        "safety_identifier": request.user_ref if tells_user else None,
    }
    return Call(is_edit=is_edit, fields={name: value for name, value in fields.items() if value not in (None, "")})


def words(request: ImageRequest, row: ModelRow, can: frozenset[str]) -> str:
    """The prompt with those wishes for which the server has no field of its own."""
    if request.kind is Kind.EDIT and request.sources:
        parts = [request.instruction or request.prompt]
    elif request.kind is Kind.VARIATION and request.sources:
        parts = ["Paint another version of this image.", request.prompt]
    else:
        parts = [request.prompt]
    if request.style and request.style.lower() not in row.styles:
        parts.append(f"Style: {request.style}.")
    if request.negative_prompt and not (row.negative_prompt or "negative_prompt" in can):
        parts.append(f"Do not show: {request.negative_prompt}.")
    return "\n".join(part for part in parts if part)


def _dialect(request: ImageRequest, row: ModelRow, options: ImageOptions, is_edit: bool) -> dict[str, Any]:
    quality = request.quality or options.quality or row.default_quality
    if row.dialect == "gpt-image":
        return {"quality": quality, **_gpt_image(request, row, options, is_edit)}
    style = (request.style or "").lower()
    own_style = style if style in row.styles and not is_edit else None
    return {"quality": quality, "style": own_style, "response_format": options.response_format}


def _gpt_image(request: ImageRequest, row: ModelRow, options: ImageOptions, is_edit: bool) -> dict[str, Any]:
    is_clear = request.background == "transparent"
    streams = row.stream and options.partial_images and request.n == 1
    own = {name: value.lower() if isinstance(value, str) else value for name, value in request.extra.items()}
    kind = own.get("output_format", options.output_format)
    # JPEG has no transparency, which changes the picture, and its file does not.
    kind = "png" if is_clear and kind == "jpeg" else kind
    compression = own.get("output_compression", options.output_compression)
    fidelity = own.get("input_fidelity", options.input_fidelity)
    return {
        "background": request.background if row.transparent else None,
        "output_format": kind,
        "output_compression": compression if kind in ("jpeg", "webp") else None,
        "moderation": None if is_edit else options.moderation,
        "input_fidelity": fidelity if is_edit and row.input_fidelity else None,
        "complexity": options.complexity if row.complexity else None,
        "stream": True if streams else None,
        "partial_images": options.partial_images if streams else None,
    }


def _files(request: ImageRequest) -> dict[str, Any]:
    files = [
        (f"image-{number}.{source.media_type.removeprefix('image/')}", source.content, source.media_type)
        for number, source in enumerate(request.sources, 1)
    ]
    mask = ("mask.png", request.mask, "image/png") if request.mask else None
    return {"image": files if len(files) > 1 else files[0], "mask": mask}
