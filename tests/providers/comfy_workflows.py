"""Workflows in API format, as an operator exports them: new images, edits, edits with a mask."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

Graph = dict[str, Any]


def _node(title: str, kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": title}}


_SAMPLING = {"seed": 1, "steps": 4, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal"}
_BASE: Graph = {
    "4": _node("Model", "CheckpointLoaderSimple", ckpt_name="photo-v1.safetensors"),
    "6": _node("Wanted", "CLIPTextEncode", text="a placeholder", clip=["4", 1]),
    "7": _node("Unwanted", "CLIPTextEncode", text="", clip=["4", 1]),
    "8": _node("Decode", "VAEDecode", samples=["3", 0], vae=["4", 2]),
    "9": _node("Save", "SaveImage", filename_prefix="chatelier", images=["8", 0]),
}


def _sampler(latent: str, denoise: float) -> dict[str, Any]:
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": [latent, 0]}
    return _node("Sampler", "KSampler", **_SAMPLING, denoise=denoise, **links)


NEW: Graph = {
    **_BASE,
    "3": _sampler("5", 1.0),
    "5": _node("Size", "EmptyLatentImage", width=512, height=512, batch_size=1),
}
EDIT: Graph = {
    **_BASE,
    "3": _sampler("11", 0.6),
    "10": _node("Source", "LoadImage", image="example.png"),
    "11": _node("Encode", "VAEEncode", pixels=["12", 0], vae=["4", 2]),
    "12": _node("Scale", "ImageScale", image=["10", 0], width=512, height=512, upscale_method="area", crop="disabled"),
}
MASK: Graph = {
    **EDIT,
    "3": _sampler("14", 0.8),
    "9": _node("Save", "SaveImage", filename_prefix="chatelier", images=["15", 0]),
    "13": _node("Mask", "LoadImageMask", image="mask.png", channel="red"),
    "14": _node("Only there", "SetLatentNoiseMask", samples=["11", 0], mask=["13", 0]),
    "15": _node(
        "Keep the rest", "ImageCompositeMasked", destination=["12", 0], source=["8", 0], mask=["13", 0], x=0, y=0
    ),
}
ALPHA: Graph = deepcopy({name: node for name, node in MASK.items() if name != "13"})
ALPHA["14"]["inputs"]["mask"] = ["10", 1]
ALPHA["15"]["inputs"]["mask"] = ["10", 1]

CUSTOM: Graph = {  # a sampler put together from parts, its words behind guidance, its values in nodes of their own
    "1": _node("", "UNETLoader", unet_name="flow-1.safetensors", weight_dtype="default"),
    "2": _node("", "SamplerCustomAdvanced", noise=["3", 0], guider=["4", 0], sampler=["5", 0], sigmas=["6", 0])
    | {"_meta": {}},
    "3": _node("", "RandomNoise", noise_seed=["13", 0]),
    "4": _node("", "BasicGuider", model=["1", 0], conditioning=["8", 0]),
    "5": _node("", "KSamplerSelect", sampler_name="euler"),
    "6": _node("", "BasicScheduler", scheduler="simple", steps=20, denoise=1.0, model=["1", 0]),
    "7": _node("", "EmptySD3LatentImage", width=["12", 0], height=1024, batch_size=1),
    "8": _node("", "FluxGuidance", guidance=3.5, conditioning=["9", 0]),
    "9": _node("", "CLIPTextEncodeFlux", clip=["11", 0], clip_l="x", t5xxl="x", guidance=3.5),
    "10": _node("", "PreviewImage", images=["14", 0]),
    "11": _node("", "DualCLIPLoader", clip_name1="a", clip_name2="b", type="flux"),
    "12": _node("Width", "PrimitiveInt", value=1024),
    "13": _node("Seed", "PrimitiveInt", value=1),
    "14": _node("", "VAEDecode", samples=["2", 0], vae=["15", 0]),
    "15": _node("", "VAELoader", vae_name="ae.safetensors"),
}
CUSTOM["2"]["inputs"]["latent_image"] = ["7", 0]


def written(graph: Graph) -> str:
    return json.dumps(graph)
