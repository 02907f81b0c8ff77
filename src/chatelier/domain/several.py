"""Several pictures for an engine that can look at fewer: it takes what it can, and the words of the others come along
where they belong into one picture. Which ones it took is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chatelier.db.models import Image
from chatelier.domain.decisions import Draft, Judged
from chatelier.providers import Engine

TOGETHER = re.compile(
    r"\b(?:together|combin\w+|merg\w+|mix\w*|blend\w*|join\w*|side by side|in(?:to)? (?:one|a single|the same)"
    r"|with each other|next to each other)\b",
    re.IGNORECASE,
)
TOOK = "{label} works from {most} at a time: it took {taken}{rest}."


def fitted(judged: Judged, engine: Engine, draft: Draft) -> Judged:
    """The same where the engine can look at all of them. A program that names too many is not fitted: it is refused."""
    can, decision = engine.capabilities, judged.decision
    most = can.max_sources if can.edit else 1
    if len(judged.sources) <= most or most < 1 or (draft.source_image_ids and not draft.personal):
        return judged
    ordered = sorted(judged.sources, key=lambda image: not (image.meant and decision.prompt.startswith(image.meant)))
    taken, left = ordered[:most], ordered[most:]
    words = " and ".join(image.meant for image in left if image.meant)
    joined = bool(words) and (not can.edit or bool(TOGETHER.search(draft.text)))
    rest = f", and {_names(left)} in words" if joined else f". For {_names(left)}, ask once more"
    pictures = "one picture" if most == 1 else f"{most} pictures"
    told = TOOK.format(label=engine.provider.label, most=pictures, taken=_names(taken), rest=rest)
    if joined:
        instruction = f"{decision.instruction}, and add {words}" if decision.instruction else f"add {words}"
        base = taken[0].meant if "#" in decision.prompt else decision.prompt
        decision = replace(decision, prompt=f"{base}, together with {words}", instruction=instruction)
    decision = replace(decision, reason=f"{decision.reason} {told}", variation=decision.variation and not joined)
    return replace(judged, sources=taken, decision=decision)


def _names(images: Sequence[Image]) -> str:
    return " and ".join(f"#{image.handle}" for image in images)
