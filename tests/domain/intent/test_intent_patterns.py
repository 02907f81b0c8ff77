"""The patterns that the odds learn from: all of them can be drawn, and the same way each time."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from tools.evaluation import DATA
from tools.intent_patterns import drawn


def test_each_pattern_gives_messages_and_the_same_ones_each_time() -> None:
    rows = list(drawn(DATA / "patterns.txt", 5))
    assert rows[:2000] == list(islice(drawn(DATA / "patterns.txt", 5), 2000))
    assert not [row["text"] for row in rows if set("$|()") & set(row["text"])]
    kinds = Counter(row["kind"] for row in rows)
    assert min(kinds[kind] for kind in ("chat", "generate", "edit")) > 1000
    assert all(row["history"] for row in rows if row["kind"] == "edit")
