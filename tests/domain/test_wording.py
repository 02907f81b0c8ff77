"""The chat model words short prompts for engines that like it; those by rules stand in when it is slow or wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from chatelier.db.models import Attempt, Charge, Generation, User
from chatelier.domain.generations import cancel_generation, find_generation, retry_generation, run_generation, wording
from chatelier.domain.generations.wording import usable
from chatelier.domain.messages import Posted
from chatelier.domain.options import Options
from chatelier.domain.preferences import change_preferences
from chatelier.providers.base import PromptKind
from chatelier.providers.fake import FakePainter
from chatelier.providers.fake_chat import FakeTalker
from chatelier.services import Services
from tests.engines import Talker, limit
from tests.people import People, until

pytestmark = pytest.mark.anyio
RULES = "a red fox. The subject in clear focus, soft natural light, high quality, finely detailed."
GOOD = '{"prompt": "A red fox at the edge of a wood, low evening light"}'


@pytest.fixture(autouse=True)
def likes_sentences(services: Services) -> FakePainter:
    painter = services.providers.image("fake")
    assert isinstance(painter, FakePainter)
    painter.capabilities = replace(painter.capabilities, prompt_kind=PromptKind.SENTENCES)
    return painter


@pytest.fixture
async def ada(people: People) -> User:
    return await people.user("Ada")


def words(services: Services, answer: str, *, tools: bool = True, more: str = "") -> None:
    script = f"[[document {answer}]]{more}"
    object.__setattr__(services.providers, "chat", FakeTalker(tools=tools, script=lambda _: script))


def sold(services: Services, answer: str, *, more: str = "") -> None:
    """The same model, by the token."""
    script = f"[[document {answer}]]{more}"
    object.__setattr__(services.providers, "chat", Talker(tools=True, script=lambda _: script))


async def painted(people: People, ada: User, text: str = "/imagine a red fox") -> Generation:
    return await people.finished(ada, await people.says(ada, await people.thread(ada), text))


async def test_without_a_capable_model_the_prompt_by_rules_is_sent(
    services: Services, people: People, worker: None, ada: User
) -> None:
    generation = await painted(people, ada)
    assert (generation.prompt, generation.prompt_by) == (RULES, "rules")
    assert (generation.description, generation.subject) == ("a red fox", "red fox")
    assert generation.images[0].prompt == RULES  # what was sent is shown
    assert generation.images[0].meant == "a red fox"


async def test_a_capable_model_words_it(services: Services, people: People, worker: None, ada: User) -> None:
    words(services, GOOD)
    generation = await painted(people, ada)
    assert generation.prompt == "A red fox at the edge of a wood, low evening light"
    assert (generation.prompt_by, generation.status) == ("model", "succeeded")
    assert generation.images[0].prompt == generation.prompt
    assert generation.images[0].alt_text == generation.prompt  # the engine's own words for what it painted


@pytest.mark.parametrize(
    "answer",
    [
        "no document at all",
        '{"prompt": 7}',
        '{"prompt": ""}',
        '{"prompt": "A grey wolf in the wood"}',
        '{"prompt": "A red fox with the word HELLO in \\"big letters\\""}',
    ],
)
async def test_a_wrong_answer_leaves_the_prompt_by_rules(
    services: Services, people: People, worker: None, ada: User, answer: str
) -> None:
    words(services, answer)
    generation = await painted(people, ada)
    assert (generation.prompt, generation.prompt_by, generation.status) == (RULES, "asked", "succeeded")


async def test_a_slow_answer_is_not_waited_for(
    services: Services, people: People, worker: None, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "SECONDS", 0.2)
    words(services, GOOD, more="[[document-slow 60]]")
    generation = await painted(people, ada)
    assert (generation.prompt, generation.prompt_by, generation.status) == (RULES, "asked", "succeeded")


async def charges(services: Services, subject: str) -> list[Charge]:
    async with services.transaction() as db:
        return list(await db.scalars(select(Charge).where(Charge.subject == subject)))


async def test_what_the_chat_model_takes_is_held_settled_and_told(
    services: Services, people: People, worker: None, ada: User
) -> None:
    sold(services, GOOD)
    generation = await painted(people, ada)
    (words,) = await charges(services, "reply")
    assert (words.state, words.owner_id, words.images) == ("settled", ada.id, 0)
    assert 0 < words.micros < words.held_micros < 1000  # a paid answer is held at a hundred times that
    async with services.transaction() as db:
        assert await wording.price_of_words(db, generation) == words.micros


async def test_words_that_came_too_late_stay_held_until_it_is_known_what_they_cost(
    services: Services, people: People, worker: None, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "SECONDS", 0.2)
    sold(services, GOOD, more="[[document-slow 60]]")
    assert (await painted(people, ada)).prompt == RULES
    assert [words.state for words in await charges(services, "reply")] == ["held"]


async def test_where_the_budget_leaves_no_room_for_words_the_prompt_by_rules_is_sent(
    services: Services, people: People, worker: None, ada: User
) -> None:
    sold(services, GOOD)
    await limit(services, ada, money_per_day=1)
    generation = await painted(people, ada)
    assert (generation.prompt, generation.prompt_by, generation.status) == (RULES, "rules", "succeeded")
    assert await charges(services, "reply") == []


async def test_a_stop_while_the_words_are_sought_pays_for_them(
    services: Services, people: People, worker: None, ada: User
) -> None:
    sold(services, GOOD, more="[[document-slow 60]]")
    posted = await people.says(ada, await people.thread(ada), "/imagine a red fox")

    async def asked() -> bool | None:
        return bool(await charges(services, "reply")) or None

    await until(asked)
    async with services.transaction() as db:
        assert posted.reply.generation
        await cancel_generation(db, await find_generation(db, ada, posted.reply.generation.id))
    (words,) = await charges(services, "reply")
    assert (words.state, words.micros) == ("settled", words.held_micros)
    assert [picture.state for picture in await charges(services, "picture")] == ["released"]


async def test_it_is_asked_once_for_a_generation(services: Services, people: People, ada: User) -> None:
    words(services, GOOD)
    posted = await people.says(ada, await people.thread(ada), "/imagine a red fox")
    generation = posted.reply.generation
    assert generation is not None
    async with services.transaction() as db:  # a worker asked, and died
        row = await db.get_one(Generation, generation.id)
        row.prompt_by = "asked"
        attempt_id = (await db.scalars(select(Attempt.id))).one()
    await run_generation(services, attempt_id)
    assert (await people.finished(ada, posted)).prompt == RULES


async def test_who_turned_help_off_gets_what_was_said(
    services: Services, people: People, worker: None, ada: User
) -> None:
    words(services, GOOD)
    async with services.transaction() as db:
        await change_preferences(db, ada, prompt_help=False)
        ada = await db.get_one(User, ada.id)
    generation = await painted(people, ada)
    assert (generation.prompt, generation.prompt_by, generation.description) == ("a red fox", "person", "")


async def test_one_message_goes_without_help_by_its_flag_or_the_form(
    services: Services, people: People, worker: None, ada: User
) -> None:
    words(services, GOOD)
    by_flag = await painted(people, ada, "/imagine a red fox --raw --n 1")
    by_form = await people.finished(ada, await people.says(ada, await people.thread(ada), "draw a red fox", raw=True))
    for generation in (by_flag, by_form):
        assert (generation.prompt, generation.prompt_by, generation.status) == ("a red fox", "person", "succeeded")


async def test_an_engine_that_edits_gets_the_instruction_and_no_help(
    services: Services, people: People, worker: None, ada: User
) -> None:
    thread = await people.thread(ada)
    await people.finished(ada, await people.says(ada, thread, "/imagine a red fox"))
    changed = await people.finished(ada, await people.says(ada, thread, "make it night"))
    assert (changed.kind, changed.instruction) == ("edit", "make it night")
    assert changed.prompt == "a red fox, night"  # of what was meant, without the help of the first one


async def test_an_engine_that_cannot_edit_gets_the_whole_picture_in_words(
    services: Services, people: People, worker: None, ada: User, likes_sentences: FakePainter
) -> None:
    likes_sentences.capabilities = replace(likes_sentences.capabilities, edit=False)
    thread = await people.thread(ada)
    first = await people.finished(ada, await people.says(ada, thread, "/imagine a red fox"))
    posted = await people.says(ada, thread, "make it night")
    changed = await people.finished(ada, posted)
    assert changed.prompt.startswith("a red fox, night. ")
    assert changed.seed == first.seed
    assert "cannot change pictures" in (posted.message.decision or {})["reason"]


async def test_a_retry_sends_the_same_prompt_again(services: Services, people: People, worker: None, ada: User) -> None:
    thread = await people.thread(ada)
    failed = await people.finished(ada, await people.says(ada, thread, "/imagine a red fox [[500]]"))
    assert failed.status == "failed"
    async with services.transaction() as db:
        again = await find_generation(db, ada, failed.id)
        asked, reply = await retry_generation(db, services.providers, ada, again)
    retried = await people.finished(ada, Posted(message=asked, reply=reply))
    assert (retried.prompt, retried.description) == (failed.prompt, failed.description)


async def test_an_answer_is_used_when_it_keeps_words_and_wishes() -> None:
    assert usable('Here: {"prompt": "two  dogs\\nrunning"} ok', "two dogs", Options()) == "two dogs running"
    assert usable('{"prompt": "a boat named \\"Ada\\" at sea"}', 'a boat "Ada"', Options())
    assert usable('{"prompt": "a boat named Bella"}', 'a boat "Bella"', Options()) is None
    assert usable('{"prompt": "a street full of people"}', "a street", Options(negative_prompt="people")) is None
    assert usable('{"prompt": "a street without people"}', "a street", Options(negative_prompt="people"))
    assert usable('{"prompt": "' + "a street " * 400 + '"}', "a street", Options()) is None
