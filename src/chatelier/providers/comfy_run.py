"""One prompt at a ComfyUI server, from posting it to the bytes of its images."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from chatelier.providers.base import FailureKind, PartialImage, Progress, ProviderError
from chatelier.providers.comfy_reading import Graph
from chatelier.providers.comfy_socket import Listener, open_socket
from chatelier.providers.comfy_workflow import Workflow
from chatelier.providers.studio import StudioSettings, admitted, mapping
from chatelier.providers.studio_http import StatusError, StudioHttp

# seconds between two looks at the history: while the socket tells, without it, and once it told the end
POLL_OPEN, POLL_CLOSED, POLL_ENDED = 2.0, 0.5, 0.05
_SHOWN = 300  # characters of a node's complaint


@dataclass(frozen=True, kw_only=True)
class Images:
    """What a prompt gave back, in the order of the workflow's outputs."""

    contents: list[bytes]


class Run:
    """Use it once. ``patience``: seconds the server may be out of reach before its job counts as lost. ``until``: when
    it is too late, by the loop's clock."""

    def __init__(
        self, http: StudioHttp, settings: StudioSettings, workflow: Workflow, *, patience: float, until: float
    ) -> None:
        self._http = http
        self._settings = settings
        self._workflow = workflow
        self._patience = patience
        self._until = until
        self._id = str(uuid.uuid4())
        self._posting: asyncio.Task[Any] | None = None
        self._is_taken = False
        self._is_over = False

    async def events(self, graph: Graph, n: int) -> AsyncGenerator[Progress | PartialImage | Images, None]:
        """Post ``graph`` and tell what happens; its ``n`` images come last. Raises ProviderError."""
        client = uuid.uuid4().hex
        socket = await open_socket(self._settings.base_url, client, self._settings.headers())
        try:
            body = {"prompt": graph, "client_id": client, "prompt_id": self._id}
            self._posting = asyncio.create_task(self._http.post("prompt", body, seconds=60.0))
            await asyncio.wait({self._posting})
            self._take_id()
            async with aclosing(self._watched(Listener(socket, self._id, self._workflow.samplers()))) as seen:
                async for event in seen:
                    yield event
            yield Images(contents=await self._fetched(n))
        except ProviderError as error:
            error.sent = error.sent or self._is_taken
            raise
        finally:
            if socket is not None:
                await socket.close()

    async def stop(self) -> None:
        """Take the prompt out of the queue, or interrupt it where it runs; never somebody else's."""
        if self._posting is None or self._is_over:
            return
        if not self._posting.done():
            await asyncio.wait({self._posting}, timeout=5.0)
            self._posting.cancel()
        if self._posting.done() and not self._posting.cancelled() and self._posting.exception() is None:
            self._id = str(mapping(self._posting.result()).get("prompt_id") or self._id)
        await self._http.post("queue", {"delete": [self._id]})
        if self._id in _ids(mapping(await self._http.get("queue")).get("queue_running")):
            await self._http.post("interrupt", {"prompt_id": self._id})

    def _take_id(self) -> None:
        assert self._posting
        try:
            answer = mapping(self._posting.result())
        except StatusError as error:
            self._is_over = True
            raise _told(error, self._workflow) from None
        except ProviderError as error:
            self._is_over = not error.sent
            raise
        if not answer.get("prompt_id"):
            self._is_over = True
            raise ProviderError(FailureKind.UNAVAILABLE, "the server took the workflow without giving it a number")
        self._is_taken = True
        self._id = str(answer["prompt_id"])  # older servers choose it themselves

    async def _watched(self, listener: Listener) -> AsyncGenerator[Progress | PartialImage, None]:
        """Until the history has an answer. Raises ProviderError when the job fails or is lost."""
        clock = asyncio.get_running_loop().time
        looked = reached = clock()
        while not self._is_over:
            if clock() > self._until:
                raise ProviderError(FailureKind.TIMED_OUT, "the deadline passed before the images were there")
            every = POLL_OPEN if listener.is_open else POLL_CLOSED
            if listener.is_over:
                await asyncio.sleep(POLL_ENDED)
            else:
                for seen in await listener.next(POLL_CLOSED):
                    yield seen
                if not listener.is_over and clock() < looked + every:
                    continue
            looked = clock()
            try:
                self._is_over = await self._is_answered()
                reached = clock()
            except ProviderError as error:
                if self._is_over or _is_final(error):
                    raise
                if clock() > reached + self._patience:
                    detail = f"the server went away while it painted: {error.detail}"
                    raise ProviderError(FailureKind.UNKNOWN, detail) from None

    async def _is_answered(self) -> bool:
        """Whether the job ended well. Raises ProviderError when it ended otherwise, or is not there any more."""
        if await self._entry():
            return True
        queue = mapping(await self._http.get("queue"))
        if self._id in {*_ids(queue.get("queue_running")), *_ids(queue.get("queue_pending"))}:
            return False
        if await self._entry():  # it ended between the two questions
            return True
        self._is_over = True
        raise ProviderError(FailureKind.UNAVAILABLE, "the server no longer knows this job: was it restarted?")

    async def _entry(self) -> Mapping[str, Any] | None:
        entry = mapping(mapping(await self._http.get(f"history/{self._id}")).get(self._id))
        status = mapping(entry.get("status"))
        if entry and status.get("status_str") == "error":
            self._is_over = True
            raise ProviderError(FailureKind.UNAVAILABLE, _complaint(status.get("messages")))
        return entry or None

    async def _fetched(self, n: int) -> list[bytes]:
        outputs = mapping((await self._entry() or {}).get("outputs"))
        contents: list[bytes] = []
        for node in [*self._workflow.outputs, *(() if self._workflow.outputs else outputs)]:
            images = mapping(outputs.get(node)).get("images")
            for image in images if isinstance(images, list) else ():
                if len(contents) < n:
                    contents.append(await self._viewed(mapping(image)))
            if contents:
                break
        if not contents:
            raise ProviderError(FailureKind.UNAVAILABLE, "the workflow ended without an image")
        return contents

    async def _viewed(self, image: Mapping[str, Any]) -> bytes:
        where = {key: str(image.get(key, "")) for key in ("filename", "subfolder", "type")}
        return admitted(await self._http.get_bytes("view", where))


def _is_final(error: ProviderError) -> bool:
    """Whether asking again is of no use: the server itself refused, and no proxy in front of one that restarts."""
    return isinstance(error, StatusError) and error.status < 500


def _ids(entries: object) -> set[str]:
    """The prompts of a queue: each entry is a list whose second item is the id."""
    listed = entries if isinstance(entries, list) else []
    return {str(entry[1]) for entry in listed if isinstance(entry, list) and len(entry) > 1}


def _told(error: StatusError, workflow: Workflow) -> ProviderError:
    """A refused workflow in words: which node, which input, why."""
    body = mapping(error.body)
    if error.kind is not FailureKind.BAD_REQUEST:
        return error
    why = mapping(body.get("error"))
    said = [str(part) for part in (why.get("message") or body.get("error"), why.get("details")) if part]
    for node, problem in mapping(body.get("node_errors")).items():
        title = mapping(mapping(workflow.graph.get(node)).get("_meta")).get("title") or mapping(problem).get(
            "class_type"
        )
        wrong = mapping(problem).get("errors")
        for one in map(mapping, wrong if isinstance(wrong, list) else ()):
            said.append(f"{title} (node {node}): {one.get('message')}: {one.get('details')}"[:_SHOWN])
    return ProviderError(FailureKind.BAD_REQUEST, "; ".join(said)[:1000] or error.detail, sent=False)


def _complaint(messages: object) -> str:
    """What went wrong in a run, from its messages in the history: pairs of an event and its data."""
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, list) and len(message) == 2:
            event, data = message[0], mapping(message[1])
            if event == "execution_error":
                return f"{data.get('node_type')}: {data.get('exception_message')}"[:_SHOWN]
            if event == "execution_interrupted":
                return "it was interrupted at the server"
    return "the workflow failed"
