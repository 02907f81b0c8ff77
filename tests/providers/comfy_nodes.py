"""The nodes that our test workflows are made of: what they declare, what they refuse, and what they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

from tests.providers.studio_stub import edited, encoded, inverted_alpha, opened, painted

SAMPLERS = ["euler", "dpmpp_2m"]
SCHEDULERS = ["normal", "karras"]
MODELS = ["photo-v1.safetensors", "comic-v2.safetensors"]

_PLAIN: Any = ["INT", {"default": 0}]
INFO: dict[str, Any] = {
    "CheckpointLoaderSimple": {"input": {"required": {"ckpt_name": [MODELS, {"tooltip": "older form"}]}}},
    "KSampler": {
        "input": {
            "required": {
                "sampler_name": ["COMBO", {"options": SAMPLERS}],
                "scheduler": [SCHEDULERS],
                "steps": _PLAIN,
                "seed": _PLAIN,
                "latent_image": ["LATENT"],
            }
        }
    },
}
INFO |= {
    name: {"input": {"required": {}}}
    for name in (
        "CLIPTextEncode EmptyLatentImage VAEDecode VAEEncode SetLatentNoiseMask LoadImage LoadImageMask "
        "ImageCompositeMasked ImageScale SaveImage PreviewImage"
    ).split()
}
COMBOS = {"sampler_name": SAMPLERS, "scheduler": SCHEDULERS, "ckpt_name": MODELS}


def problems(graph: Mapping[str, Any], uploads: Mapping[str, bytes]) -> dict[str, Any]:
    """node_errors as the server words them."""
    found: dict[str, Any] = {}
    for name, node in graph.items():
        kind, inputs, wrong = node["class_type"], node["inputs"], []
        for key, values in COMBOS.items():
            if key in inputs and inputs[key] not in values:
                wrong.append(("Value not in list", f"{key}: '{inputs[key]}' not in {values}"))
        if kind.startswith("LoadImage") and inputs["image"] not in uploads:
            wrong.append(("Custom validation failed for node", f"image - Invalid image file: {inputs['image']}"))
        if kind == "KSampler" and not isinstance(inputs["steps"], int):
            wrong.append(("Failed to convert an input value to a INT value", f"steps, {inputs['steps']}"))
        if wrong:
            errors = [{"type": "value", "message": said, "details": why, "extra_info": {}} for said, why in wrong]
            found[name] = {"errors": errors, "dependent_outputs": ["9"], "class_type": kind}
    return found


def words_of(graph: Mapping[str, Any]) -> list[str]:
    return [node["inputs"]["text"] for node in graph.values() if node["class_type"] == "CLIPTextEncode"]


def with_alpha(content: bytes, mask: bytes) -> bytes:
    """The server copies the mask's alpha channel, which must have the image's size."""
    image = opened(content).convert("RGBA")
    image.putalpha(opened(mask).convert("RGBA").getchannel("A"))
    return encoded(image)


def run(graph: Mapping[str, Any], uploads: Mapping[str, bytes]) -> dict[str, list[bytes]]:
    """The images of each output node."""
    nodes = Nodes(graph, uploads)
    outputs = [name for name, node in graph.items() if node["class_type"] in ("SaveImage", "PreviewImage")]
    return {name: [encoded(image) for image in nodes.value(graph[name]["inputs"]["images"])] for name in outputs}


class Nodes:
    """Values by link. A latent is a list of images, or of sizes where it is empty, and a mask."""

    def __init__(self, graph: Mapping[str, Any], uploads: Mapping[str, bytes]) -> None:
        self._graph = graph
        self._uploads = uploads

    def value(self, link: Any) -> Any:
        if not isinstance(link, list):
            return link
        node = self._graph[link[0]]
        inputs = node["inputs"]
        return getattr(self, f"_{node['class_type']}")(inputs, link[1])

    def _CLIPTextEncode(self, inputs: Any, _: int) -> str:
        return str(inputs["text"])

    def _EmptyLatentImage(self, inputs: Any, _: int) -> Any:
        return [(inputs["width"], inputs["height"])] * inputs["batch_size"], None

    def _VAEEncode(self, inputs: Any, _: int) -> Any:
        return self.value(inputs["pixels"]), None

    def _SetLatentNoiseMask(self, inputs: Any, _: int) -> Any:
        return self.value(inputs["samples"])[0], self.value(inputs["mask"])

    def _KSampler(self, inputs: Any, _: int) -> list[Image.Image]:
        begun, mask = self.value(inputs["latent_image"])
        model = self._graph[inputs["model"][0]]["inputs"]["ckpt_name"]
        said = [inputs[key] for key in ("steps", "cfg", "sampler_name", "scheduler", "seed")]
        said += [model, self.value(inputs["positive"]), self.value(inputs["negative"])]
        images = []
        for at, one in enumerate(begun):
            fresh = painted(one if isinstance(one, tuple) else one.size, *said, at)
            images.append(fresh if isinstance(one, tuple) else edited(encoded(one), fresh, inputs["denoise"], mask))
        return images

    def _VAEDecode(self, inputs: Any, _: int) -> Any:
        return self.value(inputs["samples"])

    def _LoadImage(self, inputs: Any, slot: int) -> Any:
        content = self._uploads[inputs["image"]]
        return inverted_alpha(content) if slot == 1 else [opened(content).convert("RGB")]

    def _LoadImageMask(self, inputs: Any, _: int) -> Any:
        content = self._uploads[inputs["image"]]
        assert inputs["channel"] == "alpha"
        return inverted_alpha(content)

    def _ImageScale(self, inputs: Any, _: int) -> Any:
        return [image.resize((inputs["width"], inputs["height"])) for image in self.value(inputs["image"])]

    def _ImageCompositeMasked(self, inputs: Any, _: int) -> Any:
        (below,), above, mask = (self.value(inputs[key]) for key in ("destination", "source", "mask"))
        return [Image.composite(image, below, mask.convert("L").resize(below.size)) for image in above]
