"""One door before every call and one after every image, whatever way a request comes in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from chatelier.config import Settings
from chatelier.db.models import Attempt, AuditEntry, Charge, Generation, Image, Message, PartialFrame, Thread, User
from chatelier.domain import history, plans, refusals
from chatelier.domain.generations import find_generation, retry_generation, run_generation
from chatelier.domain.images import keep_upload
from chatelier.domain.messages import Posted
from chatelier.domain.moderation import Rules, save_rules
from chatelier.domain.options import Options
from chatelier.domain.replies import run_reply
from chatelier.domain.users import disable_user
from chatelier.errors import TooMany
from chatelier.providers.base import PromptKind
from chatelier.providers.fake_chat import FakeTalker
from chatelier.providers.openai_moderation import OpenAIModeration
from chatelier.services import Services
from tests.engines import CENTS, limit, use_engines
from tests.people import People
from tests.providers.stub import Connection, Handler, Stub, stub
from tests.providers.test_openai_moderation import declines, lets_through
from tests.storage.pictures import encoded, picture

pytestmark = pytest.mark.anyio


async def decides_by_words(to: Connection) -> None:
    """Declines what speaks of poison, and every image."""
    asked = to.asked.body["input"]
    await (declines if isinstance(asked, list) or "poison" in asked else lets_through)(to)


async def has_no_time(to: Connection) -> None:
    await to.document(503, {"error": {"message": "later"}})


@asynccontextmanager
async def moderated(services: Services, handler: Handler, **settings: Any) -> AsyncIterator[Stub]:
    """The house with a moderation service that answers so."""
    services.settings = services.settings.model_copy(update=settings)
    async with stub(handler) as server:
        services.providers.moderator = OpenAIModeration(model="omni", base_url=server.url, seconds=30)
        yield server
        await services.providers.moderator.close()
        services.providers.moderator = None


async def rules(services: Services, words: str = "", **others: Any) -> None:
    async with services.transaction() as db:
        admin = User(email="root@example.org", role="admin")
        db.add(admin)
        await db.flush()
        await save_rules(db, Rules(words=words, **others), actor=admin.id)


async def sent(services: Services) -> int:
    async with services.transaction() as db:
        return int(await db.scalar(select(func.count()).where(Attempt.sent_at.is_not(None))) or 0)


async def noted(services: Services) -> list[tuple[str, str]]:
    """Door and provider of every refusal; the audit log holds no word of what was asked for."""
    async with services.transaction() as db:
        query = select(AuditEntry).where(AuditEntry.action == refusals.ACTION)
        rows = list(await db.scalars(query.order_by(AuditEntry.created_at, AuditEntry.id)))
    assert not [row for row in rows if set(row.details or {}) != {"door", "provider"}]
    return [(row.details["door"], row.details["provider"]) for row in rows if row.details]


async def test_every_way_in_passes_the_same_door(services: Services, people: People, worker: None) -> None:
    use_engines(services, chat=FakeTalker(tools=True))
    ada = await people.user("Ada")
    await limit(services, ada)
    thread = await people.thread(ada)
    first = await people.finished(ada, await people.says(ada, thread, "/imagine a fox"))
    source = (first.images[0].id,)
    before = await sent(services)
    await rules(services, "dagger\nno-such-*")
    ways = [
        await people.says(ada, thread, "/imagine a d-a-g-g-e-r"),
        await people.says(ada, thread, "/edit give it a dagger", source_image_ids=source),
        await people.says(ada, thread, "/imagine a fox --style dagger"),
        await people.says(ada, thread, "a dagger", intent="generate", is_literal=True),
        await people.says(ada, thread, "/imagine a fox", is_test=True, options=Options(style="no-such-thing")),
    ]
    failed = [await people.finished(ada, posted) for posted in ways]
    async with services.transaction() as db:
        own = await find_generation(db, ada, failed[0].id)
        _, reply = await retry_generation(db, services.providers, ada, own)
    retried = await people.finished(ada, Posted(message=ways[0].message, reply=reply))
    for generation in [*failed, retried]:
        assert (generation.error or {}).get("code") == "refused", generation.prompt
        assert generation.error
        assert "word list" in generation.error["message"]
        assert "dagger" not in generation.error["message"]
        assert (generation.amount_micros, generation.error["retryable"]) == (0, False)
    talk = await people.answered(ada, await people.says(ada, thread, "what is a dagger?", intent="chat"))
    assert talk.error
    assert talk.error["code"] == "refused"
    assert await sent(services) == before
    assert sorted(await noted(services)) == [("words", "brush")] * 6 + [("words", "fake")]
    async with services.transaction() as db:
        held = await db.scalar(select(func.count()).where(Charge.state == "held"))
        counted = {one.door: one.day for one in await refusals.count_refusals(db)}
        worst = await refusals.list_refused(db)
    assert (held, counted[refusals.Door.WORDS]) == (0, 7)
    assert [(user.email, count) for user, count in worst] == [("ada@example.org", 7)]


@pytest.mark.parametrize(
    ("asked", "writes"),
    [
        ("red foxes in winter", "[[paint red foxes in winter with a dagger]]"),  # left open: its tool call
        ("/imagine a red fox", '[[document {"prompt": "A red fox with a dagger at dusk"}]]'),  # its wording
    ],
)
async def test_what_a_chat_model_writes_passes_the_door_as_well(
    services: Services, people: People, worker: None, asked: str, writes: str
) -> None:
    use_engines(services, chat=FakeTalker(tools=True, script=lambda _: writes), default="fake")
    painter = services.providers.images["fake"]
    painter.capabilities = replace(painter.capabilities, prompt_kind=PromptKind.SENTENCES)
    ada = await people.user("Ada")
    await rules(services, "dagger")
    posted = await people.says(ada, await people.thread(ada), asked)
    await people.answered(ada, posted)
    generation = await people.finished(ada, posted)
    assert "dagger" in generation.prompt
    assert generation.error
    assert generation.error["code"] == "refused"
    assert await noted(services) == [("words", "fake")]


async def test_what_was_refused_is_not_told_to_the_chat_model_later(
    services: Services, people: People, worker: None
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    await rules(services, "dagger")
    await people.answered(ada, await people.says(ada, thread, "what is a dagger for?"))
    posted = await people.says(ada, thread, "please answer what I asked before")
    async with services.transaction() as db:
        recent = await history.recent_messages(db, await db.get_one(Thread, thread.id))
    told = history.chat_messages([message for message in recent if message.id != posted.reply.id])
    assert [message.text for message in told[1:]] == ["please answer what I asked before"]


async def test_the_child_safe_list_is_off_until_an_admin_wants_it(
    services: Services, people: People, worker: None
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    assert (await people.finished(ada, await people.says(ada, thread, "/imagine a nude"))).status == "succeeded"
    await rules(services, child_safe=True)
    generation = await people.finished(ada, await people.says(ada, thread, "/imagine a nude"))
    assert generation.error
    assert "not for children" in generation.error["message"]
    assert await noted(services) == [("child_safe", "fake")]


async def test_the_service_is_asked_before_anything_is_sent(services: Services, people: People, worker: None) -> None:
    use_engines(services)
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    async with moderated(services, decides_by_words) as server:
        asked = "/imagine a cup --style ink --no poison"
        refused = await people.finished(ada, await people.says(ada, thread, asked))
        told = server.asked[-1].body["input"].splitlines()
        passed = await people.finished(ada, await people.says(ada, thread, "/imagine a cup"))
    assert refused.error
    assert "moderation service declined" in refused.error["message"]
    assert told == ["a cup", asked, "ink", "Not to be seen: poison"]
    assert (refused.amount_micros, passed.amount_micros) == (0, 4 * CENTS)
    assert await sent(services) == 1
    assert await noted(services) == [("service", "brush")]


@pytest.mark.parametrize("when_down", ["refuse", "allow"])
async def test_a_service_that_is_down_closes_the_door_or_opens_it(
    services: Services, people: People, worker: None, when_down: str
) -> None:
    use_engines(services)
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    async with moderated(services, has_no_time, moderation_when_down=when_down):
        generation = await people.finished(ada, await people.says(ada, thread, "/imagine a cup"))
    if when_down == "allow":
        assert generation.status == "succeeded"
    else:
        assert generation.error
        assert generation.error["code"] == "unchecked"
        assert (generation.error["retryable"], generation.amount_micros, await sent(services)) == (True, 0, 0)
    assert await noted(services) == []


@pytest.mark.parametrize(("engine", "cost"), [("brush", 4 * CENTS), ("illustrator", 0)])
async def test_a_finished_image_that_is_declined_is_not_kept(
    services: Services, people: People, worker: None, engine: str, cost: int
) -> None:
    use_engines(services, default=engine)
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    async with moderated(services, decides_by_words, moderation_images=True):
        posted = await people.says(ada, thread, "/imagine a cup [[slow 0.5]]")
        generation = await people.finished(ada, posted)
    assert generation.error
    assert "not kept" in generation.error["message"]
    assert ("charges for it" in generation.error["message"]) == bool(cost)
    assert (generation.amount_micros, generation.partials) == (cost, 0)
    async with services.transaction() as db:
        for table in (Image, PartialFrame):
            assert await db.scalar(select(func.count()).select_from(table)) == 0
    assert await noted(services) == [("result", engine)]


async def test_an_image_that_ada_brought_is_looked_at_before_it_is_sent_on(
    services: Services, people: People, worker: None
) -> None:
    """In the size of its preview; what was made here was looked at when it was made."""
    use_engines(services)
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    made = await people.finished(ada, await people.says(ada, thread, "/imagine a fox"))
    brought = await keep_upload(services, ada, thread.id, encoded(picture(1500, 900)))
    async with moderated(services, decides_by_words, moderation_images=True) as server:
        for source in (brought, made.images[0]):
            asked = await people.says(ada, thread, "/edit make it night", source_image_ids=(source.id,))
            refused = await people.finished(ada, asked)
        told = [one.body["input"] for one in server.asked]
    images = [one[0]["image_url"]["url"] for one in told if isinstance(one, list)]
    assert images[0].startswith("data:image/jpeg")
    assert len(images) == 2  # the upload before, and the result of the second
    assert refused.error
    assert "not kept" in refused.error["message"]
    assert await noted(services) == [("service", "brush"), ("result", "brush")]
    assert await sent(services) == 2  # the first fox and the second change


async def test_who_is_refused_again_and_again_has_to_wait(services: Services, people: People, worker: None) -> None:
    """The provider's own refusals count as well, and only the person's own."""
    ada, ben = await people.user("Ada"), await people.user("Ben")
    thread = await people.thread(ada)
    await rules(services, "dagger", per_hour=2)
    await people.finished(ada, await people.says(ada, thread, "/imagine a dagger"))
    await people.finished(ada, await people.says(ada, thread, "/imagine a cup [[refuse]]"))
    assert await noted(services) == [("words", "fake"), ("provider", "fake")]
    for words in ("/imagine a fox", "hello"):
        with pytest.raises(TooMany, match="refused within an hour") as waits:
            await people.says(ada, thread, words)
        assert 3500 < waits.value.retry_after <= 3600
    await people.says(ben, await people.thread(ben), "/imagine a fox")


async def test_many_at_once_are_no_way_round_the_hour(services: Services, people: People) -> None:
    """Posted before the first was refused: the rest is turned away at the door, and nobody is asked about it."""
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    await rules(services, per_hour=2)
    for _ in range(5):
        await people.says(ada, thread, "is poison nice?")
    async with moderated(services, decides_by_words) as server:
        await run_all(services)
    assert len(server.asked) == 2
    assert await noted(services) == [("service", "fake")] * 2
    async with services.transaction() as db:
        codes = [
            (one.error or {})["code"] for one in await db.scalars(select(Message).where(Message.error.is_not(None)))
        ]
    assert sorted(codes) == ["rate_limited"] * 3 + ["refused"] * 2


async def test_a_permission_that_is_gone_stops_what_waits(services: Services, people: People) -> None:
    """V22, V30: looked at once more before anything is sent."""
    use_engines(services)
    ada, ben, eve = await people.user("Ada"), await people.user("Ben"), await people.user("Eve")
    waiting = [await people.says(one, await people.thread(one), "/imagine a fox") for one in (ada, ben, eve)]
    talk = await people.says(ben, await people.thread(ben), "hello there")
    await limit(services, ada, providers=["illustrator"])
    async with services.transaction() as db:
        await disable_user(db, await db.get_one(User, ben.id))
        await plans.limit_instance(db, {"models": ["other-1"]}, actor=ada.id)
    await run_all(services)
    errors = []
    for posted in [*waiting, talk]:
        async with services.transaction() as db:
            generation = await db.scalar(select(Generation).where(Generation.message_id == posted.reply.id))
            reply = await db.get_one(type(posted.reply), posted.reply.id)
            errors.append((generation.error if generation else reply.error) or {})
    assert [error["code"] for error in errors] == ["forbidden"] * 4
    assert "does not include brush" in errors[0]["message"]
    assert "does not include brush-1" in errors[2]["message"]
    assert await sent(services) == 0
    async with services.transaction() as db:
        assert await db.scalar(select(func.count()).where(Charge.state == "held")) == 0


async def run_all(services: Services) -> None:
    """Every attempt that waits, as a worker would run it."""
    async with services.transaction() as db:
        attempts = list(await db.scalars(select(Attempt).order_by(Attempt.id)))
    for attempt in attempts:
        await (run_generation if attempt.generation_id else run_reply)(services, attempt.id)


def test_settings_name_what_is_done_when_it_is_down() -> None:
    assert Settings().moderation_when_down == "refuse"
