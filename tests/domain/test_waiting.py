"""A change to a picture that is still being painted waits for it, or fails with its own sentence."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chatelier.db.models import Attempt, AttemptState, LedgerEntry, Thread, User
from chatelier.domain.generations import cancel_generation, find_generation, retry_generation
from chatelier.domain.messages import Posted
from chatelier.domain.sweep import sweep
from chatelier.errors import NotRetryable
from chatelier.services import Services
from tests.people import People


async def ask_then_change(
    people: People, mark: str, change: str = "make it bluer"
) -> tuple[User, Thread, Posted, Posted]:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    first = await people.says(ada, thread, f"/imagine a small cat {mark}")
    return ada, thread, first, await people.says(ada, thread, change)


async def kinds(services: Services, posted: Posted) -> list[str]:
    assert posted.reply.generation is not None
    async with services.transaction() as db:
        query = (
            select(LedgerEntry.kind)
            .join(Attempt, Attempt.id == LedgerEntry.attempt_id)
            .where(Attempt.generation_id == posted.reply.generation.id)
            .order_by(LedgerEntry.id)
        )
        return list(await db.scalars(query))


async def test_a_change_waits_for_the_picture_it_starts_from(services: Services, people: People, worker: None) -> None:
    ada, _, first, second = await ask_then_change(people, "[[slow 0.6]]")
    waiting = second.reply.generation
    assert waiting is not None
    assert (waiting.kind, waiting.status, waiting.note) == (
        "edit",
        "queued",
        "Waiting for the picture it starts from",
    )
    assert "the picture that is being painted" in (second.message.decision or {})["reason"]
    painted = await people.finished(ada, first)
    changed = await people.finished(ada, second)
    assert changed.status == "succeeded"
    assert changed.source_image_ids == [str(painted.images[0].id)]
    assert changed.images[0].handle == 2
    assert (changed.width, changed.seed) == (painted.width, painted.seed)
    assert await kinds(services, second) == ["hold", "settle"]


async def test_a_change_to_a_change_waits_for_both(services: Services, people: People, worker: None) -> None:
    ada, thread, _, second = await ask_then_change(people, "[[slow 0.6]]")
    third = await people.says(ada, thread, "add a red hat")
    middle, last = await people.finished(ada, second), await people.finished(ada, third)
    assert last.source_image_ids == [str(middle.images[0].id)]
    assert "cat" in last.prompt
    assert "red hat" in last.prompt


async def test_the_change_fails_with_its_sentence_when_the_picture_fails(
    services: Services, people: People, worker: None
) -> None:
    ada, thread, first, second = await ask_then_change(people, "[[slow 0.4]] [[500]]")
    third = await people.says(ada, thread, "and add a red hat")
    assert (await people.finished(ada, first)).status == "failed"
    for posted in (second, third):
        generation = await people.finished(ada, posted)
        assert generation.status == "failed"
        assert generation.error is not None
        assert generation.error["code"] == "no_source_image"
        assert "was not made" in generation.error["message"]
        assert await kinds(services, posted) == ["hold", "release"]


async def test_stopping_the_picture_ends_what_waits_for_it(services: Services, people: People, worker: None) -> None:
    ada, _, first, second = await ask_then_change(people, "[[slow 20]]")
    async with services.transaction() as db:
        assert first.reply.generation is not None
        await cancel_generation(db, await find_generation(db, ada, first.reply.generation.id))
    ended = await people.finished(ada, second)
    assert ended.status == "failed"
    async with services.transaction() as db:
        generation = await find_generation(db, ada, ended.id)
        with pytest.raises(NotRetryable, match="was not made"):
            await retry_generation(db, services.providers, ada, generation)


async def test_what_waits_can_be_stopped_and_leaves_the_picture_alone(
    services: Services, people: People, worker: None
) -> None:
    ada, _, first, second = await ask_then_change(people, "[[slow 0.5]]")
    async with services.transaction() as db:
        assert second.reply.generation is not None
        await cancel_generation(db, await find_generation(db, ada, second.reply.generation.id))
    assert (await people.finished(ada, first)).status == "succeeded"
    assert (await people.finished(ada, second)).status == "cancelled"
    assert await kinds(services, second) == ["hold", "release"]


async def test_a_sweep_does_not_start_what_waits(services: Services, people: People) -> None:
    _, _, _, second = await ask_then_change(people, "")
    await sweep(services)
    assert second.reply.generation is not None
    async with services.transaction() as db:
        attempt = (await db.scalars(select(Attempt).where(Attempt.generation_id == second.reply.generation.id))).one()
    assert (attempt.state, attempt.job_id) == (AttemptState.PREPARED, None)


async def test_a_new_request_meanwhile_does_not_wait(services: Services, people: People, worker: None) -> None:
    ada, _, _, second = await ask_then_change(people, "[[slow 20]]", "draw a green boat")
    assert second.reply.generation is not None
    assert second.reply.generation.waits_for is None
    assert (await people.finished(ada, second)).status == "succeeded"
