"""Words that were typed almost right: the nearest ones that their owner's images really hold."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 6  # spellings taken for one word
SHORTEST = 4  # letters; a shorter word with one wrong letter is another word


def nearest(word: str, known: Sequence[str]) -> list[str]:
    """At most six of ``known``, the closest first: one wrong letter (or two swapped), from eight letters on two.
    The word may be the beginning of one: people see results while they type. Takes milliseconds: not for the loop."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    if len(word) < SHORTEST:
        return []
    most = 1 if len(word) < 8 else 2
    lengths = (len(word), len(word) + 1)  # as much as was typed, and with a letter that was left out
    beginnings = list(dict.fromkeys(one[:length] for one in known for length in lengths if len(one) > length))
    for choices in (known, beginnings):
        found = extract(word, choices, scorer=OSA.distance, score_cutoff=most, limit=MOST, processor=None)
        if found:
            return [spelling for spelling, _, _ in found]
    return []
