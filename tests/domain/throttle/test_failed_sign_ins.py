from __future__ import annotations

import pytest

from chatelier.domain.throttle import sign_ins
from chatelier.domain.throttle.networks import network_of
from chatelier.domain.throttle.sign_ins import PER_ACCOUNT, PER_NETWORK, begin, keys_of, succeed
from chatelier.errors import TooMany
from chatelier.services import Services, open_services
from tests.engines import clock

pytestmark = pytest.mark.anyio
HOME, OFFICE = "192.0.2.7", "2001:db8:1:2::/64"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_ipv6_customer_is_one_visitor(address: str, network: str) -> None:
    assert network_of(address) == network


async def tries(services: Services, account: str, network: str = HOME, *, times: int = 1, right: bool = False) -> None:
    for _ in range(times):
        async with services.transaction() as db:
            tried = await begin(db, keys_of(services.secret_key, account, network))
        if right:
            async with services.transaction() as db:
                await succeed(db, tried)


async def is_refused(services: Services, account: str, network: str = HOME) -> int:
    with pytest.raises(TooMany) as refused:
        await tries(services, account, network)
    return refused.value.retry_after


async def test_twenty_failures_of_a_network_close_it_for_every_account(services: Services) -> None:
    for number in range(PER_NETWORK):
        await tries(services, f"person{number}")
    await is_refused(services, "somebody else")
    await tries(services, "somebody else", OFFICE)


async def test_an_account_is_not_guessed_at_from_ever_new_networks(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ins, "PER_NAME", 12)
    for number in range(12):
        await tries(services, "ada", f"198.51.100.{number}")
    await is_refused(services, "ada", "203.0.113.1")
    await tries(services, "ben", "203.0.113.1")


async def test_the_right_password_clears_ones_own_slips_but_not_the_networks(services: Services) -> None:
    for _ in range(3):
        await tries(services, "ada", times=4)
        await tries(services, "ada", right=True)
    await tries(services, "ben", times=5)
    await is_refused(services, "ben")
    await tries(services, "chloe", times=3)
    await is_refused(services, "ada")


async def test_waiting_as_told_is_enough_and_a_second_less_is_not(services: Services) -> None:
    async with clock(services, "2026-05-01 10:00:00.4 UTC") as now:
        await tries(services, "ada")
        await now.set("2026-05-01 10:10:00 UTC")
        await tries(services, "ada", times=4)
        assert await is_refused(services, " ADA ") == 301
        await now.set("2026-05-01 10:15:00 UTC")
        assert await is_refused(services, "ada") == 1
        await now.set("2026-05-01 10:15:01 UTC")
        await tries(services, "ada")
        assert await is_refused(services, "ada") == 599
        await now.set("2026-05-01 11:00:00 UTC")
        await sign_ins.forget_old(services)
        await tries(services, "ada", times=PER_ACCOUNT)


async def test_every_process_knows_of_all_failures(services: Services) -> None:
    async with open_services(services.settings) as elsewhere:
        await tries(services, "ada", times=3)
        await tries(elsewhere, "ada", times=2)
        for process in (services, elsewhere):
            await is_refused(process, "ada")
