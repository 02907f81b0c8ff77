"""The decoder process: reads requests from standard input, answers on standard output, ends with its parent."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from chatelier.errors import ChatelierError
from chatelier.storage import imaging
from chatelier.storage.frames import read_frame, write_frame
from chatelier.storage.stored import StoredImage

BEHIND = 5  # what nice(1) takes: whoever waits for a page goes first
# They answer with bytes alone.
PLAIN: dict[str, Callable[..., bytes]] = {
    "shrink_partial": imaging.shrink_partial,
    "keep_mask": imaging.keep_mask,
}


def main() -> None:
    limit(int(sys.argv[1]))
    os.nice(BEHIND)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    write_frame(answers, {"ready": True})
    while True:
        try:
            head, (content,) = read_frame(requests)
        except EOFError:
            return
        set_alarm(head["seconds"])
        answered = answer(head["call"], content, head["options"])
        set_alarm(0)
        write_frame(answers, *answered)


def limit(memory: int) -> None:
    """Address space, core dumps and written files, where the platform knows such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def set_alarm(seconds: float) -> None:
    """End this process by SIGPROF after so many seconds of processor time; 0 calls it off."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def answer(call: str, content: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    try:
        if call in PLAIN:
            return {}, [PLAIN[call](content, **options)]
        keep = imaging.keep_upload if call == "keep_upload" else imaging.keep_produced
        return _packed(keep(content, **options))
    except ChatelierError as error:
        return {"error": type(error).__name__, "sentence": error.sentence}, []


def _packed(stored: StoredImage) -> tuple[dict[str, Any], list[bytes]]:
    values = {field.name: getattr(stored, field.name) for field in dataclasses.fields(stored)}
    blobs = {name: value for name, value in values.items() if isinstance(value, bytes)}
    plain = {name: value for name, value in values.items() if name not in blobs}
    return {"values": plain, "names": list(blobs)}, list(blobs.values())


if __name__ == "__main__":
    main()
