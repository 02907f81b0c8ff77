"""Learns the odds of domain/intent/odds.py from labelled messages and writes odds.tsv beside it.

``make intent``. Read are the lines marked "tuned" in tests/domain/intent/*.jsonl, training.txt there, and messages
drawn of patterns.txt (intent_patterns.py); lines marked "held" only measure. A multinomial logistic regression, trained
by AdaGrad in a fixed order, several times with other draws and averaged; the same data give the same file. Talk is also
learned a second time as said after an image, where a wrong picture is likeliest.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatelier.domain.intent import Turn, odds
from chatelier.domain.intent.decide import Thread, signs_of
from tools.intent_patterns import drawn

DATA = Path(__file__).resolve().parent.parent / "tests" / "domain" / "intent"
KINDS = ("chat", "generate", "edit")
SEEDS = (5, 6, 7)
PASSES, RATE, DECAY = 20, 0.3, 2e-3
LEFT_OUT = 0.5  # share of the signs of a message that one pass does not see, so that none is leaned upon alone
OF_PATTERNS = 0.25  # what a message drawn of a pattern weighs beside one that somebody wrote
LEAST_SEEN = 2  # messages that must show a sign
LEAST_WEIGHT = 50  # hundredths; signs that say less are left out
AFTER_IMAGE = {"chat": 0.7, "generate": 0.3}  # share of the lines without a history that are learned again after one
PROMPTS = (
    *("a dog in a park", "a cat on a roof", "a fox in the snow", "a red car in a street", "a lighthouse on a cliff"),
    *("a boat on a lake at night", "a man on a bench", "a woman with long hair in a garden", "a robot in a kitchen"),
    *("a castle on a hill", "a mountain village in fog", "a logo for a bakery", "a poster for a concert with text"),
    *("a knight with a sword", "a girl with a red kite", "two birds on a branch", "a bowl of fruit on a table"),
    *("a dragon over a city", "a house with a green door and a fence", "a tree in a field", "a lemon tree"),
    *("a birthday cake with candles", "a horse by a river", "a portrait of a queen", "an old sailor with a pipe"),
)
TALKS = (
    ("write a poem about the sea", "The waves come home at evening, grey and slow, and tell what only sailors know."),
    ("give me three ideas for dinner", "1. Lentil soup. 2. Roasted peppers with feta. 3. Noodles with peanut sauce."),
    ("write a short story about a dog", "Bruno waited at the station every day. One winter evening the train stopped."),
    ("write a python function that adds two numbers", "def add(a, b):\n    return a + b"),
    ("draft an email about my holiday", "Dear Kim, I would like to take two weeks off in July. Best regards, Sam"),
    ("explain photosynthesis", "Plants use light to make sugar from water and carbon dioxide, and give off oxygen."),
    ("plan a weekend in Ghent", "Saturday: the castle and a boat trip. Sunday: the market and the museum."),
)
SHOWN = (
    ("What is a pangolin?", "A pangolin is a small mammal covered in scales, with a long snout and tongue."),
    ("My character is a badger blacksmith with a gold tooth", "He sounds tough but kind. Where does he live?"),
    ("Describe a floating market", "Wooden boats, piled with fruit, drift between stilt houses in the morning mist."),
    ("Ideas for a band logo?", "1. An origami tiger. 2. A burning piano. 3. A moth with a lamp."),
    ("I'm opening a tea house with moss walls and paper lamps", "That sounds calm. What will it be called?"),
    ("Tell me about Petra", "Petra is an ancient city whose facades are carved into rose-red cliffs."),
)
Row = dict[str, Any]
Floats = NDArray[np.float64]


def main() -> None:
    table = mean([learned(rows_of(seed)) for seed in SEEDS])
    odds.TABLE.write_text("".join(f"{sign}\t{new}\t{edit}\n" for sign, (new, edit) in sorted(table.items())))
    print(f"{len(table)} signs, {odds.TABLE.stat().st_size / 1000:.0f} kB")


def rows_of(seed: int) -> list[Row]:
    """All that is learned from; ``seed`` tells what is drawn of the patterns, and after which images talk stands."""
    rows = [row for row in labelled() if row["split"] == "tuned" and "accept" not in row]
    of_patterns = ({**row, "weight": OF_PATTERNS} for row in drawn(DATA / "patterns.txt", seed))
    return [*rows, *said_after_an_image(rows, seed), *written(seed), *of_patterns]


def mean(tables: Sequence[Mapping[str, Floats]]) -> dict[str, tuple[int, int]]:
    """The mean of several trainings, in hundredths: what only chance put into one of them fades."""
    found: dict[str, tuple[int, int]] = {}
    for sign in set().union(*tables):
        weights = sum((table[sign] for table in tables if sign in table), np.zeros(2))
        new, edit = np.rint(weights * odds.SCALE / len(tables)).astype(int)
        if max(abs(new), abs(edit)) >= LEAST_WEIGHT:
            found[sign] = (int(new), int(edit))
    return found


def labelled() -> Iterator[Row]:
    for path in sorted(DATA.glob("*.jsonl")):
        yield from map(json.loads, path.read_text("utf-8").splitlines())


def turns(row: Row) -> list[Turn]:
    return [Turn(role=turn["role"], kind=turn["kind"], text=turn["text"]) for turn in row["history"]]


def said_after_an_image(rows: Sequence[Row], seed: int) -> Iterator[Row]:
    chance = random.Random(seed)  # noqa: S311
    for row in rows:
        if not row["history"] and chance.random() < AFTER_IMAGE.get(row["kind"], 0):
            yield {**row, "history": after_image(chance.choice(PROMPTS))}


def written(seed: int) -> Iterator[Row]:
    """The lines of training.txt, each with a history that fits its heading."""
    chance, heading = random.Random(seed), ""  # noqa: S311
    for line in (DATA / "training.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            heading = line[2:]
        elif line and not line.startswith("#"):
            for kind, history in told(heading, line, chance):
                yield {"text": line, "kind": kind, "history": history}


def told(heading: str, line: str, chance: random.Random) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The kind and the histories of a line under ``heading``."""
    words = set(re.findall(r"\w{3,}", line.lower())) - {"the", "and", "with", "for"}
    fitting = [prompt for prompt in PROMPTS if words & set(prompt.split())] or PROMPTS
    if heading in ("chat", "generate"):
        yield heading, []
        if heading == "chat" or chance.random() < 0.4:
            yield heading, after_image(chance.choice(PROMPTS))
    elif heading in ("talk-back", "edit"):
        yield ("chat" if heading == "talk-back" else "edit"), after_image(chance.choice(fitting))
    else:
        said, answer = chance.choice(TALKS if heading == "text" else SHOWN)
        turns = [{"role": "user", "kind": "text", "text": said}, {"role": "assistant", "kind": "text", "text": answer}]
        yield ("chat" if heading == "text" else "generate"), turns


def after_image(prompt: str) -> list[dict[str, str]]:
    asked = {"role": "user", "kind": "text", "text": f"draw {prompt}"}
    return [asked, {"role": "assistant", "kind": "image", "text": prompt}]


def learned(rows: Sequence[Row]) -> dict[str, Floats]:
    """How much each sign speaks for a new image and for a change, rather than for chat."""
    shown = [sorted(signs_of(row["text"], Thread(turns(row), None))) for row in rows]
    counts = Counter(sign for found in shown for sign in found)
    index = {sign: i for i, sign in enumerate(sorted(sign for sign in counts if counts[sign] >= LEAST_SEEN))}
    places = [np.array([index[sign] for sign in found if sign in index], dtype=np.intp) for found in shown]
    told = [(KINDS.index(row["kind"]), row.get("weight", 1.0)) for row in rows]
    weights = trained(places, told, len(index))
    return {sign: weights[i, 1:] - weights[i, 0] for sign, i in index.items()}


def trained(places: Sequence[NDArray[np.intp]], told: Sequence[tuple[int, float]], size: int) -> Floats:
    """``told``: the kind of each message and what it weighs."""
    weights, squares = np.zeros((size, len(KINDS))), np.full((size, len(KINDS)), 1e-2)
    chance, seen, order = random.Random(1), np.random.default_rng(1), list(range(len(places)))  # noqa: S311
    for _ in range(PASSES):
        chance.shuffle(order)
        for i in order:
            at = places[i][seen.random(len(places[i])) >= LEFT_OUT]
            scale = 2 / np.sqrt(max(len(at), 1))
            scores = scale * weights[at].sum(axis=0)
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            kind, weight = told[i]
            shares[kind] -= 1
            slope = scale * weight * shares + DECAY * weights[at]
            squares[at] += slope * slope
            weights[at] -= RATE * slope / np.sqrt(squares[at])
    return weights


if __name__ == "__main__":
    main()
