"""How far a WebUI server is, asked about twice a second while its answer is awaited.

The server reports one progress for all: it reads 0 before the start and again between the last step and the
answer, and it may speak of somebody else's picture. So only a rise is told, and only of our own task where the
server names tasks. Nothing that goes wrong here fails the call.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator
from typing import Any

from chatelier.providers.base import PartialImage, Progress, ProviderError
from chatelier.providers.studio import mapping, number, unpack
from chatelier.providers.studio_http import StatusError, StudioHttp

Seen = Progress | PartialImage
INTERVAL = 0.4  # seconds between two looks
_SECONDS = 10.0  # one look may take
_MAX_BYTES = 30_000_000


class Watch:
    """The progress of one task. ``interval`` is in seconds."""

    def __init__(self, http: StudioHttp, task: str, *, interval: float = INTERVAL) -> None:
        self._http = http
        self._task = task
        self._interval = interval
        self._fraction = 0.0
        self._preview = 0  # hash of the last preview
        self._is_silent = False

    async def events(self, call: asyncio.Task[Any], until: float) -> AsyncGenerator[Seen, None]:
        """What is seen until ``call`` is done. Raises TimeoutError when the loop's clock passes ``until``."""
        clock = asyncio.get_running_loop().time
        while not call.done():
            if clock() >= until:
                raise TimeoutError
            await asyncio.wait({call}, timeout=min(self._interval, until - clock()))
            if call.done() or self._is_silent:
                continue
            for event in await self._seen(call):
                yield event

    async def _seen(self, call: asyncio.Task[Any]) -> list[Seen]:
        """One look, given up when the answer comes first."""
        look = asyncio.create_task(self._look())
        try:
            await asyncio.wait({call, look}, return_when=asyncio.FIRST_COMPLETED)
            return look.result() if look.done() else []
        finally:
            if not look.done():
                look.cancel()
                await asyncio.wait({look})

    async def _look(self) -> list[Seen]:
        path = "sdapi/v1/progress"
        try:
            told = await self._http.get(path, seconds=_SECONDS, max_bytes=_MAX_BYTES, skip_current_image="false")
        except StatusError as error:
            self._is_silent = error.status == 404  # sd-server has no progress
            return []
        except ProviderError:
            return []
        told = mapping(told)
        if told.get("current_task") and told["current_task"] != self._task:
            return []
        return [*self._rise(told), *await self._partial(told.get("current_image"))]

    def _rise(self, told: Any) -> list[Seen]:
        fraction = number(told.get("progress")) or 0.0
        if not math.isfinite(fraction) or min(fraction, 1.0) <= self._fraction:
            return []
        self._fraction = min(fraction, 1.0)
        state = mapping(told.get("state"))
        step, steps = number(state.get("sampling_step")), number(state.get("sampling_steps"))
        note = f"step {min(step, steps):.0f} of {steps:.0f}" if step and steps else ""
        return [Progress(fraction=self._fraction, note=note)]

    async def _partial(self, coded: object) -> list[Seen]:
        if not coded or not isinstance(coded, str) or hash(coded) == self._preview:
            return []
        self._preview = hash(coded)
        try:
            return [PartialImage(index=0, content=await asyncio.to_thread(unpack, coded))]
        except ProviderError:
            return []
