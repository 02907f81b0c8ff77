"""Steps back make an earlier image the current one; nothing is painted."""

from __future__ import annotations

import pytest

from chatelier.domain.intent import Answer, Intent, Turn, decide
from chatelier.errors import NoSourceImage


def said(text: str) -> Turn:
    return Turn(role="user", kind="text", text=text)


def shown(text: str, handle: int, parent: int | None = None) -> Turn:
    return Turn(role="assistant", kind="image", text=text, handle=handle, parent=parent)


# #1 became #2, then #1 became #3: going back from #3 leads to #1.
FORK = [
    said("draw a barn"),
    shown("a barn", 1),
    said("make it night"),
    shown("a barn, at night", 2, 1),
    said("make the first one red"),
    shown("a red barn", 3, 1),
]


@pytest.mark.parametrize(
    "text",
    [
        "undo",
        "Undo that, please",
        "go back",
        "no, go back",
        "go back to the previous version",
        "revert the last change",
        "put it back to how it was before",
        "I liked the previous one better",
        "ctrl+z",
        "deshacer",
        "vuelve a la anterior",
        "annule ça",
        "mach das rückgängig",
        "desfaz isso",
        "元に戻してください",
        "撤销",
    ],
)
def test_going_back_leads_to_what_the_image_was_made_from(text: str) -> None:
    decision = decide(text, FORK, current_handle=3)
    assert (decision.kind, decision.answer, decision.target_handles) == (Intent.EDIT, Answer.RESTORE, (1,))
    assert "going back to #1" in decision.reason


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        ("go back to #2", 2),
        ("restore #2", 2),
        ("back to image 2", 2),
        ("use the second one again", 2),
        ("make #2 the current one", 2),
        ("revert to the original", 1),
        ("bring back the first one", 1),
    ],
)
def test_going_back_to_the_one_that_is_named(text: str, handle: int) -> None:
    assert decide(text, FORK, current_handle=3).target_handles == (handle,)


@pytest.mark.parametrize(
    ("text", "handles", "instruction"),
    [
        ("bring back the first one but at night", (1,), "at night"),
        ("go back to #2 and make it snow", (2,), "make it snow"),
        ("the one before that, but in red", (2,), "in red"),
        ("both of them but blue", (2, 3), "blue"),
        ("all of them in watercolor", (1, 2, 3), "in watercolor"),
        ("#1 and #2 but at night", (1, 2), "at night"),
        ("the first one, at sunset", (1,), "at sunset"),
    ],
)
def test_going_back_with_a_change_is_a_change(text: str, handles: tuple[int, ...], instruction: str) -> None:
    decision = decide(text, FORK, current_handle=3)
    assert (decision.kind, decision.answer) == (Intent.EDIT, None)
    assert (decision.target_handles, decision.instruction) == (handles, instruction)


def test_without_an_image_or_while_something_else_is_talked_about_it_is_talk() -> None:
    assert decide("go back").kind is Intent.CHAT
    essay = [said("write me a long essay on owls"), Turn(role="assistant", kind="text", text="Owls.\n\n" * 40)]
    assert decide("go back", [*FORK, *essay], current_handle=3).kind is Intent.CHAT
    assert decide("restore #1", [*FORK, *essay], current_handle=3).answer is Answer.RESTORE


def test_before_the_first_image_is_only_itself() -> None:
    assert decide("undo", FORK[:2], current_handle=1).target_handles == (1,)
    with pytest.raises(NoSourceImage, match=r"There are #1, #2 and #3: which one do you mean\?"):
        decide("go back to #7", FORK, current_handle=3)
