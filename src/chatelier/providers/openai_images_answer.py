"""Reading an OpenAI-style images answer from bytes that any server may have sent: a stream of events or one
document, whichever came. Bytes are only parted here; JSON and Base64 of megabytes are read in a thread."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chatelier.providers.base import FailureKind, ProviderError
from chatelier.providers.openai_stream import failure_told

DATA_URL = "data:"


class Pieces:
    """Bytes in, whole JSON texts out. A line may be megabytes long and come in many chunks: they are joined once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._is_document: bool | None = None

    def feed(self, chunk: bytes) -> list[bytes]:
        if self._is_document is None and (start := b"".join([*self._parts, chunk]).lstrip()):
            self._is_document = start[:1] in (b"{", b"[")
        if self._is_document or b"\n" not in chunk:
            self._parts.append(chunk)
            return []
        first, *lines, rest = chunk.split(b"\n")
        lines = [b"".join([*self._parts, first]), *lines]
        self._parts = [rest]
        return [data for line in lines if (data := _data_of(line))]

    def close(self) -> list[bytes]:
        """What is left when the connection has ended."""
        rest, self._parts = b"".join(self._parts), []
        left = rest.strip() if self._is_document else _data_of(rest)
        return [left] if left else []


def _data_of(line: bytes) -> bytes:
    name, _, value = line.strip().partition(b":")
    value = value.strip()
    return value if name in (b"data", b"error") and value != b"[DONE]" else b""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One image as it was sent: its bytes, or the address where they are."""

    content: bytes = b""
    url: str = ""
    revised_prompt: str | None = None


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What one JSON text told. ``partial`` is a rough image, ``number`` counts those."""

    images: tuple[Sent, ...] = ()
    partial: bytes = b""
    number: int = 0
    usage: Mapping[str, Any] = field(default_factory=dict)


def read_piece(text: bytes) -> Piece:
    """Raises ProviderError for what is an error, a refusal or nonsense."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProviderError(FailureKind.UNAVAILABLE, f"not JSON: {text[:200]!r}") from error
    if not isinstance(told, dict):
        raise ProviderError(FailureKind.UNAVAILABLE, f"not an answer: {text[:200]!r}")
    kind = str(told.get("type") or "")
    usage = told["usage"] if isinstance(told.get("usage"), dict) else {}
    if told.get("error") or kind == "error":
        raise failure_told(told.get("error") or told)
    if kind.endswith(".partial_image"):
        number = told.get("partial_image_index")
        return Piece(partial=_decoded(told.get("b64_json")), number=number if isinstance(number, int) else 0)
    items = told.get("data")
    found = [told] if kind.endswith(".completed") else items if isinstance(items, list) else []
    images = tuple(_image(item, bool(usage)) for item in found if isinstance(item, dict))
    return Piece(images=images, usage=usage)


def _image(item: Mapping[str, Any], billed: bool) -> Sent:
    revised = item.get("revised_prompt")
    kept = revised if isinstance(revised, str) and revised.strip() else None
    url = item.get("url")
    if isinstance(item.get("b64_json"), str) and item["b64_json"]:
        return Sent(content=_decoded(item["b64_json"], billed), revised_prompt=kept)
    if isinstance(url, str) and url.startswith(DATA_URL):
        return Sent(content=_decoded(url.partition(",")[2], billed), revised_prompt=kept)
    if isinstance(url, str) and url:
        return Sent(url=url, revised_prompt=kept)
    raise ProviderError(FailureKind.UNAVAILABLE, "an image without bytes and without an address", billed=billed)


def _decoded(text: object, billed: bool = False) -> bytes:
    """Base64, also as a data URL; what is inside is for the store to judge."""
    plain = text.partition(",")[2] if isinstance(text, str) and text.startswith(DATA_URL) else text
    try:
        return base64.b64decode(plain if isinstance(plain, str) else "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProviderError(FailureKind.UNAVAILABLE, "its Base64 is broken", billed=billed) from error
