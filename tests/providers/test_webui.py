"""The WebUI adapter against a server that speaks its protocol: AUTOMATIC1111, SD.Next and sd-server by turns."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from chatelier.providers.base import (
    FailureKind,
    ImageProvider,
    Kind,
    PartialImage,
    Progress,
    SourceImage,
)
from chatelier.providers.webui import WebUI
from tests.people import until
from tests.providers.contract import ImageProviderContract, collect, decoded
from tests.providers.stub import Connection, stub
from tests.providers.studio_faults import (
    MOST_BYTES,
    SMALL,
    Fault,
    asked,
    fails_so,
    failure,
    is_refused_by_the_store,
    result,
    ways_to_fail,
)
from tests.providers.studio_stub import encoded, opened, painted
from tests.providers.webui_stub import MODELS, SAMPLERS, WebUIStub, webui_stub

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def webui(url: str, **settings: Any) -> AsyncIterator[WebUI]:
    provider = WebUI(base_url=url, **settings)
    try:
        yield provider
    finally:
        await provider.close()


@pytest.fixture(scope="module")
def server() -> Iterator[WebUIStub]:
    with webui_stub() as running:
        yield running


class TestContract(ImageProviderContract):
    slow_prompt = "a slow cat"

    @pytest.fixture
    async def provider(self, server: WebUIStub) -> AsyncIterator[ImageProvider]:
        async with webui(server.url) as provider:
            yield provider


@pytest.mark.parametrize("dialect", ["a1111", "sdnext", "sd-server"])
async def test_each_kind_of_server_gets_what_it_understands(dialect: str) -> None:
    with webui_stub(dialect=dialect) as server:
        async with webui(server.url) as provider:
            wanted = asked(n=2, negative_prompt="text", style="watercolour", extra={"steps": 9, "cfg": 4.5})
            images = (await result(provider, wanted)).images
    (body,) = server.asked
    assert None not in body.values()
    assert body["prompt"] == "a cat, watercolour"
    assert (body["negative_prompt"], body["steps"], body["cfg_scale"], body["seed"]) == ("text", 9, 4.5, 5)
    assert "sampler_name" not in body
    assert "override_settings" not in body
    assert [image.seed for image in images] == [5, 6]


async def test_it_lists_what_the_server_has_and_forms_can_offer_it(server: WebUIStub) -> None:
    async with webui(server.url) as provider:
        options = {option.name: option for option in provider.capabilities.extra_options}
        assert options["sampler"].choices == ()
        await provider.refresh()
        options = {option.name: option for option in provider.capabilities.extra_options}
        assert options["sampler"].choices == SAMPLERS
        assert options["scheduler"].choices == ("Automatic", "Karras")
        assert provider.models() == ("auto", *MODELS)


async def test_a_named_model_and_sampler_are_used_and_the_operators_model_comes_back(server: WebUIStub) -> None:
    async with webui(server.url, sampler="Euler a") as provider:
        await result(provider, asked(model="comic-v2", extra={"sampler": "dpm++ 2m"}))
        await result(provider, asked())
    first, second = server.asked[-2:]
    assert first["override_settings"] == {"sd_model_checkpoint": MODELS["comic-v2"]}
    assert first["override_settings_restore_afterwards"] is True
    assert (first["sampler_name"], second["sampler_name"]) == ("DPM++ 2M", "Euler a")


@pytest.mark.parametrize("wrong", [{"model": "nowhere"}, {"extra": {"sampler": "nowhere"}}])
async def test_what_the_server_lacks_is_refused_before_anything_is_sent(
    server: WebUIStub, wrong: dict[str, Any]
) -> None:
    before = len(server.asked)
    async with webui(server.url) as provider:
        failed = await failure(provider, asked(**wrong))
    assert (failed.kind, failed.sent) == (FailureKind.BAD_REQUEST, False)
    assert "it has" in failed.detail
    assert len(server.asked) == before


async def test_where_our_mask_is_transparent_the_server_repaints(server: WebUIStub) -> None:
    mask = opened(encoded(painted((32, 32), "any"))).convert("RGBA")
    mask.putalpha(255)
    mask.paste((0, 0, 0, 0), (0, 0, 16, 32))
    source = SourceImage(content=encoded(painted((64, 64), "source")), media_type="image/png", size=SMALL)
    async with webui(server.url, strength=0.7) as provider:
        await result(provider, asked(kind=Kind.EDIT, sources=[source], mask=encoded(mask)))
    body = server.asked[-1]
    white = opened(base64.b64decode(body["mask"]))
    assert (white.mode, white.size) == ("L", (64, 64))
    assert (white.getpixel((4, 32)), white.getpixel((60, 32))) == (255, 0)
    assert (body["denoising_strength"], body["inpainting_mask_invert"], body["inpaint_full_res"]) == (0.7, 0, False)
    assert base64.b64decode(body["init_images"][0]) == source.content


async def test_an_unreadable_mask_is_refused_before_anything_is_sent(server: WebUIStub) -> None:
    source = SourceImage(content=encoded(painted((64, 64), "source")), media_type="image/png", size=SMALL)
    async with webui(server.url) as provider:
        failed = await failure(provider, asked(kind=Kind.EDIT, sources=[source], mask=b"\x89PNG no"))
    assert (failed.kind, failed.sent) == (FailureKind.BAD_REQUEST, False)


async def test_progress_rises_and_never_falls_back_though_the_servers_does(server: WebUIStub) -> None:
    looks = server.looks
    async with webui(server.url) as provider:
        events = await collect(provider.paint(asked("a slow cat that lingers")))
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.3
    assert server.looks > looks + 4  # it was asked between the last step and the answer, where it says 0
    assert any(event.note.startswith("step ") for event in events if isinstance(event, Progress))
    partials = [event.content for event in events if isinstance(event, PartialImage)]
    assert len(partials) >= 2
    assert all(decoded(content) for content in partials)


async def test_progress_of_somebody_elses_picture_is_not_shown() -> None:
    with webui_stub(foreign_task="task(theirs)") as server:
        async with webui(server.url) as provider:
            events = await collect(provider.paint(asked("a slow cat")))
    assert server.looks
    assert len(events) == 2  # that it waits, and the result


@pytest.mark.parametrize("dialect", ["a1111", "sdnext"])
async def test_stopping_interrupts_the_server_and_drops_the_half_done_picture(dialect: str) -> None:
    with webui_stub(dialect=dialect) as server:
        async with webui(server.url) as provider:
            task = asyncio.create_task(collect(provider.paint(asked("a stuck cat"))))
            await until(lambda: _truth(server.asked))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            whole = await result(provider, asked())
            await until(lambda: _truth(len(server.answered) == 2))
    assert server.interrupts >= 1
    assert server.answered == ["half", "whole"]
    assert server.most_at_once == 1  # the next one waited until the server had let go
    assert whole.images[0].content


async def test_a_stop_before_the_server_began_is_repeated_until_it_hears() -> None:
    with webui_stub() as server:
        async with webui(server.url) as provider:
            server.stall = True
            task = asyncio.create_task(collect(provider.paint(asked("a stuck cat"))))
            await until(lambda: _truth(server.asked))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(lambda: _truth(server.interrupts))
            server.stall = False  # only now it begins, and has forgotten the first interrupt
            await until(lambda: _truth(server.answered))
    assert server.answered == ["half"]
    assert server.interrupts >= 2


async def test_two_requests_at_once_take_turns(server: WebUIStub) -> None:
    server.most_at_once = 0
    async with webui(server.url) as provider:
        await asyncio.gather(*(result(provider, asked(f"cat {at}")) for at in range(3)))
    assert server.most_at_once == 1


async def test_the_deadline_interrupts_too() -> None:
    with webui_stub() as server:
        async with webui(server.url, deadline=0.6) as provider:
            failed = await failure(provider, asked("a stuck cat"))
            assert (failed.kind, failed.sent) == (FailureKind.TIMED_OUT, True)
            await until(lambda: _truth(server.answered))
    assert server.interrupts
    assert server.answered == ["half"]


@ways_to_fail(
    ("html", FailureKind.UNAVAILABLE, True, "not JSON"),
    ("redirect", FailureKind.UNAVAILABLE, False, "redirects are not followed"),
    ("number", FailureKind.UNAVAILABLE, True, "no image"),
    ("not-base64", FailureKind.UNAVAILABLE, True, "not Base64"),
    ("500", FailureKind.UNAVAILABLE, True, "no memory left"),
    ("503", FailureKind.UNAVAILABLE, True, ""),
    ("no-api", FailureKind.UNAVAILABLE, False, "--api"),
)
async def test_each_way_to_fail_has_its_kind(fault: Fault) -> None:
    with webui_stub(fault=fault[0]) as server:
        async with webui(server.url, max_bytes=MOST_BYTES) as provider:
            await fails_so(provider, fault)


async def test_a_bomb_passes_here_and_is_refused_by_the_store() -> None:
    with webui_stub(fault="bomb") as server:
        async with webui(server.url) as provider:
            await is_refused_by_the_store(provider)


async def test_a_grid_of_all_images_is_none_of_them() -> None:
    with webui_stub(fault="grid") as server:
        async with webui(server.url) as provider:
            images = (await result(provider, asked(n=2))).images
    assert len({image.content for image in images}) == 2
    assert encoded(painted((64, 64), "grid")) not in {image.content for image in images}


async def test_a_wrong_value_is_named_as_the_server_names_it(server: WebUIStub) -> None:
    async with webui(server.url) as provider:
        failed = await failure(provider, asked(extra={"steps": "many"}))
    assert (failed.kind, failed.sent) == (FailureKind.BAD_REQUEST, False)
    assert "steps: Input should be a valid number" in failed.detail


async def test_it_signs_in_and_never_shows_its_password() -> None:
    with webui_stub(credentials="ada:enchantress") as server:
        async with webui(server.url, username="ada", password="enchantress") as provider:
            assert (await result(provider, asked())).images
            assert "enchantress" not in repr(provider.settings)
        async with webui(server.url, username="ada", password="wrong-word") as provider:
            failed = await failure(provider)
    assert (failed.kind, failed.sent) == (FailureKind.UNAVAILABLE, False)
    assert "user name and password" in failed.detail
    assert "wrong-word" not in failed.detail


async def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    async with webui("http://127.0.0.1:9") as provider:
        failed = await failure(provider)
    assert (failed.kind, failed.sent) == (FailureKind.UNAVAILABLE, False)


async def test_a_connection_that_breaks_after_the_request_leaves_the_outcome_unknown() -> None:
    async def lists(to: Connection) -> None:
        await to.document(200, [])

    async def breaks(to: Connection) -> None:
        to.reset()

    async with stub(lists, lists, lists, breaks) as server, webui(server.url.removesuffix("/v1")) as provider:
        failed = await failure(provider)
    assert (failed.kind, failed.sent) == (FailureKind.UNKNOWN, True)
    assert server.asked[-1].path == "/sdapi/v1/txt2img"


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "ftp://somewhere"},
        {"base_url": "http://name:word@host"},
        {"base_url": "http://host", "steps": 0},
        {"base_url": "http://host", "colour": "red"},
    ],
)
async def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WebUI(**wrong)


async def _truth(value: object) -> bool | None:
    return bool(value) or None
