"""What a ComfyUI server has of what the operator's workflows need, and the options that follow for people."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chatelier.providers.base import ExtraOption, FailureKind, OptionKind, ProviderError
from chatelier.providers.comfy_workflow import Workflow
from chatelier.providers.studio import mapping, number

if TYPE_CHECKING:
    from chatelier.providers.studio_http import StudioHttp


@dataclass(frozen=True, kw_only=True)
class Server:
    """The choices for the inputs that the workflows leave open; empty while they are not known."""

    models: tuple[str, ...] = ()
    samplers: tuple[str, ...] = ()
    schedulers: tuple[str, ...] = ()


async def read_server(http: StudioHttp, workflows: Sequence[Workflow]) -> Server:
    """Raises ProviderError, with their names where the server lacks nodes."""
    classes = sorted(set().union(*(workflow.classes() for workflow in workflows)))
    told = await asyncio.gather(*(http.get(f"object_info/{quote(name, safe='')}") for name in classes))
    known = {name: mapping(mapping(info).get(name)) for name, info in zip(classes, told, strict=True)}
    missing = [name for name in classes if not known[name]]
    if missing:
        detail = f"the server lacks nodes of the workflow: {', '.join(missing)}"
        raise ProviderError(FailureKind.BAD_REQUEST, detail, sent=False)
    return Server(
        models=_choices(known, workflows, "model"),
        samplers=_choices(known, workflows, "sampler"),
        schedulers=_choices(known, workflows, "scheduler"),
    )


def extra_options(workflows: Sequence[Workflow], server: Server) -> tuple[ExtraOption, ...]:
    """Those that some workflow takes, with its own values as defaults."""
    own = {name: next((w.literal(name) for w in workflows if w.places.get(name)), None) for name in _OPTIONS}
    taken = {name for name in _OPTIONS if any(workflow.places.get(name) for workflow in workflows)}
    choices = {"sampler": server.samplers, "scheduler": server.schedulers}
    return tuple(
        ExtraOption(
            name=name,
            label=label,
            kind=kind,
            choices=choices.get(name, ()),
            lowest=lowest,
            highest=highest,
            step=step,
            default=own[name] if isinstance(own[name], str) else number(own[name]),
            hint=hint,
        )
        for name, (label, kind, lowest, highest, step, hint) in _OPTIONS.items()
        if name in taken
    )


_OPTIONS: Mapping[str, tuple[str, OptionKind, float, float, float, str]] = {
    "sampler": ("Sampler", OptionKind.CHOICE, 0, 0, 1, ""),
    "scheduler": ("Scheduler", OptionKind.CHOICE, 0, 0, 1, ""),
    "steps": ("Steps", OptionKind.WHOLE, 1, 150, 1, ""),
    "cfg": ("CFG scale", OptionKind.NUMBER, 0, 30, 0.5, "How closely the words are followed."),
    "strength": ("Edit strength", OptionKind.NUMBER, 0, 1, 0.05, "How far an edit may move from its source."),
}


def _choices(known: Mapping[str, Any], workflows: Sequence[Workflow], name: str) -> tuple[str, ...]:
    """The values that the server offers for the first input that takes this."""
    for workflow in workflows:
        for place in workflow.places.get(name, ())[:1]:
            inputs = mapping(known[workflow.graph[place.node]["class_type"]].get("input"))
            declared = {**mapping(inputs.get("optional")), **mapping(inputs.get("required"))}.get(place.key)
            if found := _listed(declared):
                return found
    return ()


def _listed(declared: object) -> tuple[str, ...]:
    """Older servers write the values where others write COMBO, and newer ones put them beside it."""
    if not isinstance(declared, list) or not declared:
        return ()
    values = declared[0]
    if not isinstance(values, list):
        values = mapping(declared[1]).get("options") if len(declared) > 1 else ()
    return tuple(value for value in values or () if isinstance(value, str))
