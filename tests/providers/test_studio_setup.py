"""Tables of chatelier.toml that name a WebUI or a ComfyUI server, opened as the house opens them."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatelier.config import load_settings
from chatelier.errors import CannotStart
from chatelier.providers import Providers, open_providers
from chatelier.providers.base import FailureKind, ImageRequest, Kind, ProviderError, Size
from chatelier.providers.comfyui import ComfyUI
from chatelier.providers.refresh import kept_fresh
from chatelier.providers.webui import WebUI
from chatelier.providers.wire import close_the_way_out
from tests.people import until
from tests.providers.comfy_workflows import NEW, written
from tests.providers.contract import collect
from tests.providers.webui_stub import webui_stub

WEBUI = """
[providers.shed]
type = "webui"
label = "The shed"
base_url = "http://127.0.0.1:7860"
options = { sampler = "Euler a", steps = 25, username = "ada", password = "enchantress" }
"""
COMFYUI = """
[providers.loft]
type = "comfyui"
base_url = "http://127.0.0.1:8188"

[providers.loft.options]
workflow = "new.json"
inputs = { prompt = "Wanted" }
"""


def opened(folder: Path, toml: str) -> Providers:
    path = folder / "chatelier.toml"
    path.write_text(f'chat_model = "none"\n{toml}')
    return open_providers(load_settings(path, data_dir=folder / "data"))


def test_both_are_opened_and_cost_nothing(tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text(written(NEW))
    providers = opened(tmp_path, WEBUI + COMFYUI)
    shed, loft = providers.image("shed"), providers.image("loft")
    assert isinstance(shed, WebUI)
    assert isinstance(loft, ComfyUI)
    assert (shed.label, loft.label) == ("The shed", "ComfyUI")
    assert (shed.settings.sampler, shed.settings.steps, shed.settings.deadline) == ("Euler a", 25, 300)
    assert shed.capabilities.free
    assert loft.capabilities.free
    assert providers.default_image == "illustrator"


def test_the_operator_may_set_a_price(tmp_path: Path) -> None:
    providers = opened(tmp_path, WEBUI.replace('label = "The shed"', "price = 0.01"))
    can = providers.image("shed").capabilities
    assert (can.free, can.price_micros) == (False, 10_000)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (WEBUI.replace("http://127.0.0.1:7860", ""), "base_url"),
        (WEBUI.replace("steps = 25", "steps = 0"), "steps"),
        (WEBUI.replace("steps = 25", "stepps = 25"), "stepps"),
        (WEBUI.replace("steps = 25", 'model = "x"'), "model stands in the table itself"),
        (WEBUI.replace('type = "webui"', 'type = "webui"\nedit_model = "x"'), "edit_model is for other types"),
        (COMFYUI, "cannot be read: No such file"),
        (COMFYUI.replace('"new.json"', '"{}"'), "is not in API format"),
    ],
)
def test_a_table_that_cannot_work_stops_the_start_with_its_name(tmp_path: Path, toml: str, says: str) -> None:
    with pytest.raises(CannotStart) as refused:
        opened(tmp_path, toml)
    assert refused.value.sentence.startswith("[providers.")
    assert says in refused.value.sentence
    assert "enchantress" not in refused.value.sentence


@pytest.mark.anyio
async def test_a_house_without_a_network_calls_no_server_outside() -> None:
    close_the_way_out(True)
    try:
        request = ImageRequest(kind=Kind.GENERATE, prompt="a cat", size=Size(width=64, height=64))
        with pytest.raises(ProviderError) as failed:
            await collect(WebUI(base_url="http://paint.example.org").paint(request))
        assert (failed.value.kind, failed.value.sent) == (FailureKind.UNAVAILABLE, False)
    finally:
        close_the_way_out(False)


@pytest.mark.anyio
async def test_what_a_server_has_is_asked_in_the_background_also_when_it_comes_later() -> None:
    with webui_stub(credentials="ada:enchantress") as server:
        shed = WebUI(base_url=server.url, username="ada", password="enchantress")
        away = WebUI(name="away", base_url="http://127.0.0.1:9")

        async def known() -> bool | None:
            return len(shed.models()) > 1 or None

        server.credentials = "ada:another"  # at first it lets nobody in
        async with kept_fresh(every=0.05) as keep:
            keep([away, shed])
            server.credentials = "ada:enchantress"
            await until(known)
        assert away.models() == ("auto",)
        for provider in (shed, away):
            await provider.close()
