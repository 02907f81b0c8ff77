"""The life of a generation, on real PostgreSQL with a real worker; only the engine is scripted."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from chatelier.db.models import (
    Attempt,
    AttemptState,
    Generation,
    GenerationStatus,
    Image,
    ImageFile,
    LedgerEntry,
    Message,
    PartialFrame,
    Thread,
    User,
)
from chatelier.domain import attempts
from chatelier.domain.generations import cancel_generation, find_generation, retry_generation, run_generation
from chatelier.domain.messages import Posted, changed_since
from chatelier.domain.sweep import sweep
from chatelier.domain.unknown import resolve_unknown
from chatelier.errors import Forbidden, Invalid, NoSourceImage, NotFound, NotRetryable
from chatelier.services import Services
from tests.people import People, until


async def ask(people: People, words: str = "a red lighthouse") -> tuple[User, Thread, Posted]:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    return ada, thread, await people.says(ada, thread, f"/imagine {words}")


async def count(services: Services, model: type[Any]) -> int:
    async with services.transaction() as db:
        return int(await db.scalar(select(func.count()).select_from(model)) or 0)


async def ledger(services: Services) -> list[tuple[str, int, int]]:
    async with services.transaction() as db:
        rows = await db.scalars(select(LedgerEntry).order_by(LedgerEntry.created_at, LedgerEntry.id))
        return [(row.kind, row.images, row.micros) for row in rows]


async def only_attempt(services: Services) -> Attempt:
    async with services.transaction() as db:
        return (await db.scalars(select(Attempt))).one()


async def wait_for_status(people: People, ada: User, posted: Posted, status: str) -> Generation:
    async def look() -> Generation | None:
        found = (await people.message(ada, posted.reply.id)).generation
        return found if found and found.status == status else None

    return await until(look)


async def shift_clock(services: Services, seconds: int) -> None:
    async with services.transaction() as db:
        await db.execute(
            text(
                "CREATE OR REPLACE FUNCTION chatelier_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE "
                f"AS 'SELECT now() + interval ''{seconds} seconds'''"
            )
        )


@pytest.fixture
async def clock(services: Services) -> Any:
    """Moves the database's clock; put right again afterwards."""

    async def move(seconds: int) -> None:
        await shift_clock(services, seconds)

    yield move
    await shift_clock(services, 0)


async def test_adas_picture_is_painted_kept_numbered_and_settled(
    services: Services, people: People, worker: None
) -> None:
    ada, thread, posted = await ask(people)
    assert posted.reply.generation is not None
    assert (posted.reply.generation.status, posted.reply.generation.progress) == ("queued", 10)
    generation = await people.finished(ada, posted)
    assert (generation.status, generation.stage, generation.progress) == ("succeeded", "complete", 100)
    (image,) = generation.images
    assert image.handle == 1
    assert (image.width, image.height) == (generation.width, generation.height)
    assert (await only_attempt(services)).state == AttemptState.SUCCEEDED
    assert [kind for kind, _, _ in await ledger(services)] == ["hold", "settle"]
    async with services.transaction() as db:
        assert (await db.get_one(Thread, thread.id)).current_image_id == image.id
        variants = set(await db.scalars(select(ImageFile.variant).where(ImageFile.image_id == image.id)))
    assert {"original", "thumbnail"} <= variants
    assert await count(services, PartialFrame) == 0


async def test_four_images_are_one_generation_with_four_handles(
    services: Services, people: People, worker: None
) -> None:
    ada, _, posted = await ask(people, "a red lighthouse --n 4")
    generation = await people.finished(ada, posted)
    assert [image.handle for image in generation.images] == [1, 2, 3, 4]
    assert len({image.seed for image in generation.images}) == 4
    assert await count(services, Generation) == 1


async def test_a_request_that_rolls_back_leaves_no_message_generation_job_or_hold(
    services: Services, people: People
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    with pytest.raises(Invalid):
        await people.says(ada, thread, "/imagine a cat --n 4000")
    for model in (Message, Generation, Attempt, LedgerEntry):
        assert await count(services, model) == 0
    async with services.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0


async def test_stopping_a_waiting_generation_makes_no_call_and_gives_the_hold_back(
    services: Services, people: People
) -> None:
    ada, _, posted = await ask(people)
    async with services.transaction() as db:
        generation = await find_generation(db, ada, posted.reply.generation.id)  # type: ignore[union-attr]
        assert (await cancel_generation(db, generation)).status == "cancelled"
    assert [kind for kind, _, _ in await ledger(services)] == ["hold", "release"]
    attempt = await only_attempt(services)
    assert (attempt.state, attempt.sent_at) == (AttemptState.FAILED, None)
    await run_generation(services, attempt.id)
    assert await count(services, Image) == 0


async def test_stopping_twice_changes_nothing_the_second_time(services: Services, people: People) -> None:
    ada, _, posted = await ask(people)
    for _ in range(2):
        async with services.transaction() as db:
            generation = await find_generation(db, ada, posted.reply.generation.id)  # type: ignore[union-attr]
            await cancel_generation(db, generation)
    assert len(await ledger(services)) == 2


async def test_a_paid_call_that_was_sent_is_charged_when_stopped_and_its_picture_goes_to_the_trash(
    services: Services, people: People, worker: None
) -> None:
    ada, _, posted = await ask(people, "a lighthouse [[slow 1.5]]")
    await wait_for_status(people, ada, posted, "running")

    async def sent() -> bool | None:
        return (await only_attempt(services)).state == AttemptState.SENT or None

    await until(sent)
    async with services.transaction() as db:
        generation = await find_generation(db, ada, posted.reply.generation.id)  # type: ignore[union-attr]
        stopped = await cancel_generation(db, generation)
        assert "may charge" in stopped.error["message"]  # type: ignore[index]

    async def trashed() -> Image | None:
        async with services.transaction() as db:
            return await db.scalar(select(Image))

    assert (await until(trashed)).deleted_at is not None
    assert [kind for kind, _, _ in await ledger(services)] == ["hold", "settle"]
    assert (await people.finished(ada, posted)).status == "cancelled"


@pytest.mark.parametrize(
    "fault", ["[[500]]", "[[refuse]]", "[[truncated]]", "[[wrong-type]]", "[[empty]]", "[[429 7]]"]
)
async def test_a_failed_call_says_so_offers_a_retry_and_charges_nothing(
    services: Services, people: People, worker: None, fault: str
) -> None:
    ada, _, posted = await ask(people, f"a lighthouse {fault}")
    generation = await people.finished(ada, posted)
    assert generation.status == "failed"
    assert generation.error is not None
    assert generation.error["retryable"] is True
    assert len(generation.error["message"]) > 20
    assert [kind for kind, _, _ in await ledger(services)] == ["hold", "release"]
    assert generation.amount_micros == 0
    assert await count(services, Image) == 0


async def test_a_connection_that_breaks_after_sending_is_unknown_and_keeps_its_hold(
    services: Services, people: People, worker: None
) -> None:
    ada, _, posted = await ask(people, "a lighthouse [[dies]]")
    generation = await people.finished(ada, posted)
    assert generation.status == "unknown"
    assert [kind for kind, _, _ in await ledger(services)] == ["hold"]


async def test_ben_cannot_see_stop_or_retry_adas_generation(services: Services, people: People) -> None:
    _, _, posted = await ask(people)
    ben = await people.user("Ben")
    async with services.transaction() as db:
        with pytest.raises(NotFound):
            await find_generation(db, ben, posted.reply.generation.id)  # type: ignore[union-attr]


async def test_a_retry_is_a_new_generation_with_the_same_seed_and_only_after_the_end(
    services: Services, people: People
) -> None:
    ada, _, posted = await ask(people)
    first = posted.reply.generation
    assert first is not None
    async with services.transaction() as db:
        generation = await find_generation(db, ada, first.id)
        with pytest.raises(NotRetryable):
            await retry_generation(db, services.providers, ada, generation)
        await cancel_generation(db, generation)
        asked, reply = await retry_generation(db, services.providers, ada, generation)
    assert asked.id == posted.message.id
    assert reply.generation is not None
    assert (reply.generation.retry_of, reply.generation.seed) == (first.id, first.seed)
    assert reply.generation.prompt == first.prompt


async def test_running_the_same_attempt_twice_paints_once(services: Services, people: People) -> None:
    ada, _, posted = await ask(people)
    attempt = await only_attempt(services)
    await asyncio.gather(run_generation(services, attempt.id), run_generation(services, attempt.id))
    assert len((await people.finished(ada, posted)).images) == 1
    assert await count(services, Image) == 1


async def test_an_attempt_whose_worker_vanished_before_sending_runs_again(
    services: Services, people: People, clock: Any
) -> None:
    ada, _, posted = await ask(people)
    attempt_id = (await only_attempt(services)).id
    async with services.transaction() as db:
        assert await attempts.claim(db, attempt_id) is not None
        assert await attempts.claim(db, attempt_id) is None
    await clock(16)
    await sweep(services)
    async with services.transaction() as db:
        waiting = await db.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"))
    assert waiting == 2  # the first job, which nobody fetched here, and the new one
    await run_generation(services, attempt_id)
    assert (await people.finished(ada, posted)).status == "succeeded"


async def test_an_attempt_whose_job_was_fetched_by_a_worker_that_died_at_once_runs_again(
    services: Services, people: People
) -> None:
    _, _, _ = await ask(people)
    async with services.transaction() as db:
        await db.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
    await sweep(services)
    async with services.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")) == 1


async def test_a_sent_attempt_whose_lease_ran_out_is_unknown_and_never_sent_again(
    services: Services, people: People, clock: Any
) -> None:
    ada, _, posted = await ask(people)
    attempt = await only_attempt(services)
    await _send(services, attempt.id)
    await sweep(services)
    assert (await only_attempt(services)).state == AttemptState.SENT
    await clock(16)
    await sweep(services)
    assert (await only_attempt(services)).state == AttemptState.UNKNOWN
    generation = (await people.message(ada, posted.reply.id)).generation
    assert generation is not None
    assert (generation.status, generation.error["retryable"]) == ("unknown", True)  # type: ignore[index]
    assert [kind for kind, _, _ in await ledger(services)] == ["hold"]
    await run_generation(services, attempt.id)
    assert await count(services, Image) == 0


async def test_an_unknown_outcome_settles_at_its_estimate_after_a_day(
    services: Services, people: People, clock: Any
) -> None:
    await ask(people)
    held = (await only_attempt(services)).held_micros
    await _send(services, (await only_attempt(services)).id)
    await clock(16)
    await sweep(services)
    await clock(25 * 3600)
    await sweep(services)
    await sweep(services)
    assert await ledger(services) == [("hold", 1, held), ("settle", 0, held)]


@pytest.mark.parametrize("charged", [True, False])
async def test_an_admin_ends_what_is_unknown_once_whoever_else_tries(
    services: Services, people: People, clock: Any, charged: bool
) -> None:
    ada, ben = await people.user("ada", admin=True), await people.user("ben")
    await people.says(ben, await people.thread(ben), "a cat", intent="generate")
    attempt = await only_attempt(services)
    await _send(services, attempt.id)
    await clock(16)
    await sweep(services)
    with pytest.raises(Forbidden):
        await resolve_unknown(services, ben, charged=False)
    ended = await asyncio.gather(*(resolve_unknown(services, ada, charged=charged) for _ in range(3)))
    await clock(25 * 3600)
    await asyncio.gather(sweep(services), sweep(services))
    assert sum(ended) == 1
    end = ("settle", 0, attempt.held_micros) if charged else ("release", 0, 0)
    assert await ledger(services) == [("hold", 1, attempt.held_micros), end]
    assert await resolve_unknown(services, ada, charged=charged) == 0


async def test_every_change_carries_a_higher_revision_so_that_a_page_can_catch_up(
    services: Services, people: People, worker: None
) -> None:
    ada, thread, posted = await ask(people)
    await people.finished(ada, posted)
    async with services.transaction() as db:
        all_messages = await changed_since(db, thread.id, 0)
        revision = (await db.get_one(Thread, thread.id)).revision
        assert await changed_since(db, thread.id, revision) == []
    assert [message.id for message in all_messages] == [posted.message.id, posted.reply.id]


async def test_an_edit_keeps_the_old_image_and_starts_from_the_current_one(
    services: Services, people: People, worker: None
) -> None:
    ada, thread, posted = await ask(people)
    first = (await people.finished(ada, posted)).images[0]
    changed = await people.says(ada, thread, "make it more vibrant")
    generation = await people.finished(ada, changed)
    assert (generation.kind, generation.source_image_ids) == ("edit", [str(first.id)])
    assert generation.seed == first.seed
    assert [image.handle for image in generation.images] == [2]
    assert "lighthouse" in generation.prompt


async def test_an_edit_without_any_image_says_what_to_do(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    with pytest.raises(NoSourceImage):
        await people.says(ada, thread, "make it more vibrant", intent="edit")


async def test_a_strangers_image_is_not_found_as_a_source(services: Services, people: People, worker: None) -> None:
    ada, _, posted = await ask(people)
    image = (await people.finished(ada, posted)).images[0]
    ben = await people.user("Ben")
    with pytest.raises(NotFound):
        await people.says(ben, await people.thread(ben), "make it red", source_image_ids=(image.id,))


async def _send(services: Services, attempt_id: UUID) -> None:
    async with services.transaction() as db:
        attempt = await attempts.claim(db, attempt_id)
        assert attempt is not None
        generation = await db.get_one(Generation, attempt.generation_id)
        generation.status = GenerationStatus.RUNNING
        assert await attempts.mark_sent(db, attempt)
