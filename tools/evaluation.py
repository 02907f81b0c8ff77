"""Measures how well messages are understood and writes the tables of docs/evaluation.md.

``make evaluation`` measures tests/domain/intent/*.jsonl; ``make evaluation ARGS="other.jsonl"`` also files of the same
format. Every figure stands with its 95 % interval (Wilson). Failures of lines marked "held" are counted, never shown.
"""

from __future__ import annotations

import json
import math
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatelier.domain.intent import Decision, Intent, Turn, decide
from chatelier.errors import ChatelierError

HOME = Path(__file__).resolve().parent.parent
PAGE = HOME / "docs" / "evaluation.md"
DATA = HOME / "tests" / "domain" / "intent"
BEGIN, END = "<!-- figures: made by make evaluation -->", "<!-- end of figures -->"
NAMES = {"messages": "own"}
FEWEST = 12  # held lines that a tag needs for a row of its own
Row = dict[str, Any]


@dataclass
class Score:
    lines: int = 0
    right: int = 0
    talk: int = 0
    hijacked: int = 0
    words: int = 0
    kept: int = 0
    abroad: int = 0
    abroad_right: int = 0
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        got = answer(row)
        kind = got.kind if got else Intent.CHAT
        accepted = row.get("accept") or [row["kind"]]
        right = kind in accepted
        self.lines += 1
        self.right += right
        self.talk += accepted == ["chat"]
        self.hijacked += accepted == ["chat"] and not right
        self.abroad += "multilingual" in row["tags"] or any(tag.startswith("lang_") for tag in row["tags"])
        self.abroad_right += right and any(tag.startswith("lang_") for tag in row["tags"])
        self.confusion[kind if right else row["kind"], kind] += 1
        if right and got and kind is not Intent.CHAT:
            self.words += len(row["prompt_must_contain"])
            self.kept += sum(keeps(got.prompt, entry) for entry in row["prompt_must_contain"])
        if not right:
            self.wrong.append(f"{row['id']} {row['text']!r}: {kind}, not {row['kind']}")


def main() -> None:
    page = PAGE.read_text("utf-8")
    head, tail = page[: page.index(BEGIN)], page[page.index(END) :]
    groups = dict(grouped([*sorted(DATA.glob("*.jsonl")), *map(Path, sys.argv[1:])]))
    scores = {name: scored(rows) for name, rows in groups.items()}
    held = scored([row for name, rows in groups.items() if name.endswith("held") for row in rows])
    parts = (
        overview({**scores, "**all held**": held}),
        confusion(held),
        by_tag(groups),
        speed(groups),
        failures(groups),
    )
    PAGE.write_text(f"{head}{BEGIN}\n{chr(10).join(parts)}{tail}", "utf-8")
    print(overview({**scores, "all held": held}))


def rows_of(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def grouped(paths: Iterable[Path]) -> Iterator[tuple[str, list[Row]]]:
    """The lines by file or fresh set, and by split where there is one."""
    groups: dict[str, list[Row]] = {}
    for path in paths:
        for row in rows_of(path):
            name = row["id"].split("-")[0] if path.stem.startswith("fresh") else NAMES.get(path.stem, path.stem)
            groups.setdefault(" ".join(filter(None, (name, row.get("split")))), []).append(row)
    yield from sorted(groups.items())


def scored(rows: Iterable[Row]) -> Score:
    score = Score()
    for row in rows:
        score.add(row)
    return score


def answer(row: Row) -> Decision | None:
    """None when the message is refused with a sentence."""
    try:
        return decide(row["text"], turns(row))
    except ChatelierError:
        return None


def turns(row: Row) -> list[Turn]:
    return [Turn(role=turn["role"], kind=turn["kind"], text=turn["text"]) for turn in row["history"]]


def folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in apart if not unicodedata.combining(c))


def keeps(prompt: str, entry: str) -> bool:
    """``entry`` is words with "|" between alternatives; a final "*" stands for any ending."""
    return any(_keeps(folded(prompt), folded(word)) for word in entry.split("|"))


def _keeps(prompt: str, word: str) -> bool:
    if not word.isascii():
        return word.removesuffix("*") in prompt
    ending = r"\w*" if word.endswith("*") else r"(?:'?e?s)?"
    return bool(re.search(rf"\b{re.escape(word.removesuffix('*'))}{ending}\b", prompt))


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not whole:
        return 0.0, 1.0
    z, share = 1.96, part / whole
    middle = share + z * z / (2 * whole)
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return max(0.0, (middle - spread) / (1 + z * z / whole)), min(1.0, (middle + spread) / (1 + z * z / whole))


def share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    low, high = wilson(part, whole)
    return f"{100 * part / whole:.1f} ({100 * low:.1f}–{100 * high:.1f})"


def overview(scores: dict[str, Score]) -> str:
    rows = [
        f"| {name} | {score.lines} | {share(score.right, score.lines)} | {share(score.hijacked, score.talk)} "
        f"| {share(score.kept, score.words)} | {share(score.abroad_right, score.abroad)} |"
        for name, score in scores.items()
    ]
    head = (
        "| set | lines | accuracy, % | talk painted over, % | words kept, % | other languages, % |\n| --- "
        + "| --- " * 5
    )
    return "\n".join(("## Figures", f"{head}|", *rows, ""))


def confusion(score: Score) -> str:
    rows = (
        f"| {meant} | " + " | ".join(str(score.confusion[meant, read]) for read in Intent) + " |" for meant in Intent
    )
    head = "| meant | " + " | ".join(f"read as {kind}" for kind in Intent) + " |\n| --- " + "| --- " * 3 + "|"
    return "\n".join(("## Confusion, all held lines", head, *rows, ""))


def by_tag(groups: dict[str, list[Row]]) -> str:
    tagged: dict[str, list[Row]] = {}
    for name, rows in groups.items():
        for row in rows if name.endswith("held") else ():
            for tag in row["tags"]:
                tagged.setdefault(tag, []).append(row)
    scores = {tag: scored(rows) for tag, rows in sorted(tagged.items()) if len(rows) >= FEWEST}
    drawn = (f"| {tag} | {score.lines} | {share(score.right, score.lines)} |" for tag, score in scores.items())
    return "\n".join(("## By tag, held lines", "| tag | lines | accuracy, % |\n| --- | --- | --- |", *drawn, ""))


def speed(groups: dict[str, list[Row]]) -> str:
    """Of one decision, history included: CPU time, so that a busy machine does not count."""
    spans = []
    for row in (row for rows in groups.values() for row in rows):
        history = turns(row)
        begun = time.thread_time()
        with suppress(ChatelierError):
            decide(row["text"], history)
        spans.append(1000 * (time.thread_time() - begun))
    spans.sort()
    median, late = spans[len(spans) // 2], spans[int(0.95 * len(spans))]
    return (
        f"## Time\nOne decision, measured on {len(spans)} messages: median {median:.2f} ms, p95 {late:.2f} ms of CPU.\n"
    )


def failures(groups: dict[str, list[Row]]) -> str:
    """Lines that the rules may be tuned on and that are still read wrongly: accepted, because what would mend them
    would harm others."""
    tuned: Sequence[Row] = [row for name, rows in groups.items() if name.endswith("tuned") for row in rows]
    wrong = (re.sub(r"\s+", " ", line).replace("|", "\\|") for line in scored(tuned).wrong)
    return "\n".join(("## Accepted failures", *(f"- {line[:200]}" for line in wrong), ""))


if __name__ == "__main__":
    main()
