"""A provider of another package: the very code of docs/providers.md, found by its entry point, keeps the contract."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from chatelier.config import ProviderSettings, Settings
from chatelier.errors import CannotStart
from chatelier.providers import open_providers
from chatelier.providers.base import ImageProvider
from chatelier.providers.models import read_book
from chatelier.providers.registry import ProviderConfig, build, types
from tests.guards import walk
from tests.providers.contract import ImageProviderContract

CODE = re.findall(r"```python\n(.*?)```", (walk.ROOT / "docs" / "providers.md").read_text(), re.DOTALL)[0]
ENTRY = "[chatelier.providers]\nstripes = stripes:build\nbroken = nowhere_at_all:build\nliar = stripes:lie\n"
LIE = "\n\ndef lie(config):\n    return Stripes('other', 'Liar', 3)\n"


@pytest.fixture(scope="module", autouse=True)
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Installed as pip would leave it: a module, and the metadata beside it."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "stripes.py").write_text(CODE + LIE)
    metadata = folder / "chatelier_stripes-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: chatelier-stripes\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(ENTRY)
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))
    sys.modules.pop("stripes", None)


def config(**values: Any) -> ProviderConfig:
    usual: dict[str, Any] = {"name": "mine", "type": "stripes", "book": read_book()}
    return ProviderConfig(**(usual | values))


class TestContract(ImageProviderContract):
    is_instant = True

    @pytest.fixture
    def provider(self) -> ImageProvider:
        return build(config())


def test_it_fits_on_a_page() -> None:
    assert len(CODE.splitlines()) <= 60


def test_its_type_is_known() -> None:
    assert types()[:3] == ["openai", "openai-compatible", "azure"]
    assert "stripes" in types()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"options": {"height": 0}}, "options.height"),
        ({"type": "broken"}, "cannot be loaded"),
        ({"type": "liar"}, "both must be the same"),
        ({"type": "nothing"}, "There are: openai, openai-compatible, azure"),
        ({"name": "Mine"}, "small letters"),
        ({"name": "a b"}, "small letters"),
        ({"type": "azure"}, "azure needs base_url"),
        ({"type": "openai-compatible"}, "needs its base_url"),
        ({"type": "openai", "base_url": "ftp://x"}, "begins with http"),
        ({"type": "openai", "like": "nobody"}, "not a known model"),
        ({"type": "openai", "free": True, "price_micros": 5}, "free and have a price"),
        ({"type": "openai", "options": {"partial_images": 9}}, r"options\.partial_images"),
        ({"type": "openai", "options": {"colour": 9}}, r"options\.colour"),
    ],
)
def test_a_table_that_cannot_work_is_named_with_what_to_change(values: dict[str, Any], words: str) -> None:
    name = values.get("name", "mine")
    with pytest.raises(CannotStart, match=rf"\[providers\.{name}\].*{words}"):
        build(config(**values))


def test_settings_open_them_all() -> None:
    tables = {
        "mine": ProviderSettings(type="stripes", label="Mine"),
        "home": ProviderSettings(base_url="http://10.0.0.9/v1"),
    }
    providers = open_providers(Settings(providers=tables, image_fallback=("mine",), chat_model="none"))
    assert list(providers.images) == ["illustrator", "mine", "home"]
    assert (providers.default_image, providers.engine("mine").model) == ("illustrator", "stripes-1")
    with pytest.raises(CannotStart, match="image_fallback names nobody"):
        open_providers(Settings(providers=tables, image_fallback=("nobody",), chat_model="none"))
    with pytest.raises(CannotStart, match="belongs to a built-in"):
        open_providers(Settings(providers={"illustrator": tables["mine"]}, chat_model="none"))


@pytest.mark.parametrize("price", [-1.0, float("nan"), float("inf"), "much"])
def test_a_price_that_is_none_refuses_the_table(price: object) -> None:
    with pytest.raises(ValueError, match="price"):
        ProviderSettings.model_validate({"price": price})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"openai_api_key": "sk-x"},
            "OpenAI, gpt-image-2.6-flare (since OPENAI_API_KEY is set; about 0.056 USD a picture; ",
        ),
        (
            {"openai_base_url": "http://127.0.0.1:9/v1"},
            "127.0.0.1 (since OPENAI_BASE_URL is set; costs nothing",
        ),
        ({"openai_api_key": "sk-x", "image_provider": "illustrator"}, "Built-in illustrator (costs nothing)"),
        ({"openai_api_key": "sk-x", "image_model": "dall-e-3"}, "no longer offers dall-e-3"),
        ({}, "Built-in illustrator (costs nothing)"),
    ],
)
def test_the_start_says_who_paints_what_it_costs_and_how_to_stay_free(values: dict[str, Any], words: str) -> None:
    from chatelier.domain.engines import describe_engines

    pictures = describe_engines(open_providers(Settings(chat_model="none", **values)))[0]
    assert words in pictures
    assert ("stays free" in pictures) == ("costs nothing" not in pictures)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"openai_api_key": "sk-x"}, "OpenAI (charges by the token; CHATELIER_CHAT_MODEL=local or none stays free)"),
        ({"openai_base_url": "http://127.0.0.1:9/v1"}, "127.0.0.1"),
    ],
)
def test_and_who_talks(values: dict[str, Any], words: str) -> None:
    from chatelier.domain.engines import describe_engines

    assert describe_engines(open_providers(Settings(**values)))[1] == f"Talk: {words}."
