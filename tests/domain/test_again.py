"""What is tried again by itself, and what never is: nothing that may have been made is asked for twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from chatelier.config import ProviderSettings, Settings
from chatelier.db.models import Attempt, Generation, GenerationStatus, LedgerEntry, LedgerKind
from chatelier.domain.generations import again
from chatelier.domain.generations.cancel import cancel_generation
from chatelier.domain.generations.find import find_generation
from chatelier.domain.messages import Posted
from chatelier.domain.options import Options
from chatelier.providers.base import Capabilities, ImageProvider
from chatelier.services import Services
from tests.engines import limit
from tests.people import People, until
from tests.providers.painting_server import Manners, PaintingServer, painting_server

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("worker")]


@pytest.fixture
def server() -> Iterator[PaintingServer]:
    with painting_server(Manners(streams=False)) as served:
        yield served


@pytest.fixture
def settings(settings: Settings, server: PaintingServer) -> Settings:
    """A paid server that waits and falls back to the fake."""
    atelier = ProviderSettings(base_url=server.url, price=0.05, model="house-1", label="Atelier")
    changes = {
        "providers": {"atelier": atelier},
        "image_provider": "atelier",
        "image_fallback": ("atelier", "fake"),
        "provider_patience": 20,
    }
    return settings.model_copy(update=changes)


class Painting:
    """Ada's picture, from the words to the rows it left behind."""

    def __init__(self, services: Services, people: People) -> None:
        self.services, self.people = services, people

    async def ask(self, prompt: str, options: Options = Options(), **limits: int | None) -> Posted:
        self.ada = await self.people.user("ada")
        if limits:
            await limit(self.services, self.ada, **limits)
        thread = await self.people.thread(self.ada)
        return await self.people.says(self.ada, thread, prompt, intent="generate", options=options)

    async def over(self, posted: Posted) -> Generation:
        return await self.people.finished(self.ada, posted)

    async def attempts(self, generation: Generation) -> list[Attempt]:
        query = select(Attempt).where(Attempt.generation_id == generation.id).order_by(Attempt.number)
        async with self.services.transaction() as db:
            return list(await db.scalars(query))

    async def entries(self) -> list[tuple[str, str, int]]:
        async with self.services.transaction() as db:
            rows = await db.scalars(select(LedgerEntry).order_by(LedgerEntry.created_at, LedgerEntry.id))
            return [(row.kind, row.provider, row.micros) for row in rows]


@pytest.fixture
def painting(services: Services, people: People) -> Painting:
    return Painting(services, people)


async def test_a_busy_provider_is_asked_again_when_it_says_so(painting: Painting, server: PaintingServer) -> None:
    done = await painting.over(await painting.ask("a fox [[busy 2]]"))
    assert (done.status, done.provider, done.note) == (GenerationStatus.SUCCEEDED, "atelier", "")
    assert len(server.asked) == 3
    first, second, third = server.times
    assert second - first >= 1
    assert third - second >= 1
    assert len(await painting.attempts(done)) == 1
    assert await painting.entries() == [(LedgerKind.HOLD, "atelier", 50_000), (LedgerKind.SETTLE, "atelier", 50_000)]


async def test_meanwhile_its_card_says_why_it_waits_and_stop_ends_it(
    painting: Painting, server: PaintingServer, services: Services
) -> None:
    posted = await painting.ask("a fox [[429 10]]")

    async def waits() -> Generation | None:
        shown = (await painting.people.message(painting.ada, posted.reply.id)).generation
        return shown if shown and shown.status == GenerationStatus.QUEUED and shown.note else None

    shown = await until(waits)
    assert shown.note == "Atelier is busy, asking again in 10 s"
    async with services.transaction() as db:
        stopped = await cancel_generation(db, await find_generation(db, painting.ada, shown.id))
    assert stopped.status == GenerationStatus.CANCELLED
    (attempt,) = await painting.attempts(shown)
    assert (attempt.state, attempt.settled_micros) == ("failed", 0)
    assert len(server.asked) == 1


async def test_a_long_wait_goes_to_the_next_provider_with_its_own_hold(painting: Painting) -> None:
    done = await painting.over(await painting.ask("a fox [[429 600]]"))
    # The fake reads the same mark and fails by itself: it was asked, and the first hold was given back.
    assert (done.provider, done.model, done.status) == ("fake", "fake-1", GenerationStatus.FAILED)
    assert [attempt.provider for attempt in await painting.attempts(done)] == ["atelier", "fake"]
    assert sorted(await painting.entries()) == [
        (LedgerKind.HOLD, "atelier", 50_000),
        (LedgerKind.HOLD, "fake", 40_000),
        (LedgerKind.RELEASE, "atelier", 0),
        (LedgerKind.RELEASE, "fake", 0),
    ]


async def test_a_refused_key_lets_another_paint(painting: Painting, server: PaintingServer) -> None:
    done = await painting.over(await painting.ask("a fox [[bad-key]]", Options(n=2)))
    assert (done.status, done.provider, len(done.images)) == (GenerationStatus.SUCCEEDED, "fake", 2)
    assert done.amount_micros == 80_000
    assert len(server.asked) == 1


async def test_who_chose_the_provider_gets_no_other(painting: Painting) -> None:
    done = await painting.over(await painting.ask("a fox [[bad-key]]", Options(provider="atelier")))
    assert (done.status, done.provider) == (GenerationStatus.FAILED, "atelier")
    assert done.error
    assert "Nothing was charged" in done.error["message"]


@pytest.mark.parametrize("mark", ["500", "dies", "refuse", "bad-json"])
async def test_what_may_have_been_made_is_never_asked_for_again(
    painting: Painting, server: PaintingServer, mark: str
) -> None:
    done = await painting.over(await painting.ask(f"a fox [[{mark}]]"))
    assert done.provider == "atelier"
    assert done.status in (GenerationStatus.FAILED, GenerationStatus.UNKNOWN)
    assert len(server.asked) == 1


async def test_a_provider_that_went_away_is_an_end_not_a_loop(painting: Painting, services: Services) -> None:
    providers = services.providers.images
    assert isinstance(providers, dict)
    gone: ImageProvider = providers["atelier"]
    posted = await painting.ask("a fox [[429 3]]")

    async def waits() -> bool | None:
        shown = (await painting.people.message(painting.ada, posted.reply.id)).generation
        return bool(shown and shown.note) or None

    await until(waits)
    del providers["atelier"]
    try:
        done = await painting.over(posted)
    finally:
        providers["atelier"] = gone
    assert done.status == GenerationStatus.FAILED
    assert done.error
    assert "no image provider atelier" in done.error["message"] or done.error["code"] == "rate_limited"


async def test_an_unknown_price_stays_unknown(services: Services, painting: Painting, server: PaintingServer) -> None:
    from chatelier.providers.openai_images import OpenAIImages, Server

    images = services.providers.images
    assert isinstance(images, dict)
    images["far"] = OpenAIImages(Server(base_url=server.url), name="far", model="house-2", free=False)
    done = await painting.over(await painting.ask("a fox", Options(provider="far"), money_per_month=None))
    assert (done.status, done.estimate_micros, done.amount_micros) == (GenerationStatus.SUCCEEDED, None, None)


async def test_a_change_goes_to_nobody_who_would_paint_all_anew() -> None:
    change = Generation(source_image_ids=["1"], mask_image_id=None)
    painter, editor = Capabilities(), Capabilities(edit=True)
    assert again._can(editor, editor, change)
    assert not again._can(painter, editor, change)
    assert again._can(painter, painter, change)  # the first one could not either
    assert again._can(painter, editor, Generation(source_image_ids=[]))
