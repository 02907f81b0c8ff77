"""What a WebUI server answers: images in Base64, and ``info``, which is JSON in a string and may be empty."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatelier.providers.base import FailureKind, ImageRequest, ProducedImage, ProviderError
from chatelier.providers.studio import mapping, number, unpack

_SEEDS = 2**32
_TOLD = {
    "sd_model_name": "model",
    "sampler_name": "sampler",
    "steps": "steps",
    "cfg_scale": "cfg",
    "denoising_strength": "strength",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """``images`` are Base64, the wanted ones only: a grid of all may stand before them."""

    images: Sequence[object]
    info: Mapping[str, Any]

    @property
    def model(self) -> str:
        return str(self.info.get("sd_model_name") or "")

    async def produced(self, request: ImageRequest, engine: str) -> list[ProducedImage]:
        """Raises ProviderError for what is no image."""
        contents = [await asyncio.to_thread(unpack, image) for image in self.images[: request.n]]
        if not contents:
            raise ProviderError(FailureKind.UNAVAILABLE, "the server answered without an image")
        return [
            ProducedImage(
                content=content,
                seed=self._seed(index, request),
                details={"engine": engine, **self._details()},
                alt_text=request.prompt[:1000],
            )
            for index, content in enumerate(contents)
        ]

    def _seed(self, index: int, request: ImageRequest) -> int:
        seeds = self.info.get("all_seeds")
        told = seeds[index] if isinstance(seeds, list) and index < len(seeds) else None
        if isinstance(told, int) and 0 <= told < _SEEDS:
            return told
        return (request.seed + index) % _SEEDS

    def _details(self) -> dict[str, Any]:
        found = {name: self.info.get(key) for key, name in _TOLD.items()}
        return {
            name: value[:200] if isinstance(value, str) else value
            for name, value in found.items()
            if value and isinstance(value, str | int | float)
        }


def read_answer(reply: Any) -> Answer:
    """Raises ProviderError for an answer of another shape."""
    images = mapping(reply).get("images")
    if not isinstance(images, list):
        raise ProviderError(FailureKind.UNAVAILABLE, "the server's answer holds no list of images")
    info = _info(reply.get("info"))
    first = number(info.get("index_of_first_image")) or 0.0
    return Answer(images=images[int(first) :] if 0 < first < len(images) else images, info=info)


def _info(text: object) -> Mapping[str, Any]:
    try:
        return mapping(json.loads(text)) if isinstance(text, str) else mapping(text)
    except (ValueError, RecursionError):
        return {}
