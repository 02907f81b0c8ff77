"""Any server that speaks OpenAI's Chat Completions: OpenAI itself, Ollama, llama.cpp, vLLM, LM Studio, our own."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chatelier.providers import chat_models
from chatelier.providers.base import ChatDelta, ChatEvent, ChatMessage, ChatRequest, FailureKind, ProviderError, Tool
from chatelier.providers.chat_models import SOME_TOKENS, image_tokens, known_window, preferred
from chatelier.providers.chat_window import Room, told_window
from chatelier.providers.lifecycle import Ending
from chatelier.providers.openai_stream import Answer, Payloads, model_names, rejected_option
from chatelier.providers.openai_way import Way
from chatelier.providers.wire import is_private

if TYPE_CHECKING:
    from openai import AsyncOpenAI

AUTO = "auto"
OPENAI = "https://api.openai.com/v1"
_OTHER_USES = ("embed", "rerank", "whisper", "tts", "audio", "realtime", "transcribe", "moderation", "image", "video")


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """Seconds: until the first byte of text (a local server may load its model first), between two bytes, in all."""

    first: float = 120.0
    idle: float = 60.0
    total: float = 600.0


class OpenAIChat:
    """``base_url`` '' is OpenAI. ``model`` 'auto' or '' takes the first that the server lists, asked once.
    ``free`` None: servers at private addresses are. ``sees`` None: as is known of the model. ``window`` is in tokens,
    0: as is known of the model, else as the server says. ``max_bytes`` caps one whole answer on the wire."""

    note = ""

    def __init__(
        self,
        *,
        base_url: str = "",
        api_key: str = "",
        model: str = AUTO,
        name: str = "openai",
        label: str = "",
        free: bool | None = None,
        sees: bool | None = None,
        window: int = 0,
        max_tokens: int | None = None,
        deadlines: Deadlines = Deadlines(),
        max_bytes: int = 8_000_000,
        trust_env: bool = True,
    ) -> None:
        self._base_url = (base_url or OPENAI).rstrip("/")
        self._host = urlsplit(self._base_url).hostname or ""
        self._deadlines = deadlines
        self._way = Way(self._base_url, api_key, max_bytes=max_bytes, trust_env=trust_env)
        self._choosing = asyncio.Lock()
        self._without: set[str] = set()  # options that this server turned out not to know
        self._reasons = True  # also where tools come along
        self.name = name
        self.label = label or ("OpenAI" if self._base_url == OPENAI else self._host)
        self.default_model = model or AUTO
        self.free = is_private(self._host) if free is None else free
        self.max_tokens = max_tokens
        self._sees = sees
        self._window = window

    @property
    def image_tokens(self) -> int:
        if self._sees is False:
            return 0
        models = preferred(self._host) if self.default_model == AUTO else [self.default_model]
        known = [image_tokens(model) for model in models]
        return max(known) if known and all(known) else SOME_TOKENS if self._sees else 0

    @property
    def tools(self) -> bool:
        """Until the server says that it does not know them."""
        return "tools" not in self._without

    async def reply(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Raises ProviderError; ``sent`` is false where the server certainly did not take the request."""
        try:
            self._refuse_retired(request.model if request.model not in ("", AUTO) else self.default_model)
            client = await self._way.client()
            model = await self._model(client, request.model)
            async with aclosing(self._answers(client, request, model)) as events:
                async for event in events:
                    yield event
        except Exception as error:
            # Without its cause: a traceback with local variables would show the key.
            raise self._way.failure(error) from None

    def ending_of(self, model: str) -> Ending | None:
        return chat_models.ending_of(self._host, model)

    async def close(self) -> None:
        await self._way.close()

    async def _answers(self, client: AsyncOpenAI, request: ChatRequest, model: str) -> AsyncGenerator[ChatEvent, None]:
        """Ask, and ask again without an option that an older or newer server refuses by name, or with less of the talk
        where it was too much: what is refused so was not begun."""
        room = Room(request, self._window or known_window(model), self.image_tokens)
        while True:
            messages = await asyncio.to_thread(lambda: _messages(room.messages()))
            options = self._options(request, room.answer_limit(request.max_tokens or self.max_tokens))
            try:
                async with aclosing(self._stream(client, {"model": model, "messages": messages, **options})) as events:
                    async for event in events:
                        yield event
                return
            except Exception as error:
                failure = self._way.failure(error)
                if self._is_too_much(failure, room):
                    continue
                if self._must_not_reason(failure, options):
                    self._reasons = False
                    continue
                unknown = rejected_option(failure, options)
                if unknown is None:
                    raise failure from None
                self._without.add(unknown)

    def _refuse_retired(self, model: str) -> None:
        """Before anything is sent: the answer would be an error that says less."""
        ending = self.ending_of(model)
        if ending is None or ending.day > datetime.now(UTC).date():
            return
        gone = f"{self.label} no longer offers {model}, since {ending.day:%-d %B %Y}."
        told = f"{gone} The operator can choose {ending.replacement} instead. Nothing was charged."
        raise ProviderError(FailureKind.BAD_REQUEST, gone, sent=False, sentence=told)

    def _is_too_much(self, failure: ProviderError, room: Room) -> bool:
        """Whether to ask again with less. A window that the server states is remembered."""
        told = told_window(failure)
        if told is None:
            return False
        self._window = told or self._window
        return room.shrink(told)

    def _must_not_reason(self, failure: ProviderError, options: Mapping[str, Any]) -> bool:
        """OpenAI's own models since GPT-5.6 take tools here only if they are told not to reason."""
        named = failure.kind is FailureKind.BAD_REQUEST and "reasoning_effort" in failure.detail
        return named and self._reasons and "tools" in options

    def _options(self, request: ChatRequest, limit: int | None) -> dict[str, Any]:
        openai = self._base_url == OPENAI
        names = ("max_completion_tokens", "max_tokens") if openai else ("max_tokens", "max_completion_tokens")
        wanted = {
            "stream_options": {"include_usage": True},
            next((name for name in names if name not in self._without), names[0]): limit,
            "safety_identifier": request.user_ref if openai else "",
            "tools": [_tool(tool) for tool in request.tools],
            "reasoning_effort": "none" if request.tools and not self._reasons else None,
            "response_format": _format(request.schema) if request.schema else None,
        }
        return {name: value for name, value in wanted.items() if value and name not in self._without}

    async def _stream(self, client: AsyncOpenAI, body: dict[str, Any]) -> AsyncGenerator[ChatEvent, None]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        payloads, answer = Payloads(), Answer()
        call = client.chat.completions.with_streaming_response.create(**body, stream=True)
        async with asyncio.timeout(self._deadlines.first):
            response = await call.__aenter__()
        try:
            chunks = response.iter_bytes()
            while not payloads.is_done and (chunk := await self._next(chunks, answer, started)) is not None:
                for payload in payloads.feed(chunk):
                    if text := answer.take(payload):
                        yield ChatDelta(text=text)
            for payload in payloads.close():
                if text := answer.take(payload):
                    yield ChatDelta(text=text)
            result = answer.result(is_done=payloads.is_done, request_id=response.headers.get("x-request-id"))
            for wish in answer.tool_calls():
                yield wish
            yield result
        finally:
            await response.close()

    async def _next(self, chunks: AsyncIterator[bytes], answer: Answer, started: float) -> bytes | None:
        """The next bytes, None at the end. Raises TimeoutError."""
        now = asyncio.get_running_loop().time()
        first = started + self._deadlines.first
        until = min(now + self._deadlines.idle if answer.has_text else first, started + self._deadlines.total)
        async with asyncio.timeout_at(until):
            return await anext(chunks, None)

    async def _model(self, client: AsyncOpenAI, asked: str) -> str:
        wanted = asked if asked not in ("", AUTO) else self.default_model
        if wanted != AUTO:
            return wanted
        async with self._choosing:
            if self.default_model == AUTO:
                self.default_model = await self._first_model(client)
        return self.default_model

    async def _first_model(self, client: AsyncOpenAI) -> str:
        try:
            async with asyncio.timeout(self._deadlines.first):
                # Raw: given something other than a list of models, the SDK's own reader raises whatever it likes.
                page = await client.models.with_raw_response.list()
            listed = model_names(page.http_response.content)
        except Exception as error:
            failure = self._way.failure(error)
            failure.sent = False  # nothing was asked yet
            raise failure from None
        known = [name for name in preferred(self._host) if name in listed]
        talking = [name for name in listed if not any(word in name.lower() for word in _OTHER_USES)]
        found = next(iter([*known, *talking, *listed]), None)
        if found is None:
            raise ProviderError(FailureKind.UNAVAILABLE, "the server lists no models", sent=False)
        return found


def _messages(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """As the wire has them; in a thread, since images are packed."""
    return [{"role": message.role, "content": _content(message)} for message in messages]


def _content(message: ChatMessage) -> str | list[dict[str, Any]]:
    if not message.images:
        return message.text
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.text}]
    for image in message.images:
        url = f"data:{image.media_type};base64,{base64.b64encode(image.content).decode()}"
        parts += [{"type": "text", "text": image.label}, {"type": "image_url", "image_url": {"url": url}}]
    return parts


def _tool(tool: Tool) -> dict[str, Any]:
    told = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": told}


def _format(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)}}
