"""Generations: one request for images with one lifecycle. Each file is a verb."""

from chatelier.domain.generations.cancel import cancel_generation
from chatelier.domain.generations.find import find_generation, load_generation, queue_position
from chatelier.domain.generations.request import request_generation, retry_generation
from chatelier.domain.generations.run import run_generation
from chatelier.domain.generations.stages import STAGE_WORDS, STAGES

__all__ = [
    "STAGES",
    "STAGE_WORDS",
    "cancel_generation",
    "find_generation",
    "load_generation",
    "queue_position",
    "request_generation",
    "retry_generation",
    "run_generation",
]
