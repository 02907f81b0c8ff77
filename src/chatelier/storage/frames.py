"""Messages over a pipe: one line of JSON that names the lengths, then the bytes. No pickle: what a decoder
process answers is as untrusted as the image that it read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import IO, Any

_MAX_HEAD = 1 << 16


def write_frame(pipe: IO[bytes], head: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> None:
    line = json.dumps({**head, "lengths": [len(blob) for blob in blobs]}).encode()
    pipe.write(line + b"\n")
    for blob in blobs:
        pipe.write(blob)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """The head and the blobs. Raises EOFError when the other side is gone, ValueError on nonsense."""
    line = pipe.readline(_MAX_HEAD)
    if not line.endswith(b"\n"):
        raise EOFError("the pipe is closed")
    head = json.loads(line)
    blobs = [pipe.read(length) for length in head.pop("lengths")]
    return head, blobs
