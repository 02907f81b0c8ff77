"""Images through the real SDK, from a server on loopback: the contract in each dialect, and what is sent for what."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from chatelier.domain import prices
from chatelier.errors import Invalid
from chatelier.providers.base import (
    FailureKind,
    ImageEvent,
    ImageProvider,
    ImageRequest,
    ImageResult,
    Kind,
    PartialImage,
    ProviderError,
    Size,
    SourceImage,
)
from chatelier.providers.models import read_book
from chatelier.providers.openai_images import OpenAIImages, Server
from chatelier.providers.openai_images_body import ImageOptions
from tests.people import until
from tests.providers.contract import ImageProviderContract, collect, decoded
from tests.providers.painting_server import Manners, PaintingServer, painting_server

pytestmark = pytest.mark.anyio
KEY = "sk-canary-0123456789abcdef"
SMALL = Size(width=256, height=256)


class _Contract(ImageProviderContract):
    slow_prompt = "a fox [[slow 5]]"
    manners = Manners()
    settings: dict[str, Any] = {"model": "gpt-image-2.6-flare"}  # noqa: RUF012

    @pytest.fixture
    async def provider(self) -> AsyncIterator[ImageProvider]:
        with painting_server(self.manners) as server:
            adapter = OpenAIImages(Server(base_url=server.url, api_key=KEY), **self.settings)
            yield adapter
            await adapter.close()


class TestStreaming(_Contract):
    pass


class TestAServerThatIgnoresStream(_Contract):
    manners = Manners(streams=False, tells_usage=False)


class TestDallE3(_Contract):
    settings = {"model": "dall-e-3", "options": ImageOptions(response_format="url")}  # noqa: RUF012


class TestAnUnknownModel(_Contract):
    manners = Manners(streams=False, urls="data")
    settings = {"model": "house-1", "can": ("edit", "mask", "seed", "negative_prompt")}  # noqa: RUF012


async def painted(
    server: PaintingServer, prompt: str = "a cat", *, options: ImageOptions = ImageOptions(), **values: Any
) -> tuple[ImageResult, list[ImageEvent]]:
    """One call with a fresh adapter; values of the request and of the adapter by their names."""
    own: Any = {name: values.pop(name) for name in ("model", "can", "like") if name in values}
    own = {"model": "gpt-image-2.6-flare"} | own
    adapter = OpenAIImages(Server(base_url=server.url, api_key=KEY), options=options, **own)
    request = ImageRequest(kind=Kind.GENERATE, prompt=prompt, size=SMALL, model=adapter.default_model, user_ref="hash")
    try:
        events = await collect(adapter.paint(replace(request, **values)))
    finally:
        await adapter.close()
    assert isinstance(events[-1], ImageResult)
    return events[-1], events


def picture(side: int = 256) -> SourceImage:
    out = BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((side, side)).save(out, "PNG")
    return SourceImage(content=out.getvalue(), media_type="image/png", size=Size(width=side, height=side))


async def test_partial_images_come_before_the_picture() -> None:
    with painting_server() as server:
        result, events = await painted(server, options=ImageOptions(partial_images=3))
    frames = [event for event in events if isinstance(event, PartialImage)]
    assert len(frames) == 3
    assert all(decoded(frame.content) for frame in frames)
    assert decoded(result.images[0].content).size == (256, 256)
    assert result.usage["output_tokens"] == 1767
    assert result.request_id == "req-7"


async def test_every_option_reaches_the_server_in_its_dialect() -> None:
    options = ImageOptions(output_format="webp", output_compression=80, moderation="low", complexity="high")
    with painting_server() as server:
        await painted(server, options=options, quality="high", background="opaque", style="ink", negative_prompt="text")
        (asked,) = server.asked
        own = {"output_format": "JPEG", "output_compression": 40}  # a person's own word goes first
        await painted(server, options=options, extra=own)
        await painted(server, options=options, extra=own, background="transparent")
        formats = [(one["output_format"], one.get("output_compression")) for one in server.asked[1:]]
    assert formats == [("jpeg", 40), ("png", None)]
    assert asked == {
        "model": "gpt-image-2.6-flare",
        "prompt": "a cat\nStyle: ink.\nDo not show: text.",
        "size": "256x256",
        "quality": "high",
        "background": "opaque",
        "output_format": "webp",
        "output_compression": 80,
        "moderation": "low",
        "complexity": "high",
        "stream": True,
        "partial_images": 1,
    }
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


async def test_transparency_goes_before_the_operators_format() -> None:
    with painting_server() as server:
        options = ImageOptions(output_format="jpeg", output_compression=80)
        await painted(server, options=options, background="transparent")
        assert server.asked[0]["output_format"] == "png"
        assert "output_compression" not in server.asked[0]


async def test_dall_e_3_is_spoken_to_in_its_own_words() -> None:
    with painting_server() as server:
        vivid, _ = await painted(
            server, model="dall-e-3", style="Vivid", quality="hd", size=Size(width=1792, height=1024)
        )
        await painted(server, model="dall-e-3", style="watercolor")
        first, second = server.asked
    assert (first["quality"], first["style"], first["response_format"], first["n"]) == ("hd", "vivid", "b64_json", 1)
    assert second["prompt"] == "a cat\nStyle: watercolor."
    assert (second["quality"], "style" in second) == ("standard", False)
    assert vivid.revised_prompt == "Revised: a cat"


async def test_an_edit_sends_its_sources_and_mask() -> None:
    mask, out = Image.new("RGBA", (256, 256), (0, 0, 0, 0)), BytesIO()
    mask.save(out, "PNG")
    with painting_server() as server:
        one, two = picture(), picture(128)
        edit: dict[str, Any] = {"kind": Kind.EDIT, "instruction": "make it blue", "prompt": "a blue cat"}
        await painted(server, sources=[one], mask=out.getvalue(), **edit)
        await painted(server, sources=[one, two], options=ImageOptions(input_fidelity="high"), **edit)
        first, second = server.asked
        assert server.paths == ["/v1/images/edits"] * 2
    assert (first["prompt"], first["image"], first["mask"]) == ("make it blue", one.content, out.getvalue())
    assert second["image"] == [one.content, two.content]
    assert "input_fidelity" not in second  # 2.x decides that by itself
    assert "moderation" not in second


async def test_edits_have_a_model_of_their_own_and_each_model_its_abilities() -> None:
    adapter = OpenAIImages(Server(api_key=KEY))
    assert adapter.model_for(Kind.GENERATE) == "gpt-image-2.6-flare"
    assert adapter.model_for(Kind.EDIT) == "gpt-image-2.6-sunburst"
    assert adapter.capabilities_of("gpt-image-1.5").sizes
    assert not adapter.capabilities.sizes
    assert prices.estimate(adapter.capabilities) == 53_010 + 3_000  # with the one partial image
    with pytest.raises(Invalid, match=r"no longer offers dall-e-3, since 12 May 2026\. Use gpt-image-2\.6-flare"):
        adapter.capabilities_of("dall-e-3")
    assert "dall-e-3" not in adapter.models()
    assert adapter.capabilities_of("brand-new-1").price is None


async def test_a_private_server_costs_nothing_unless_it_is_priced() -> None:
    home = Server(base_url="http://192.168.1.9:8000/v1")
    assert OpenAIImages(home).capabilities.free
    assert prices.estimate(OpenAIImages(home, price_micros=5_000).capabilities, 2) == 10_000
    assert not OpenAIImages(home, free=False).capabilities.free
    far = Server(base_url="https://images.example.org/v1")
    assert prices.estimate(OpenAIImages(far, model="gpt-image-2").capabilities) is None
    assert OpenAIImages(far, free=True).capabilities.free


async def test_only_openai_is_told_whose_request_it_is() -> None:
    with painting_server() as server:
        await painted(server)
        assert "safety_identifier" not in server.asked[0]
        azure = OpenAIImages(
            Server(base_url=server.url.removesuffix("/v1"), api_key=KEY, api_version="2025-04-01-preview"),
            model="my-deployment",
            like="gpt-image-2",
        )
        request = ImageRequest(kind=Kind.GENERATE, prompt="a cat", size=SMALL, model="my-deployment", user_ref="hash")
        await collect(azure.paint(request))
        await azure.close()
    assert server.asked[1]["safety_identifier"] == "hash"
    assert server.paths[1] == "/openai/deployments/my-deployment/images/generations"
    assert server.headers[1]["api-key"] == KEY
    assert prices.estimate(azure.capabilities)


async def test_an_argument_that_a_server_does_not_know_is_left_out() -> None:
    with painting_server(Manners(rejects=("stream", "partial_images"), streams=False)) as server:
        result, _ = await painted(server)
        assert result.images
        assert ["stream" in asked for asked in server.asked] == [True, False]
        assert "partial_images" not in server.asked[1]


async def test_a_wish_that_a_server_does_not_know_is_not_left_out() -> None:
    with painting_server(Manners(rejects=("quality",))) as server:
        with pytest.raises(ProviderError) as failed:
            await painted(server, quality="high")
        assert failed.value.kind is FailureKind.BAD_REQUEST
        assert len(server.asked) == 1


async def test_a_picture_that_is_only_pointed_at_is_fetched_at_once() -> None:
    with painting_server(Manners(urls="own", streams=False)) as server:
        result, _ = await painted(server)
        assert decoded(result.images[0].content).size == (256, 256)
        assert server.paths == ["/v1/images/generations", "/v1/files/0.png"]


@pytest.mark.parametrize("url", ["http://169.254.169.254/a.png", "http://2130706433:9/a.png", "file:///etc/passwd"])
async def test_a_server_cannot_send_us_into_the_house(url: str) -> None:
    with painting_server(Manners(streams=False)) as server, pytest.raises(ProviderError) as failed:
        await painted(server, f"a cat [[elsewhere {url}]]")
    assert (failed.value.kind, failed.value.billed) == (FailureKind.UNAVAILABLE, True)


async def test_models_are_listed_live() -> None:
    with painting_server() as server:
        adapter = OpenAIImages(Server(base_url=server.url, api_key=KEY))
        assert await adapter.list_models() == ["gpt-image-2.6-flare", "gpt-6-luna"]
        await adapter.close()


async def test_closing_reaches_the_server() -> None:
    with painting_server() as server:
        adapter = OpenAIImages(Server(base_url=server.url, api_key=KEY), model="gpt-image-2.6-flare")
        request = ImageRequest(kind=Kind.GENERATE, prompt="a cat [[hang]]", size=SMALL, model="gpt-image-2.6-flare")
        task = asyncio.create_task(collect(adapter.paint(request)))
        await until(_came(server))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await adapter.close()


def _came(server: PaintingServer) -> Callable[[], Awaitable[bool | None]]:
    async def look() -> bool | None:
        return bool(server.asked) or None

    return look


def test_base64_of_an_echo_is_plain() -> None:
    from chatelier.providers.openai_images_answer import read_piece

    body = base64.b64encode(b"bytes").decode()
    for item in ({"b64_json": body}, {"b64_json": f"data:image/png;base64,{body}"}, {"url": f"data:;base64,{body}"}):
        assert read_piece(b'{"data": [%s]}' % str(item).replace("'", '"').encode()).images[0].content == b"bytes"


async def test_models_of_ones_own_server_are_offered_and_a_seller_is_not_asked_unasked() -> None:
    with painting_server() as server:
        adapter = OpenAIImages(Server(base_url=server.url), model="house-1")
        assert adapter.models() == ("house-1",)
        await adapter.refresh()
        assert adapter.models() == ("house-1", "gpt-image-2.6-flare")  # it lists gpt-6-luna too, which talks
        await adapter.close()
    seller = OpenAIImages(Server(api_key=KEY))
    await seller.refresh()  # with the way out closed any call would fail
    names = ("flux.1-schnell", "acme/sdxl-turbo", "stable-diffusion-3.5", "sd-v1-5", "qwen-image", "dreamshaper-8")
    assert all(map(read_book().paints, names))
    assert not any(map(read_book().paints, ("gpt-6-luna", "llama-3.3-70b", "qwen3-32b", "nomic-embed-text")))
