"""The assistant's text turns."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import select

from chatelier.db.models import Attempt, AttemptState, Message, Thread
from chatelier.domain.generations import run_generation
from chatelier.domain.messages import post_message, suggested
from chatelier.domain.replies import retry_reply, stop_reply
from chatelier.errors import NotRetryable
from chatelier.providers.base import ChatEvent, ChatRequest
from chatelier.services import Services
from tests.engines import Talker, use_engines
from tests.people import People, until


class Listener(Talker):
    """Keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[ChatRequest] = []

    def reply(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        self.heard.append(request)
        return super().reply(request)


async def test_ada_reads_an_answer_that_grows_while_it_is_written(
    services: Services, people: People, worker: None
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    posted = await people.says(ada, thread, "How do lighthouses work? [[slow 1]]")
    assert posted.reply.status == "streaming"

    async def some_text() -> Message | None:
        message = await people.message(ada, posted.reply.id)
        return message if message.text and message.status == "streaming" else None

    part = await until(some_text)
    whole = await people.answered(ada, posted)
    assert whole.status == "complete"
    assert whole.text.startswith(part.text)
    assert len(whole.text) > len(part.text)
    assert whole.html


async def test_markdown_is_rendered_and_nothing_hostile_survives(
    services: Services, people: People, worker: None
) -> None:
    ada = await people.user("Ada")
    posted = await people.says(ada, await people.thread(ada), "Tell me something [[markdown]]")
    html = (await people.answered(ada, posted)).html
    assert "<strong>" in html or "<em>" in html
    tags = re.findall(r"<[^>]*>", html.lower())
    for bad in ("<script", "<img", "<iframe", "<style", "<link", "<svg", "javascript:", "data:"):
        assert not [tag for tag in tags if bad in tag]
    assert not [tag for tag in tags if re.search(r"\son\w+\s*=", tag)]


async def test_stopping_an_answer_keeps_what_was_written(services: Services, people: People, worker: None) -> None:
    ada = await people.user("Ada")
    posted = await people.says(ada, await people.thread(ada), "Tell me a long story [[slow 5]]")

    async def begun() -> bool | None:
        return bool((await people.message(ada, posted.reply.id)).text) or None

    await until(begun)
    async with services.transaction() as db:
        await stop_reply(db, await db.get_one(Message, posted.reply.id))
    stopped = await people.answered(ada, posted)
    assert stopped.status == "stopped"
    assert stopped.text
    async with services.transaction() as db:
        assert (await db.scalars(select(Attempt))).one().state == AttemptState.FAILED


@pytest.mark.parametrize("fault", ["[[500]]", "[[429 2]]", "[[dies]]"])
async def test_an_answer_that_fails_says_so_and_can_be_written_again(
    services: Services, people: People, worker: None, fault: str
) -> None:
    ada = await people.user("Ada")
    posted = await people.says(ada, await people.thread(ada), f"Hello {fault}")
    failed = await people.answered(ada, posted)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error["retryable"] is True
    async with services.transaction() as db:
        await retry_reply(db, services.providers, ada, await db.get_one(Message, failed.id))
    async with services.transaction() as db:
        numbers = list(await db.scalars(select(Attempt.number).order_by(Attempt.number)))
    assert numbers == [1, 2]


async def test_a_complete_answer_is_not_written_again(services: Services, people: People, worker: None) -> None:
    ada = await people.user("Ada")
    posted = await people.says(ada, await people.thread(ada), "Hello there")
    await people.answered(ada, posted)
    async with services.transaction() as db:
        with pytest.raises(NotRetryable):
            await retry_reply(db, services.providers, ada, await db.get_one(Message, posted.reply.id))


async def test_without_a_chat_model_the_answer_says_honestly_how_to_connect_one(
    services: Services, people: People
) -> None:
    object.__setattr__(services.providers, "chat", None)
    ada = await people.user("Ada")
    posted = await people.says(ada, await people.thread(ada), "Hello there")
    assert posted.reply.status == "complete"
    assert "CHATELIER_CHAT_BASE_URL" in posted.reply.text
    assert "/imagine" in posted.reply.html


async def test_talk_goes_on_while_every_picture_slot_is_busy(services: Services, people: People, worker: None) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    pictures = [await people.says(ada, thread, f"/imagine boat {n} [[slow 3]]") for n in range(3)]
    answer = await people.answered(ada, await people.says(ada, thread, "How are you?"))
    assert answer.status == "complete"
    generation = (await people.message(ada, pictures[0].reply.id)).generation
    assert generation is not None
    assert generation.status in ("queued", "running")


async def test_paint_this_turns_the_suggestion_of_an_answer_into_a_picture(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    posted = await people.says(ada, thread, "Hello there")
    async with services.transaction() as db:
        reply = await db.get_one(Message, posted.reply.id)
        reply.suggestion = "a lighthouse at dusk"
        painting = await post_message(db, services.providers, ada, thread, suggested(reply))
    assert painting.reply.generation is not None
    assert "lighthouse" in painting.reply.generation.prompt
    async with services.transaction() as db:
        attempt = await db.scalar(select(Attempt).where(Attempt.generation_id.is_not(None)))
    assert attempt is not None
    await run_generation(services, attempt.id)
    assert (await people.finished(ada, painting)).status == "succeeded"


async def test_the_first_message_gives_the_thread_its_title_unless_a_person_gave_one(
    services: Services, people: People
) -> None:
    ada = await people.user("Ada")
    untitled, titled = await people.thread(ada), await people.thread(ada, "My lighthouse")
    for thread in (untitled, titled):
        await people.says(ada, thread, "/imagine a harbour at night")
    async with services.transaction() as db:
        assert "harbour" in (await db.get_one(Thread, untitled.id)).title.lower()
        assert (await db.get_one(Thread, titled.id)).title == "My lighthouse"


async def test_a_long_message_arrives_whole_and_its_hold_counts_it(
    services: Services, people: People, worker: None
) -> None:
    """And OpenAI hears that it is the same person as before, and nothing else of them."""
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    use_engines(services, chat=(talker := Listener()))
    for text in ("Hello", "The beginning. " + "Much. " * 4000 + "The end."):
        await people.answered(ada, await people.says(ada, thread, text, intent="chat"))
    short, long = talker.heard
    assert long.messages[-1].text.startswith("The beginning. Much.")
    assert long.messages[-1].text.endswith("The end.")
    assert short.user_ref == long.user_ref
    assert len(short.user_ref) == 32
    async with services.transaction() as db:
        held = list(await db.scalars(select(Attempt.held_micros).order_by(Attempt.created_at)))
    assert held[1] > held[0] > 0
