"""Bring the images of an edit to a ComfyUI server: to its folder of temporary files, which it empties at its start."""

from __future__ import annotations

import asyncio
import json
import uuid

from chatelier.providers.base import ImageRequest, ProviderError, SourceImage
from chatelier.providers.comfy_workflow import Workflow
from chatelier.providers.studio import mapping
from chatelier.providers.studio_http import StudioHttp
from chatelier.storage.chunks import JPEG, PNG, WEBP, sniff

_FOLDER = "chatelier"
_WHERE = {"type": "temp", "subfolder": _FOLDER, "overwrite": "true"}
_ENDINGS = {PNG: "png", JPEG: "jpg", WEBP: "webp"}


async def send_sources(http: StudioHttp, request: ImageRequest, workflow: Workflow) -> tuple[list[str], dict[str, str]]:
    """The images' names as the workflow's nodes take them, and under "mask" the mask's where it is a file of its own.
    Raises ProviderError."""
    if not request.sources:
        return [], {}
    try:
        wanted = request.sources[: len(workflow.places.get("image", ()))]
        names = [await _send(http, source.content) for source in wanted]
        if not workflow.takes_mask:
            return [_annotated(name) for name in names], {}
        mask = await asyncio.to_thread(_mask, request, request.sources[0])
        if workflow.masked_by_alpha:
            names[0] = await _send_alpha(http, names[0], mask)
            return [_annotated(name) for name in names], {}
        return [_annotated(name) for name in names], {"mask": _annotated(await _send(http, mask))}
    except ProviderError as error:
        error.sent = False  # nothing was asked to be painted
        raise


async def _send(http: StudioHttp, content: bytes) -> str:
    media_type = sniff(content) or PNG
    name = f"{uuid.uuid4().hex}.{_ENDINGS[media_type]}"
    return _named(await http.upload("upload/image", content, name, media_type, **_WHERE), name)


async def _send_alpha(http: StudioHttp, original: str, mask: bytes) -> str:
    """A copy of an image that was sent, with the mask as its transparency."""
    name = f"{uuid.uuid4().hex}.png"
    original_ref = json.dumps({"filename": original, "subfolder": _FOLDER, "type": "temp"})
    return _named(await http.upload("upload/mask", mask, name, PNG, original_ref=original_ref, **_WHERE), name)


def _named(told: object, name: str) -> str:
    return str(mapping(told).get("name") or name)


def _annotated(name: str) -> str:
    return f"{_FOLDER}/{name} [temp]"


def _mask(request: ImageRequest, source: SourceImage) -> bytes:
    from chatelier.providers.studio_masks import transparent_where_it_may_change

    return transparent_where_it_may_change(request.mask, source.size)
