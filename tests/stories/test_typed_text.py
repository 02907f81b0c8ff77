"""What Ada types is never lost, never sent twice, and never taken for anything but text."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from playwright.sync_api import Route, expect

from tests.stories.browsing import PHONE, NewPerson, Person, Window

HOSTILE = (
    '<img src=x onerror="alert(1)"><script>alert(2)</script><style>body{display:none}</style>',
    '"><svg onload=alert(3)> [a link](javascript:alert(4)) **bold** `code` # not a heading | a | table |',
    "مرحبا بالعالم، \u202egnp.exe\u202c والمزيد עברית 🧑‍🎨👩🏽‍🚀🏳️‍🌈 \u0007\u0000\u200b end",
    "W" * 5000,
    "{{ 7 * 7 }} {% raw %} ${7*7} </textarea></title></dialog> %s %(a)s \\x00",
)


def count(window: Window) -> int:
    return window.page.locator(".message.user").count()


def test_a_double_click_on_send_makes_one_message(ada: Person) -> None:
    window = ada.opens("/")

    def slowly(route: Route) -> None:
        window.page.wait_for_timeout(300)
        route.continue_()

    ada.context.route(re.compile("/messages$"), slowly)
    for text in ("A first message", "/imagine a second one"):
        window.page.locator("#text").fill(text)
        window.page.get_by_role("button", name="Send").dblclick()
        window.page.locator(".message.user", has_text=text).wait_for()
        window.wait_until_quiet()
    assert count(window) == 2
    window.page.locator("#text").fill("A third one, by the keyboard")
    for _ in range(3):
        window.page.locator("#text").press("Enter")
    window.page.locator(".message.user", has_text="A third one").wait_for()
    window.wait_until_quiet()
    window.page.reload()
    assert count(window) == 3


def test_a_refused_text_stays_where_it_was_typed_and_survives_a_reload(ada: Person) -> None:
    window = ada.opens("/")
    box, notice = window.page.locator("#text"), window.page.locator("#notice")
    for text, sentence in (("x" * 32_001, "32,000"), ("/imagin a cat", "Did you mean /imagine?")):
        box.fill(text)
        with window.forgiving(" 422"):
            box.press("Enter")
            expect(notice).to_contain_text(sentence)
        window.wait_for(f"document.querySelector('#text').value.length === {len(text)}")
        window.page.reload()
        window.wait_for(f"document.querySelector('#text').value.length === {len(text)}")
        assert count(window) == 0
    box.fill("   ")
    box.press("Enter")
    box.fill("/imagine a cat")
    box.press("Enter")
    window.wait_for_pictures(1)
    expect(box).to_have_value("")
    window.page.reload()
    expect(box).to_have_value("")
    window.page.locator("#text").fill("/imagine a cat --ar 9:99 --wrong")
    with window.forgiving(" 422"):
        window.page.locator("#text").press("Enter")
        expect(notice).to_contain_text("--wrong")


def test_a_draft_waits_in_its_own_thread_when_the_sign_in_has_ended(ada: Person, sign_in: tuple[str, str]) -> None:
    window = ada.opens("/")
    window.says("Hello")
    window.wait_until_quiet()
    window.page.locator("#text").fill("A long thought")
    ada.context.clear_cookies()
    with window.forgiving(" 401|403|401$"):
        window.page.locator("#text").press("Enter")
        expect(window.page.locator("#notice")).to_contain_text("Your sign-in has ended")
    expect(window.page.locator("#text")).to_have_value("A long thought")
    ada.has_signed_in(*sign_in)
    window.page.locator("#text").press("Enter")
    expect(window.page.locator(".message.user").last).to_have_text("A long thought")


def test_whatever_is_typed_stays_text_on_every_page_of_a_phone(person: NewPerson) -> None:
    window = person(**PHONE).opens("/")
    for text in HOSTILE:
        window.says(text)
        window.says(f"/imagine {text}")
        window.page.locator("#thread-title").fill(text[:200])
        window.page.locator("#thread-title").press("Enter")
        window.wait_until_quiet()
        window.answer.get_by_text("Details").click()
        expect(window.answer.locator("dl.facts")).to_be_visible()
        fits(window)
    window.page.reload()
    fits(window)
    window.page.get_by_role("button", name="Threads", exact=True).click()
    fits(window)
    thread = window.page.evaluate("location.pathname")
    for path in (f"{thread}/title", f"{thread}/deletion", "/", f"/threads?{urlencode({'q': HOSTILE[0]})}", "/account"):
        fits(window.go(path))
    for count, text in enumerate(HOSTILE, 1):
        window.page.get_by_label("Name of the new key").fill(text[:60])
        window.tap("New key")
        expect(window.page.locator(".keys li")).to_have_count(count)
    fits(window)
    search = window.go("/gallery").page.get_by_label("Search the pictures")
    for text in HOSTILE:
        search.fill(text[:100])
        window.page.wait_for_timeout(350)
        fits(window)
    for index in range(len(HOSTILE)):
        window.go("/gallery").page.locator(".tile a").nth(index).click()
        window.page.wait_for_url("**/images/*")
        fits(window)


def test_an_answer_in_markdown_is_rendered_and_its_traps_are_dead(ada: Person) -> None:
    window = ada.opens("/")
    window.says("[[markdown http://127.0.0.1:9]]")
    window.wait_until_quiet()
    prose = window.answer.locator(".prose")
    for tag in ("h1", "strong", "em", "ol li ul", "table td", "pre code", "blockquote"):
        expect(prose.locator(tag).first).to_be_visible()
    assert prose.locator("img, script, style, iframe, svg, link, [onclick], [onerror], [onload]").count() == 0
    assert prose.locator("a").evaluate_all("links => links.every((a) => /^https?:$/.test(a.protocol))")


def fits(window: Window) -> None:
    """Nothing can be scrolled sideways, neither the page nor the talk in it."""
    assert window.overflow() <= 0, window.page.url
    assert window.page.evaluate("[...document.querySelectorAll('#talk')].every((t) => t.scrollWidth <= t.clientWidth)")
