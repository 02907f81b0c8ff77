"""Reading an OpenAI-style chat answer from bytes that any server may have sent: pure, strict where it must be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatelier.providers.base import ChatResult, FailureKind, ProviderError, ToolCall

MOST_CALLS = 8
MOST_ARGUMENTS = 20_000  # characters of one call
_REFUSALS = ("content_filter", "content_policy_violation", "moderation_blocked")


class Payloads:
    """Bytes in, JSON texts out: the data lines of an event stream, or one whole document where the server
    ignored that a stream was asked for."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._is_document: bool | None = None
        self.is_done = False  # the stream said that it is over

    def feed(self, data: bytes) -> Iterator[str]:
        self._buffer += data
        if self._is_document is None and (start := bytes(self._buffer).lstrip()):
            self._is_document = start[:1] in (b"{", b"[")
        if self._is_document:
            return
        # Only \n parts lines: str.splitlines would also part at characters that JSON may hold.
        *lines, rest = self._buffer.split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            yield from self._line(bytes(line))

    def close(self) -> Iterator[str]:
        """What is left when the connection has ended."""
        rest, self._buffer = bytes(self._buffer), bytearray()
        if self._is_document:
            self.is_done = True
            yield rest.decode("utf-8", "replace")
        else:
            yield from self._line(rest)

    def _line(self, line: bytes) -> Iterator[str]:
        name, _, value = line.strip().decode("utf-8", "replace").partition(":")
        if name not in ("data", "error"):
            return
        if value.strip() == "[DONE]":
            self.is_done = True
        elif value.strip():
            yield value.strip()


@dataclass
class Answer:
    """What the payloads of one answer add up to."""

    model: str = ""
    finish: str | None = None
    has_text: bool = False
    calls: dict[int, list[str]] = field(default_factory=dict)  # place: name and arguments, as far as they are there
    usage: dict[str, Any] = field(default_factory=dict)

    def take(self, payload: str) -> str:
        """The new text of one payload. Raises ProviderError for what is an error, a refusal or nonsense."""
        try:
            chunk = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise ProviderError(FailureKind.UNAVAILABLE, f"not JSON: {payload[:200]!r}") from error
        if not isinstance(chunk, dict):
            raise ProviderError(FailureKind.UNAVAILABLE, f"not an answer: {payload[:200]!r}")
        if chunk.get("error") or ("message" in chunk and "choices" not in chunk):
            raise failure_told(chunk.get("error") or chunk)
        if isinstance(chunk.get("usage"), dict):
            self.usage = chunk["usage"]
        if isinstance(chunk.get("model"), str):
            self.model = chunk["model"]
        text = "".join(self._choice(choice) for choice in _dicts(chunk.get("choices")) if not choice.get("index"))
        self.has_text = self.has_text or bool(text.strip())
        return text

    def result(self, *, is_done: bool, request_id: str | None) -> ChatResult:
        """The end. Raises ProviderError when there was none, or nothing was said."""
        ended = is_done or self.finish is not None
        said = self.has_text or bool(self.calls)
        if not ended and said:
            raise ProviderError(FailureKind.UNKNOWN, "the stream ended in the middle", request_id=request_id)
        if not said:
            detail = f"no text, finish {self.finish}"
            raise ProviderError(FailureKind.UNAVAILABLE, detail, billed=bool(self.usage), request_id=request_id)
        return ChatResult(
            model=self.model, request_id=request_id, truncated=self.finish == "length", usage=dict(self.usage)
        )

    def _choice(self, choice: Mapping[str, Any]) -> str:
        finish = choice.get("finish_reason")
        if finish in _REFUSALS:
            raise ProviderError(FailureKind.REFUSED, f"finish {finish}", billed=bool(self.usage))
        self.finish = finish if isinstance(finish, str) else self.finish
        said = choice.get("delta") or choice.get("message")
        if not isinstance(said, dict):
            return ""
        for place, call in enumerate(_dicts(said.get("tool_calls"))):
            self._call(call, place)
        return _text(said.get("content")) or _text(said.get("refusal"))

    def tool_calls(self) -> list[ToolCall]:
        """In the model's order; those that were cut off are left out."""
        cut = self.finish == "length"
        found = [ToolCall(name=name, arguments=arguments) for _, (name, arguments) in sorted(self.calls.items())]
        return [] if cut else [call for call in found if call.name]

    def _call(self, part: Mapping[str, Any], place: int) -> None:
        """One call, or a piece of one: names come whole, arguments in pieces."""
        index = part.get("index")
        index = index if isinstance(index, int) else place
        function = part.get("function")
        if not isinstance(function, dict) or (index not in self.calls and len(self.calls) >= MOST_CALLS):
            return
        known = self.calls.setdefault(index, ["", ""])
        name, arguments = function.get("name"), function.get("arguments")
        known[0] = known[0] or (name[:100] if isinstance(name, str) else "")
        piece = arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ""
        known[1] += piece
        if len(known[1]) > MOST_ARGUMENTS:
            raise ProviderError(FailureKind.UNAVAILABLE, "the arguments of a tool never ended")


def model_names(document: bytes) -> list[str]:
    """The ids in an answer of /v1/models, in its order; none from anything else."""
    try:
        found = json.loads(document)
    except (ValueError, RecursionError):
        return []
    models = _dicts(found.get("data")) if isinstance(found, dict) else []
    return [model["id"] for model in models if isinstance(model.get("id"), str) and model["id"]]


def failure_told(error: object) -> ProviderError:
    """The failure that a server describes in the middle of its answer."""
    told = error if isinstance(error, dict) else {"message": str(error)}
    code, detail = str(told.get("code") or told.get("type") or ""), str(told.get("message") or "")[:300]
    if code in _REFUSALS:
        return ProviderError(FailureKind.REFUSED, f"{code}: {detail}")
    kind = FailureKind.RATE_LIMITED if "rate_limit" in code or code == "429" else FailureKind.UNAVAILABLE
    return ProviderError(kind, f"{code}: {detail}")


def rejected_option(error: ProviderError, options: Mapping[str, Any]) -> str | None:
    """Which of the options a server does not know, if that is what it complains about."""
    if error.kind is not FailureKind.BAD_REQUEST:
        return None
    return next((name for name in options if re.search(rf"\b{name}\b", error.detail)), None)


def _dicts(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(content: object) -> str:
    """Plain text, or the text parts of a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in _dicts(content) if isinstance(part.get("text"), str))
