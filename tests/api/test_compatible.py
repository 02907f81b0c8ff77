"""Programs that speak OpenAI's protocol: its own client library asks, as other products do that are pointed here."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI
from PIL import Image as Pillow
from sqlalchemy import func, select

from chatelier.api.compatible import waiting
from chatelier.db.models import Generation, Image, LedgerEntry, Message, Thread
from chatelier.domain.conversations import Said, open_conversation
from chatelier.web import streams
from tests.api.caller import Caller, Site
from tests.engines import limit, use_engines

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(site: Site, ada: Caller) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{site.url}/v1", api_key=ada.key, timeout=60) as client:
        yield client


def png(colour: str = "#226688", mode: str = "RGB") -> bytes:
    out = BytesIO()
    Pillow.new(mode, (256, 256), colour).save(out, "PNG")
    return out.getvalue()


async def count(site: Site, what: Any) -> int:
    async with site.services.transaction() as db:
        return int(await db.scalar(select(func.count()).select_from(what)) or 0)


def opened(encoded: str | None) -> Pillow.Image:
    return Pillow.open(BytesIO(base64.b64decode(encoded or "")))


async def test_a_program_gets_the_pictures_it_asks_for_and_ada_finds_them(
    client: AsyncOpenAI, site: Site, ada: Caller
) -> None:
    words = "a red fox in the snow --ar 1:3"  # no flag: a program's prompt is sent as it is
    made = await client.images.generate(model="illustrator-1", prompt=words, n=2, size="512x512", quality="hd")
    assert [opened(one.b64_json).size for one in made.data or ()] == [(512, 512)] * 2
    shown = (await ada.call("GET", "/images"))["items"]
    assert [one["prompt"] for one in shown] == [words] * 2
    again = await client.images.generate(prompt="a blue fox", size="256x256", response_format="url")
    async with httpx.AsyncClient(trust_env=False) as nobody:
        file = await nobody.get((again.data or [])[0].url or "")
    assert file.status_code == 200
    assert Pillow.open(BytesIO(file.content)).size == (256, 256)
    threads = (await ada.call("GET", "/threads"))["items"]
    assert len(threads) == 1, "all of a day stand in one thread"
    assert threads[0]["title"].startswith("Pictures by API, ")


async def test_the_models_are_listed_and_found(client: AsyncOpenAI) -> None:
    names = [model.id async for model in client.models.list()]
    assert {"chatelier", "illustrator-1", "fake-1"} <= set(names)
    assert (await client.models.retrieve("illustrator-1")).owned_by == "illustrator"
    with pytest.raises(openai.NotFoundError, match="There is no model dali-9 here"):
        await client.models.retrieve("dali-9")


async def test_a_picture_that_comes_along_is_changed_where_the_mask_allows(client: AsyncOpenAI, ada: Caller) -> None:
    mask = Pillow.new("RGBA", (256, 256), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 128, 256))
    drawn = BytesIO()
    mask.save(drawn, "PNG")
    made = await client.images.edit(
        image=[("a.png", png(), "image/png")], prompt="make it red", mask=("m.png", drawn.getvalue(), "image/png")
    )
    assert len(made.data or ()) == 1
    newest = (await ada.call("GET", "/images"))["items"][0]
    generation = await ada.call("GET", f"/generations/{newest['generation_id']}")
    assert (generation["kind"], generation["instruction"]) == ("edit", "make it red")
    assert len(generation["source_image_ids"]) == 1


async def test_pictures_come_as_they_grow(client: AsyncOpenAI) -> None:
    stream = await client.images.generate(
        model="fake-1", prompt="a cat [[slow 1]]", stream=True, partial_images=2, size="256x256"
    )
    events = [event async for event in stream]
    assert events[0].type == "image_generation.partial_image"
    assert events[-1].type == "image_generation.completed"
    assert opened(events[-1].b64_json).size == (256, 256)


async def test_talk_is_answered_whole_and_piece_by_piece(client: AsyncOpenAI, site: Site) -> None:
    asked: Any = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello, how are you?"}]
    whole = await client.chat.completions.create(model="chatelier", messages=asked)
    answer = whole.choices[0].message.content or ""
    assert answer
    pieces = ""
    async for chunk in await client.chat.completions.create(
        model="chatelier", messages=[*asked, {"role": "assistant", "content": answer}, asked[-1]], stream=True
    ):
        pieces += chunk.choices[0].delta.content or ""
    assert pieces
    assert await count(site, Thread) == 1, "the talk went on where it was"
    async with site.services.transaction() as db:
        assert await db.scalar(select(Thread.instructions)) == "Be brief."
        assert list(await db.scalars(select(Message.role).order_by(Message.position))) == ["user", "assistant"] * 2


async def test_a_picture_is_an_answer_too_and_the_next_turn_changes_it(
    client: AsyncOpenAI, ada: Caller, site: Site
) -> None:
    talk: Any = [{"role": "user", "content": "draw a small cat"}]
    painted = (await client.chat.completions.create(model="illustrator-1", messages=talk)).choices[0].message.content
    assert painted is not None
    assert painted.startswith("![")
    talk += [{"role": "assistant", "content": painted}, {"role": "user", "content": "make it more vibrant"}]
    changed = (await client.chat.completions.create(model="illustrator-1", messages=talk)).choices[0].message.content
    assert changed is not None
    assert changed != painted
    newest, oldest = (await ada.call("GET", "/images"))["items"]
    generation = await ada.call("GET", f"/generations/{newest['generation_id']}")
    assert generation["source_image_ids"] == [oldest["id"]]
    address = changed[changed.index("](") + 2 : -1]
    async with httpx.AsyncClient(trust_env=False) as nobody:
        assert (await nobody.get(address)).headers["content-type"] == "image/png"


async def test_a_talk_from_elsewhere_is_taken_over_with_its_pictures(client: AsyncOpenAI, ada: Caller) -> None:
    address = "data:image/png;base64," + base64.b64encode(png()).decode()
    talk: Any = [
        {"role": "user", "content": "I keep bees."},
        {"role": "assistant", "content": "How **nice**!"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "make it darker"},
                {"type": "image_url", "image_url": {"url": address}},
            ],
        },
    ]
    answer = await client.chat.completions.create(model="illustrator-1", messages=talk)
    assert (answer.choices[0].message.content or "").startswith("![")
    thread = (await ada.call("GET", "/threads"))["items"][0]
    assert thread["title"] == "I keep bees"
    shown = (await ada.call("GET", f"/threads/{thread['id']}/messages"))["items"]
    assert [one["text"] for one in shown[:3]] == ["I keep bees.", "How **nice**!", "make it darker"]
    assert "<strong>nice</strong>" in shown[1]["html"]
    talk[-1]["content"][1]["image_url"]["url"] = "http://127.0.0.1/cat.png"
    with pytest.raises(openai.UnprocessableEntityError, match="addresses are not fetched"):
        await client.chat.completions.create(model="illustrator-1", messages=talk)


async def test_a_repetition_by_the_library_itself_is_not_painted_twice(
    client: AsyncOpenAI, ada: Caller, site: Site
) -> None:
    def tried(times: int) -> Any:
        return client.images.generate(
            prompt="a cat", size="256x256", model="fake-1", extra_headers={"x-stainless-retry-count": str(times)}
        )

    first = await tried(0)
    repeated = await tried(1)
    assert repeated.data == first.data
    assert await count(site, Generation) == 1
    await tried(0)  # somebody asks for the same once more
    assert await count(site, Generation) == 2
    keyed = [
        await client.images.generate(prompt=words, size="256x256", extra_headers={"Idempotency-Key": "one"})
        for words in ("a dog", "a dog")
    ]
    assert keyed[0].data == keyed[1].data
    thread = (await ada.call("GET", "/threads"))["items"][0]["id"]
    for _ in range(13):  # so that the newest page of the thread does not hold the first answer any more
        await ada.says(thread, "hello", intent="chat")
    late = await client.images.generate(prompt="a dog", size="256x256", extra_headers={"Idempotency-Key": "one"})
    assert late.data == keyed[0].data
    with pytest.raises(openai.ConflictError):
        await client.images.generate(prompt="a hen", extra_headers={"Idempotency-Key": "one"})


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [("a cat [[refuse]]", 400, "refused"), ("a cat [[500]]", 502, "provider_error")],
)
async def test_what_failed_is_said_and_not_tried_again(
    client: AsyncOpenAI, site: Site, words: str, status: int, code: str
) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        await client.images.generate(model="fake-1", prompt=words)
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert await count(site, Generation) == 1


async def test_limits_hold_here_as_everywhere(client: AsyncOpenAI, site: Site, ada: Caller) -> None:
    use_engines(site.services)
    await limit(site.services, ada.user, images_per_day=1)
    asked = [client.images.generate(model="easel/easel-small", prompt="a cat", size="256x256") for _ in range(4)]
    ended = await asyncio.gather(*asked, return_exceptions=True)
    refused = [one for one in ended if isinstance(one, openai.RateLimitError)]
    assert len(refused) == 3, ended
    assert all((one.code, one.type) == ("quota_exceeded", "rate_limit_error") for one in refused)
    assert await count(site, Image) == 1
    assert await count(site, LedgerEntry) == 2  # a hold and its settlement


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/images/generations", {}),
        ("/images/generations", {"prompt": ""}),
        ("/images/generations", {"prompt": "a cat", "n": 99}),
        ("/images/generations", {"prompt": "a cat", "size": "huge"}),
        ("/images/generations", {"prompt": "a cat", "model": "dali-9"}),
        ("/chat/completions", {"messages": []}),
        ("/chat/completions", {"messages": [{"role": "assistant", "content": "hello"}]}),
        ("/chat/completions", {"messages": [{"role": "user", "content": ""}]}),
        ("/chat/completions", {"messages": [{"role": "user", "content": "hi"}], "tools": [{"type": "function"}]}),
        ("/chat/completions", {"messages": [{"role": "user", "content": "hi"}], "model": "dali-9"}),
    ],
)
async def test_bad_requests_get_a_sentence_and_leave_nothing(
    site: Site, ada: Caller, path: str, body: dict[str, Any]
) -> None:
    async with httpx.AsyncClient(base_url=f"{site.url}/v1", trust_env=False) as http:
        assert (await http.post(path, json=body)).status_code == 401
        answer = await http.post(path, json=body, headers={"Authorization": f"Bearer {ada.key}"})
    assert answer.status_code == 422
    told = answer.json()["error"]
    assert (told["type"], told["code"]) == ("invalid_request_error", "validation_failed")
    assert told["message"].endswith(".")
    assert await count(site, Thread) == 0


@pytest.mark.parametrize(
    "content",
    [
        '[{"type": "image_url", "image_url": {"url": "data:image/png;base64,٣é"}}]',
        '"half \\ud800"',
        '[{"type": "text", "text": "\\ud800"}]',
        f"[{','.join(['{}'] * 200_000)}]",
    ],
    ids=["no Base64", "half a character", "half a character in a part", "crumbs"],
)
async def test_a_hostile_talk_gets_a_sentence(site: Site, ada: Caller, content: str) -> None:
    body = f'{{"messages": [{{"role": "user", "content": {content}}}]}}'.encode()
    headers = {"Authorization": f"Bearer {ada.key}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=f"{site.url}/v1", trust_env=False) as http:
        answer = await http.post("/chat/completions", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].endswith(".")


async def test_what_was_accepted_is_answered_however_many_wait(
    site: Site, ada: Caller, client: AsyncOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows are counted, programs that wait are not: refused after the message is there, they would send it again."""
    monkeypatch.setattr(streams, "STREAMS_PER_USER", 0)
    said: Any = [{"role": "user", "content": "hello"}]
    assert (await client.chat.completions.create(model="chatelier", messages=said)).choices[0].message.content
    monkeypatch.setattr(waiting, "WAITS_PER_USER", 0)
    with pytest.raises(openai.RateLimitError):
        await client.with_options(max_retries=0).chat.completions.create(model="chatelier", messages=said)
    assert await count(site, Message) == 2


async def test_of_a_very_long_talk_the_newest_turns_are_kept(site: Site, ada: Caller) -> None:
    said = [Said(role="user", text=f"{number} " + "x" * 100_000) for number in range(20)]
    async with site.services.transaction() as db:
        thread = await open_conversation(db, ada.user, "", said)
        texts = list(await db.scalars(select(Message.text).where(Message.thread_id == thread.id)))
    assert sorted(int(text.split()[0]) for text in texts) == list(range(14, 20))
