from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.web.visitor import HTMX, Visitor

pytestmark = pytest.mark.anyio


async def test_the_answer_to_a_message_holds_both_messages_and_a_fresh_key(ada: Visitor) -> None:
    thread = await ada.begins("hello there")
    before = (await ada.page(thread)).one(id="idempotency-key")["value"]
    part = await ada.send(f"{thread}/messages", text="and how are you?", idempotency_key=before)
    assert [message["data-position"] for message in part.all("article")] == ["3", "4"]
    assert part.one("article", class_="user").text == "and how are you?"
    assert "data-running" in part.one("article", class_="assistant").attrs
    assert part.one(id="idempotency-key")["value"] != before
    assert part.one(id="notice").text == ""


async def test_a_first_message_turns_the_empty_page_into_its_thread(ada: Visitor) -> None:
    answer = await ada.fetch("POST", "/messages", data={"text": "hello there"}, headers=HTMX)
    thread = answer.headers["hx-push-url"]
    assert f'data-live="{thread}"' in answer.text
    assert '<hx-partial hx-target="#threads"' in answer.text
    assert "Hello there · Chatelier" in answer.text


async def test_everything_works_without_scripts(ada: Visitor) -> None:
    thread = await ada.submit("/messages", text="hello there")
    place = await ada.submit(f"{thread}/messages", text="draw a small cat")
    assert place.startswith(f"{thread}#message-")
    page = await ada.shows(thread, class_="details")
    for form in page.one("figure", class_="picture").all("form"):
        assert form["method"] == "post"
        assert form["action"]


async def test_an_answer_is_markdown_that_cannot_do_harm(ada: Visitor) -> None:
    thread = await ada.begins("<img src=x onerror=alert(1)> **bold** [[say]]")
    page = await ada.shows(thread, class_="prose")
    (prose,) = page.all("div", class_="prose")
    assert not prose.all("img")
    assert not page.all("script", src="")


async def test_a_double_click_makes_one_message(ada: Visitor) -> None:
    thread = await ada.begins("hello there")
    key = (await ada.page(thread)).one(id="idempotency-key")["value"]
    fields: dict[str, Any] = {"text": "draw a small cat", "idempotency_key": key}
    answers = await asyncio.gather(*(ada.send(f"{thread}/messages", **fields) for _ in range(2)))
    first, second = ([message["id"] for message in answer.all("article")] for answer in answers)
    assert first == second
    assert len((await ada.page(thread)).all("section", class_="generation")) == 1


async def test_a_double_click_on_the_first_message_makes_one_thread(ada: Visitor) -> None:
    key = (await ada.page("/")).one(id="idempotency-key")["value"]
    fields = {"text": "hello there", "idempotency_key": key}
    first, second = [await ada.fetch("POST", "/messages", data=fields, headers=HTMX) for _ in range(2)]
    assert first.headers["hx-push-url"] == second.headers["hx-push-url"]
    assert len((await ada.page("/")).all("div", class_="thread-link")) == 1


async def test_an_example_is_sent_beside_what_was_typed(ada: Visitor) -> None:
    answer = await ada.fetch("POST", "/messages", data={"text": "half a wo", "example": "hello there"}, headers=HTMX)
    assert "half a wo" not in answer.text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write something first"),
        (" \n\t ", "Write something first"),
        ("x" * 32_001, "too long"),
        ("/imagin a cat", "Did you mean /imagine?"),
        ("/imagine a cat --size 99999x1", "not possible here"),
    ],
)
async def test_bad_input_gets_a_sentence_above_the_composer_and_changes_nothing(
    ada: Visitor, text: str, sentence: str
) -> None:
    thread = await ada.begins("hello there")
    page = await ada.page(thread)
    answer = await ada.fetch(
        "POST",
        f"{thread}/messages",
        data={"text": text, "idempotency_key": page.one(id="idempotency-key")["value"]},
        headers=HTMX,
    )
    assert answer.status_code == 422
    assert answer.headers["hx-retarget"] == "#notice"
    assert answer.headers["hx-reswap"] == "innerHTML"
    assert sentence in answer.text.replace("&#39;", "'")
    assert len((await ada.page(thread)).all("article")) == 2


async def test_a_refused_form_without_scripts_gets_a_page_that_says_why(ada: Visitor) -> None:
    thread = await ada.begins("hello there")
    answer = await ada.fetch("POST", f"{thread}/messages", data={"text": ""})
    assert answer.status_code == 422
    assert "Write something first" in answer.text
    assert "<main" in answer.text


async def test_strange_letters_come_back_as_they_were_typed(ada: Visitor) -> None:
    text = "🦊 שלום\r\n  two  spaces \x00\x08and control"
    thread = await ada.begins(text)
    said = (await ada.page(thread)).one("p", class_="said")
    assert "".join(said.words) == "🦊 שלום\n  two  spaces and control"


async def test_a_streaming_answer_can_be_stopped_and_keeps_what_was_written(ada: Visitor) -> None:
    thread = await ada.begins("tell me a long story [[slow 20]]")
    page = await ada.shows(thread, data_running="")
    (form,) = [form for form in page.all("form") if form["action"].endswith("/cancellation")]
    stopped = await ada.send(form["action"])
    assert "You stopped this answer" in stopped.text
    assert "data-running" not in stopped.one("article").attrs
    (retry,) = [form for form in stopped.all("form") if form["action"].endswith("/retry")]
    again = await ada.send(retry["action"], idempotency_key=retry.one("input", name="idempotency_key")["value"])
    assert "data-running" in again.one("article").attrs


async def test_a_failed_answer_says_so_and_can_be_tried_again(ada: Visitor) -> None:
    thread = await ada.begins("talk to me [[500]]")
    page = await ada.shows(thread, class_="failure")
    assert "please try again" in page.one("form", class_="failure").text


async def test_earlier_messages_come_by_pages(ada: Visitor) -> None:
    thread = await ada.begins("message 1")
    for number in range(2, 16):
        await ada.send(f"{thread}/messages", text=f"message {number}")
    page = await ada.page(thread)
    assert [said.text for said in page.all("p", class_="said")] == [f"message {n}" for n in range(4, 16)]
    earlier = await ada.part(page.one("a", id="older")["hx-get"])
    assert [said.text for said in earlier.all("p", class_="said")] == ["message 1", "message 2", "message 3"]
    assert not earlier.all("a", id="older")
    assert len((await ada.page(f"{thread}?at=2")).all("p", class_="said")) == 15
