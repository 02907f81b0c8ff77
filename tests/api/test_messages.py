from __future__ import annotations

from typing import Any

import pytest

from chatelier.ids import new_id
from tests.api.caller import Caller, Json, is_id

pytestmark = pytest.mark.anyio
MESSAGE = {"id", "thread_id", "role", "status", "text", "html", "generation", "error", "created_at", "revision"}


async def test_talk_is_answered_by_a_reply_that_is_still_streaming(ada: Caller) -> None:
    thread = await ada.thread()
    posted = await ada.says(thread, "What is the capital of France?", intent="chat")
    assert set(posted) == {"message", "reply", "decision"}
    message, reply = posted["message"], posted["reply"]
    assert set(message) == set(reply) == MESSAGE
    assert is_id(message["id"])
    assert (message["role"], message["status"], message["thread_id"]) == ("user", "complete", thread)
    assert (reply["role"], reply["status"], reply["generation"]) == ("assistant", "streaming", None)
    assert posted["decision"]["kind"] == "chat"
    assert set(posted["decision"]) == {"kind", "target_image_ids", "confidence", "reason"}
    done = await ada.answered(thread, reply)
    assert (done["status"], done["error"]) == ("complete", None)
    assert done["text"]
    assert done["html"].startswith("<p>")
    assert done["revision"] > reply["revision"]


async def test_a_picture_is_answered_by_a_reply_with_its_generation(ada: Caller) -> None:
    thread = await ada.thread()
    posted = await ada.says(thread, "/imagine a lighthouse at sunset")
    assert posted["decision"]["kind"] == "generate"
    generation = posted["reply"]["generation"]
    assert generation["message_id"] == posted["reply"]["id"]
    assert generation["thread_id"] == thread
    assert generation["status"] == "queued"
    assert posted["message"]["generation"] is None


async def test_an_edit_names_the_images_it_starts_from(ada: Caller) -> None:
    thread = await ada.thread()
    image = await ada.image(thread)
    posted = await ada.says(thread, "make it more vibrant", intent="edit", source_image_ids=[image["id"]])
    assert posted["decision"] | {"confidence": 0, "reason": ""} == {
        "kind": "edit",
        "target_image_ids": [image["id"]],
        "confidence": 0,
        "reason": "",
    }
    assert posted["reply"]["generation"]["source_image_ids"] == [image["id"]]


async def test_an_edit_without_an_image_says_so(ada: Caller) -> None:
    answer = await post(ada, await ada.thread(), {"text": "make it more vibrant", "intent": "edit"}, 422)
    assert answer["error"]["code"] == "no_source_image"


async def test_options_reach_the_generation(ada: Caller) -> None:
    options = {"size": "512x256", "n": 2, "seed": 7}
    generation = await ada.asks(await ada.thread(), "two small cats", options=options)
    assert generation["options"] == options
    done = await ada.finished(generation)
    assert [(image["width"], image["height"]) for image in done["images"]] == [(512, 256)] * 2


async def post(ada: Caller, thread: str, body: Any, status: int) -> Json:
    return await ada.call("POST", f"/threads/{thread}/messages", status, json=body)


NONSENSE: list[Any] = [
    {},
    {"text": ""},
    {"text": " \n\t "},
    {"text": "\x00\x01\x1b"},
    {"text": "x" * 32_001},
    {"text": None},
    {"text": 7},
    {"text": ["hello"]},
    {"text": "hello", "intent": "dance"},
    {"text": "hello", "unknown": 1},
    {"text": "hello", "options": {"size": "256x256", "aspect_ratio": "3:1"}, "intent": "generate"},
    {"text": "hello", "options": {"size": "big"}},
    {"text": "hello", "options": {"size": "0x0"}, "intent": "generate"},
    {"text": "hello", "options": {"size": "99999x99999"}, "intent": "generate"},
    {"text": "hello", "options": {"n": 0}},
    {"text": "hello", "options": {"n": 17}},
    {"text": "hello", "options": {"n": True}},
    {"text": "hello", "options": {"seed": -1}},
    {"text": "hello", "options": {"seed": 10**400}},
    {"text": "hello", "options": {"cost": 0}},
    {"text": "hello", "options": {"provider": "nobody"}, "intent": "generate"},
    {"text": "hello", "source_image_ids": "all"},
    {"text": "hello", "source_image_ids": ["../../etc/passwd"]},
    {"text": "hello", "source_image_ids": [str(new_id()) for _ in range(17)]},
    {"text": "hello", "mask_image_id": "x"},
]


async def test_what_makes_no_sense_is_refused_and_leaves_nothing(ada: Caller) -> None:
    thread = await ada.thread("kept")
    for body in NONSENSE:
        assert (await post(ada, thread, body, 422))["error"]["code"] == "validation_failed", body
    assert (await ada.call("GET", f"/threads/{thread}/messages"))["items"] == []


async def test_images_that_are_not_there_are_not_found(ada: Caller) -> None:
    thread, nowhere = await ada.thread(), str(new_id())
    await post(ada, thread, {"text": "change it", "source_image_ids": [nowhere]}, 404)
    await post(ada, thread, {"text": "change it", "intent": "generate", "mask_image_id": nowhere}, 404)
    assert (await ada.call("GET", f"/threads/{thread}/messages"))["items"] == []


WRITING = [
    ("x" * 32_000, "x" * 32_000),
    ("👩‍👩‍👧‍👦 " * 2000 + "end", "👩‍👩‍👧‍👦 " * 2000 + "end"),
    ("שלום עולם", "שלום עולם"),
    ("bell\x07 null\x00 escape\x1b[31m", "bell null escape[31m"),
    ("line\r\nline\ttab", "line\nline\ttab"),
    ("<script>alert(1)</script> **bold**", "<script>alert(1)</script> **bold**"),
]


async def test_any_writing_is_kept_as_text(ada: Caller) -> None:
    thread = await ada.thread()
    for text, kept in WRITING:
        message = (await ada.says(thread, text, intent="chat"))["message"]
        assert message["text"] == kept
        assert "<script" not in message["html"]


async def test_ten_thousand_words_are_talk(ada: Caller) -> None:
    said = await ada.says(await ada.thread(), "Paint a fox. " + "to be " * 5_000)
    assert said["decision"]["kind"] == "chat"


async def test_pages_of_messages_go_back_in_time(ada: Caller) -> None:
    thread = await ada.thread()
    for number in range(5):
        await ada.says(thread, f"picture {number}", intent="generate", options={"size": "256x256"})
    first = await ada.call("GET", f"/threads/{thread}/messages", params={"limit": 4})
    await ada.says(thread, "one more", intent="generate")
    second = await ada.call("GET", f"/threads/{thread}/messages", params={"limit": 4, "cursor": first["next_cursor"]})
    last = await ada.call("GET", f"/threads/{thread}/messages", params={"limit": 4, "cursor": second["next_cursor"]})
    assert last["next_cursor"] is None
    texts = [message["text"] for page in (last, second, first) for message in page["items"]]
    assert texts == [text for number in range(5) for text in (f"picture {number}", "")]


async def test_a_cursor_of_one_thread_is_not_one_of_another(ada: Caller) -> None:
    one, other = await ada.thread(), await ada.thread()
    for thread in (one, other):
        await ada.says(thread, "a cat", intent="generate")
    cursor = (await ada.call("GET", f"/threads/{one}/messages", params={"limit": 1}))["next_cursor"]
    refused = await ada.call("GET", f"/threads/{other}/messages", 422, params={"cursor": cursor})
    assert refused["error"]["code"] == "invalid_cursor"
