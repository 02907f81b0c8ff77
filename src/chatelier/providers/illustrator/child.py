"""The drawing process: reads jobs from standard input, writes what becomes of them to standard output.

It ends when its input ends, so it never outlives the server. Nothing else may be printed on standard output."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any, BinaryIO

from chatelier.providers.illustrator.frames import pack, read

BEHIND = 5  # what nice(1) takes: whoever waits for a page goes first


def main() -> None:
    os.nice(BEHIND)
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        while (message := read(source)) is not None:
            _work(*message, target)
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(0)


def _work(request: dict[str, Any], content: bytes, target: BinaryIO) -> None:
    """Whatever goes wrong with one job is that job's answer; the process stays."""
    from chatelier.providers.illustrator.refusal import Refused

    try:
        from chatelier.providers.illustrator.job import Job, run

        source = int(request.pop("source_bytes", 0))
        for event in run(Job(**request, source=content[:source], mask=content[source:])):
            _send(target, {"event": event.kind, **event.meta}, event.content)
        _send(target, {"event": "done"})
    except Refused as refused:
        _send(target, {"event": "refused", "sentence": refused.sentence})
    except BrokenPipeError:
        raise
    except Exception as error:
        _send(target, {"event": "failed", "detail": f"{type(error).__name__}: {error}"[:500]})
        traceback.print_exc(limit=6)


def _send(target: BinaryIO, header: dict[str, Any], content: bytes = b"") -> None:
    target.write(pack(header, content))
    target.flush()


if __name__ == "__main__":
    main()
