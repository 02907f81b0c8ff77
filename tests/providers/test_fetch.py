"""The guarded client: the open internet and the operator's own origin, at every hop, whatever a name says later."""

from __future__ import annotations

import pytest

from chatelier.providers import fetch
from chatelier.providers.fetch import Refused
from tests.providers.stub import Connection, stub

pytestmark = pytest.mark.anyio
CAP = 1_000_000
PUBLIC = "93.184.215.14"
INSIDE = [
    "http://[::1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:7f00:1::]/",
    "http://[::7f00:1]/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://0.0.0.0/",
    "http://127.1/",
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://0x7f000001/",
    "http://10.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://192.0.0.1/",
    "http://224.0.0.1/",
    "http://192.88.99.1/",
    "http://[fec0::1]/",
    "http://[3fff::1]/",
    "http://255.255.255.255/",
    "http://localhost/",
    "http://localhost./",
    "http://ok.test@127.0.0.1/",
    "http://user:word@example.org/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "http://",
    "http://example.org:99999/",
    "http://exa mple.org/",
    "http://example.org\\@127.0.0.1/",
    "javascript:alert(1)",
    "",
]


async def image(to: Connection) -> None:
    await to.head(200, "image/png")
    await to.send(b"\x89PNG")


@pytest.mark.parametrize("url", INSIDE)
async def test_nothing_inside_is_fetched(url: str) -> None:
    async with stub(image) as canary:
        with pytest.raises(Refused):
            await fetch.fetch(url, max_bytes=CAP)
        with pytest.raises(Refused):
            await fetch.fetch(canary.url, max_bytes=CAP)
    assert not canary.asked


async def test_the_operators_own_origin_may_be_private_and_nothing_beside_it() -> None:
    async with stub(image) as server, stub(image) as canary:
        assert await fetch.fetch(f"{server.url}/a.png", origin=server.url, max_bytes=CAP) == b"\x89PNG"
        with pytest.raises(Refused):
            await fetch.fetch(canary.url, origin=server.url, max_bytes=CAP)  # the same host, another port
        with pytest.raises(Refused):
            await fetch.fetch(server.url.replace("http:", "https:"), origin=server.url, max_bytes=CAP)
    assert not canary.asked


async def test_every_hop_is_checked() -> None:
    async with stub(image) as canary:

        async def away(to: Connection) -> None:
            await to.head(302, Location=canary.url)

        async def round_and_round(to: Connection) -> None:
            await to.head(302, Location="/v1/again")

        async with stub(away) as server:
            with pytest.raises(Refused, match="private"):
                await fetch.fetch(server.url, origin=server.url, max_bytes=CAP)
        async with stub(round_and_round) as server:
            with pytest.raises(Refused, match="redirects"):
                await fetch.fetch(server.url, origin=server.url, max_bytes=CAP)
            assert len(server.asked) == fetch.MAX_HOPS + 1
    assert not canary.asked


async def test_a_name_is_resolved_once_and_one_private_address_spoils_it() -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) % 2 else ["127.0.0.1"]

    async def mixed(host: str, port: int) -> list[str]:
        return [PUBLIC, "10.0.0.1"]

    # The first answer is public, and only the closed way out stops it; the second answer is never looked at.
    with pytest.raises(Refused, match="outside"):
        await fetch.fetch("http://rebind.test/", max_bytes=CAP, resolve=rebinding)
    assert asked == ["rebind.test"]
    with pytest.raises(Refused, match="private"):
        await fetch.fetch("http://rebind.test/", max_bytes=CAP, resolve=rebinding)
    with pytest.raises(Refused, match="private"):
        await fetch.fetch("http://mixed.test/", max_bytes=CAP, resolve=mixed)


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with stub(image) as server:
        named = server.url.replace("127.0.0.1", "paint.test")
        assert await fetch.fetch(named, origin=named, max_bytes=CAP, resolve=here) == b"\x89PNG"
    assert server.asked[0].headers["host"] == named.split("/")[2]


async def test_too_much_and_other_answers_are_refused() -> None:
    async def endless(to: Connection) -> None:
        await to.head(200, "image/png")
        for _ in range(100):
            await to.send(bytes(100_000))

    async def missing(to: Connection) -> None:
        await to.head(404)

    for handler, reason in ((endless, "cap"), (missing, "404")):
        async with stub(handler) as server:
            with pytest.raises(Refused, match=reason):
                await fetch.fetch(server.url, origin=server.url, max_bytes=CAP)


async def test_an_unknown_name_is_refused() -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        return []

    with pytest.raises(Refused):
        await fetch.fetch("http://nowhere.test/", max_bytes=CAP, resolve=nowhere)
