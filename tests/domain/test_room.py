"""A disk that is nearly full: nothing is sent that could not be kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from chatelier.cli.doctor import examine_room
from chatelier.db.models import Attempt, Charge
from chatelier.domain.generations import find_generation, retry_generation
from chatelier.domain.room import is_short
from chatelier.providers.fake_script import read_journal
from chatelier.services import Services
from tests.engines import Brush, Talker, use_engines
from tests.people import People, until

pytestmark = pytest.mark.anyio
MORE_THAN_THERE_IS = 10**18


def embed(services: Services, least: int) -> None:
    """As where the server brings its database along; its disk is the real one."""
    values = {"database_url": "", "least_free_bytes": least}
    services.settings = services.settings.model_copy(update=values)


async def test_nothing_is_sent_or_charged_and_it_can_be_retried_when_there_is_room(
    services: Services, people: People, worker: None, tmp_path: Path
) -> None:
    journal = tmp_path / "calls"
    use_engines(services, chat=Talker(journal=journal))
    services.providers.images["brush"] = Brush(journal=journal)
    embed(services, MORE_THAN_THERE_IS)
    ada = await people.user("ada")
    thread = await people.thread(ada)
    failed = await people.finished(ada, await people.says(ada, thread, "/imagine a boat"))
    answer = await people.answered(ada, await people.says(ada, thread, "how are you?"))
    for error in (failed.error, answer.error):
        assert error is not None
        assert (error["code"], error["retryable"]) == ("storage_unavailable", True)
        assert "disk is nearly full" in error["message"]
    assert read_journal(journal) == []
    async with services.transaction() as db:
        assert {attempt.state for attempt in await db.scalars(select(Attempt))} == {"failed"}
        assert {charge.state for charge in await db.scalars(select(Charge))} == {"released"}
    embed(services, 1)
    async with services.transaction() as db:
        _, reply = await retry_generation(db, services.providers, ada, await find_generation(db, ada, failed.id))

    async def painted() -> bool | None:
        generation = (await people.message(ada, reply.id)).generation
        return (generation is not None and generation.status == "succeeded") or None

    await until(painted)


async def test_the_disk_of_a_server_elsewhere_is_not_asked_and_the_doctor_tells_of_ours(services: Services) -> None:
    elsewhere = services.settings.model_copy(update={"least_free_bytes": MORE_THAN_THERE_IS})
    assert not await is_short(elsewhere)
    assert "nothing is painted" not in examine_room(elsewhere).sentence
    embed(services, MORE_THAN_THERE_IS)
    assert await is_short(services.settings)
    found = examine_room(services.settings)
    assert not found.is_well
    assert "nothing is painted or answered below 1000000000.0 GB" in found.sentence
