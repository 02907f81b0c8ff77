"""The stages everybody sees, in percent. Progress never falls; generating moves from 30 to 80 by the provider."""

from __future__ import annotations

STAGES = {"queued": 10, "initializing": 30, "generating": 60, "processing": 80, "saving": 90, "complete": 100}
STAGE_WORDS = {
    "queued": "Waiting for a free place",
    "initializing": "Getting ready",
    "generating": "Painting",
    "processing": "Looking it over",
    "saving": "Saving",
    "complete": "Done",
}


def painting_progress(fraction: float) -> int:
    """Percent for a provider's own 0..1; what it reports is not trusted to be in range."""
    return 30 + round(50 * min(1.0, max(0.0, fraction)))
