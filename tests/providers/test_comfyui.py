"""The ComfyUI adapter against a server that speaks its protocol and runs the workflows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chatelier.providers.base import (
    FailureKind,
    ImageProvider,
    ImageResult,
    Kind,
    PartialImage,
    Progress,
    SourceImage,
)
from chatelier.providers.comfyui import ComfyUI
from tests.people import until
from tests.providers.comfy_nodes import MODELS, SAMPLERS, SCHEDULERS
from tests.providers.comfy_stub import ComfyStub, comfy_stub
from tests.providers.comfy_workflows import ALPHA, EDIT, MASK, NEW, written
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
from tests.providers.studio_stub import encoded, painted

pytestmark = pytest.mark.anyio
WORKFLOWS = {"workflow": written(NEW), "edit_workflow": written(EDIT), "mask_workflow": written(MASK)}


@asynccontextmanager
async def comfyui(url: str, **settings: Any) -> AsyncIterator[ComfyUI]:
    provider = ComfyUI(base_url=url, **{**WORKFLOWS, **settings})
    try:
        yield provider
    finally:
        await provider.close()


def source() -> SourceImage:
    return SourceImage(content=encoded(painted((64, 64), "source")), media_type="image/png", size=SMALL)


@pytest.fixture(scope="module")
def server() -> Iterator[ComfyStub]:
    with comfy_stub() as running:
        yield running


class TestContract(ImageProviderContract):
    slow_prompt = "a slow cat"

    @pytest.fixture
    async def provider(self, server: ComfyStub) -> AsyncIterator[ImageProvider]:
        async with comfyui(server.url) as provider:
            yield provider


class TestContractWithTheMaskInTheImage(ImageProviderContract):
    """And with only that workflow for all edits: without a mask everything may change."""

    slow_prompt = "a slow cat"

    @pytest.fixture
    async def provider(self, server: ComfyStub) -> AsyncIterator[ImageProvider]:
        async with comfyui(server.url, edit_workflow=written(ALPHA), mask_workflow="") as provider:
            yield provider


async def test_a_request_goes_into_its_places_and_leaves_the_rest(server: ComfyStub) -> None:
    extra = {"steps": 9, "cfg": 4.5, "sampler": "DPMPP_2M", "scheduler": "karras"}
    async with comfyui(server.url) as provider:
        wanted = asked(n=2, negative_prompt="text", style="ink", model="comic-v2.safetensors", extra=extra)
        images = (await result(provider, wanted)).images
    graph = server.asked[-1]
    assert graph["6"]["inputs"]["text"] == "a cat, ink"
    assert graph["7"]["inputs"]["text"] == "text"
    assert graph["5"]["inputs"] == {"width": 64, "height": 64, "batch_size": 2}
    assert graph["4"]["inputs"]["ckpt_name"] == "comic-v2.safetensors"
    sampling = {key: value for key, value in graph["3"]["inputs"].items() if not isinstance(value, list)}
    said = {"seed": 5, "steps": 9, "cfg": 4.5, "sampler_name": "dpmpp_2m", "scheduler": "karras", "denoise": 1.0}
    assert sampling == said
    assert len(images) == 2
    assert [image.seed for image in images] == [5, None]  # the second cannot be made alone by any seed


async def test_where_no_number_fits_in_several_runs_are_made(server: ComfyStub) -> None:
    before = len(server.asked)
    async with comfyui(server.url) as provider:
        edit = asked(kind=Kind.EDIT, sources=[source()], n=3, seed=2**32 - 1)
        events = await collect(provider.paint(edit))
    images = events[-1].images if isinstance(events[-1], ImageResult) else ()
    assert [image.seed for image in images] == [2**32 - 1, 0, 1]
    assert len(server.asked) == before + 3
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)


async def test_it_lists_what_the_server_has_and_forms_can_offer_it(server: ComfyStub) -> None:
    async with comfyui(server.url) as provider:
        await provider.refresh()
        options = {option.name: option for option in provider.capabilities.extra_options}
        assert options["sampler"].choices == tuple(SAMPLERS)
        assert options["scheduler"].choices == tuple(SCHEDULERS)
        assert (options["steps"].default, options["cfg"].default, options["sampler"].default) == (4, 7, "euler")
        assert provider.models() == tuple(MODELS)


async def test_a_workflow_whose_nodes_the_server_lacks_is_named_before_anything_is_sent(server: ComfyStub) -> None:
    graph = {**NEW, "99": {"class_type": "NodeOfSomebody", "inputs": {}}}
    async with comfyui(server.url, workflow=written(graph)) as provider:
        failed = await failure(provider)
    assert (failed.kind, failed.sent) == (FailureKind.BAD_REQUEST, False)
    assert "NodeOfSomebody" in failed.detail


async def test_what_the_server_refuses_is_told_in_words() -> None:
    graph = {**NEW, "3": {**NEW["3"], "inputs": {**NEW["3"]["inputs"], "sampler_name": "gone"}}}
    with comfy_stub() as server:
        async with comfyui(server.url, workflow=written(graph)) as provider:
            failed = await failure(provider)
    assert (failed.kind, failed.sent) == (FailureKind.BAD_REQUEST, False)
    assert "Sampler (node 3): Value not in list: sampler_name: 'gone' not in" in failed.detail


@pytest.mark.parametrize("wrong", [{"model": "nowhere"}, {"extra": {"sampler": "nowhere"}}])
async def test_what_the_server_lacks_is_refused_before_anything_is_sent(
    server: ComfyStub, wrong: dict[str, Any]
) -> None:
    before = len(server.asked)
    async with comfyui(server.url) as provider:
        failed = await failure(provider, asked(**wrong))
    assert (failed.kind, failed.sent) == (FailureKind.BAD_REQUEST, False)
    assert len(server.asked) == before


async def test_without_a_workflow_for_edits_there_are_none(server: ComfyStub) -> None:
    async with comfyui(server.url, edit_workflow="", mask_workflow="") as provider:
        assert (provider.capabilities.edit, provider.capabilities.max_sources) == (False, 0)
        failed = await failure(provider, asked(kind=Kind.EDIT, sources=[source()]))
    assert (failed.kind, failed.sent) == (FailureKind.BAD_REQUEST, False)


async def test_pictures_of_people_go_to_the_servers_temporary_files(server: ComfyStub) -> None:
    async with comfyui(server.url) as provider:
        await result(provider, asked(kind=Kind.EDIT, sources=[source()]))
    name = server.asked[-1]["10"]["inputs"]["image"]
    assert name.startswith("chatelier/")
    assert name.endswith(" [temp]")
    assert server.uploads[name] == source().content


async def test_progress_and_previews_come_by_the_socket(server: ComfyStub) -> None:
    async with comfyui(server.url) as provider:
        events = await collect(provider.paint(asked("a slow cat")))
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert len(fractions) > 10
    assert any(event.note == "step 20 of 20" for event in events if isinstance(event, Progress))
    formats = {decoded(event.content).format for event in events if isinstance(event, PartialImage)}
    assert formats == {"JPEG", "PNG"}


@pytest.mark.parametrize("broken", [{"fault": "no-socket"}, {"drop_socket": 2}, {"fault": "silent"}])
async def test_without_the_socket_the_history_is_asked(broken: dict[str, Any]) -> None:
    with comfy_stub(**broken) as server:
        async with comfyui(server.url) as provider:
            assert (await result(provider, asked())).images
    assert server.ended == ["execution_success"]
    assert server.looks


async def test_stopping_interrupts_what_runs_and_fetches_nothing() -> None:
    with comfy_stub() as server:
        async with comfyui(server.url) as provider:
            task = asyncio.create_task(collect(provider.paint(asked("a stuck cat"))))
            await until(lambda: _truth(server.running))
            running = server.running
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(lambda: _truth(server.ended))
            assert (await result(provider, asked())).images
    assert running
    assert server.interrupts == [running.prompt_id]
    assert server.ended == ["execution_interrupted", "execution_success"]


@pytest.mark.parametrize("old", [False, True])
async def test_stopping_what_waits_takes_it_from_the_queue_and_leaves_the_others_alone(old: bool) -> None:
    with comfy_stub(old=old) as server:
        async with comfyui(server.url) as provider:
            first = asyncio.create_task(collect(provider.paint(asked("a slow cat"))))
            await until(lambda: _truth(server.running))
            second = asyncio.create_task(collect(provider.paint(asked("a dog"))))
            await until(lambda: _truth(server.pending))
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            await until(lambda: _truth(server.deleted))
            assert isinstance((await first)[-1], ImageResult)
    assert server.interrupts == []
    assert server.ended == ["execution_success"]


async def test_the_deadline_stops_the_job_too() -> None:
    with comfy_stub() as server:
        async with comfyui(server.url, deadline=0.5) as provider:
            failed = await failure(provider, asked("a stuck cat"))
            await until(lambda: _truth(server.ended))
    assert (failed.kind, failed.sent) == (FailureKind.TIMED_OUT, True)
    assert server.ended == ["execution_interrupted"]


async def test_a_restarted_server_has_lost_the_job() -> None:
    with comfy_stub() as server:
        async with comfyui(server.url) as provider:
            task = asyncio.create_task(failure(provider, asked("a stuck cat")))
            await until(lambda: _truth(server.running))
            server.restart()
            failed = await task
    assert (failed.kind, failed.sent) == (FailureKind.UNAVAILABLE, True)
    assert "restarted" in failed.detail


async def test_a_server_that_goes_away_and_stays_away_leaves_the_outcome_unknown() -> None:
    with comfy_stub() as server:
        async with comfyui(server.url, patience=0.5) as provider:
            task = asyncio.create_task(failure(provider, asked("a stuck cat")))
            await until(lambda: _truth(server.running))
            await asyncio.to_thread(server.leave)
            failed = await task
    assert (failed.kind, failed.sent) == (FailureKind.UNKNOWN, True)


async def test_two_at_once_each_get_their_own() -> None:
    with comfy_stub() as server:
        async with comfyui(server.url) as one, comfyui(server.url) as other:
            both = await asyncio.gather(result(one, asked("a cat")), result(other, asked("a dog")))
            again = await asyncio.gather(result(one, asked("a cat")), result(one, asked("a dog")))
    assert [made.images[0].content for made in both] == [made.images[0].content for made in again]


@ways_to_fail(
    ("no-id", FailureKind.UNAVAILABLE, True, "without giving it a number"),
    ("500", FailureKind.UNAVAILABLE, True, "broken"),
)
async def test_each_way_to_fail_has_its_kind(fault: Fault) -> None:
    with comfy_stub(fault=fault[0]) as server:
        async with comfyui(server.url, max_bytes=MOST_BYTES) as provider:
            await fails_so(provider, fault)


async def test_a_node_that_fails_says_why(server: ComfyStub) -> None:
    async with comfyui(server.url) as provider:
        failed = await failure(provider, asked("a cat that breaks"))
    assert (failed.kind, failed.sent) == (FailureKind.UNAVAILABLE, True)
    assert failed.detail == "KSampler: Allocation on device"


async def test_a_bomb_passes_here_and_is_refused_by_the_store() -> None:
    with comfy_stub(fault="bomb") as server:
        async with comfyui(server.url) as provider:
            await is_refused_by_the_store(provider)


async def test_it_signs_in_on_the_socket_too() -> None:
    with comfy_stub(credentials="ada:enchantress") as server:
        async with comfyui(server.url, username="ada", password="enchantress") as provider:
            events = await collect(provider.paint(asked()))
            assert any(isinstance(event, PartialImage) for event in events)
        async with comfyui(server.url) as provider:
            failed = await failure(provider)
    assert (failed.kind, failed.sent) == (FailureKind.UNAVAILABLE, False)


async def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    async with comfyui("http://127.0.0.1:9") as provider:
        failed = await failure(provider)
    assert (failed.kind, failed.sent) == (FailureKind.UNAVAILABLE, False)


async def test_a_connection_that_breaks_after_the_workflow_was_posted_leaves_the_outcome_unknown() -> None:
    async def answers(to: Connection) -> None:
        if "/object_info/" in to.asked.path:
            await to.document(200, {to.asked.path.rpartition("/")[2]: {"input": {}}})
        else:
            to.reset()

    async with stub(answers) as server, comfyui(server.url.removesuffix("/v1")) as provider:
        failed = await failure(provider)
    assert (failed.kind, failed.sent) == (FailureKind.UNKNOWN, True)


async def _truth(value: object) -> bool | None:
    return bool(value) or None
