from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket

import pytest

from chatelier.cli import process
from chatelier.config import Settings
from chatelier.domain.engines import describe_engines
from chatelier.errors import CannotStart
from chatelier.providers import Providers
from chatelier.providers.base import Capabilities
from chatelier.providers.fake import FakePainter
from chatelier.providers.fake_chat import FakeTalker


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"host": "0.0.0.0", "port": 80}, "http://127.0.0.1:80"),
        ({"host": "::"}, "http://[::1]:8080"),
        ({"host": "fd00::7"}, "http://[fd00::7]:8080"),
        ({"base_url": "https://paint.example.org/"}, "https://paint.example.org"),
    ],
)
def test_the_printed_address_can_be_opened(settings: dict[str, object], shown: str) -> None:
    assert process.address(Settings.model_validate({"host": "127.0.0.1", "base_url": "", **settings})) == shown


def providers(price_micros: int | None = None, *, free: bool = False, talk: bool = True) -> Providers:
    painter = FakePainter()
    painter.capabilities = Capabilities(free=free, price_micros=price_micros)
    return Providers(images={"fake": painter}, default_image="fake", chat=FakeTalker() if talk else None)


def test_what_a_picture_costs_is_said_at_start_with_the_way_to_stay_free() -> None:
    priced, unknown, free = providers(40_000), providers(), providers(free=True)
    assert "about 0.04 USD a picture; CHATELIER_IMAGE_PROVIDER=illustrator stays free" in describe_engines(priced)[0]
    assert "price is not known; CHATELIER_IMAGE_PROVIDER=illustrator" in describe_engines(unknown)[0]
    assert "(costs nothing)" in describe_engines(free)[0]
    assert "chatelier model install" in describe_engines(providers(talk=False))[1]


def test_a_port_is_taken_before_anything_starts_and_both_kinds_of_address_work() -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        with process.bind(host, 0) as listener, socket.create_connection(listener.getsockname()[:2]):
            pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may take any port")
def test_a_reserved_port_is_explained() -> None:
    with pytest.raises(CannotStart, match="above 1023"):
        process.bind("127.0.0.1", 81)


def test_an_unknown_host_is_explained() -> None:
    with pytest.raises(CannotStart, match="--host"):
        process.bind("no such host", 8080)


def test_the_file_limit_is_raised_as_far_as_allowed() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        process.raise_file_limit()
        raised, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert raised == min(process.OPEN_FILES, hard if hard != resource.RLIM_INFINITY else process.OPEN_FILES)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_the_third_signal_waits_for_nothing() -> None:
    heard: list[bool] = []

    async def stubborn() -> None:
        with process._on_signals(heard.append):
            await asyncio.sleep(60)

    task = asyncio.create_task(stubborn())
    for _ in range(3):
        await asyncio.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(process._Stopped):
        await task
    assert heard == [False, True, True]
