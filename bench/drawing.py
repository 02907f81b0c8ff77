"""What a picture of the illustrator costs in CPU, by size and style, drawn in this process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from bench.figures import Figure, at_most, told

PROMPTS = (
    "a cat in front of a house",
    "two dogs and a red car in the city at night",
    "a dozen birds over the sea",
    "24 butterflies in a garden",
    "a cup of coffee",
    "a rocket in space",
    "a fox in a forest in the rain",
)


def drawing() -> Iterator[Figure]:
    flat = _seconds(1024, "flat")
    yield at_most("illustrator, flat 1024x1024, CPU, slowest prompt", max(flat), 0.6, "s")
    yield told("  beside: median", f"{statistics.median(flat):.2f} s")
    yield told("  flat 2048x2048, median", f"{statistics.median(_seconds(2048, 'flat')):.2f} s")
    yield told("  watercolor 1024x1024, median", f"{statistics.median(_seconds(1024, 'watercolor')):.2f} s")


def _seconds(side: int, style: str) -> list[float]:
    """CPU seconds of each prompt, the best of three, once the words are loaded."""
    from chatelier.providers.illustrator.job import Job, run

    def once(prompt: str) -> float:
        started = time.process_time()
        for _ in run(Job(kind="generate", prompt=prompt, width=side, height=side, seed=3, style=style)):
            pass
        return time.process_time() - started

    once("a cat")
    return [min(once(prompt) for _ in range(3 if side <= 1024 else 1)) for prompt in PROMPTS]
