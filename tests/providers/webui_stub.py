"""A WebUI server as its protocol is, with the ways in which real ones differ and fail.

Marks in the prompt: ``slow`` takes many steps, ``stuck`` never ends a step, ``lingers`` waits between its last step
and the answer. ``fault`` spoils the answers of painting calls, below in ``_spoiled``.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.providers.studio_stub import bomb, edited, encoded, opened, painted, serving

SAMPLERS = ("Euler", "Euler a", "DPM++ 2M")
SCHEDULERS = ("Automatic", "Karras")
MODELS = {"photo-v1": "photo-v1.safetensors [a1b2c3]", "comic-v2": "comic-v2.safetensors [d4e5f6]"}
NUMBERS = ("steps", "cfg_scale", "width", "height", "seed", "n_iter", "batch_size", "denoising_strength")


@dataclass
class Job:
    """What the server paints now; it has one such state for everybody."""

    task: str = ""
    step: int = 0
    steps: int = 0
    is_interrupted: bool = False


@dataclass
class WebUIStub:
    """``dialect`` is a1111 or sdnext; sd-server has neither progress nor interrupt."""

    dialect: str = "a1111"
    credentials: str = ""  # name:password
    fault: str = ""
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)  # how each painting call ended
    interrupts: int = 0
    looks: int = 0
    most_at_once: int = 0
    job: Job = field(default_factory=Job)
    stall: bool = False  # nothing begins meanwhile
    foreign_task: str = ""  # named by progress instead of our own

    def __post_init__(self) -> None:
        self._lock = asyncio.Lock()
        self._waiting = 0

    def app(self) -> Starlette:
        known = {
            "txt2img": ("POST", self.paint),
            "img2img": ("POST", self.paint),
            "sd-models": ("GET", self.models),
            "samplers": ("GET", self.samplers),
            "schedulers": ("GET", self.schedulers),
        }
        if self.dialect != "sd-server":
            known |= {"progress": ("GET", self.progress), "interrupt": ("POST", self.interrupt)}
        if self.fault == "no-api":
            known = {}
        return Starlette(
            routes=[
                Route(f"/sdapi/v1/{name}", self._guarded(call), methods=[verb]) for name, (verb, call) in known.items()
            ],
            exception_handlers={404: lambda _, error: JSONResponse({"detail": error.detail}, 404)},
        )

    async def models(self, _: Request) -> Response:
        listed = [{"title": title, "model_name": name, "hash": None} for name, title in MODELS.items()]
        return JSONResponse(listed)

    async def samplers(self, _: Request) -> Response:
        return JSONResponse([{"name": name, "aliases": [], "options": {}} for name in SAMPLERS])

    async def schedulers(self, _: Request) -> Response:
        return JSONResponse([{"name": name.lower(), "label": name} for name in SCHEDULERS])

    async def progress(self, request: Request) -> Response:
        self.looks += 1
        job = self.job
        done = job.step / job.steps if job.steps else 0.0
        shown = None
        if job.step and request.query_params.get("skip_current_image") != "true":
            shown = base64.b64encode(encoded(painted((64, 64), job.task, job.step))).decode()
        state = {"sampling_step": job.step, "sampling_steps": job.steps, "job_count": 1 if job.steps else 0}
        answer = {"progress": done, "eta_relative": 0.0, "state": state, "current_image": shown, "textinfo": None}
        if self.dialect == "a1111":
            answer["current_task"] = self.foreign_task or job.task or None
        return JSONResponse(answer)

    async def interrupt(self, _: Request) -> Response:
        self.interrupts += 1
        self.job.is_interrupted = True
        return Response(status_code=204) if self.dialect == "sdnext" else JSONResponse({})

    async def paint(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        if wrong := self._wrong(body):
            return wrong
        self._waiting += 1
        self.most_at_once = max(self.most_at_once, self._waiting)
        try:
            async with self._lock:
                images = await self._painted(body)
        finally:
            self._waiting -= 1
        return self._spoiled(images, body)

    def _guarded(self, call: Any) -> Any:
        async def guarded(request: Request) -> Response:
            wanted = "Basic " + base64.b64encode(self.credentials.encode()).decode()
            if self.credentials and request.headers.get("authorization") != wanted:
                return JSONResponse({"detail": "Incorrect username or password"}, 401)
            answer: Response = await call(request)
            return answer

        return guarded

    def _wrong(self, body: dict[str, Any]) -> Response | None:
        empty = [key for key, value in body.items() if value is None]
        bad = [key for key in NUMBERS if key in body and not isinstance(body[key], int | float)]
        if self.dialect == "sdnext":
            bad += empty
        if bad:
            told = [{"loc": ["body", key], "msg": "Input should be a valid number", "type": "type"} for key in bad]
            return JSONResponse({"detail": told}, 422)
        if body.get("sampler_name", SAMPLERS[0]) not in SAMPLERS:
            return JSONResponse({"detail": "Sampler not found"}, 404)
        return None

    async def _painted(self, body: dict[str, Any]) -> list[bytes]:
        prompt = body["prompt"]
        while self.stall:  # noqa: ASYNC110  # set by a test in another thread
            await asyncio.sleep(0.01)
        self.job = job = Job(task=body.get("force_task_id", ""), steps=30 if "slow" in prompt else 4)
        while job.step < job.steps and not job.is_interrupted:
            await asyncio.sleep(0.05 if "slow" in prompt else 0.01)
            job.step += "stuck" not in prompt
        half = job.step
        job.step = job.steps = 0  # the bar falls back before the answer
        await asyncio.sleep(1.2 if "lingers" in prompt else 0)
        self.answered.append("half" if job.is_interrupted else "whole")
        seeds = range(body["seed"], body["seed"] + body["n_iter"])
        return [await asyncio.to_thread(_picture, body, seed, half if job.is_interrupted else 0) for seed in seeds]

    def _spoiled(self, images: list[bytes], body: dict[str, Any]) -> Response:
        fault = self.fault
        if fault.isdigit():
            return JSONResponse({"error": "OutOfMemoryError", "detail": "", "errors": "no memory left"}, int(fault))
        if fault == "html":
            return Response("<html>Bad gateway</html>", media_type="text/html")
        if fault == "redirect":
            return Response(status_code=307, headers={"Location": "http://127.0.0.1:9/"})
        if fault in ("cut", "huge"):
            return StreamingResponse(_broken(fault), headers={"Content-Length": str(300_000_000)})
        replaced = {
            "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "page": b"<!doctype html><title>Sign in</title>",
            "bomb": bomb() if fault == "bomb" else b"",
        }
        images = [replaced[fault]] if fault in replaced else images
        coded: list[Any] = [base64.b64encode(content).decode() for content in images]
        shapes: dict[str, list[Any]] = {"empty": [], "number": [7], "not-base64": ["@@@"]}
        coded = shapes.get(fault, coded)
        if fault == "grid":
            coded = [base64.b64encode(encoded(painted((64, 64), "grid"))).decode(), *coded]
        info: Any = {"all_seeds": [body["seed"] + at for at in range(body["n_iter"])], "sampler_name": "Euler"}
        info |= {"index_of_first_image": int(fault == "grid"), "sd_model_name": "photo-v1"}
        written = "" if self.dialect == "sd-server" else json.dumps(info)
        return JSONResponse({"images": coded, "parameters": {}, "info": written})


def _picture(body: dict[str, Any], seed: int, half: int) -> bytes:
    said = [body.get(key) for key in ("prompt", "negative_prompt", "steps", "cfg_scale", "sampler_name")]
    picture = painted((body["width"], body["height"]), *said, seed, half)
    if "init_images" in body:
        mask = opened(base64.b64decode(body["mask"])) if "mask" in body else None
        source = base64.b64decode(body["init_images"][0])
        picture = edited(source, picture, body["denoising_strength"], mask)
    return encoded(picture)


async def _broken(fault: str) -> AsyncIterator[bytes]:
    yield b'{"images": ["'
    if fault == "cut":
        raise ConnectionResetError
    for _ in range(300):
        yield b"A" * 1_000_000


@contextmanager
def webui_stub(**options: Any) -> Iterator[WebUIStub]:
    stub = WebUIStub(**options)
    with serving(stub.app()) as served:
        stub.url = served.url
        yield stub
