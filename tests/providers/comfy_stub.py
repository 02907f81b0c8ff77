"""A ComfyUI server as its protocol is: a queue, a websocket, a history, uploads, and the nodes of our workflows run.

Marks in the prompt: ``slow`` takes many steps, ``stuck`` never ends one, ``breaks`` fails in the sampler. ``fault``
spoils what is said or served; ``drop_socket`` closes the websocket after so many steps.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import struct
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.providers import comfy_nodes as nodes
from tests.providers.studio_stub import bomb, encoded, painted, serving


@dataclass
class Waiting:
    prompt_id: str
    graph: dict[str, Any]
    client_id: str


@dataclass
class ComfyStub:
    credentials: str = ""  # name:password
    fault: str = ""
    old: bool = False  # chooses the ids itself, and interrupts whatever runs
    drop_socket: int = 0
    port: int = 0
    url: str = ""
    leave: Callable[[], None] = lambda: None
    asked: list[dict[str, Any]] = field(default_factory=list)  # graphs
    interrupts: list[Any] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)  # how each run ended
    uploads: dict[str, bytes] = field(default_factory=dict)
    looks: int = 0  # at the history
    hold: bool = False  # the queue does not move

    def __post_init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        """As after a restart."""
        self.pending: list[Waiting] = []
        self.running: Waiting | None = None
        self.history: dict[str, Any] = {}
        self.sockets: dict[str, WebSocket] = {}
        self.flags: set[str] = set()
        self.outputs: dict[str, bytes] = {}
        self._interrupted = False
        self._numbers = itertools.count(1)

    def restart(self) -> None:
        self._interrupted = True
        self.running = None
        self.pending.clear()
        self.history.clear()

    def app(self) -> Starlette:
        known = {
            "/prompt": ("POST", self.prompt),
            "/queue": ("GET", self.queue),
            "/interrupt": ("POST", self.interrupt),
            "/history/{prompt_id}": ("GET", self.show_history),
            "/object_info/{kind}": ("GET", self.object_info),
            "/view": ("GET", self.view),
            "/upload/image": ("POST", self.upload_image),
            "/upload/mask": ("POST", self.upload_mask),
        }
        routes: list[Any] = [Route(path, self._guarded(call), methods=[verb]) for path, (verb, call) in known.items()]
        routes += [Route("/queue", self._guarded(self.change_queue), methods=["POST"])]
        return Starlette(routes=[*routes, WebSocketRoute("/ws", self.socket)])

    async def prompt(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body["prompt"])
        if self.fault.isdigit():
            return JSONResponse({"error": "broken"}, int(self.fault))
        if self.fault == "no-id":
            return JSONResponse({})
        errors = nodes.problems(body["prompt"], self.uploads)
        if errors:
            why = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation"}
            return JSONResponse({"error": {**why, "details": "", "extra_info": {}}, "node_errors": errors}, 400)
        prompt_id = str(uuid.uuid4()) if self.old else body.get("prompt_id") or str(uuid.uuid4())
        self.pending.append(Waiting(prompt_id, body["prompt"], body.get("client_id", "")))
        self._moving = asyncio.create_task(self._move())
        return JSONResponse({"prompt_id": prompt_id, "number": next(self._numbers), "node_errors": {}})

    async def queue(self, _: Request) -> Response:
        running = [[0, self.running.prompt_id, {}, {}, []]] if self.running else []
        return JSONResponse(
            {"queue_running": running, "queue_pending": [[1, one.prompt_id, {}, {}, []] for one in self.pending]}
        )

    async def change_queue(self, request: Request) -> Response:
        for prompt_id in (await request.json()).get("delete", []):
            self.deleted += [one.prompt_id for one in self.pending if one.prompt_id == prompt_id]
            self.pending = [one for one in self.pending if one.prompt_id != prompt_id]
        return Response()

    async def interrupt(self, request: Request) -> Response:
        wanted = json.loads(await request.body() or b"{}").get("prompt_id")
        self.interrupts.append(wanted)
        if self.running and (self.old or wanted in (None, self.running.prompt_id)):
            self._interrupted = True
        return Response()

    async def show_history(self, request: Request) -> Response:
        self.looks += 1
        prompt_id = request.path_params["prompt_id"]
        return JSONResponse({prompt_id: self.history[prompt_id]} if prompt_id in self.history else {})

    async def object_info(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        return JSONResponse({kind: nodes.INFO[kind]} if kind in nodes.INFO else {})

    async def view(self, request: Request) -> Response:
        if self.fault == "cut":
            return StreamingResponse(_cut(), headers={"Content-Length": "1000000"})
        if self.fault == "huge":
            return StreamingResponse(_huge(), headers={"Content-Length": str(300_000_000)})
        spoiled = {
            "page": b"<!doctype html>",
            "svg": b"<svg xmlns='x'/>",
            "bomb": bomb() if self.fault == "bomb" else b"",
        }
        content = spoiled.get(self.fault) or self.outputs.get(request.query_params["filename"])
        return Response(content, media_type="image/png") if content else Response(status_code=404)

    async def upload_image(self, request: Request) -> Response:
        async with request.form() as form:
            return await self._stored(form, await form["image"].read())  # type: ignore[union-attr]

    async def upload_mask(self, request: Request) -> Response:
        async with request.form() as form:
            original = json.loads(str(form["original_ref"]))
            before = self.uploads[f"{original['subfolder']}/{original['filename']} [{original['type']}]"]
            masked = nodes.with_alpha(before, await form["image"].read())  # type: ignore[union-attr]
            return await self._stored(form, masked)

    async def _stored(self, form: Any, content: bytes) -> Response:
        name, subfolder, kind = form["image"].filename, form["subfolder"], form["type"]
        self.uploads[f"{subfolder}/{name} [{kind}]"] = content
        return JSONResponse({"name": name, "subfolder": subfolder, "type": kind})

    async def socket(self, websocket: WebSocket) -> None:
        if self.fault == "no-socket" or not self._may(websocket.headers.get("authorization")):
            await websocket.close()
            return
        await websocket.accept()
        client = websocket.query_params["clientId"]
        self.sockets[client] = websocket
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                message = json.loads(await websocket.receive_text())
                if message["type"] == "feature_flags" and message["data"].get("supports_preview_metadata"):
                    self.flags.add(client)
        self.sockets.pop(client, None)

    def _may(self, authorization: str | None) -> bool:
        wanted = "Basic " + base64.b64encode(self.credentials.encode()).decode()
        return not self.credentials or authorization == wanted

    def _guarded(self, call: Any) -> Any:
        async def guarded(request: Request) -> Response:
            if not self._may(request.headers.get("authorization")):
                return JSONResponse({"detail": "Unauthorized"}, 401)
            answer: Response = await call(request)
            return answer

        return guarded

    async def _move(self) -> None:
        """Work on the queue, one prompt at a time."""
        while self.hold or self.running:  # noqa: ASYNC110  # changed by a test in another thread
            await asyncio.sleep(0.005)
        if not self.pending:
            return
        self.running, self._interrupted = self.pending.pop(0), False
        job = self.running
        await self._say(job, "execution_start")
        ending, outputs, messages = "execution_success", {}, []
        try:
            outputs = await self._run(job)
        except InterruptedError:
            ending = "execution_interrupted"
        except RuntimeError as error:
            ending = "execution_error"
            messages = [[ending, {"node_type": "KSampler", "exception_message": str(error)}]]
        self.ended.append(ending)
        if self.running is not job:  # restarted meanwhile
            return
        messages = messages or [[ending, {}]]
        status = "success" if ending == "execution_success" else "error"
        told = {"status_str": status, "completed": status == "success", "messages": messages}
        self.history[job.prompt_id] = {"prompt": [], "outputs": outputs, "status": told}
        self.running = None
        if self.fault != "silent":
            await self._say(job, ending)
            await self._say(job, "executing", node=None)

    async def _run(self, job: Waiting) -> dict[str, Any]:
        text = str(nodes.words_of(job.graph))
        sampler = next(name for name, node in job.graph.items() if node["class_type"] == "KSampler")
        await self._say(job, "executing", node=sampler)
        steps = 20 if "slow" in text else 4
        step = 0
        while step < steps:
            await asyncio.sleep(0.05 if "slow" in text else 0.01)
            if self._interrupted:
                raise InterruptedError
            step += "stuck" not in text
            await self._say(job, "progress", value=step, max=steps, node=sampler)
            await self._preview(job, step)
            if step == self.drop_socket and job.client_id in self.sockets:
                await self.sockets.pop(job.client_id).close()
        if "breaks" in text:
            raise RuntimeError("Allocation on device")
        images = await asyncio.to_thread(nodes.run, job.graph, self.uploads)
        outputs: dict[str, Any] = {}
        for node, contents in images.items():
            names = [f"{uuid.uuid4().hex}.png" for _ in contents]
            self.outputs |= dict(zip(names, contents, strict=True))
            kind = "temp" if job.graph[node]["class_type"] == "PreviewImage" else "output"
            outputs[node] = {"images": [{"filename": name, "subfolder": "", "type": kind} for name in names]}
        return {} if self.fault == "empty" else outputs

    async def _say(self, job: Waiting, kind: str, **data: Any) -> None:
        socket = self.sockets.get(job.client_id)
        if socket is not None:
            with contextlib.suppress(Exception):
                await socket.send_text(json.dumps({"type": kind, "data": {**data, "prompt_id": job.prompt_id}}))

    async def _preview(self, job: Waiting, step: int) -> None:
        socket = self.sockets.get(job.client_id)
        if socket is None:
            return
        kind, number = ("JPEG", 1) if step % 2 else ("PNG", 2)
        image = encoded(painted((32, 32), job.prompt_id, step), kind)
        message = struct.pack(">II", 1, number) + image
        if job.client_id in self.flags:
            about = json.dumps({"prompt_id": job.prompt_id, "image_type": f"image/{kind.lower()}"}).encode()
            message = struct.pack(">II", 4, len(about)) + about + image
        with contextlib.suppress(Exception):
            await socket.send_bytes(message)


async def _cut() -> AsyncIterator[bytes]:
    yield b"\x89PNG"
    raise ConnectionResetError


async def _huge() -> AsyncIterator[bytes]:
    for _ in range(300):
        yield b"\x89PNG" * 250_000


@contextmanager
def comfy_stub(**options: Any) -> Iterator[ComfyStub]:
    stub = ComfyStub(**options)
    with serving(stub.app(), stub.port) as served:
        stub.url, stub.leave = served.url, served.leave
        yield stub
