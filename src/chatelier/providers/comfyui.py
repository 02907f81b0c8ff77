"""A ComfyUI server that runs the operator's own workflow: one for new images, and where given one for edits.

Pictures of people go to the server's folder for temporary files, which it empties when it starts.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import Field

from chatelier.errors import Invalid
from chatelier.providers.base import (
    Capabilities,
    FailureKind,
    ImageEvent,
    ImageRequest,
    ImageResult,
    ProducedImage,
    Progress,
    PromptKind,
    ProviderError,
)
from chatelier.providers.comfy_options import Server, extra_options, read_server
from chatelier.providers.comfy_workflow import Workflow, check_titles, read_workflow
from chatelier.providers.studio import AUTO, Endings, StudioSettings, Way, chosen, joined, with_style

FRESH = 300.0  # seconds a look at the server's nodes and models is good for
_SEEDS = 2**32


class ComfyUISettings(StudioSettings):
    """One ``[providers.NAME]`` table with type = "comfyui". A workflow is a path or the JSON itself, in API format."""

    workflow: str = Field(description="Workflow that makes a new image.")
    edit_workflow: str = Field("", description="Workflow that changes an image; empty: no edits.")
    mask_workflow: str = Field("", description="Workflow for edits with a mask; empty: edit_workflow, if it takes one.")
    inputs: dict[str, str] = Field(
        default_factory=dict, description="Titles of nodes by what they take, as in prompt = 'Subject'."
    )
    patience: float = Field(30.0, gt=0, description="Seconds the server may be away while it paints.")


class ComfyUI:
    """``settings`` are the fields of ComfyUISettings; a wrong one raises pydantic's ValidationError, a workflow that
    cannot be used raises Invalid. Paths are relative to ``folder``."""

    def __init__(self, *, name: str = "comfyui", label: str = "", folder: Path | None = None, **settings: Any) -> None:
        self.settings = ComfyUISettings(**settings)
        self.name = name
        self.label = label or "ComfyUI"
        written = [self.settings.workflow, self.settings.edit_workflow, self.settings.mask_workflow]
        read = [read_workflow(one, self.settings.inputs, folder=folder) if one else None for one in written]
        check_titles(self.settings.inputs, [workflow for workflow in read if workflow])
        self._make, self._edit, self._inpaint = _checked(read)
        self._server = Server()
        self._looked: float | None = None
        self._way = Way(self.settings)
        self._endings = Endings()
        self.default_model = self.settings.model or str(self._make.literal("model") or AUTO)
        self.capabilities = self._capabilities()

    def models(self) -> Sequence[str]:
        return tuple(dict.fromkeys((self.default_model, *self._server.models)))

    async def refresh(self) -> None:
        """Ask the server for its models and samplers, and whether it has what the workflows need. Raises
        ProviderError."""
        try:
            self._server = await read_server(await self._way.http(), self._workflows())
        except ProviderError as error:
            error.sent = False  # nothing was asked to be painted
            raise
        self.capabilities = replace(self.capabilities, extra_options=extra_options(self._workflows(), self._server))
        self._looked = time.monotonic()

    async def paint(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        """Raises ProviderError; ``sent`` is false where the server certainly did not begin."""
        yield Progress(fraction=0.0, note="waiting for the server")
        if self._looked is None or time.monotonic() - self._looked > FRESH:
            await self.refresh()
        async with aclosing(self._painted(request)) as events:
            async for event in events:
                yield event

    async def close(self) -> None:
        await self._endings.close()
        await self._way.close()

    async def _painted(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        """All images of a request: in one batch where the workflow takes a number, else one run after the other."""
        await asyncio.to_thread(importlib.import_module, "chatelier.providers.comfy_run")  # and the websocket library
        from chatelier.providers.comfy_run import Images, Run
        from chatelier.providers.comfy_upload import send_sources

        until = asyncio.get_running_loop().time() + self.settings.deadline
        http = await self._way.http()
        workflow = self._workflow(request)
        values = self._values(request, workflow)
        names, mask = await send_sources(http, request, workflow)
        runs = 1 if workflow.places.get("n") else request.n
        contents: list[bytes] = []
        for at in range(runs):
            run = Run(http, self.settings, workflow, patience=self.settings.patience, until=until)
            graph = workflow.filled({**values, **mask, "seed": (request.seed + at) % _SEEDS}, names)
            try:
                async with aclosing(run.events(graph, request.n if runs == 1 else 1)) as events:
                    async for event in events:
                        if isinstance(event, Images):
                            contents += event.contents
                        elif isinstance(event, Progress):
                            yield replace(event, fraction=(at + event.fraction) / runs)
                        else:
                            yield replace(event, index=at)
            finally:
                await self._endings.end(run.stop())
        yield self._result(request, contents, runs)

    def _workflow(self, request: ImageRequest) -> Workflow:
        found: Workflow | None = self._make
        if request.sources:
            found = (request.mask is not None and self._inpaint) or self._edit or self._inpaint
        if found is None:
            raise ProviderError(FailureKind.BAD_REQUEST, "there is no workflow for edits", sent=False)
        return found

    def _values(self, request: ImageRequest, workflow: Workflow) -> dict[str, Any]:
        """What goes into the workflow; a value that nobody said leaves the workflow's own. Raises ProviderError."""
        model = request.model or self.default_model
        known = {"model": self.models(), "sampler": self._server.samplers, "scheduler": self._server.schedulers}
        said: dict[str, Any] = {
            "prompt": with_style(request.prompt, request.style),
            "negative_prompt": joined(request.negative_prompt, self.settings.negative_prompt),
            "width": request.size.width,
            "height": request.size.height,
            "n": request.n,
            "model": "" if model == AUTO else model,
            **{name: request.extra.get(name) for name in ("sampler", "scheduler", "steps", "cfg", "strength")},
        }
        said = {name: value for name, value in said.items() if value not in (None, "")}
        return {name: chosen(name, str(value), known[name]) if name in known else value for name, value in said.items()}

    def _result(self, request: ImageRequest, contents: Sequence[bytes], runs: int) -> ImageResult:
        details = {"engine": self.label, **{name: value for name, value in request.extra.items() if value != ""}}
        images = [
            ProducedImage(
                content=content,
                # The later images of one batch have no seed of their own that would make them again.
                seed=(request.seed + at) % _SEEDS if runs > 1 or at == 0 else None,
                details=details,
                alt_text=request.prompt[:1000],
            )
            for at, content in enumerate(contents[: request.n])
        ]
        return ImageResult(images=images, model=request.model or self.default_model, usage={"images": len(images)})

    def _workflows(self) -> list[Workflow]:
        return [workflow for workflow in (self._make, self._edit, self._inpaint) if workflow]

    def _capabilities(self) -> Capabilities:
        edits = [workflow for workflow in (self._edit, self._inpaint) if workflow]
        return Capabilities(
            edit=bool(edits),
            mask=any(workflow.takes_mask for workflow in edits),
            max_sources=max((len(workflow.places["image"]) for workflow in edits), default=0),
            max_images=self.settings.max_images,
            min_side=64,
            max_side=self.settings.max_side,
            side_multiple=8,
            default_size=self.settings.default_size(),
            seed=bool(self._make.places.get("seed")),
            negative_prompt=bool(self._make.places.get("negative_prompt")),
            prompt_kind=PromptKind.TAGS,
            **self.settings.costs(),
            deadline=self.settings.deadline + 60.0,  # ours comes first, and takes the job out of the server's queue
            extra_options=extra_options(self._workflows(), self._server),
        )


def _checked(read: Sequence[Workflow | None]) -> tuple[Workflow, Workflow | None, Workflow | None]:
    """Raises Invalid for a workflow in which there is no place for what it is there for."""
    make, edit, inpaint = read
    assert make
    if inpaint is None and edit is not None and edit.takes_mask:
        inpaint = edit
    for name, workflow in (("workflow", make), ("edit_workflow", edit), ("mask_workflow", inpaint)):
        wanted = ("prompt",) if name == "workflow" else ("prompt", "image")
        missing = [one for one in wanted if workflow and not workflow.places.get(one)]
        if missing:
            hint = f"Name the title of the node that takes it: inputs.{missing[0]} = 'Title'."
            raise Invalid(f"In {name} no place was found for the {missing[0]}. {hint}", fields={name: "incomplete"})
    if inpaint is not None and not inpaint.takes_mask:
        raise Invalid("mask_workflow takes no mask. Load one with LoadImageMask.", fields={"mask_workflow": "no mask"})
    return make, edit, inpaint
