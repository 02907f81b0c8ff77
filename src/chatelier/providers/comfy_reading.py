"""Read a ComfyUI workflow from its sampler upwards: which inputs hold the words, the size, the seed and the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Graph = Mapping[str, Any]

_WORDS = ("text", "prompt", "text_g", "text_l", "clip_l", "t5xxl")
_PRIMITIVES = ("value", "text", "string", "int", "float", "number", "seed", "noise_seed")
_MODELS = ("ckpt_name", "unet_name", "model_name")
# input of a sampler, or of the nodes that a custom sampler is put together from -> what it takes
_SAMPLING = {
    "seed": "seed",
    "noise_seed": "seed",
    "steps": "steps",
    "cfg": "cfg",
    "sampler_name": "sampler",
    "scheduler": "scheduler",
    "denoise": "strength",
}
_PARTS = ("noise", "guider", "sampler", "sigmas")
_NOT_PICTURES = ("vae", "clip", "model", "control_net", "positive", "negative", "conditioning", "style_model")
_NOT_WORDS = ("vae", "clip", "model", "control_net", "image", "pixels", "mask", "samples", "latent", "clip_vision")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One input of one node."""

    node: str
    key: str


def is_link(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def detect(graph: Graph) -> tuple[dict[str, list[Place]], bool]:
    """The places found, by what they take, and whether the mask is the image's own transparency."""
    sampler = _first_sampler(graph)
    if sampler is None:
        return {}, False
    parts = [sampler, *(node for key in _PARTS if (node := _linked(graph, sampler, key)))]
    found: dict[str, list[Place]] = {}
    for part in parts:
        for key, name in _SAMPLING.items():
            if name not in found and (place := _literal(graph, part, key)):
                found[name] = [place]
    found |= _words(graph, parts)
    found |= _pictures(graph, sampler)
    found |= _model(graph, parts)
    return found, _is_masked_by_alpha(graph, found)


def outputs_of(graph: Graph) -> list[str]:
    """Nodes that give images back, saved ones before previews, and of those what comes last in the work first."""
    saved = [node for node in graph if graph[node]["class_type"].startswith("SaveImage")]
    shown = [node for node in graph if graph[node]["class_type"].startswith("PreviewImage")]
    return sorted(saved or shown, key=lambda node: -len(list(_upstream(graph, node, ()))))


def _first_sampler(graph: Graph) -> str | None:
    """The one that begins: no other sampler stands before it."""
    samplers = [node for node in graph if is_link(graph[node]["inputs"].get("latent_image"))]
    for node in samplers:
        if not any(before in samplers for before in _upstream(graph, node, ()) if before != node):
            return node
    return samplers[0] if samplers else None


def _words(graph: Graph, parts: list[str]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for name, keys in (("prompt", ("positive", "conditioning", "cond1")), ("negative_prompt", ("negative", "cond2"))):
        for part, key in ((part, key) for part in parts for key in keys):
            start = _linked(graph, part, key)
            if start and name not in found and (places := _text(graph, start)):
                found[name] = places
    if found.get("negative_prompt") == found.get("prompt"):
        found.pop("negative_prompt", None)
    return found


def _text(graph: Graph, start: str) -> list[Place]:
    """The words of the nearest text encoder above."""
    for node in _upstream(graph, start, _NOT_WORDS):
        if "ZeroOut" in graph[node]["class_type"]:
            return []
        places = [place for key in _WORDS if (place := _literal(graph, node, key, str))]
        if places:
            return list(dict.fromkeys(places))
    return []


def _pictures(graph: Graph, sampler: str) -> dict[str, list[Place]]:
    """Size, number, source images and mask, from what the sampler begins with."""
    found: dict[str, list[Place]] = {}
    start = _linked(graph, sampler, "latent_image")
    for node in _upstream(graph, start, _NOT_PICTURES) if start else ():
        kind = graph[node]["class_type"]
        if kind.startswith("LoadImageMask"):
            found.setdefault("mask", [Place(node=node, key="image")])
        elif kind.startswith("LoadImage"):
            found.setdefault("image", []).append(Place(node=node, key="image"))
        for key, name in (("width", "width"), ("height", "height"), ("batch_size", "n")):
            if name not in found and (place := _literal(graph, node, key, int)):
                found[name] = [place]
    if "image" not in found:  # models that edit take their sources beside the words
        others = [node for node in graph if graph[node]["class_type"] == "LoadImage"]
        found |= {"image": [Place(node=node, key="image") for node in others]} if others else {}
    return found


def _model(graph: Graph, parts: list[str]) -> dict[str, list[Place]]:
    for start in (part for part in parts if _linked(graph, part, "model")):
        for node in _upstream(graph, start, ("positive", "negative", "conditioning", "latent_image", "clip", "vae")):
            for key in _MODELS:
                if place := _literal(graph, node, key, str):
                    return {"model": [place]}
    return {}


def _is_masked_by_alpha(graph: Graph, found: Mapping[str, list[Place]]) -> bool:
    """Whether something uses the mask that a loaded image brings with it (its second output)."""
    loaders = {place.node for place in found.get("image", ())}
    links = (value for node in graph.values() for value in node["inputs"].values() if is_link(value))
    return "mask" not in found and any(link[0] in loaders and link[1] == 1 for link in links)


def _upstream(graph: Graph, start: str, without: tuple[str, ...]) -> Iterator[str]:
    """``start`` and what it is made from, the nearest first, not through inputs named in ``without``."""
    seen, queue = {start}, [start]
    while queue:
        node = queue.pop(0)
        yield node
        for key, value in graph[node]["inputs"].items():
            if key not in without and is_link(value) and value[0] in graph and value[0] not in seen:
                seen.add(value[0])
                queue.append(value[0])


def _linked(graph: Graph, node: str, key: str) -> str | None:
    value = graph[node]["inputs"].get(key)
    return value[0] if is_link(value) and value[0] in graph else None


def _literal(graph: Graph, node: str, key: str, kind: type | tuple[type, ...] = (str, int, float)) -> Place | None:
    """Where the value of this input is written: here, or in the one node of a plain value that it is linked to."""
    for _ in range(10):  # links may lead in a circle
        value = graph[node]["inputs"].get(key)
        if isinstance(value, kind) and not isinstance(value, bool):
            return Place(node=node, key=key)
        above = _linked(graph, node, key)
        if above is None:
            return None
        inputs = graph[above]["inputs"]
        held = [one for one in _PRIMITIVES if one in inputs]
        if len(held) != 1 or len(inputs) > 3:
            return None
        node, key = above, held[0]
    return None
