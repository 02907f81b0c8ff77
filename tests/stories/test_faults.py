"""What Ada reads when an engine fails in each of the ways that the scripted fake knows."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.stories.browsing import Person, Window

UNUSABLE = "not a usable image"
FREE = "Nothing was charged"
PICTURE = (
    ("[[429 7]]", "Too many requests, please wait 7 seconds", FREE),
    ("[[500]]", "Generation failed, please try again", FREE),
    ("[[refuse]]", "declined this request", FREE),
    ("[[bad-request]]", "cannot do this as asked", FREE),
    ("[[unreachable]]", "Generation failed, please try again", FREE),
    ("[[dies]]", "nobody knows whether it was made", "$0.040 stays set aside"),
    ("[[truncated]]", UNUSABLE, FREE),
    ("[[wrong-type svg]]", UNUSABLE, FREE),
    ("[[wrong-type html]]", UNUSABLE, FREE),
    ("[[too-large]]", UNUSABLE, FREE),
    ("[[too-large 61]]", UNUSABLE, FREE),
    ("[[empty]]", "", FREE),
)
TALK = (
    ("[[429 2]]", "wait 2 seconds"),
    ("[[500]]", "failed, please try again"),
    ("[[refuse]]", "declined to answer"),
    ("[[bad-request]]", "cannot answer this as it is"),
    ("[[unreachable]]", "cannot be reached"),
    ("[[dies]]", "broke in the middle of the answer"),
)


def cards(window: Window) -> Locator:
    return window.page.locator("#messages .message.assistant")


def test_each_failed_picture_says_what_happened_what_it_cost_and_can_be_tried_again(ada: Person) -> None:
    window = ada.opens("/")
    for mark, _, _ in PICTURE:
        window.says(f"/imagine a boat {mark}")
    window.wait_until_quiet()
    assert cards(window).count() == len(PICTURE)
    for index, (mark, sentence, money) in enumerate(PICTURE):
        card = cards(window).nth(index)
        assert sentence in card.inner_text(), (mark, card.inner_text())
        assert money in card.inner_text(), (mark, card.inner_text())
        expect(card.get_by_role("button", name="Try again")).to_be_visible()
    assert window.pictures.count() == 0
    window.shot("50-faults")


def test_each_failed_answer_says_what_happened_and_can_be_tried_again(ada: Person) -> None:
    window = ada.opens("/")
    for mark, _ in TALK:
        window.says(f"How are you {mark}")
    window.wait_until_quiet()
    for index, (mark, sentence) in enumerate(TALK):
        card = cards(window).nth(index)
        assert sentence in card.inner_text(), (mark, card.inner_text())
        expect(card.get_by_role("button", name="Try again")).to_be_visible()
    expect(cards(window).last.locator(".prose")).to_contain_text("You said")
    window.shot("51-faults-of-talk")


def test_what_failed_once_works_when_tried_again(ada: Person) -> None:
    window = ada.opens("/")
    window.says("/imagine a boat [[flaky]]")
    window.tap("Try again", within="#messages")
    window.wait_for_pictures(1)
    window.go("/").says("How is the sea today? [[flaky]]")
    window.tap("Try again", within="#messages")
    expect(window.answer.locator(".prose")).to_contain_text("that a scripted fake can say about it.")


def test_what_hangs_can_be_stopped(ada: Person) -> None:
    window = ada.opens("/")
    for text in ("How is the sea today? [[hang]]", "/imagine a boat [[hang]]"):
        window.says(text)
        window.tap("Stop", within="#messages")
        expect(window.answer).to_contain_text(re.compile("stopped", re.IGNORECASE))
        window.wait_until_quiet()
        expect(window.answer.get_by_role("button", name="Try again")).to_be_visible()
