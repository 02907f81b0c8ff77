"""The odds of chat, a new image and a change, learned from labelled messages; they arbitrate where grammar is unsure.

``odds.tsv`` is written by ``make intent`` (tools/intent_model.py) from the messages in tests/domain/intent: for each
sign of signs.py, how much it speaks for a new image and for a change rather than for chat, in hundredths.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import cache
from pathlib import Path

from chatelier.domain.intent.model import Intent

TABLE = Path(__file__).with_name("odds.tsv")
SCALE = 100


class Understood(IntEnum):
    """How well the grammar understood a message."""

    BARELY = 0  # it found nothing else, or guessed
    WELL = 1
    BEYOND_DOUBT = 2  # "remove the dog from the picture"


# What the grammar's own answer weighs, by how well it understood. Chosen on the tuned lines of each writer, read by
# odds that had learned from the others.
IMAGE_WEIGHS = (2.0, 2.0, 20.0)
TALK_WEIGHS = (0.5, 2.5, 20.0)
CAUTION = 0.7  # added for chat: it takes a fifth off the talk that is painted over and costs 0.2 % of accuracy


def likely(found: Iterable[str], read: Intent, *, understood: Understood) -> tuple[Intent, float]:
    """What is meant after all, when the grammar read ``read``, and how sure that is (0..1)."""
    scores = raw(found)
    scores[Intent.CHAT] += CAUTION
    scores[read] += (TALK_WEIGHS if read is Intent.CHAT else IMAGE_WEIGHS)[understood]
    best = max(scores, key=lambda kind: scores[kind])
    return best, 1 / sum(math.exp(score - scores[best]) for score in scores.values())


def raw(found: Iterable[str]) -> dict[Intent, float]:
    """The logarithms of the odds against chat, without the grammar's answer."""
    table = _table()
    known = [table[sign] for sign in found if sign in table]
    scale = 2 / math.sqrt(max(len(known), 1)) / SCALE
    generate, edit = (scale * sum(int(weights[side]) for weights in known) for side in (0, 1))
    return {Intent.CHAT: 0.0, Intent.GENERATE: generate, Intent.EDIT: edit}


@cache
def _table() -> Mapping[str, tuple[str, str]]:
    """Read once, on the first message. The numbers stay text until they are needed: a message needs some hundred."""
    cells = TABLE.read_text("utf-8").replace("\n", "\t").split("\t")
    return dict(zip(cells[0::3], zip(cells[1::3], cells[2::3], strict=False), strict=False))
