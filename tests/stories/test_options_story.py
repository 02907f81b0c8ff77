"""Ada chooses how her pictures shall be: what she chose is shown, stays, and goes when she says so."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.stories.browsing import PHONE, NewPerson, Person


def test_what_is_chosen_is_shown_stays_and_can_be_reset(ada: Person) -> None:
    window = ada.opens("/")
    page, button = window.page, window.page.locator(".options-button")
    button.click()
    page.locator("select[name=n]").select_option("2")
    page.locator("select[name=shape]").select_option("16:9")
    expect(page.locator(".option-foot")).to_contain_text("$0.080 together")
    page.get_by_role("button", name="Done").click()
    expect(button).to_have_text("16:9 · 2 images")
    page.locator("#text").fill("draw a small cat")
    expect(page.locator("#decision")).to_have_text(re.compile("2 new images"))
    page.locator("#text").press("Enter")
    window.wait_for_pictures(2)
    window.go("/")  # another page: nothing is loaded yet, and what was chosen holds
    expect(button).to_have_text("16:9 · 2 images")
    page.locator("#text").fill("draw a dog")
    expect(page.locator("#decision")).to_have_text(re.compile("2 new images"))
    button.click()
    expect(page.locator("select[name=shape]")).to_have_value("16:9")
    page.get_by_role("button", name="Reset").click()
    expect(button).to_have_text("Options")
    expect(page.locator(".option-foot")).to_contain_text("$0.040")
    page.keyboard.press("Escape")
    expect(page.locator("#decision")).to_have_text(re.compile("New image"))


def test_on_a_phone_the_options_are_a_sheet_and_nothing_is_cut(ada: Person, person: NewPerson) -> None:
    window = person(**PHONE).opens("/")
    window.page.locator("#text").fill("draw a cat")
    expect(window.page.locator("#decision")).to_have_text(re.compile("New image"))
    window.page.locator(".options-button").click()
    window.page.locator("input[name=style]").fill("a watercolor of the year nineteen hundred and ten")
    window.page.get_by_role("button", name="Done").click()
    expect(window.page.locator(".options-button")).to_contain_text("a watercolor")
    assert window.overflow() <= 0
