from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chatelier.domain.pages import decode_cursor, encode_cursor
from chatelier.errors import InvalidCursor
from tests.api.caller import Caller, is_id

pytestmark = pytest.mark.anyio
FIELDS = {"id", "title", "pinned", "current_image_id", "created_at", "updated_at"}


async def titles(ada: Caller, **query: str) -> list[str]:
    return [thread["title"] for thread in (await ada.call("GET", "/threads", params=query))["items"]]


async def test_a_thread_has_an_id_and_times_in_utc(ada: Caller) -> None:
    thread = await ada.call("POST", "/threads", 201, json={"title": "Sunsets"})
    assert set(thread) == FIELDS
    assert is_id(thread["id"])
    assert thread["created_at"].endswith("Z")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(thread["created_at"])).total_seconds() < 60
    assert (thread["title"], thread["pinned"], thread["current_image_id"]) == ("Sunsets", False, None)
    assert await ada.call("GET", f"/threads/{thread['id']}") == thread


async def test_the_first_message_names_a_thread_without_a_title(ada: Caller) -> None:
    thread = await ada.thread()
    assert (await ada.call("GET", f"/threads/{thread}"))["title"] == ""
    await ada.says(thread, "a lighthouse in the fog", intent="generate")
    assert "lighthouse" in (await ada.call("GET", f"/threads/{thread}"))["title"].lower()


async def test_newest_activity_comes_first(ada: Caller) -> None:
    first = await ada.thread("one")
    await ada.thread("two")
    await ada.says(first, "a cat", intent="generate")
    assert await titles(ada) == ["one", "two"]


async def test_pages_go_to_the_end_and_stay_put_while_threads_are_added(ada: Caller) -> None:
    for number in range(7):
        await ada.thread(f"t{number}")
    page = await ada.call("GET", "/threads", params={"limit": 3})
    seen = [thread["title"] for thread in page["items"]]
    await ada.thread("later")
    while page["next_cursor"]:
        page = await ada.call("GET", "/threads", params={"limit": 3, "cursor": page["next_cursor"]})
        seen += [thread["title"] for thread in page["items"]]
    assert seen == [f"t{number}" for number in reversed(range(7))]


async def test_search_looks_into_titles(ada: Caller) -> None:
    for title in ("Cats and dogs", "100% wool", "under_score"):
        await ada.thread(title)
    assert await titles(ada, q="cAtS") == ["Cats and dogs"]
    assert await titles(ada, q="%") == ["100% wool"]
    assert await titles(ada, q="_") == ["under_score"]
    assert await titles(ada, q="nothing") == []


async def test_a_made_up_cursor_is_refused(ada: Caller) -> None:
    forged = encode_cursor(("threads", ada.user.id, "", False), ["True", "yesterday", "nobody"])
    for cursor in ("x", "!!!", "e30", "WzFd", "A" * 400, "é", forged):
        answer = await ada.call("GET", "/threads", 422, params={"cursor": cursor})
        assert answer["error"]["code"] == "invalid_cursor"
    with pytest.raises(InvalidCursor):  # pages take longer ones
        decode_cursor((), "W1tb" * 2000, 3)


async def test_a_cursor_belongs_to_its_query(ada: Caller) -> None:
    for number in range(3):
        await ada.thread(f"t{number}")
    cursor = (await ada.call("GET", "/threads", params={"limit": 1}))["next_cursor"]
    refused = await ada.call("GET", "/threads", 422, params={"limit": 1, "cursor": cursor, "q": "t"})
    assert refused["error"]["code"] == "invalid_cursor"
    refused = await ada.call("GET", "/images", 422, params={"cursor": cursor})
    assert refused["error"]["code"] == "invalid_cursor"


async def test_a_limit_is_1_to_50(ada: Caller) -> None:
    for limit in ("0", "51", "-1", "many", "1e3", "9" * 400):
        answer = await ada.call("GET", "/threads", 422, params={"limit": limit})
        assert answer["error"]["fields"].keys() == {"limit"}


async def test_rename_and_pin_leave_the_rest_alone(ada: Caller) -> None:
    thread = await ada.thread("old")
    assert (await ada.call("PATCH", f"/threads/{thread}", json={"title": "  new \n name "}))["title"] == "new name"
    changed = await ada.call("PATCH", f"/threads/{thread}", json={"pinned": True})
    assert (changed["title"], changed["pinned"]) == ("new name", True)
    assert (await ada.call("PATCH", f"/threads/{thread}", json={}))["pinned"] is True


async def test_a_change_that_makes_no_sense_is_refused(ada: Caller) -> None:
    thread = await ada.thread("kept")
    titles_: list[object] = ["", "   ", "x" * 201, None, 5]
    for body in [*({"title": title} for title in titles_), *({"pinned": pinned} for pinned in ("yes", None, 1))]:
        assert (await ada.call("PATCH", f"/threads/{thread}", 422, json=body))["error"]["code"] == "validation_failed"
    assert await titles(ada) == ["kept"]


async def test_markup_and_control_characters_in_a_title_are_only_text(ada: Caller) -> None:
    thread = await ada.thread("<script>alert(1)</script>\x00\x1b \u202e🎨")
    title = (await ada.call("GET", f"/threads/{thread}"))["title"]
    assert title == "<script>alert(1)</script> \u202e🎨"


async def test_a_deleted_thread_is_a_404_and_its_images_stay_unless_they_shall_go(ada: Caller) -> None:
    kept, trashed = await ada.thread("kept"), await ada.thread("trashed")
    first, second = await ada.image(kept), await ada.image(trashed)
    await ada.call("DELETE", f"/threads/{kept}", 204)
    await ada.call("DELETE", f"/threads/{trashed}", 204, params={"images": "trash"})
    assert await titles(ada) == []
    for thread in (kept, trashed):
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/messages"), ("GET", "/events")):
            await ada.call(method, f"/threads/{thread}{path}", 404)
        await ada.call("PATCH", f"/threads/{thread}", 404, json={"title": "x"})
        await ada.call("POST", f"/threads/{thread}/messages", 404, json={"text": "hello"})
    await ada.call("GET", f"/images/{first['id']}", 200)
    await ada.call("GET", f"/images/{second['id']}", 404)


async def test_images_of_a_deleted_thread_are_kept_or_trashed_nothing_else(ada: Caller) -> None:
    thread = await ada.thread()
    await ada.call("DELETE", f"/threads/{thread}", 422, params={"images": "burn"})
    await ada.call("GET", f"/threads/{thread}")
