"""The OpenAI adapter and the whole house against a real images server: museq, over a model of random weights. It needs
PyTorch and stands apart: `make test-engines`."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from chatelier.config import ProviderSettings, Settings
from chatelier.providers import open_table
from chatelier.providers.base import (
    FailureKind,
    ImageProvider,
    ImageRequest,
    ImageResult,
    Kind,
    ProviderError,
    Size,
    SourceImage,
)
from chatelier.providers.models import read_book
from chatelier.services import Services
from tests.people import People
from tests.providers.contract import collect
from tests.providers.studio_stub import encoded, opened, painted

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parent.parent.parent
PYTHON = ROOT / "build" / "engines" / "bin" / "python"
SMALL = Size(width=128, height=128)


@pytest.fixture(scope="module")
def museq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not PYTHON.exists():
        pytest.skip("apart, since it needs PyTorch: make test-engines")
    folder = tmp_path_factory.mktemp("museq")
    command = [str(PYTHON), str(Path(__file__).with_name("serve_museq.py")), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield f"{process.stdout.readline().strip()}/v1"
        process.stdin.close()


def table(url: str, **values: str) -> ProviderSettings:
    told = {"base_url": url, "model": "tiny-1", "can": ("seed", "negative_prompt", "edit", "mask"), **values}
    return ProviderSettings.model_validate(told)


@pytest.fixture
async def painter(museq: str, tmp_path: Path) -> AsyncIterator[ImageProvider]:
    provider = open_table("real", table(museq), read_book(), tmp_path)
    yield provider
    await provider.close()


async def result(provider: ImageProvider, **values: object) -> ImageResult:
    request = {"kind": Kind.GENERATE, "prompt": "a fox in the snow", "size": SMALL, "seed": 5, **values}
    last = (await collect(provider.paint(ImageRequest(**request))))[-1]  # type: ignore[arg-type]
    assert isinstance(last, ImageResult)
    return last


async def test_a_seed_gives_the_same_image_and_another_one_another(painter: ImageProvider) -> None:
    first, again, other = [await result(painter, seed=seed) for seed in (5, 5, 6)]
    assert opened(first.images[0].content).size == (128, 128)
    pixels = [opened(one.images[0].content).tobytes() for one in (first, again, other)]
    assert pixels[0] == pixels[1] != pixels[2]


async def test_several_and_what_is_not_wanted(painter: ImageProvider) -> None:
    images = (await result(painter, n=2, negative_prompt="trees")).images
    assert len({image.content for image in images}) == 2


async def test_a_masked_edit_keeps_its_size(painter: ImageProvider) -> None:
    mask = painted((128, 128), "mask").convert("RGBA")
    mask.putalpha(255)
    mask.paste((0, 0, 0, 0), (0, 0, 64, 128))
    source = SourceImage(content=encoded(painted((128, 128), "a fox")), media_type="image/png", size=SMALL)
    edited = await result(painter, kind=Kind.EDIT, instruction="make it night", sources=[source], mask=encoded(mask))
    assert opened(edited.images[0].content).size == (128, 128)


@pytest.mark.parametrize("wrong", [{"model": "nobody-1"}, {"size": Size(width=32, height=32)}])
async def test_what_it_refuses_is_told_and_was_never_begun(painter: ImageProvider, wrong: dict[str, object]) -> None:
    with pytest.raises(ProviderError) as failed:
        await result(painter, **wrong)
    assert (failed.value.kind, failed.value.sent) == (FailureKind.BAD_REQUEST, False)


class TestTheWholeHouse:
    @pytest.fixture
    def settings(self, settings: Settings, museq: str) -> Settings:
        return settings.model_copy(update={"providers": {"real": table(museq)}, "image_provider": "real"})

    async def test_a_message_becomes_a_picture_in_the_gallery(
        self, services: Services, people: People, worker: None
    ) -> None:
        ada = await people.user("Ada")
        posted = await people.says(ada, await people.thread(ada), "/imagine a fox in the snow --size 256x256")
        generation = await people.finished(ada, posted, seconds=120)
        assert (generation.status, generation.provider, generation.amount_micros) == ("succeeded", "real", 0)
        assert (generation.images[0].width, generation.images[0].height) == (256, 256)
