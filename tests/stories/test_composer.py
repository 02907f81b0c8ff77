"""Ada writes: the chip says what will happen, commands complete themselves, pictures are brought and pointed at."""

from __future__ import annotations

import re
from io import BytesIO
from urllib.parse import parse_qs

from PIL import Image
from playwright.sync_api import FilePayload, Locator, Response, expect

from tests.stories.browsing import PHONE, NewPerson, Person, Window


def red_square(name: str = "garden.png") -> FilePayload:
    out = BytesIO()
    Image.new("RGB", (320, 240), "#b03020").save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def chip(window: Window) -> Locator:
    return window.page.locator("#decision")


def reads(window: Window, text: str, kind: str | re.Pattern[str]) -> None:
    """What the chip says once the server has been asked about this very text."""

    def answers(response: Response) -> bool:
        return parse_qs(response.request.post_data or "").get("text") == [text]

    with window.page.expect_response(answers):
        window.page.locator("#text").fill(text)
    expect(chip(window)).to_have_text(kind, use_inner_text=True)


def test_the_chip_says_what_will_happen_and_can_be_changed(ada: Person) -> None:
    window = ada.opens("/")
    reads(window, "what is a fresco?", "Chat")
    reads(window, "draw a small cat", "New image")
    reads(window, "/imagine a cat --n 3", "3 new images")
    reads(window, "/imagin a cat", re.compile(r"Did you mean /imagine\?"))
    window.says("draw a small cat")
    window.wait_for_pictures(1)
    expect(chip(window)).to_be_empty()
    reads(window, "make it night", "Edit #1")
    reads(window, "another one", "Again #1")
    reads(window, "thanks, lovely", "Chat")
    window.page.locator("#text").press("Alt+i")
    expect(chip(window)).to_have_text(re.compile("New image"))
    window.page.locator("[data-decide]").click()
    expect(chip(window)).to_have_text(re.compile("Edit #1"))
    window.page.locator("[data-decide]").click()
    expect(chip(window)).to_have_text(re.compile("Chat"))
    window.shot("composer-chip")
    assert window.overflow() <= 0


def test_the_chip_comes_soon_after_the_last_key(ada: Person) -> None:
    window = ada.opens("/")
    window.page.evaluate("""() => {
      const [box, place] = [document.getElementById("text"), document.querySelector(".dock__foot")];
      box.addEventListener("input", () => { window.last = performance.now(); });
      const there = () => place.textContent.includes("New image");
      const seen = () => { if (there()) window.took ??= performance.now() - window.last; };
      new MutationObserver(seen).observe(place, {subtree: true, childList: true, characterData: true});
    }""")
    window.page.locator("#text").press_sequentially("draw a cat", delay=20)
    window.wait_for("window.took !== undefined")
    assert window.page.evaluate("window.took") < 10_000  # 150 ms is the aim, measured by make bench


def test_what_was_read_wrongly_is_put_right_with_one_click(ada: Person) -> None:
    window = ada.opens("/")
    window.says("draw a small cat [[slow 20]]")
    window.tap("Just answer")
    window.page.locator(".message.user").nth(1).wait_for()
    expect(window.page.locator(".message.assistant").first).to_contain_text("Stopped")
    expect(window.answer.locator(".prose > p")).to_be_visible()
    window.tap("Stop", within="#messages")
    window.wait_until_quiet()
    assert window.page.locator(".message.user").count() == 2


def test_a_picture_is_pointed_at_and_left_out_again(ada: Person) -> None:
    window = ada.opens("/")
    window.says("/imagine a small cat --n 2")
    window.wait_for_pictures(2)
    for _ in range(2):  # twice the same one counts once
        window.page.locator("[data-target]").first.click()
    window.page.locator("[data-target]").last.click()
    expect(window.page.locator("#targets .target")).to_have_count(2)
    assert window.page.locator("#text").get_attribute("placeholder") == "Say what to change"
    window.page.locator("#targets [data-untarget]").last.click()
    expect(window.page.locator("#targets .target")).to_have_count(1)
    reads(window, "night, please", "Edit #1")
    window.shot("composer-target")
    window.says("night, please")
    window.wait_for_pictures(3)
    expect(window.page.locator("#targets .target")).to_have_count(0)
    expect(window.page.locator(".message.user").last.locator(".sources img")).to_have_count(1)


def test_a_picture_is_brought_and_changed(ada: Person) -> None:
    window = ada.opens("/")
    window.page.locator("#text").fill("make it bright")
    window.page.locator("#file").set_input_files([red_square()])
    expect(window.page.locator("#targets .target")).to_have_count(1)
    assert window.page.locator("#text").input_value() == "make it bright"
    window.page.locator("#file").set_input_files([red_square("second.png")])
    expect(window.page.locator("#targets .target")).to_have_count(2)
    window.page.locator("#text").press("Enter")
    window.wait_for_pictures(1)
    expect(window.page.locator(".message.user .sources img")).to_have_count(2)
    window.shot("composer-upload")


def test_a_file_that_is_no_picture_is_refused_with_a_sentence(ada: Person) -> None:
    window = ada.opens("/")
    window.says("hello there")
    window.wait_until_quiet()
    window.page.locator("#text").fill("look at this")
    with window.forgiving("415"):
        drawing: FilePayload = {"name": "cat.png", "mimeType": "image/png", "buffer": b"<svg>no</svg>"}
        window.page.locator("#file").set_input_files([drawing])
        expect(window.page.locator("#notice")).to_contain_text("PNG, JPEG")
    assert window.page.locator("#text").input_value() == "look at this"


def test_commands_and_flags_complete_themselves(ada: Person) -> None:
    window = ada.opens("/")
    box, options = window.page.locator("#text"), window.page.locator("#completion li:visible")
    box.press_sequentially("/")
    expect(options).to_have_count(10)
    window.shot("composer-completion")
    box.press_sequentially("he")
    expect(options).to_have_count(1)
    box.press("Enter")
    assert box.input_value() == "/help "
    box.press("Enter")
    expect(window.answer).to_contain_text("/imagine")
    box.press_sequentially("/imagine a cat --s")
    expect(options).to_have_count(3)
    box.press("ArrowDown")
    box.press("Tab")
    assert box.input_value() == "/imagine a cat --seed "
    box.fill("/im")
    box.press("Escape")
    expect(options).to_have_count(0)
    assert window.barriers() == []


def test_on_a_phone_all_of_it_fits(person: NewPerson) -> None:
    window = person(**PHONE).opens("/")
    window.says("draw a small cat")
    window.wait_for_pictures(1)
    window.page.locator("[data-target]").first.click()
    window.page.locator("#text").fill("make it night")
    expect(chip(window)).to_have_text(re.compile("Edit #1"))
    window.shot("composer-phone")
    assert window.overflow() <= 0
    window.page.emulate_media(color_scheme="dark")
    window.shot("composer-phone-dark")
