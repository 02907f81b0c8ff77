"""The local model's own process: llama.cpp's server on a loopback port, behind a key, for as long as its parent lives.

Told by one line of JSON on standard input: {"model", "name", "key", "threads", "slots", "context"}; tells {"url"} on
standard output. When standard input ends, so does the process.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import xllamacpp  # type: ignore[import-untyped]  # ships no types


def main() -> None:
    # Whatever the library prints must not mix with the one line that the parent reads.
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server = xllamacpp.Server(_parameters(json.loads(sys.stdin.readline())))
    print(json.dumps({"url": server.listening_address}), file=told, flush=True)
    sys.stdin.read()
    os._exit(0)  # the server's threads would keep the process for as long as they write


def _parameters(wanted: dict[str, Any]) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = wanted["model"]
    parameters.model_alias = {wanted["name"]}  # else its answers would name the file's path
    parameters.api_keys = [wanted["key"]]
    parameters.n_parallel = wanted["slots"]
    parameters.n_ctx = wanted["context"] * wanted["slots"]
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = wanted["threads"]
    parameters.ui = parameters.endpoint_slots = False
    parameters.cache_ram_mib = 0  # each slot keeps its last prompt anyway
    parameters.verbosity = 0
    _sample(parameters.sampling)
    return parameters


def _sample(sampling: Any) -> None:
    """The likeliest word each time: a model this small strays with any other, and repeats itself without a penalty."""
    sampling.temp = 0.0
    sampling.penalty_repeat = 1.05


if __name__ == "__main__":
    main()
