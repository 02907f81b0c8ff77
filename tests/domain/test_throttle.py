from __future__ import annotations

import time

import pytest

from chatelier.domain.throttle import PER_NETWORK, Throttle, network_of
from chatelier.errors import TooMany


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


def test_twenty_failures_of_a_network_close_it_for_every_account() -> None:
    throttle = Throttle()
    for number in range(PER_NETWORK):
        throttle.check(f"person{number}", "192.0.2.7")
        throttle.count(f"person{number}", "192.0.2.7")
    with pytest.raises(TooMany):
        throttle.check("somebody else", "192.0.2.7")
    throttle.check("somebody else", "192.0.2.8")


def test_the_right_password_clears_ones_own_slips_but_not_the_networks() -> None:
    throttle = Throttle()
    for _ in range(4):
        throttle.count("ada", "192.0.2.7")
    throttle.forgive("ada", "192.0.2.7")
    for _ in range(4):
        throttle.check("ada", "192.0.2.7")
        throttle.count("ada", "192.0.2.7")
    throttle.check("ada", "192.0.2.7")
    for _ in range(12):
        throttle.count("ben", "192.0.2.7")
    with pytest.raises(TooMany):
        throttle.check("chloe", "192.0.2.7")


def test_waiting_as_told_is_enough_and_less_is_not() -> None:
    throttle = Throttle(minutes=2 / 60)
    for _ in range(5):
        throttle.count("ada", "192.0.2.7")
    with pytest.raises(TooMany) as refused:
        throttle.check(" ADA ", "192.0.2.7")
    assert refused.value.retry_after == 2
    time.sleep(0.9)
    with pytest.raises(TooMany) as refused:
        throttle.check("ada", "192.0.2.7")
    time.sleep(refused.value.retry_after)
    throttle.check("ada", "192.0.2.7")
