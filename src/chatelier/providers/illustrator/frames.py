"""Messages on the pipe between the server and a drawing process: a JSON header, then bytes."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

HEAD = struct.Struct(">II")  # lengths of header and content
LIMIT = 96 * 1024 * 1024  # bytes; a 2048 px PNG is below 20 MB


class BrokenFrame(Exception):
    """The other side sent something that is no message, or stopped in the middle of one."""


def pack(header: dict[str, Any], content: bytes = b"") -> bytes:
    encoded = json.dumps(header, separators=(",", ":"), ensure_ascii=True).encode()
    return HEAD.pack(len(encoded), len(content)) + encoded + content


def lengths(head: bytes) -> tuple[int, int]:
    header, content = HEAD.unpack(head)
    if header > LIMIT or content > LIMIT:
        raise BrokenFrame(f"lengths {header} and {content}")
    return header, content


def unpack(encoded: bytes) -> dict[str, Any]:
    try:
        header = json.loads(encoded)
    except ValueError as error:
        raise BrokenFrame("no JSON header") from error
    if not isinstance(header, dict):
        raise BrokenFrame("no JSON object")
    return header


def read(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next message, or None at the end of the pipe."""
    head = stream.read(HEAD.size)
    if not head:
        return None
    if len(head) < HEAD.size:
        raise BrokenFrame("half a head")
    header, content = lengths(head)
    body = stream.read(header + content)
    if len(body) < header + content:
        raise BrokenFrame("half a message")
    return unpack(body[:header]), body[header:]
