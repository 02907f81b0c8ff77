"""The Stable Diffusion WebUI API: AUTOMATIC1111, Forge, reForge, SD.Next, and what speaks like them (sd-server).

Such a server paints one picture at a time, reports one progress for all, and interrupts whatever it is painting.
So each call waits for its turn here, and a stopped call keeps the turn until the server has really let go: its
answer then is a half-done picture, which nobody gets.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from chatelier.providers.base import (
    Capabilities,
    FailureKind,
    ImageEvent,
    ImageRequest,
    ImageResult,
    PartialImage,
    Progress,
    PromptKind,
    ProviderError,
)
from chatelier.providers.studio import AUTO, Endings, StudioSettings, Way, chosen, mapping
from chatelier.providers.webui_answer import Answer, read_answer
from chatelier.providers.webui_request import Catalogue, Defaults, ask, extra_options

if TYPE_CHECKING:
    from chatelier.providers.studio_http import StudioHttp

FRESH = 300.0  # seconds a look at the server's lists is good for
STOP_SECONDS = 60.0  # a stopped call may hold its turn
_NO_API = ("Not Found", "Method Not Allowed")


class WebUISettings(StudioSettings):
    """One ``[providers.NAME]`` table with type = "webui"."""

    sampler: str = Field("", description="Sampler where none is chosen; empty: the server's own.")
    scheduler: str = Field("", description="Scheduler where none is chosen; empty: the server's own.")
    steps: int | None = Field(None, ge=1, le=150, description="Steps where none are chosen.")
    cfg: float | None = Field(None, ge=0, le=30, description="CFG scale where none is chosen.")
    strength: float | None = Field(None, ge=0, le=1, description="How far edits move from their source.")


class WebUI:
    """``settings`` are the fields of WebUISettings; a wrong one raises pydantic's ValidationError."""

    def __init__(self, *, name: str = "webui", label: str = "", **settings: Any) -> None:
        self.settings = WebUISettings(**settings)
        self.name = name
        self.label = label or "Stable Diffusion"
        self.default_model = self.settings.model or AUTO
        self._defaults = Defaults(**{field: getattr(self.settings, field) for field in Defaults.__dataclass_fields__})
        self._catalogue = Catalogue(titles={})
        self._looked: float | None = None
        self._way = Way(self.settings)
        self._turn = asyncio.Lock()
        self._endings = Endings()
        self.capabilities = Capabilities(
            edit=True,
            mask=True,
            max_sources=1,
            max_images=self.settings.max_images,
            min_side=64,
            max_side=self.settings.max_side,
            side_multiple=8,
            default_size=self.settings.default_size(),
            seed=True,
            negative_prompt=True,
            prompt_kind=PromptKind.TAGS,
            **self.settings.costs(),
            deadline=2 * self.settings.deadline,  # the wait for its turn included
            extra_options=extra_options(self._catalogue, self._defaults),
        )

    def models(self) -> Sequence[str]:
        return tuple(dict.fromkeys((self.default_model, *self._catalogue.titles)))

    async def refresh(self) -> None:
        """Ask the server for its models, samplers and schedulers. Raises ProviderError when it does not answer."""
        try:
            http = await self._way.http()
            models, samplers, schedulers = await asyncio.gather(
                *(_listed(http, what) for what in ("sd-models", "samplers", "schedulers"))
            )
        except ProviderError as error:
            error.sent = False  # nothing was asked to be painted
            raise
        self._catalogue = Catalogue(
            titles=_titles(models),
            samplers=_names(samplers, "name"),
            schedulers=_names(schedulers, "label", "name"),
        )
        options = extra_options(self._catalogue, self._defaults)
        self.capabilities = replace(self.capabilities, extra_options=options)
        self._looked = time.monotonic()

    async def paint(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        """Raises ProviderError; ``sent`` is false where the server certainly did not begin."""
        yield Progress(fraction=0.0, note="waiting for the server")
        if self._looked is None or time.monotonic() - self._looked > FRESH:
            await self.refresh()
        path, body = await self._asked(request)
        async with aclosing(self._called(await self._way.http(), path, body)) as events:
            async for event in events:
                yield event if isinstance(event, Progress | PartialImage) else await self._result(event, request)

    async def close(self) -> None:
        await self._endings.close()
        await self._way.close()

    async def _asked(self, request: ImageRequest) -> tuple[str, dict[str, Any]]:
        named = request.model or self.default_model
        title = ""
        if named != AUTO:
            titles = self._catalogue.titles
            title = titles.get(chosen("model", named, (*titles, *titles.values()) if titles else ()), named)
        mask = None
        if request.sources and request.mask is not None:
            mask = await asyncio.to_thread(_white_mask, request)
        restore = not self.settings.model  # "auto" stays what the operator has loaded
        options: dict[str, Any] = {"title": title, "restore": restore, "white_mask": mask}
        return await asyncio.to_thread(ask, request, self._catalogue, self._defaults, **options)

    async def _called(
        self, http: StudioHttp, path: str, body: dict[str, Any]
    ) -> AsyncGenerator[Progress | PartialImage | Answer, None]:
        """Post in turn, and tell what happens until the answer is there."""
        from chatelier.providers.webui_progress import Watch

        await self._take_turn()
        call = asyncio.create_task(http.post(path, body, seconds=self.settings.deadline + STOP_SECONDS))
        call.add_done_callback(lambda _: self._turn.release())
        try:
            until = asyncio.get_running_loop().time() + self.settings.deadline
            async with aclosing(Watch(http, body["force_task_id"]).events(call, until)) as events:
                async for event in events:
                    yield event
            yield read_answer(_answered(call))
        except TimeoutError:
            raise ProviderError(FailureKind.TIMED_OUT, f"no answer in {self.settings.deadline:g} s") from None
        finally:
            if not call.done():
                await self._endings.end(_interrupt(http, call))

    async def _take_turn(self) -> None:
        try:
            async with asyncio.timeout(self.settings.deadline):
                await self._turn.acquire()
        except TimeoutError:
            detail = "the server was busy with other requests of ours all the time"
            raise ProviderError(FailureKind.TIMED_OUT, detail, sent=False) from None

    async def _result(self, answer: Answer, request: ImageRequest) -> ImageResult:
        images = await answer.produced(request, self.label)
        model = answer.model if answer.model in self.models() else request.model or self.default_model
        return ImageResult(images=images, model=model, usage={"images": len(images)})


async def _interrupt(http: StudioHttp, call: asyncio.Task[Any]) -> None:
    """Again every second until the pending call returns: an interrupt that comes before the start is forgotten."""
    clock = asyncio.get_running_loop().time
    until = clock() + STOP_SECONDS
    try:
        while not call.done() and clock() < until:
            with suppress(ProviderError):
                await http.post("sdapi/v1/interrupt", seconds=5.0)
            await asyncio.wait({call}, timeout=1.0)
    finally:
        call.cancel()
        await asyncio.wait({call})
        if not call.cancelled():
            call.exception()


async def _listed(http: StudioHttp, what: str) -> Any:
    """A list of the server; empty where it does not know the question."""
    from chatelier.providers.studio_http import StatusError

    try:
        return await http.get(f"sdapi/v1/{what}")
    except StatusError as error:
        if error.kind is FailureKind.BAD_REQUEST:
            return []
        raise


def _names(listed: object, *keys: str) -> tuple[str, ...]:
    """What people call the things of a list of objects: the first of ``keys`` that one has."""
    items = [mapping(item) for item in listed] if isinstance(listed, list) else []
    found = (next((item[key] for key in keys if item.get(key)), "") for item in items)
    return tuple(dict.fromkeys(name for name in found if name and isinstance(name, str)))


def _titles(listed: object) -> dict[str, str]:
    """The name that the server wants for a model, by the shorter one that people see."""
    items = listed if isinstance(listed, list) else []
    pairs = [(_names([item], "model_name", "title"), _names([item], "title", "model_name")) for item in items]
    return {name[0]: title[0] for name, title in pairs if name and title}


def _answered(call: asyncio.Task[Any]) -> Any:
    """Raises ProviderError. A server that was started without its API knows none of its addresses."""
    try:
        return call.result()
    except ProviderError as error:
        if getattr(error, "status", 0) in (404, 405) and mapping(getattr(error, "body", None)).get("detail") in _NO_API:
            detail = f"{error.detail} (no WebUI API there: start the server with --api, and check the address)"
            raise ProviderError(FailureKind.UNAVAILABLE, detail, sent=False) from None
        raise


def _white_mask(request: ImageRequest) -> bytes:
    from chatelier.providers.studio_masks import white_where_it_may_change

    return white_where_it_may_change(request.mask or b"", request.size)
