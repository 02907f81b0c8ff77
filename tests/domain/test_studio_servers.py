"""A WebUI server in the house: asked by words and flags, watched, stopped; on real PostgreSQL with a real worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from chatelier.config import ProviderSettings, Settings
from chatelier.db.models import Generation, Image
from chatelier.domain.generations import cancel_generation, find_generation
from chatelier.domain.options import Options
from chatelier.errors import Invalid
from chatelier.services import Services
from tests.people import People, until
from tests.providers.webui_stub import WebUIStub, webui_stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("worker")]


@pytest.fixture
def server() -> Iterator[WebUIStub]:
    with webui_stub() as served:
        yield served


@pytest.fixture
def settings(settings: Settings, server: WebUIStub) -> Settings:
    shed = ProviderSettings(type="webui", base_url=server.url, label="The shed")
    return settings.model_copy(update={"providers": {"shed": shed}})


async def test_adas_steps_and_sampler_reach_the_server_and_stay_with_the_generation(
    services: Services, people: People, server: WebUIStub
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    words = "/imagine a red cat --provider shed --steps 9 --cfg 4.5 --size 256x256 --sampler euler A"
    generation = await people.finished(ada, await people.says(ada, thread, words))
    assert (generation.status, generation.provider) == ("succeeded", "shed")
    assert generation.options["extra"] == {"steps": 9, "cfg": 4.5, "sampler": "euler A"}
    (body,) = server.asked
    assert body["prompt"] == generation.prompt  # the house may have added words that such models like
    assert body["prompt"].startswith("a red cat")
    assert (body["steps"], body["cfg_scale"], body["sampler_name"]) == (9, 4.5, "Euler a")
    (image,) = generation.images
    assert (image.width, image.height, image.seed) == (256, 256, body["seed"])
    again = await people.says(ada, thread, "make it blue", intent="edit", options=Options(provider="shed"))
    assert (await people.finished(ada, again)).status == "succeeded"
    assert "init_images" in server.asked[-1]


async def test_an_engine_without_steps_says_so_before_anything_is_kept(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    with pytest.raises(Invalid, match="This provider has no option steps"):
        await people.says(ada, thread, "/imagine a cat --steps 9")
    async with services.transaction() as db:
        assert not await db.scalar(select(func.count()).select_from(Generation))


async def test_ada_stops_it_the_server_is_interrupted_and_the_half_done_picture_is_kept_nowhere(
    services: Services, people: People, server: WebUIStub
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    posted = await people.says(ada, thread, "/imagine a stuck cat --provider shed --size 256x256")
    assert posted.reply.generation

    async def asked() -> bool | None:
        return bool(server.asked) or None

    async def ended() -> list[str] | None:
        return server.answered or None

    await until(asked)
    async with services.transaction() as db:
        await cancel_generation(db, await find_generation(db, ada, posted.reply.generation.id))
    assert (await people.finished(ada, posted)).status == "cancelled"
    assert await until(ended) == ["half"]
    following = await people.says(ada, thread, "/imagine a dog --provider shed --size 256x256")
    assert (await people.finished(ada, following)).status == "succeeded"
    async with services.transaction() as db:
        assert await db.scalar(select(func.count()).select_from(Image)) == 1
