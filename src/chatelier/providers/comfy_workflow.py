"""A ComfyUI workflow of the operator, and where in it a request's values go.

A workflow in API format maps a node's id to its class, its inputs (literals, or links ``[id, slot]``) and a title.
Values go where the operator named a node's title, else where reading the links from the sampler finds them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatelier.errors import Invalid
from chatelier.providers.comfy_reading import Graph, Place, detect, is_link, outputs_of

# what a request says -> the inputs of a node that may take it, where only the node's title is given
INPUTS: dict[str, tuple[str, ...]] = {
    "prompt": ("text", "prompt", "value", "string", "text_g", "text_l", "clip_l", "t5xxl"),
    "negative_prompt": ("text", "prompt", "value", "string", "text_g", "text_l"),
    "width": ("width", "value"),
    "height": ("height", "value"),
    "n": ("batch_size", "amount", "value"),
    "seed": ("seed", "noise_seed", "value"),
    "steps": ("steps", "value"),
    "cfg": ("cfg", "guidance", "value"),
    "sampler": ("sampler_name", "value"),
    "scheduler": ("scheduler", "value"),
    "strength": ("denoise", "strength", "value"),
    "model": ("ckpt_name", "unet_name", "model_name", "value"),
    "image": ("image",),
    "mask": ("image",),
}
_SLOT = "{prompt}"  # in the workflow's own text: the prompt goes there


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """``places`` say which inputs take a value; ``outputs`` are nodes whose images are the result, the best first.
    ``masked_by_alpha``: the mask is the transparency of the image itself."""

    graph: Graph
    places: Mapping[str, Sequence[Place]] = field(default_factory=dict)
    outputs: Sequence[str] = ()
    masked_by_alpha: bool = False

    @property
    def takes_mask(self) -> bool:
        return self.masked_by_alpha or bool(self.places.get("mask"))

    def classes(self) -> set[str]:
        return {node["class_type"] for node in self.graph.values()}

    def samplers(self) -> set[str]:
        return {name for name, node in self.graph.items() if "sampler" in node["class_type"].lower()}

    def literal(self, name: str) -> Any:
        """What the workflow itself has there, or None."""
        places = self.places.get(name) or ()
        return self.graph[places[0].node]["inputs"].get(places[0].key) if places else None

    def filled(self, values: Mapping[str, Any], images: Sequence[str] = ()) -> Graph:
        """A copy with these values in their places; values without a place are left out."""
        graph = deepcopy(dict(self.graph))
        for name, value in values.items():
            for place in self.places.get(name, ()):
                inputs = graph[place.node]["inputs"]
                inputs[place.key] = _worded(name, inputs.get(place.key), value)
        for place, image in zip(self.places.get("image", ()), images, strict=False):
            graph[place.node]["inputs"][place.key] = image
        for place in self.places.get("mask", ()):
            if "channel" in graph[place.node]["inputs"]:
                graph[place.node]["inputs"]["channel"] = "alpha"  # read as: transparent may change
        return graph


def read_workflow(written: str, named: Mapping[str, str], *, folder: Path | None = None) -> Workflow:
    """``written`` is a path (relative to ``folder``) or the JSON itself; ``named`` says titles by what they take, as in
    {"prompt": "Subject"} or {"seed": "Noise.noise_seed"}. Raises Invalid. Titles that this workflow lacks are left
    to ``check_titles``."""
    graph = _graph(written, folder)
    found, masked_by_alpha = detect(graph)
    for name, title in named.items():
        if name != "output" and (places := _titled(graph, name, title)):
            found[name] = places
    wanted = [node for node, _ in _nodes(graph, named.get("output", ""))]
    return Workflow(graph=graph, places=found, outputs=wanted or outputs_of(graph), masked_by_alpha=masked_by_alpha)


def check_titles(named: Mapping[str, str], workflows: Sequence[Workflow]) -> None:
    """Raises Invalid for a name that nothing takes and for a title that no workflow has."""
    for name, title in named.items():
        if name not in INPUTS and name != "output":
            known = ", ".join((*INPUTS, "output"))
            raise Invalid(f"inputs.{name} is not known. A workflow takes {known}.", fields={"inputs": "unknown name"})
        if not any(_nodes(workflow.graph, title) for workflow in workflows):
            titles = sorted({_title(node) for workflow in workflows for node in workflow.graph.values()} - {""})
            shown = ", ".join(titles[:20]) or "none"
            raise Invalid(
                f"inputs.{name} names the node {title}, which is not in the workflow. Titles there: {shown}.",
                fields={"inputs": "no such node"},
            )


def _graph(written: str, folder: Path | None) -> dict[str, Any]:
    text, where = written.strip(), "The workflow"
    if not text.startswith(("{", "[")):
        path = (folder or Path()) / Path(text).expanduser()
        where = f"The workflow {path}"
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", "") or "it is no text"
            raise Invalid(f"{where} cannot be read: {reason}.", fields={"workflow": "not readable"}) from None
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{where} is not JSON: {error}.", fields={"workflow": "not JSON"}) from None
    if isinstance(raw, Mapping) and isinstance(raw.get("prompt"), Mapping):
        raw = raw["prompt"]  # as it is posted
    nodes = raw if isinstance(raw, Mapping) else {}
    if not nodes or not all(_is_node(node) for node in nodes.values()):
        hint = "In ComfyUI choose Workflow, Export (API), and use that file."
        raise Invalid(f"{where} is not in API format. {hint}", fields={"workflow": "not in API format"})
    return dict(nodes)


def _is_node(node: object) -> bool:
    return (
        isinstance(node, Mapping)
        and isinstance(node.get("class_type"), str)
        and isinstance(node.get("inputs"), Mapping)
        and isinstance(node.get("_meta", {}), Mapping)
    )


def _titled(graph: Graph, name: str, title: str) -> list[Place]:
    places = []
    for node, key in _nodes(graph, title):
        inputs = graph[node]["inputs"]
        fitting = [key] if key else [one for one in INPUTS.get(name, ()) if one in inputs and not is_link(inputs[one])]
        places += [Place(node=node, key=one) for one in (fitting if name == "prompt" else fitting[:1])]
    return places


def _nodes(graph: Graph, title: str) -> list[tuple[str, str]]:
    """The nodes of this title (or id), and the input behind a last dot, or ''."""
    before, _, last = title.rpartition(".")
    for wanted, key in ((title, ""), (before, last)):
        if not wanted:
            continue
        named = [node for node in graph if wanted in (_title(graph[node]), node)]
        named = named or [node for node in graph if _title(graph[node]).lower() == wanted.lower()]
        if named:
            return [(node, key) for node in named]
    return []


def _title(node: Mapping[str, Any]) -> str:
    return str(node.get("_meta", {}).get("title", ""))


def _worded(name: str, own: Any, value: Any) -> Any:
    """The operator's own words stay around a prompt where they say so, and behind a negative prompt."""
    if isinstance(own, str) and name == "prompt" and _SLOT in own:
        return own.replace(_SLOT, str(value))
    if isinstance(own, str) and name == "negative_prompt" and own.strip():
        return f"{value}, {own}"
    return value
