"""Ada gets the picture she means: the chat model paints what her words left open, versions are laid over each other, a
prompt is used again, a picture comes from the gallery, a style is left out; also on her phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.stories.browsing import PHONE, NewPerson, Person, Window
from tests.stories.studio import SCRIPTED, URL, Studio, running

# Whether two pictures differ in the left quarter, and in the rest.
CHANGES = """async ([before, after]) => {
  const pixels = async (address) => {
    const image = await createImageBitmap(await (await fetch(address)).blob());
    const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, image.width, image.height);
  };
  const [one, other] = [await pixels(before), await pixels(`/images/${after}/original`)];
  const found = { inside: false, outside: false };
  for (let at = 0; at < one.data.length; at += 4) {
    const part = (at / 4) % one.width <= one.width / 4 + 2 ? "inside" : "outside";
    found[part] ||= Math.abs(one.data[at] - other.data[at]) + Math.abs(one.data[at + 2] - other.data[at + 2]) > 6;
  }
  return found;
}"""


@pytest.fixture(scope="module")
def studio(house: Path, new_database: Callable[[str], str]) -> Iterator[Studio]:
    """With a chat model that can call tools."""
    engines = {**SCRIPTED, "CHATELIER_CHAT_MODEL": "fake-tools", URL: new_database("right_picture")}
    with running(house / "right_picture", engines) as started:
        yield started


def chip(window: Window) -> Locator:
    return window.page.locator("#decision")


def test_an_answer_turns_into_a_picture_and_its_words_stay(ada: Person) -> None:
    window = ada.opens("/")
    window.page.locator("#text").fill("imagine a red fox in the snow [[paint a red fox in deep snow]]")
    expect(chip(window)).to_have_text(re.compile("Chat or picture"))
    window.page.locator("#text").press("Enter")
    window.wait_for_pictures(1)
    expect(window.answer.locator(".prose")).to_contain_text("You said: imagine a red fox")
    expect(window.page.locator(".message.user .reason")).to_contain_text("The chat model read it as a wish")
    window.shot("right-picture-open")
    window.tap("Just answer")
    window.page.locator(".message.assistant").nth(1).wait_for()
    window.wait_until_quiet()
    assert window.page.locator(".generation").count() == 1


def test_a_part_is_marked_by_mouse_finger_and_keys_and_only_it_changes(ada: Person, person: NewPerson) -> None:
    window = ada.opens("/")
    window.says("/imagine a wide meadow")
    window.wait_for_pictures(1)
    place = window.page.locator("#messages a.canvas").get_attribute("href")
    assert place
    window.go(place).page.get_by_text("Edit a part").click()
    marked, canvas = window.page.locator("#part-marked"), window.page.get_by_role("application")
    words = window.page.get_by_label("What should it become?")
    words.fill("make it blue")
    window.tap("Change this part")
    expect(window.page.locator("#notice")).to_contain_text("Nothing is marked")
    window.tap("Rectangle")
    sides = canvas.bounding_box()
    assert sides
    left, top, wide, tall = sides["x"], sides["y"], sides["width"], sides["height"]
    window.page.mouse.move(left + 10, top + 10)  # the corners are round
    window.page.mouse.down()
    window.page.mouse.move(left + wide / 4, top + tall - 10, steps=4)
    window.page.mouse.up()
    expect(marked).to_have_text(re.compile("^2[1-4] % of the picture is marked"))
    canvas.press("ArrowRight")  # the rectangle of the keys comes, is moved, sized and kept
    for key in ("ArrowUp", "Shift+ArrowRight", "Enter"):
        canvas.press(key)
    expect(marked).to_have_text(re.compile("^(29|3[0-4]) %"))
    canvas.press("Control+z")
    expect(marked).to_have_text(re.compile("^2[1-4] %"))
    assert window.barriers() == []
    window.shot("part")
    window.tap("Change this part")
    window.page.wait_for_url("**/threads/**")
    window.wait_for_pictures(2)
    expect(window.page.locator(".reason").last).to_contain_text("You marked a part of #1")
    changes = window.page.evaluate(CHANGES, [f"{place}/original", window.pictures.last.get_attribute("data-image")])
    assert changes["inside"]
    assert not changes["outside"]
    phone = person(**PHONE).opens(f"{place}/part")
    phone.page.touchscreen.tap(200, 250)
    expect(phone.page.locator("#part-marked")).to_have_text(re.compile("^[1-9]"))
    assert phone.overflow() <= 0
    phone.shot("part-phone")


def test_versions_are_compared_and_a_prompt_is_used_again(ada: Person) -> None:
    window = ada.opens("/")
    window.says("/imagine a small barn")
    window.wait_for_pictures(1)
    window.says("make it night")
    window.wait_for_pictures(2)
    window.page.locator(".details summary").first.click()
    window.page.locator(".reword summary").click()
    for count, words in enumerate(("a small red barn", "a small green barn"), 3):  # the key is fresh each time
        window.page.locator(".reword textarea").fill(words)
        window.page.locator(".reword button").click()
        window.wait_for_pictures(count)
    window.page.locator(".line").get_by_text("Compare").click()
    window.page.wait_for_selector(".comparison")
    expect(window.page.locator(".comparison__one")).to_have_count(2)
    window.tap("One over the other")
    slider = window.page.locator(".comparison__slider input")
    expect(slider).to_be_focused()
    slider.press("End")
    assert (
        window.page.evaluate("document.querySelector('[data-comparison]').style.getPropertyValue('--seen')") == "100%"
    )
    window.shot("right-picture-compared")
    assert window.barriers() == []
    window.tap("Make #1 current")
    window.page.wait_for_selector(".image-page")


def test_a_picture_comes_from_the_gallery(ada: Person) -> None:
    window = ada.opens("/")
    window.page.get_by_title("Choose from your gallery").click()
    picks = window.page.locator(".pick")
    picks.first.click()
    picks.nth(1).click()
    expect(picks.nth(1)).to_have_attribute("aria-pressed", "true")
    picks.nth(1).click()  # left out again
    expect(window.page.locator("#targets .target")).to_have_count(1)
    assert window.barriers() == []
    window.page.locator("#dialog [data-close]").click()
    window.page.locator("#text").fill("make it snowy")
    expect(chip(window)).to_have_text(re.compile("Edit it"))
    window.page.locator("#text").press("Enter")
    window.wait_for_pictures(1)


def test_a_carried_style_is_seen_and_left_out_on_a_phone(person: NewPerson) -> None:
    window = person(**PHONE).opens("/")
    window.says("I love watercolor style for everything")
    window.wait_until_quiet()
    window.page.locator("#text").fill("draw a fox")
    style = window.page.locator(".decision__style")
    expect(style).to_contain_text("watercolor")
    window.shot("right-picture-style")
    assert window.overflow() <= 0
    style.tap()
    expect(style).to_have_count(0)
    window.page.locator("#text").press("Enter")
    window.wait_for_pictures(1)
    expect(window.page.locator(".reason").last).not_to_contain_text("watercolor")


def test_every_command_is_answered_on_a_phone(person: NewPerson) -> None:
    window = person(**PHONE).opens("/")
    painting = (
        "/imagine a cat --seed 7",
        "/generate a dog",
        "/image a cow",
        "/draw an owl",
        "/edit it is night",
        "/vary",
    )
    for count, command in enumerate((*painting, "/again #1"), 1):
        window.says(command)
        window.wait_for_pictures(count)
    for command, answer in (("/styles", "any style"), ("/usage", "This month"), ("/help", "--model")):
        window.says(command)
        expect(window.answer).to_contain_text(answer)
    assert window.overflow() <= 0
