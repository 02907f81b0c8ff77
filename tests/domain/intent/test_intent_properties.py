"""What holds for any text at all."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatelier.domain.intent import Decision, Intent, Turn, decide
from chatelier.errors import ChatelierError

WORDS = """
draw paint make a an the picture of image it them one more darker with without and but
, . ? ! : " ( /imagine --ar --n 16:9
2 #1 #99 please can you i want like no not another same first second that looks show me
how what to change replace by into
dibuja una imagen de peux-tu mach mir ein Bild 画 一只 猫 を 描いて の絵 して
""".split()
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
TURNS = st.builds(
    Turn,
    role=st.sampled_from(["user", "assistant"]),
    kind=st.sampled_from(["text", "image"]),
    text=TEXTS,
    handle=st.one_of(st.none(), st.integers(1, 5)),
)
HARD = """
a_ draw_ x ,_ ( " make_it_ --ar_ --no_a_ 1:2_ in_ 画
の絵 把 please_ . ?! the_ remove_the_ change_the_sky_to_ same_but_ and_
[a]( ' draw_this:_ /imagine_ #1_
""".split()
HARD = [*(piece.replace("_", " ") for piece in HARD), "\n", " "]


@settings(deadline=None, max_examples=250)
@given(text=TEXTS, history=st.lists(TURNS, max_size=5), forced=st.sampled_from([None, None, *Intent]))
@example(text="draw", history=[], forced=Intent.GENERATE)
@example(text="\x00", history=[], forced=None)
def test_any_text_is_decided_or_refused_with_a_sentence(text: str, history: list[Turn], forced: Intent | None) -> None:
    first = outcome(text, history, forced)
    assert first == outcome(text, history, forced)
    if isinstance(first, str):
        assert first
        return
    assert 0 <= first.confidence <= 1
    assert first.reason
    assert len(first.subject) <= 60
    assert len(first.prompt) <= 32_000
    assert forced is None or first.kind is forced
    if first.kind is Intent.CHAT:
        assert (first.prompt, first.instruction, first.target_handles) == ("", "", ())
    if first.kind is Intent.GENERATE:
        assert first.prompt.strip()
    if first.kind is Intent.EDIT:
        assert first.variation == (not first.instruction)
        assert set(first.target_handles) <= {turn.handle for turn in history}


def outcome(text: str, history: Sequence[Turn], forced: Intent | None) -> Decision | str:
    try:
        return decide(text, history, forced=forced)
    except ChatelierError as error:
        return error.sentence


@pytest.mark.parametrize("start", ["", "make it ", "/imagine "])
@pytest.mark.parametrize("piece", HARD, ids=repr)
def test_no_text_of_any_length_takes_long(piece: str, start: str) -> None:
    """The bound is loose on purpose: what it must catch takes seconds or minutes."""
    history = [
        Turn(role="user", kind="text", text=piece * 8000),
        Turn(role="assistant", kind="image", text=piece * 8000),
    ]
    for length in (5_900, 32_000):
        before = time.thread_time()
        outcome((start + piece * length)[:length], history, None)
        assert time.thread_time() - before < 0.5


def test_the_work_does_not_grow_with_the_length_of_the_talk() -> None:
    """Counted in calls, not seconds: a thread of 400 turns costs no more than one of 40."""
    turns = [
        Turn(role="user", kind="text", text="Foxes are red. " * 50),
        Turn(role="assistant", kind="image", text="a fox"),
    ]
    assert calls(turns * 200) <= calls(turns * 20) + 2_000


def calls(history: Sequence[Turn]) -> int:
    count = 0

    def tick(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(tick)
    try:
        decide("make it darker", history)
    finally:
        sys.setprofile(None)
    return count


def test_the_package_is_pure_and_quick_to_import() -> None:
    script = (
        "import time, sys, re, dataclasses, enum, typing, difflib, chatelier.providers.base, chatelier.errors\n"
        "known = set(sys.modules); start = time.process_time()\n"
        "import chatelier.domain.intent\n"
        "print(time.process_time() - start)\n"
        "print([name for name in set(sys.modules) - known if not name.startswith('chatelier.domain')\n"
        "       and name.split('.')[0] not in sys.stdlib_module_names])"
    )
    seconds = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        took, brought = done.stdout.splitlines()
        assert brought == "[]"
        seconds.append(float(took))
    assert min(seconds) < 0.2  # 0.05 on a quiet machine


@pytest.mark.parametrize(
    "letters", ["a" * 32_000, "er" * 16_000, "A" * 500 + "!", "ьь" * 9_000, "longe" + "r" * 30_000]
)
def test_one_word_of_any_length_is_talk(letters: str) -> None:
    assert decide(letters).kind is Intent.CHAT
    assert decide(f"make it {letters}", [Turn(role="assistant", kind="image", text=letters[:600])]).prompt is not None
