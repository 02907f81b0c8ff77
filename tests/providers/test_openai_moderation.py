"""The moderation service over the real SDK: what is asked, and what no answer is taken for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from chatelier.config import Settings
from chatelier.providers import open_providers
from chatelier.providers.base import FailureKind, ProviderError
from chatelier.providers.openai_moderation import OpenAIModeration
from tests.providers.stub import Connection, stub

pytestmark = pytest.mark.anyio
KEY = "sk-canary-0123456789abcdef"
Ask = Callable[..., OpenAIModeration]


async def lets_through(to: Connection) -> None:
    await to.document(200, {"id": "m-1", "model": "m", "results": [{"flagged": False, "categories": {}}]})


async def declines(to: Connection) -> None:
    await to.document(200, {"id": "m-1", "model": "m", "results": [{"flagged": True}]})


async def breaks(to: Connection) -> None:
    to.reset()


async def hangs(to: Connection) -> None:
    await asyncio.Event().wait()


@pytest.fixture
async def moderator() -> AsyncIterator[Ask]:
    made: list[OpenAIModeration] = []

    def make(url: str, **options: Any) -> OpenAIModeration:
        made.append(OpenAIModeration(model="omni", base_url=url, api_key=KEY, **{"seconds": 20.0, **options}))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def test_words_and_images_are_judged(moderator: Ask) -> None:
    async with stub(lets_through, declines) as server:
        asked = moderator(server.url)
        assert not await asked.declines_text("a fox")
        assert await asked.declines_image(b"\x89PNG", "image/png")
    words, image = server.asked
    assert (words.path, words.headers["authorization"]) == ("/v1/moderations", f"Bearer {KEY}")
    assert words.body == {"model": "omni", "input": "a fox"}
    assert image.body["input"] == [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}]


async def test_a_broken_question_is_asked_once_more(moderator: Ask) -> None:
    async with stub(breaks, declines) as server:
        assert await moderator(server.url).declines_text("a fox")
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "body", ["no JSON", {"results": []}, {"results": [{"flagged": "no"}]}, {"results": "all"}, [], {"results": [{}]}]
)
async def test_nonsense_is_no_yes(moderator: Ask, body: object) -> None:
    async def nonsense(to: Connection) -> None:
        await to.document(200, body)

    async with stub(nonsense) as server:
        with pytest.raises(ProviderError, match="no verdict"):
            await moderator(server.url).declines_text("a fox")


async def test_silence_ends_in_time_and_the_key_stays_out_of_what_is_told(moderator: Ask) -> None:
    async def refuses_the_key(to: Connection) -> None:
        await to.document(401, {"error": {"message": f"wrong key {KEY}", "code": "invalid_api_key"}})

    async with stub(hangs) as server:
        with pytest.raises(ProviderError) as failed:
            await moderator(server.url, seconds=0.3).declines_text("a fox")
    assert failed.value.kind is FailureKind.TIMED_OUT
    async with stub(refuses_the_key) as server:
        with pytest.raises(ProviderError) as failed:
            await moderator(server.url).declines_text("a fox")
    assert KEY not in str(failed.value)


async def test_openais_key_goes_to_no_other_server(settings: Settings) -> None:
    async with stub(lets_through) as server:
        own = settings.model_copy(
            update={"moderation_model": "omni", "moderation_base_url": server.url, "openai_api_key": KEY}
        )
        providers = open_providers(own)
        assert providers.moderator is not None
        await providers.moderator.declines_text("a fox")
        await providers.close()
    assert KEY not in server.asked[0].headers["authorization"]
