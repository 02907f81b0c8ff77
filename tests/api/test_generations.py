from __future__ import annotations

import pytest

from chatelier.api.schemas import Price
from chatelier.db.models import Generation
from tests.api.caller import Caller, Json, is_id
from tests.people import until

pytestmark = pytest.mark.anyio
GENERATION = (
    "id thread_id message_id kind status stage progress queue_position instruction prompt revised_prompt options "
    "provider model source_image_ids images price error retry_of created_at started_at finished_at revision "
    "poll_after_ms"
).split()


async def test_a_generation_tells_its_whole_life(ada: Caller) -> None:
    thread = await ada.thread()
    asked = await ada.asks(thread, "a small cat", options={"size": "256x256"})
    assert list(asked) == GENERATION
    assert is_id(asked["id"])
    assert (asked["kind"], asked["status"], asked["stage"], asked["progress"]) == ("generate", "queued", "queued", 10)
    assert (asked["queue_position"], asked["images"], asked["error"], asked["retry_of"]) == (1, [], None, None)
    assert asked["poll_after_ms"] > 0
    done = await ada.finished(asked)
    assert (done["status"], done["stage"], done["progress"]) == ("succeeded", "complete", 100)
    assert (done["queue_position"], done["poll_after_ms"], done["error"]) == (None, None, None)
    assert done["created_at"] <= done["started_at"] <= done["finished_at"]
    assert done["revision"] > asked["revision"]
    (image,) = done["images"]
    assert image["generation_id"] == done["id"]
    assert (await ada.call("GET", f"/threads/{thread}"))["current_image_id"] == image["id"]


async def test_the_price_is_held_and_then_settled(ada: Caller) -> None:
    price = {"currency": "USD", "micros": 80_000}
    asked = await ada.asks(await ada.thread(), "small cats", options={"size": "256x256", "n": 2})
    assert asked["price"] == {"state": "held", "estimate": price, "amount": None}
    assert (await ada.finished(asked))["price"] == {"state": "settled", "estimate": price, "amount": price}


async def test_what_failed_before_it_cost_anything_is_given_back(ada: Caller) -> None:
    failed = await ada.finished(await ada.asks(await ada.thread(), "a cat [[refuse]]"))
    assert (failed["status"], failed["error"]["code"], failed["error"]["retryable"]) == ("failed", "refused", True)
    assert failed["price"]["state"] == "released"
    assert failed["price"]["amount"] == {"currency": "USD", "micros": 0}


async def test_what_was_stopped_while_it_waited_is_given_back(quiet: Caller) -> None:
    asked = await quiet.asks(await quiet.thread(), "a cat")
    stopped = await quiet.call("POST", f"/generations/{asked['id']}/cancellation")
    assert stopped["price"]["state"] == "released"


async def test_what_was_stopped_while_it_was_painted_may_still_be_charged(ada: Caller) -> None:
    asked = await ada.asks(await ada.thread(), "a cat [[slow 1]]", options={"size": "256x256"})

    async def running() -> Json | None:
        found = await ada.call("GET", f"/generations/{asked['id']}")
        return found if found["stage"] == "generating" else None

    await until(running)
    stopped = await ada.call("POST", f"/generations/{asked['id']}/cancellation")
    assert (stopped["status"], stopped["price"]["state"]) == ("cancelled", "held")

    async def charged() -> Json | None:
        found = await ada.call("GET", f"/generations/{asked['id']}")
        return found if found["price"]["state"] == "settled" else None

    assert (await until(charged))["images"] == []
    trash = await ada.call("GET", "/images", params={"deleted": True})
    assert [image["generation_id"] for image in trash["items"]] == [asked["id"]]


async def test_what_may_have_been_billed_stays_held(ada: Caller) -> None:
    unknown = await ada.finished(await ada.asks(await ada.thread(), "a cat [[dies]]"))
    assert unknown["status"] == "unknown"
    assert unknown["price"]["state"] == "held"
    assert unknown["poll_after_ms"] is None
    again = await retry(ada, unknown, 201)
    assert again["reply"]["generation"]["retry_of"] == unknown["id"]


@pytest.mark.parametrize(
    ("status", "estimate", "amount", "state"),
    [
        ("queued", 0, None, "free"),
        ("succeeded", 0, 0, "free"),
        ("running", 5, None, "held"),
        ("succeeded", 5, 4, "settled"),
        ("succeeded", 5, None, "estimated"),
        ("cancelled", 5, 0, "released"),
        ("cancelled", 5, None, "held"),
        ("unknown", 5, None, "held"),
        ("cancelled", 5, 5, "settled"),
        ("queued", None, None, "unknown"),
        ("succeeded", None, 9, "settled"),
    ],
)
async def test_each_price_has_one_state(status: str, estimate: int | None, amount: int | None, state: str) -> None:
    generation = Generation(status=status, estimate_micros=estimate, amount_micros=amount, currency="USD")
    assert Price.of(generation).state == state


async def test_those_who_wait_know_their_place(quiet: Caller) -> None:
    thread = await quiet.thread()
    asked = [await quiet.asks(thread, f"picture {number}") for number in range(3)]
    assert [generation["queue_position"] for generation in asked] == [1, 2, 3]
    await quiet.call("POST", f"/generations/{asked[0]['id']}/cancellation")
    assert (await quiet.call("GET", f"/generations/{asked[2]['id']}"))["queue_position"] == 2


async def test_stopping_ends_it_at_once_and_stopping_again_changes_nothing(quiet: Caller) -> None:
    asked = await quiet.asks(await quiet.thread(), "a small cat")
    stopped = await quiet.call("POST", f"/generations/{asked['id']}/cancellation")
    assert list(stopped) == GENERATION
    assert (stopped["status"], stopped["poll_after_ms"]) == ("cancelled", None)
    assert stopped["error"]["retryable"] is True
    assert await quiet.call("POST", f"/generations/{asked['id']}/cancellation") == stopped
    assert await quiet.call("GET", f"/generations/{asked['id']}") == stopped


async def test_what_is_done_cannot_be_stopped(ada: Caller) -> None:
    done = await ada.finished(await ada.asks(await ada.thread(), "a small cat", options={"size": "256x256"}))
    assert await ada.call("POST", f"/generations/{done['id']}/cancellation") == done


async def retry(caller: Caller, generation: Json, status: int) -> Json:
    return await caller.call("POST", f"/generations/{generation['id']}/retry", status)


async def test_a_stopped_one_can_be_tried_again_in_a_new_reply(quiet: Caller) -> None:
    thread = await quiet.thread()
    posted = await quiet.says(thread, "a small cat", intent="generate", options={"seed": 5})
    asked = posted["reply"]["generation"]
    assert (await retry(quiet, asked, 409))["error"]["code"] == "not_retryable"
    await quiet.call("POST", f"/generations/{asked['id']}/cancellation")
    again = await retry(quiet, asked, 201)
    assert set(again) == {"message", "reply"}
    assert again["message"]["id"] == posted["message"]["id"]
    assert again["reply"]["id"] != posted["reply"]["id"]
    new = again["reply"]["generation"]
    assert (new["retry_of"], new["status"], new["prompt"]) == (asked["id"], "queued", asked["prompt"])
    assert new["options"]["seed"] == 5


async def test_what_is_done_cannot_be_tried_again(ada: Caller) -> None:
    done = await ada.finished(await ada.asks(await ada.thread(), "a small cat", options={"size": "256x256"}))
    assert (await retry(ada, done, 409))["error"]["code"] == "not_retryable"


async def test_a_trashed_image_leaves_its_generation(ada: Caller) -> None:
    image = await ada.image()
    await ada.call("DELETE", f"/images/{image['id']}", 204)
    assert (await ada.call("GET", f"/generations/{image['generation_id']}"))["images"] == []
