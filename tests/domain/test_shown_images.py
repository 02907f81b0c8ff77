"""Chat models that can see are shown a thread's images: over the real SDK, within a budget, only the owner's."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from chatelier.config import Settings
from chatelier.db.models import Image, Thread, User
from chatelier.domain import shown_images, token_prices
from chatelier.domain.images import keep_upload
from chatelier.domain.trash import trash_images
from chatelier.providers import open_providers
from chatelier.providers.chat_models import image_tokens
from chatelier.providers.openai_chat import OpenAIChat
from chatelier.services import Services
from tests.people import People
from tests.providers.stub import stub
from tests.providers.studio_stub import opened
from tests.providers.talk import hello
from tests.storage.pictures import encoded, picture

pytestmark = pytest.mark.anyio


async def brings(services: Services, user: User, thread: Thread, *, size: tuple[int, int]) -> Image:
    return await keep_upload(services, user, thread.id, encoded(picture(*size)))


async def told(services: Services, people: People, user: User, thread: Thread, **options: Any) -> dict[str, Any]:
    """What a server that is asked about the thread gets."""
    async with stub(hello) as server:
        chat = OpenAIChat(base_url=server.url, model="stub-1", **options)
        object.__setattr__(services.providers, "chat", chat)
        posted = await people.says(user, thread, "What do you see?", intent="chat")
        reply = await people.answered(user, posted)
        await chat.close()
    assert (reply.status, reply.text) == ("complete", "Hello")
    return server.asked[-1].body


async def test_the_newest_images_go_along_small_and_named(services: Services, people: People, worker: None) -> None:
    ada, ben = await people.user("Ada"), await people.user("Ben")
    thread, others = await people.thread(ada), await people.thread(ben)
    await brings(services, ben, others, size=(40, 40))
    images = [await brings(services, ada, thread, size=size) for size in [(64, 48), (50, 50), (2000, 900), (60, 60)]]
    async with services.transaction() as db:
        gone = await db.get_one(Image, images[1].id)
        await trash_images(db, [gone])
    body = await told(services, people, ada, thread, sees=True)
    system, asked = body["messages"]
    words, *shown = asked["content"]
    assert words == {"type": "text", "text": "What do you see?"}
    assert [part["text"] for part in shown[::2]] == ["Image #1:", "Image #3:", "Image #4:"]
    packed = [part["image_url"]["url"].partition(";base64,") for part in shown[1::2]]
    sizes = [opened(base64.b64decode(data)).size for _, _, data in packed]
    assert sizes == [(64, 48), (1024, 461), (60, 60)]
    assert packed[1][0] == "data:image/jpeg"
    assert "cannot make images" in system["content"]


async def test_others_get_words_alone_and_so_does_everybody_past_the_budget(
    services: Services, people: People, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    image = await brings(services, ada, thread, size=(64, 48))
    for sees in (None, False):
        body = await told(services, people, ada, thread, sees=sees)
        assert body["messages"][-1]["content"] == "What do you see?"
    monkeypatch.setattr(shown_images, "MOST_BYTES", image.bytes - 1)
    body = await told(services, people, ada, thread, sees=True)
    assert body["messages"][-1]["content"] == "What do you see?"


def test_what_is_known_of_a_model_decides_and_its_ceiling_counts_images(settings: Settings) -> None:
    assert [image_tokens(name) for name in ("gpt-6-luna", "openai/GPT-4o-mini", "gpt-oss:20b", "stub-1")] == [
        3000,
        26_000,
        0,
        0,
    ]
    prices = {"chat_input_price": 1.0, "chat_output_price": 0.0, "openai_api_key": "sk-x", "chat_model": ""}
    sees = open_providers(settings.model_copy(update=prices))
    blind = open_providers(settings.model_copy(update={**prices, "chat_vision": False}))
    assert sees.chat
    assert blind.chat
    more = (token_prices.ceiling(sees, sees.chat) or 0) - (token_prices.ceiling(blind, blind.chat) or 0)
    assert more == 4 * 3000  # the models that `auto` would take see
