"""A style spoken of earlier is carried, told, and left out with one click until it is spoken of again."""

from __future__ import annotations

import pytest

from chatelier.db.models import Thread, User
from chatelier.domain.decisions import Draft, judge
from chatelier.domain.messages import Posted, correct_message, corrected, find_message
from chatelier.domain.preferences import change_preferences
from chatelier.domain.threads import find_thread
from chatelier.services import Services
from tests.people import People

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(people: People) -> User:
    return await people.user("Ada")


@pytest.fixture
async def thread(people: People, ada: User) -> Thread:
    thread = await people.thread(ada)
    await people.says(ada, thread, "I love watercolor style for everything")
    return thread


def prompt(posted: Posted) -> str:
    assert posted.reply.generation is not None
    return posted.reply.generation.prompt


async def test_a_carried_style_is_told(people: People, ada: User, thread: Thread) -> None:
    posted = await people.says(ada, thread, "draw a fox")
    assert prompt(posted) == "a fox, watercolor style"
    decision = posted.message.decision or {}
    assert decision["style"] == "watercolor"
    assert decision["reason"] == "You asked for a picture, in watercolor style, as you said earlier."


async def test_a_style_asked_for_now_is_not_a_carried_one(people: People, ada: User, thread: Thread) -> None:
    posted = await people.says(ada, thread, "draw a fox in watercolor")
    assert "style" not in (posted.message.decision or {})


async def test_a_style_goes_on_from_picture_to_picture_until_it_is_given_up(
    people: People, ada: User, thread: Thread, worker: None
) -> None:
    for subject in ("a fox", "an owl", "a bear", "a wolf", "a hare", "a deer"):
        posted = await people.says(ada, thread, f"draw {subject}")
        assert prompt(posted) == f"{subject}, watercolor style"
        await people.finished(ada, posted)
    assert prompt(await people.says(ada, thread, "draw a boat in pixel art style")) == "a boat in pixel art style"
    await people.says(ada, thread, "no more watercolor, thanks")
    assert prompt(await people.says(ada, thread, "draw a badger")) == "a badger"


async def test_a_command_says_all_there_is(people: People, ada: User, thread: Thread) -> None:
    assert prompt(await people.says(ada, thread, "/imagine a fox")) == "a fox"


async def test_a_style_left_out_stays_out_until_it_is_spoken_of_again(
    people: People, ada: User, thread: Thread, worker: None
) -> None:
    without = await people.says(ada, thread, "draw a fox", leave_style=True)
    generation = await people.finished(ada, without)
    assert (generation.prompt, generation.subject) == ("a fox", "fox")
    assert prompt(await people.says(ada, await people.thread(ada), "draw an owl")) == "an owl"
    await people.says(ada, thread, "What is a fresco?")
    assert prompt(await people.says(ada, thread, "draw an owl")) == "an owl"
    await people.says(ada, thread, "I love watercolor style for everything")
    assert prompt(await people.says(ada, thread, "draw a bear")) == "a bear, watercolor style"


async def test_one_click_paints_the_same_without_it(
    services: Services, people: People, ada: User, thread: Thread
) -> None:
    posted = await people.says(ada, thread, "draw a fox")
    async with services.transaction() as db:
        asked = await find_message(db, ada, posted.message.id)
        *_, again, reply = await correct_message(
            db, services.providers, ada, asked, await corrected(db, ada, asked, "generate", leave_style=True)
        )
    assert prompt(Posted(message=again, reply=reply)) == "a fox"


async def test_the_usual_style_is_told_and_left_out_for_once(services: Services, people: People, ada: User) -> None:
    async with services.transaction() as db:
        await change_preferences(db, ada, style="linocut")
        ada = await db.get_one(User, ada.id)
    thread = await people.thread(ada)
    async with services.transaction() as db:
        own = await find_thread(db, ada, thread.id)
        judged = await judge(db, ada, own, Draft(text="draw a fox", personal=True))
        left = await judge(db, ada, own, Draft(text="draw a fox", personal=True, leave_style=True))
        said = await judge(db, ada, own, Draft(text="/imagine a fox --style oil", personal=True))
    assert (judged.carried, judged.options.style) == ("linocut", "linocut")
    assert judged.decision.reason.endswith("in your usual style, linocut.")
    assert (left.carried, left.options.style) == ("", None)
    assert (said.carried, said.options.style) == ("", "oil")
